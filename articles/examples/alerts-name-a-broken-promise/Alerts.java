import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * One example month of a service, minute by minute, and the moments at which
 * different rules would have called somebody. The promise: 99.9% of the
 * requests of 30 days are answered without an error.
 */
public class Alerts {
    static final int MONTH = 30 * 24 * 60;
    static final double BUDGET = 0.001;

    /** Failures and requests up to and including each minute. */
    static final double[] failed = new double[MONTH + 1];
    static final double[] asked = new double[MONTH + 1];

    record Event(String name, int day, int minutes, double failing) {
        int start() { return day * 1440 + 2 * 60; } // each at two in the morning
        int end() { return start() + minutes; }
    }

    static final List<Event> events = List.of(
            new Event("2 minutes, all fail", 3, 2, 1.0),
            new Event("8 minutes, 5% fail", 7, 8, 0.05),
            new Event("40 minutes, all fail", 12, 40, 1.0),
            new Event("8 hours, 0.9% fail", 18, 480, 0.009),
            new Event("4 days, 0.2% fail", 23, 5760, 0.002));

    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT);
        fill(600, -1);
        System.out.println("budget of the month: " + Math.round(asked[MONTH] * BUDGET)
                + " failed requests of " + Math.round(asked[MONTH]));
        for (double burn : new double[] {1, 6, 14.4, 16})
            System.out.printf("at a burn rate of %4.1f the budget lasts %5.0f h; an hour uses %3.1f%% of it, six use %4.1f%%%n",
                    burn, 720 / burn, 100 * burn / 720, 600 * burn / 720);
        for (Event e : events) {
            System.out.printf("%n%-22s %4.0f failed requests, %5.1f%% of the budget%n", e.name(),
                    failed[e.end()] - failed[e.start()], 100 * share(e.start(), e.end()));
            show(e, "over 1% for 5 minutes", t -> threshold(t, 5));
            show(e, "14.4 over 1 h and 5 min", t -> burns(t, 60, 5, 14.4));
            show(e, "6 over 6 h and 30 min", t -> burns(t, 360, 30, 6));
            show(e, "1 over 3 d and 6 h", t -> burns(t, 4320, 360, 1));
        }
        System.out.println();
        calls("over 1% for 5 minutes", t -> threshold(t, 5));
        calls("pages: 14.4 or 6", t -> burns(t, 60, 5, 14.4) || burns(t, 360, 30, 6));
        calls("ticket: 1 over 3 d", t -> burns(t, 4320, 360, 1));

        System.out.println("\none failed request in an otherwise good hour");
        for (int perHour : new int[] {10, 60, 69, 70, 600, 6000})
            System.out.printf("%5d an hour: burn rate %7.2f, %s%n", perHour,
                    1.0 / perHour / BUDGET, 1.0 / perHour / BUDGET > 14.4 ? "page" : "quiet");

        System.out.println("\nshare of the budget used, by day of the month");
        for (int t : moments()) System.out.printf("%7.3f %6.1f%%%n", t / 1440.0, 100 * share(0, t));

        // The name of the service no longer resolves: no requests arrive for four hours.
        fill(600, 12 * 1440);
        int t = 12 * 1440 + 240;
        double rate = rate(t, 60);
        System.out.println("\nno requests for four hours: error rate " + rate
                + ", over 14.4 times the budget: " + (rate > 14.4 * BUDGET)
                + "\nrequests in the last 5 minutes: " + (asked[t] - asked[t - 5])
                + ", in the same minutes a week before: " + (asked[t - 10080] - asked[t - 10085]));
    }

    /** The moments at which the speed changes. */
    static List<Integer> moments() {
        List<Integer> moments = new ArrayList<>(List.of(0));
        for (Event e : events) moments.addAll(List.of(e.start(), e.end()));
        moments.add(MONTH);
        return moments;
    }

    /** The same traffic all day: a simplification that keeps the sums readable. */
    static void fill(int perMinute, int silentFrom) {
        for (int t = 1; t <= MONTH; t++) {
            int minute = t - 1;
            double failing = 0.00005; // background: one in twenty thousand
            for (Event e : events)
                if (silentFrom < 0 && minute >= e.start() && minute < e.end()) failing = e.failing();
            double n = silentFrom >= 0 && minute >= silentFrom && minute < silentFrom + 240 ? 0 : perMinute;
            asked[t] = asked[t - 1] + n;
            failed[t] = failed[t - 1] + n * failing;
        }
    }

    static double rate(int t, int window) {
        int from = Math.max(0, t - window);
        return (failed[t] - failed[from]) / (asked[t] - asked[from]);
    }

    static boolean burns(int t, int longWindow, int shortWindow, double times) {
        return rate(t, longWindow) > times * BUDGET && rate(t, shortWindow) > times * BUDGET;
    }

    static boolean threshold(int t, int minutes) {
        for (int i = 0; i < minutes; i++)
            if (t - i < 1 || rate(t - i, 1) <= 0.01) return false;
        return true;
    }

    static double share(int from, int to) {
        return (failed[to] - failed[from]) / (asked[MONTH] * BUDGET);
    }

    static void show(Event e, String name, IntPredicate rule) {
        int until = Math.min(MONTH, e.end() + 60);
        int first = -1, last = -1;
        for (int t = e.start() + 1; t <= until; t++)
            if (rule.test(t)) {
                if (first < 0) first = t;
                last = t;
            }
        if (first < 0) System.out.printf("  %-24s quiet%n", name);
        else System.out.printf("  %-24s after %4d min, with %4.1f%% used; silent %s%n", name,
                first - e.start(), 100 * share(e.start(), first),
                last >= until ? "more than 60 min after the end" : Math.max(0, last - e.end() + 1) + " min after the end");
    }

    static void calls(String name, IntPredicate rule) {
        List<String> days = new ArrayList<>();
        boolean on = false;
        for (int t = 1; t <= MONTH; t++) {
            boolean now = rule.test(t);
            if (now && !on) days.add(String.format("%.3f", t / 1440.0));
            on = now;
        }
        System.out.printf("%-22s began %d times: day %s%n", name, days.size(), String.join(", ", days));
    }
}
