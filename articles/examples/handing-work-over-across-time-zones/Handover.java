import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneRulesProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What the distance between two offices costs, computed for every weekday of 2027.
 * A message is read at once if its reader is at work, else at the start of their next working day.
 * Answering takes working time, and so does finding out that the answer was not enough.
 * Weekends count; public holidays and lunch do not.
 */
class Handover {
    static final int YEAR = 2027;

    record Office(String name, ZoneId zone, LocalTime opens, LocalTime closes) {
        static Office of(String name, String zone, int opens, int closes) {
            return new Office(name, ZoneId.of(zone), LocalTime.of(opens, 0), LocalTime.of(closes, 0));
        }

        ZonedDateTime opening(LocalDate day) { return day.atTime(opens).atZone(zone); }
        ZonedDateTime closing(LocalDate day) { return day.atTime(closes).atZone(zone); }

        /** The first working moment at or after `t`. */
        ZonedDateTime atWork(ZonedDateTime t) {
            var here = t.withZoneSameInstant(zone);
            var day = here.toLocalDate();
            if (!weekend(day) && here.isBefore(opening(day))) return opening(day);
            if (!weekend(day) && here.isBefore(closing(day))) return here;
            do day = day.plusDays(1); while (weekend(day));
            return opening(day);
        }

        /** When `work` that starts at or after `t` is done; if the day ends it goes on in the next. */
        ZonedDateTime done(ZonedDateTime t, Duration work) {
            var start = atWork(t);
            var end = start.plus(work);
            var closes = closing(start.toLocalDate());
            return end.isAfter(closes) ? done(closes, work.minus(Duration.between(start, closes))) : end;
        }

        /** Working minutes between two instants. */
        long minutes(ZonedDateTime from, ZonedDateTime to) {
            long sum = 0;
            for (var t = atWork(from); t.isBefore(to); t = atWork(closing(t.toLocalDate()))) {
                var end = closing(t.toLocalDate());
                sum += Duration.between(t, end.isBefore(to) ? end : to).toMinutes();
            }
            return sum;
        }
    }

    static boolean weekend(LocalDate day) { return day.getDayOfWeek().compareTo(DayOfWeek.FRIDAY) > 0; }

    static List<LocalDate> weekdays() {
        return LocalDate.of(YEAR, 1, 1).datesUntil(LocalDate.of(YEAR + 1, 1, 1)).filter(day -> !weekend(day)).toList();
    }

    static ZonedDateTime later(ZonedDateTime a, ZonedDateTime b) { return a.isAfter(b) ? a : b; }
    static ZonedDateTime earlier(ZonedDateTime a, ZonedDateTime b) { return a.isBefore(b) ? a : b; }

    static long overlap(Office a, Office b, LocalDate day) {
        return Math.max(0, Duration.between(later(a.opening(day), b.opening(day)), earlier(a.closing(day), b.closing(day))).toMinutes());
    }

    /** Each stretch of the year in which the shared hours are at the same place in both days. */
    static void sharedHours(Office east, Office west) {
        System.out.printf("%n%s %s-%s and %s %s-%s%n", west.name, west.opens, west.closes, east.name, east.opens, east.closes);
        String before = "";
        long sum = 0;
        for (var day : weekdays()) {
            var from = later(east.opening(day), west.opening(day));
            var to = earlier(east.closing(day), west.closing(day));
            sum += overlap(east, west, day);
            var line = "%d h shared: %s %s-%s, %s %s-%s".formatted(overlap(east, west, day) / 60,
                    west.name, from.withZoneSameInstant(west.zone).toLocalTime(), to.withZoneSameInstant(west.zone).toLocalTime(),
                    east.name, from.withZoneSameInstant(east.zone).toLocalTime(), to.withZoneSameInstant(east.zone).toLocalTime());
            if (!line.equals(before)) System.out.printf("  from %s  %s%n", day, line);
            before = line;
        }
        System.out.printf("  mean %.1f h on %d weekdays%n", sum / 60.0 / weekdays().size(), weekdays().size());
    }

    /** When the final answer is read, if `trips` rounds of question and answer are needed. */
    static ZonedDateTime answered(Office asker, Office other, ZonedDateTime asked, int trips, Duration between, Duration work) {
        var t = asked;
        for (int trip = 1; trip <= trips; trip++) {
            if (trip > 1) t = asker.done(t, between); // found out that the answer was not enough
            t = other.done(t, work);
        }
        return asker.atWork(t);
    }

    static double mean(List<Long> minutes) { return minutes.stream().mapToLong(Long::longValue).average().orElse(0) / 60; }

    static double median(List<Long> minutes) {
        return minutes.stream().mapToLong(Long::longValue).sorted().toArray()[minutes.size() / 2] / 60.0;
    }

    /** Questions asked every five working minutes of the year. */
    static void questions(Office asker, Office other, int trips, Duration between, Duration work) {
        var clock = new ArrayList<Long>();
        var working = new ArrayList<Long>();
        int sameDay = 0;
        for (var day : weekdays())
            for (var t = asker.opening(day); t.isBefore(asker.closing(day)); t = t.plusMinutes(5)) {
                var end = answered(asker, other, t, trips, between, work);
                clock.add(Duration.between(t, end).toMinutes());
                working.add(asker.minutes(t, end));
                if (end.toLocalDate().equals(day)) sameDay++;
            }
        System.out.printf("  %-10s asks, %d round trip%s  %4.0f %%  %8.1f h  %11.1f h%n",
                asker.name, trips, trips > 1 ? "s" : " ", 100.0 * sameDay / clock.size(), median(clock), mean(working));
    }

