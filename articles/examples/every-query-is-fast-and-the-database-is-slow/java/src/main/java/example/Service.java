package example;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/** A service with a HikariCP pool, and a hundred callers or CALLERS. Each asks, waits for its answer, and asks again after a pause. */
class Service implements AutoCloseable {
    static final int CALLERS = Integer.parseInt(System.getenv().getOrDefault("CALLERS", "100"));
    static final int PAUSE = 20;   // ms between an answer and the caller's next request: evenly distributed from 0 to 40

    /** In nanoseconds: waiting for a connection, having it, and all. */
    record Timing(long waited, long held, long total) {}

    interface Work {
        void run(HikariDataSource pool) throws Exception;
    }

    final HikariDataSource pool;
    final ConcurrentLinkedQueue<Timing> timings = new ConcurrentLinkedQueue<>();
    private final List<Thread> callers = new ArrayList<>();
    private volatile boolean stop;

    Service(String work, int size) throws InterruptedException {
        pool = open("pool", size);
        while (pool.getHikariPoolMXBean().getTotalConnections() < size) Thread.sleep(10);
        for (int i = 0; i < CALLERS; i++) callers.add(Thread.ofPlatform().start(() -> call(work)));
    }

    private void call(String work) {
        try {
            while (!stop) {
                Thread.sleep(ThreadLocalRandom.current().nextInt(2 * PAUSE));
                timings.add(run(work));
            }
        } catch (Exception e) {
            e.printStackTrace(System.out);
            System.exit(1);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop = true;
        for (Thread caller : callers) caller.join();
        pool.close();
    }

    private Timing run(String work) throws Exception {
        long start = System.nanoTime();
        long got;
        try (var connection = pool.getConnection()) {
            got = System.nanoTime();
            switch (work) {
                case "report" -> report(connection);
                case "insert" -> insert(connection);
                default -> throw new IllegalArgumentException(work);
            }
        }
        long end = System.nanoTime();
        return new Timing(got - start, end - got, end - start);
    }

    // region work
    static void report(Connection connection) throws SQLException {
        int customer = ThreadLocalRandom.current().nextInt(5000) + 1;
        query(connection, "select name from customers where id = ?", customer);
        query(connection, "select count(*), sum(amount) from orders where customer_id = ?", customer);   // no index
    }

    static void insert(Connection connection) throws SQLException {
        update(connection, "insert into bookings (note) values (?)", "x".repeat(40));   // and commit: waits for the disk
    }
    // endregion

    private static void query(Connection connection, String sql, int value) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setInt(1, value);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) rows.getString(1);
            }
        }
    }

    private static void update(Connection connection, String sql, String value) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, value);
            statement.executeUpdate();
        }
    }

    static String url(String user) {
        return "jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/postgres?user=" + user;
    }

    /** A pool with HikariCP's defaults except for its size. */
    static HikariDataSource open(String name, int size) {
        var config = new HikariConfig();
        config.setJdbcUrl(url("app"));
        config.setPoolName(name);
        config.setMaximumPoolSize(size);
        return new HikariDataSource(config);
    }

    /** Fills the tables. Returns a connection for looking at the server. */
    static Connection prepare() throws SQLException {
        Connection monitor = DriverManager.getConnection(url("demo"));
        execute(monitor, """
                create extension pg_stat_statements;
                create table customers (id int primary key, name text not null);
                insert into customers select n, 'Customer ' || n from generate_series(1, 5000) n;
                create table orders (id bigint generated always as identity primary key, customer_id int not null, amount numeric not null, note text not null);
                insert into orders (customer_id, amount, note) select n % 5000 + 1, n % 97, repeat('x', 40) from generate_series(1, 50000) n;
                create table bookings (id bigint generated always as identity primary key, note text not null);
                """);
        execute(monitor, "vacuum analyze");
        return monitor;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
