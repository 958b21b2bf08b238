package example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.hibernate.Version;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Runs two transactions against each other for each cause, prints what the client and the server's log say, and
 * what changes with each cure. Thirty pairs are run for each count.
 */
class Main {
    static final int pairs = 30;
    static final AtomicInteger columns = new AtomicInteger();
    static volatile CyclicBarrier barrier = new CyclicBarrier(1);
    /** A pair meets at most once in each thread. */
    static final ThreadLocal<Boolean> hasMet = ThreadLocal.withInitial(() -> false);
    static ConfigurableApplicationContext app;
    static Reservations shop;
    static JdbcTemplate jdbc;

    interface Step { void run() throws Exception; }

    public static void main(String[] args) throws Exception {
        System.out.println("Spring Boot " + SpringBootVersion.getVersion() + ", Hibernate " + Version.getVersionString()
            + ", Java " + Runtime.version());
        start();
        System.out.println("PostgreSQL " + jdbc.queryForObject("show server_version", String.class) + "\n");

        var basket = LongStream.rangeClosed(1, 10).boxed().toList();
        System.out.println("=== 1 two baskets with the same ten products, in opposite orders");
        show(() -> shop.reserve(basket), () -> shop.reserve(basket.reversed()));
        changes("as it is", 10, () -> shop.reserve(basket), () -> shop.reserve(basket.reversed()));
        changes("sorted in the code", 10, () -> shop.reserveSorted(basket), () -> shop.reserveSorted(basket.reversed()));
        start("--spring.jpa.properties.hibernate.order_updates=true");
        changes("hibernate.order_updates=true", 10, () -> shop.reserve(basket), () -> shop.reserve(basket.reversed()));
        start();
        changes("sorted, and amount = amount - 1 in SQL", 10, () -> shop.subtract(basket), () -> shop.subtract(basket.reversed()));
        changes("sorted, and locked when they're read", 10, () -> shop.reserveLocked(basket), () -> shop.reserveLocked(basket.reversed()));

        System.out.println("\n=== 2 one statement against one statement, the same 500 rows");
        String byId = "update stock set amount = amount - 1 where id between 1 and 500";
        String byShelf = "update stock set amount = amount where shelf = 1";
        plan(byId);
        plan(byShelf);
        show(() -> shop.statement(byId), () -> shop.statement(byShelf));
        count("as it is", () -> shop.statement(byId), () -> shop.statement(byShelf));
        String inOrder = "with locked as (select id from stock where %s order by id for no key update) "
            + "update stock set amount = amount where id in (select id from locked)";
        count("select … order by id for no key update, first", () -> shop.statement(inOrder.formatted("id between 1 and 500")),
            () -> shop.statement(inOrder.formatted("shelf = 1")));

        System.out.println("\n=== 3 both read one row with a lock, and then change it");
        show(() -> shop.reserveIfThere(1), () -> shop.reserveIfThere(1));
        count("as it is", () -> shop.reserveIfThere(1), () -> shop.reserveIfThere(1));
        count("PESSIMISTIC_WRITE", () -> shop.reserveWithLock(1), () -> shop.reserveWithLock(1));

        System.out.println("\n=== 4 both insert a row that refers to one product, and then lock the product");
        show(() -> shop.addLine(1), () -> shop.addLine(1));
        count("select … for update", () -> shop.addLine(1), () -> shop.addLine(1));
        count("select … for no key update", () -> shop.addLineNoKey(1), () -> shop.addLineNoKey(1));
        count("PESSIMISTIC_WRITE", () -> shop.addLineJpa(1), () -> shop.addLineJpa(1));
        count("for update, before the insert", () -> shop.addLineLockFirst(1), () -> shop.addLineLockFirst(1));

        System.out.println("\n=== 5 both insert or update the same two keys, in opposite orders");
        show(() -> shop.seen(List.of("a", "b")), () -> shop.seen(List.of("b", "a")));
        count("as it is", () -> shop.seen(List.of("a", "b")), () -> shop.seen(List.of("b", "a")));
        count("in one order", () -> shop.seen(List.of("a", "b")), () -> shop.seen(List.of("a", "b")));

        System.out.println("\n=== 6 a request reads two tables, a migration changes both");
        String[] request = {"select count(*) from order_lines", "select count(*) from customers"};
        Step migration = () -> shop.statements(addColumn("customers"), addColumn("order_lines"));
        show(() -> shop.statements(request), migration);
        count("as it is", () -> shop.statements(request), migration);
        count("a transaction for each table", () -> shop.statements(request), () -> {
            shop.statements(addColumn("customers"));
            shop.statements(addColumn("order_lines"));
        });

        System.out.println("\n=== Trying again, after two updates in opposite orders");
        System.out.println("in the same transaction");
        for (Exception e : pair(() -> shop.tryAgainInside(List.of(1L, 2L)), () -> shop.tryAgainInside(List.of(2L, 1L))))
            System.out.println("  " + e.getClass().getSimpleName() + ", " + ((SQLException) e.getCause()).getSQLState()
                + ": " + e.getCause().getMessage());
        changes("@Retryable(CannotAcquireLockException)", 2, () -> shop.tryAgainTooNarrow(List.of(1L, 2L)), () -> shop.tryAgainTooNarrow(List.of(2L, 1L)));
        changes("@Retryable(PessimisticLockingFailureException)", 2, () -> shop.tryAgainOutside(List.of(1L, 2L)), () -> shop.tryAgainOutside(List.of(2L, 1L)));
        app.close();
    }