    /**
     * A doubt that comes up while reading. How long does the reader, whose work has begun, wait for the answer?
     * If they need the handover on the same day, they also wait from the start of that day until it is written.
     */
    static void reading(String what, Office giver, Office reader, LocalTime written, boolean worksThatDay, Duration work) {
        var waited = new TreeMap<Long, List<LocalDate>>(); // minutes, and the days on which the handover was written
        for (var day : weekdays()) {
            var read = reader.done(day.atTime(written).atZone(giver.zone), work);
            var answer = giver.done(read, work);
            var begins = worksThatDay ? read : later(read, reader.atWork(reader.closing(day))); // else the next working day
            long minutes = answer.isAfter(begins) ? reader.minutes(begins, answer) : 0;
            if (worksThatDay) minutes += reader.minutes(reader.opening(day), day.atTime(written).atZone(giver.zone));
            waited.computeIfAbsent(minutes, x -> new ArrayList<>()).add(day);
        }
        System.out.println("  " + what);
        waited.forEach((minutes, days) -> System.out.printf("    waits %.1f h on %3d %s%n", minutes / 60.0, days.size(),
                days.size() == 1 ? "day, " + days.getFirst() : "days"));
    }

    public static void main(String[] args) {
        System.out.println("The weekdays of " + YEAR + ", with the time zone data of "
                + ZoneRulesProvider.getVersions("Europe/Copenhagen").lastEntry().getKey());
        var copenhagen = Office.of("Copenhagen", "Europe/Copenhagen", 8, 17);
        var magelang = Office.of("Magelang", "Asia/Jakarta", 8, 17);
        var newYork = Office.of("New York", "America/New_York", 9, 17);

        sharedHours(magelang, copenhagen);
        sharedHours(copenhagen, newYork);

        System.out.println("\nA question at this hour, answered at (30 minutes for each step; 20 January)");
        for (var pair : List.of(List.of(copenhagen, magelang), List.of(magelang, copenhagen)))
            for (int hour : new int[] {8, 10, 11, 13, 14, 16}) {
                var asked = LocalDate.of(YEAR, 1, 20).atTime(hour, 0).atZone(pair.get(0).zone);
                var end = answered(pair.get(0), pair.get(1), asked, 1, Duration.ofMinutes(30), Duration.ofMinutes(30));
                var second = answered(pair.get(0), pair.get(1), asked, 2, Duration.ofMinutes(30), Duration.ofMinutes(30));
                System.out.printf("  %-10s asks %tR  answer %ta %tR  second answer %ta %tR%n", pair.get(0).name, asked, end, end, second, second);
            }

        for (int minutes : new int[] {10, 30, 60})
            for (int shift : new int[] {0, 2}) {
                var there = Office.of("Magelang", "Asia/Jakarta", 8 + shift, 17 + shift);
                System.out.printf("%nMagelang works %s-%s, %d minutes for each step%n", there.opens, there.closes, minutes);
                System.out.println("                                  same   median by   mean, of the");
                System.out.println("                                   day   the clock    asker's day");
                for (int trips = 1; trips <= 2; trips++) {
                    questions(copenhagen, there, trips, Duration.ofMinutes(minutes), Duration.ofMinutes(minutes));
                    questions(there, copenhagen, trips, Duration.ofMinutes(minutes), Duration.ofMinutes(minutes));
                }
            }

        for (int between : new int[] {30, 180}) {
            System.out.printf("%nFive questions, each asked %d minutes of work after the answer to the one before%n", between);
            System.out.println("                                  same   median by   mean, of the");
            System.out.println("                                   day   the clock    asker's day");
            questions(copenhagen, magelang, 5, Duration.ofMinutes(between), Duration.ofMinutes(30));
            questions(magelang, copenhagen, 5, Duration.ofMinutes(between), Duration.ofMinutes(30));
        }

        for (int minutes : new int[] {30, 60}) {
            var work = Duration.ofMinutes(minutes); // to read, and to answer
            System.out.printf("%nA handover is written, and reading it raises a question (%d minutes to read, %d to answer)%n", minutes, minutes);
            reading("Magelang at 16:00, for Copenhagen’s day", magelang, copenhagen, LocalTime.of(16, 0), true, work);
            reading("Magelang at 14:00, for Copenhagen’s day", magelang, copenhagen, LocalTime.of(14, 0), true, work);
            reading("Magelang at 13:00, for Copenhagen’s day", magelang, copenhagen, LocalTime.of(13, 0), true, work);
            reading("Copenhagen at 17:00, for the next day", copenhagen, magelang, LocalTime.of(17, 0), false, work);
            reading("Copenhagen at 11:00, for the next day", copenhagen, magelang, LocalTime.of(11, 0), false, work);
            reading("Copenhagen at 10:30, for the next day", copenhagen, magelang, LocalTime.of(10, 30), false, work);
            reading("Copenhagen at 10:00, for the next day", copenhagen, magelang, LocalTime.of(10, 0), false, work);
        }
    }
}
