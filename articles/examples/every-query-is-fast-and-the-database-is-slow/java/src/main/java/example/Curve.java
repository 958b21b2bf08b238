package example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Curve WORK SIZE… (or WORK+index): for each size of the pool, how many requests a second were done, how long they waited for a connection
 * and held it, what Linux counted meanwhile for PostgreSQL's processes, and what PostgreSQL's own views and log said.
 */
public class Curve {
    static final int WARM_UP = 2_000;
    static final int MEASURED = 6_000;
    static final int SAMPLE_EVERY = 100;

    public static void main(String[] args) throws Exception {
        String work = args[0].replace("+index", "");
        try (Connection monitor = Service.prepare()) {
            if (!work.equals(args[0])) Service.execute(monitor, "create index on orders (customer_id)");
            System.out.printf("%s: %d callers; %d s for each size, after %d s of warm-up; times in ms, means unless p50 or p99%n%n",
                    args[0], Service.CALLERS, MEASURED / 1000, WARM_UP / 1000);
            System.out.println("pool  done/s     p50     p99  waited    held   ready  on CPU  slowest statement  log  in use  sessions");
            for (int i = 1; i < args.length; i++) measure(monitor, work, Integer.parseInt(args[i]));
        }
        System.exit(0);
    }

    static void measure(Connection monitor, String work, int size) throws Exception {
        try (var service = new Service(work, size)) {
            Thread.sleep(WARM_UP);
            Service.execute(monitor, "select pg_stat_statements_reset()");
            List<Integer> backends = backends(monitor);
            long[] before = schedule(backends);
            long logged = logged();
            var sessions = new TreeMap<String, Integer>();
            int samples = 0;
            int inUse = 0;
            service.timings.clear();
            long start = System.nanoTime();
            while (System.nanoTime() - start < MEASURED * 1_000_000L) {
                inUse += service.pool.getHikariPoolMXBean().getActiveConnections();
                sample(monitor, sessions);
                samples++;
                Thread.sleep(SAMPLE_EVERY);
            }
            List<Service.Timing> timings = List.copyOf(service.timings);
            double seconds = (System.nanoTime() - start) / 1e9;
            long[] after = schedule(backends);
            int count = timings.size();
            long[] total = timings.stream().mapToLong(Service.Timing::total).sorted().toArray();
            System.out.printf("%4d  %6.0f  %6.1f  %6.1f  %6.1f  %6.1f  %6.2f  %6.2f  %17s  %3d  %6.1f  %s%n", size, count / seconds,
                    total[count / 2] / 1e6, total[count * 99 / 100] / 1e6,
                    timings.stream().mapToLong(Service.Timing::waited).average().orElse(0) / 1e6,
                    timings.stream().mapToLong(Service.Timing::held).average().orElse(0) / 1e6,
                    (after[1] - before[1]) / 1e6 / count, (after[0] - before[0]) / 1e6 / count,
                    slowest(monitor), logged() - logged, (double) inUse / samples, describe(sessions, samples));
        }
    }

    static List<Integer> backends(Connection monitor) throws SQLException {
        var found = new ArrayList<Integer>();
        try (var statement = monitor.createStatement(); var rows = statement.executeQuery("select pid from pg_stat_activity where usename = 'app'")) {
            while (rows.next()) found.add(rows.getInt(1));
        }
        return found;
    }

    // region schedule
    /** What Linux has counted for these processes, in ns: time on a CPU, and time ready to run without one. */
    static long[] schedule(List<Integer> backends) throws Exception {
        long[] sum = new long[2];
        for (int pid : backends) {
            String[] parts = Files.readString(Path.of("/proc/" + pid + "/schedstat")).split(" ");
            sum[0] += Long.parseLong(parts[0]);
            sum[1] += Long.parseLong(parts[1]);
        }
        return sum;
    }
    // endregion

    static void sample(Connection monitor, Map<String, Integer> sessions) throws SQLException {
        try (var statement = monitor.createStatement(); var rows = statement.executeQuery("""
                select state || coalesce(' ' || wait_event_type || ':' || wait_event, ''), count(*)
                from pg_stat_activity where usename = 'app' group by 1""")) {
            while (rows.next()) sessions.merge(rows.getString(1), rows.getInt(2), Integer::sum);
        }
    }

    static String describe(Map<String, Integer> sessions, int samples) {
        var parts = new ArrayList<String>();
        sessions.forEach((key, count) -> {
            double mean = (double) count / samples;
            if (mean >= 0.1) parts.add(String.format("%.1f %s", mean, key));
        });
        return String.join(", ", parts);
    }

    /** The mean of the application's slowest statement, in ms, as PostgreSQL has counted it. */
    static String slowest(Connection monitor) throws SQLException {
        try (var statement = monitor.createStatement(); var rows = statement.executeQuery("""
                select round(mean_exec_time::numeric, 2) from pg_stat_statements join pg_user on userid = usesysid
                where usename = 'app' order by 1 desc limit 1""")) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    static long logged() throws Exception {
        try (var lines = Files.lines(Path.of(System.getenv("PGLOG")))) {
            return lines.filter(line -> line.contains("duration:")).count();
        }
    }
}
