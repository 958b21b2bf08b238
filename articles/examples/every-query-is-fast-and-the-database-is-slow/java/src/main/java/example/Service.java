package example;

import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/** A service with a HikariCP pool, and a hundred callers or CALLERS. Each asks, waits for its answer, and asks again after a pause. */
class Service implements AutoCloseable {
    static final int CALLERS = Integer.parseInt(System.getenv().getOrDefault("CALLERS", "100"));
    static final int PAUSE = 20;   // ms between an answer and the caller's next request: evenly distributed from 0 to 40
    static final int PAYMENT = 50; // ms

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
        if (work.equals("call-before")) pay();
        long asked = System.nanoTime();
        long got;
        try (var connection = pool.getConnection()) {
            got = System.nanoTime();
            switch (work) {
                case "report" -> report(connection);
                case "insert" -> insert(connection);
                case "call-inside" -> book(connection, true);
                case "call-before" -> book(connection, false);
                default -> throw new IllegalArgumentException(work);
            }
        }
        long end = System.nanoTime();
        return new Timing(got - asked, end - got, end - start);
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

    static void book(Connection connection, boolean payInside) throws Exception {
        connection.setAutoCommit(false);
        update(connection, "insert into bookings (note) values (?)", "x".repeat(40));
        if (payInside) pay();   // 50 ms, while the connection and the transaction wait
        query(connection, "select name from customers where id = ?", 1);
        connection.commit();
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

    private static final HttpClient client = HttpClient.newBuilder().executor(Executors.newVirtualThreadPerTaskExecutor()).build();
    private static final HttpRequest payment = HttpRequest.newBuilder(startPaymentService()).build();

    private static void pay() throws Exception {
        client.send(payment, BodyHandlers.discarding());
    }

    private static URI startPaymentService() {
        try {
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), CALLERS);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                try (exchange) {
                    Thread.sleep(PAYMENT);
                    exchange.sendResponseHeaders(204, -1);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            server.start();
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
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