    static String addColumn(String table) {
        return "alter table " + table + " add column c" + columns.incrementAndGet() + " int";
    }

    /** Also counts how many of the changes to the first products are in the table afterwards. */
    static void changes(String title, int products, Step... steps) throws Exception {
        long before = amounts();
        count(title, steps);
        System.out.printf("  %d of %d changes are there%n", before - amounts(), pairs * 2 * products);
    }

    static long amounts() {
        return jdbc.queryForObject("select sum(amount) from stock where id <= 10", Long.class);
    }

    static void start(String... settings) {
        if (app != null) app.close();
        var all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("--spring.main.web-application-type=none", "--spring.main.banner-mode=off",
            "--logging.level.root=off", "--spring.datasource.username=demo",
            "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/postgres"));
        app = SpringApplication.run(Shop.class, all.toArray(String[]::new));
        shop = app.getBean(Reservations.class);
        jdbc = app.getBean(JdbcTemplate.class);
    }

    /** Waits for the other transaction of the pair, the first time. */
    static void meet() {
        if (hasMet.get()) return;
        hasMet.set(true);
        try {
            barrier.await(500, TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            // The other one is waiting for a lock of ours, so it can't come.
        }
    }

    /** Runs both at once, and returns what failed. */
    static List<Exception> pair(Step... steps) throws Exception {
        barrier = new CyclicBarrier(steps.length);
        var failures = new ArrayList<Exception>();
        try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<Exception>> all = IntStream.range(0, steps.length).mapToObj(n -> threads.submit(() -> {
                try {
                    steps[n].run();
                    return null;
                } catch (Exception e) {
                    return e;
                }
            })).toList();
            for (var future : all) if (future.get() != null) failures.add(future.get());
        }
        return failures;
    }

    static void count(String title, Step... steps) throws Exception {
        int deadlocks = 0;
        int others = 0;
        long began = System.nanoTime();
        for (int n = 0; n < pairs; n++) for (Exception e : pair(steps)) if (state(e).equals("40P01")) deadlocks++; else others++;
        System.out.printf("%-47s %2d of %2d pairs: deadlock%s, %.1f s a pair%n", title, deadlocks, pairs,
            others > 0 ? ", and " + others + " other errors" : "", (System.nanoTime() - began) / 1e9 / pairs);
    }

    static String state(Exception e) {
        return NestedExceptionUtils.getMostSpecificCause(e) instanceof SQLException sql ? "" + sql.getSQLState() : "" + e;
    }

    /** Runs a pair until one of the two fails, and prints what the client and the server's log say. */
    static void show(Step one, Step other) throws Exception {
        long from = Files.size(Path.of(System.getenv("SERVER_LOG")));
        var failures = new ArrayList<Exception>();
        for (int n = 0; n < pairs && failures.isEmpty(); n++) failures.addAll(pair(one, other));
        if (failures.isEmpty()) System.out.println("no deadlock");
        for (Exception e : failures) {
            var cause = NestedExceptionUtils.getMostSpecificCause(e);
            System.out.println("the client: " + e.getClass().getSimpleName() + ", " + state(e));
            System.out.println("  " + shorten(cause.getMessage()).replace("\n", "\n  "));
        }
        Thread.sleep(200);
        String log = Files.readString(Path.of(System.getenv("SERVER_LOG"))).substring((int) from);
        System.out.println("the server's log:");
        System.out.println("  " + shorten(log.strip()).replace("\n", "\n  "));
    }

    /** Processes, transactions, and what changes with each run become short names. Times go. */
    static String shorten(String text) {
        var processes = new ArrayList<String>();
        String result = text.replaceAll("(?m)^\\d{4}-\\d\\d-\\d\\d [^\\[]*\\[(\\d+)] ", "").replaceAll("\t", "    ");
        var matcher = Pattern.compile("(?<=[Pp]rocess )\\d+").matcher(result);
        result = matcher.replaceAll(match -> {
            if (!processes.contains(match.group())) processes.add(match.group());
            return "" + (char) ('A' + processes.indexOf(match.group()));
        });
        return result.replaceAll("(?<=transaction )\\d+", "N").replaceAll("(?<=database )\\d+", "N");
    }

    static void plan(String sql) {
        System.out.println(sql);
        for (String line : jdbc.queryForList("explain (costs off) " + sql, String.class)) System.out.println("  " + line);
    }
}
