package example;

import java.sql.Connection;

/** FirstDay SIZE: three services, each with its own pool of that size and a hundred callers, and what the pools, PostgreSQL and Linux say about them. */
public class FirstDay {
    public static void main(String[] args) throws Exception {
        int size = Integer.parseInt(args[0]);
        try (Connection monitor = Service.prepare(); var reports = new Service("report", size); var inserts = new Service("insert", size); var bookings = new Service("call-inside", size)) {
            Thread.sleep(2_000);
            Service.execute(monitor, "select pg_stat_statements_reset()");
            Thread.sleep(6_000);
            print("reports", reports);
            print("inserts", inserts);
            print("bookings", bookings);
            System.out.println();
            new ProcessBuilder("psql", "-qX", "-P", "footer=off", "-f", "first-day.sql").inheritIO().start().waitFor();
            new ProcessBuilder("sh", "ready.sh", "app").inheritIO().start().waitFor();
        }
        System.exit(0);
    }

    static void print(String name, Service service) {
        var pool = service.pool.getHikariPoolMXBean();
        System.out.printf("%-8s  pool: %d in use, %d callers waiting%n", name, pool.getActiveConnections(), pool.getThreadsAwaitingConnection());
    }
}
