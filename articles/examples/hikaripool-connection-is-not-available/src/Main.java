package example;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariDataSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the application once for each cause, sends twelve requests at once, takes the same three
 * readings ten seconds later, asks for another page, and tries what could help.
 */
class Main {
    static final int requests = 12;
    static final HttpClient http = HttpClient.newHttpClient();
    static CountDownLatch arrivals = new CountDownLatch(0);
    static volatile CountDownLatch carrierAnswers = new CountDownLatch(1);
    static final AtomicInteger failed = new AtomicInteger();

    static ConfigurableApplicationContext app;
    static HikariDataSource pool;
    static int port;

    public static void main(String[] args) throws Exception {
        var carrier = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        carrier.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        carrier.createContext("/", exchange -> {
            try {
                carrierAnswers.await(90, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                return;
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        carrier.start();
        System.setProperty("carrier", "" + carrier.getAddress().getPort());
        System.out.println("Spring Boot " + SpringBootVersion.getVersion()
            + ", Java " + Runtime.version() + "\n");

        start("1 a slow query", "/query");
        System.out.println("pg_cancel_backend(pid) of the active ones");
        System.out.println("  " + sql("select count(pg_cancel_backend(pid)) || ' cancelled' from pg_stat_activity "
            + "where application_name = 'shop' and state = 'active'"));
        after();
        start("1 again, with statement_timeout=5s", "/query",
            "--spring.datasource.hikari.connection-init-sql=set statement_timeout = '5s'");

        start("2 an HTTP call in a transaction", "/call/1");
        terminate();
        after();
        System.out.println("the carrier answers");
        carrierAnswers.countDown();
        after();
        start("2 again, with a read timeout of 2 s", "/call/1", "--carrier.timeout=2s");
        carrierAnswers.countDown();

        start("3 an HTTP call under open-in-view", "/view/1");
        terminate();
        after();
        carrierAnswers.countDown();
        start("3 again, with spring.jpa.open-in-view=false", "/view/1", "--spring.jpa.open-in-view=false");
        carrierAnswers.countDown();

        start("4 a connection that isn't closed", "/leak/0");
        terminate();
        after();
        start("4 again, with leak-detection-threshold=2000", "/leak/0",
            "--spring.datasource.hikari.leak-detection-threshold=2000");
        var leaks = logged.list.stream().map(event -> event.getFormattedMessage().replaceFirst("@\\w+ on thread .*", " …")
            + " " + Arrays.stream(event.getThrowableProxy().getStackTraceElementProxyArray())
                .map(frame -> frame.getStackTraceElement()).filter(frame -> frame.getClassName().startsWith("example."))
                .map(frame -> frame.getClassName() + "." + frame.getMethodName() + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")")
                .findFirst().orElse("")).toList();
        System.out.println("log\n  " + leaks.size() + "x " + leaks.getFirst());

        start("5 REQUIRES_NEW waits for itself", "/new/1");
        after();
        start("5 again, with maximum-pool-size=" + (requests + 1), "/new/1",
            "--spring.datasource.hikari.maximum-pool-size=" + (requests + 1));
        app.close();
        System.exit(0);
    }

    static void everybodyIsHere() {
        arrivals.countDown();
        try {
            arrivals.await(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts the application, sends the requests and takes the readings. */
    static void start(String title, String path, String... settings) throws Exception {
        if (app != null) app.close();
        failed.set(0);
        arrivals = new CountDownLatch(requests);
        carrierAnswers = new CountDownLatch(1);
        var args = Stream.concat(Arrays.stream(settings), Stream.of(
            "--server.port=0", "--server.address=127.0.0.1", "--spring.main.banner-mode=off",
            "--spring.main.log-startup-info=false", "--logging.level.root=error",
            "--logging.level.com.zaxxer.hikari.pool.ProxyLeakTask=warn", "--logging.threshold.console=off",
            "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT")
                + "/postgres?ApplicationName=shop",
            "--spring.datasource.username=demo")).toArray(String[]::new);
        app = SpringApplication.run(Shop.class, args);
        pool = app.getBean(HikariDataSource.class);
        port = app.getEnvironment().getProperty("local.server.port", Integer.class);
        System.out.println("=== " + title);
        logged = new ListAppender<>();
        logged.start();
        ((Logger) LoggerFactory.getLogger("com.zaxxer.hikari.pool.ProxyLeakTask")).addAppender(logged);
        for (int n = 0; n < requests; n++) get(path).thenAccept(response -> {
            if (response.statusCode() != 200) failed.incrementAndGet();
        });
        Thread.sleep(10_000);
        readings();
        long began = System.nanoTime();
        var other = get("/order/2").get();
        System.out.printf("another page%n  %d after %.0f s%s%n", other.statusCode(), (System.nanoTime() - began) / 1e9,
            other.statusCode() == 200 ? "" : ": " + other.body());
    }

    static ListAppender<ILoggingEvent> logged;

    static CompletableFuture<HttpResponse<String>> get(String path) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }

    /** What the pool, the database and the threads say. */
    static void readings() throws Exception {
        System.out.println("pool");
        var says = pool.getHikariPoolMXBean();
        System.out.printf("  active %d, idle %d, pending %d; requests in flight %d%n", says.getActiveConnections(),
            says.getIdleConnections(), says.getThreadsAwaitingConnection(), inFlight());
        System.out.println("pg_stat_activity");
        System.out.println(sql("""
            select string_agg(format('  %sx %s, %s, for %s s: %s', count, state, wait, seconds, query), E'\\n' order by count desc, query)
            from (select count(*), state, coalesce(wait_event, 'on CPU') as wait, left(query, 45) as query,
                    min(round(extract(epoch from now() - state_change))) as seconds
                from pg_stat_activity where application_name = 'shop'
                group by 2, 3, 4) a"""));
        System.out.println("thread dump");
        var groups = new TreeMap<String, Integer>();
        for (var entry : Thread.getAllStackTraces().entrySet()) {
            if (!entry.getKey().getName().startsWith("http-nio-")) continue;
            String frames = Arrays.stream(entry.getValue()).map(Main::shown).filter(frame -> frame != null)
                .reduce("", (all, frame) -> all.endsWith(frame) ? all : all + "\n      " + frame);
            if (frames.contains("example.")) groups.merge(frames, 1, Integer::sum);
        }
        groups.forEach((frames, count) -> System.out.println("  " + count + "x" + frames.replaceFirst("\n {6}", " ")));
        if (groups.isEmpty()) System.out.println("  no request in our code");
    }

    /** The frames worth showing, shortened: our own, and what tells the causes apart. */
    static String shown(StackTraceElement frame) {
        String at = frame.getClassName() + "." + frame.getMethodName();
        if (at.startsWith("example.") && frame.getLineNumber() > 0 && !at.contains("Main"))
            return at + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
        return switch (at) {
            case "com.zaxxer.hikari.pool.HikariPool.getConnection" -> "HikariPool.getConnection";
            case "org.postgresql.jdbc.PgPreparedStatement.executeQuery" -> "PgPreparedStatement.executeQuery";
            case "org.springframework.web.client.DefaultRestClient$DefaultRequestBodyUriSpec.exchange",
                "org.springframework.http.client.JdkClientHttpRequest.executeInternal" -> "JdkClientHttpRequest.executeInternal";
            case "org.springframework.transaction.interceptor.TransactionInterceptor.invoke" -> "TransactionInterceptor.invoke";
            default -> null;
        };
    }

    static long inFlight() {
        return Thread.getAllStackTraces().entrySet().stream().filter(entry -> entry.getKey().getName().startsWith("http-nio-"))
            .filter(entry -> Arrays.stream(entry.getValue()).anyMatch(frame -> frame.getClassName().equals("example.Pages"))).count();
    }

    static void terminate() throws Exception {
        System.out.println("pg_terminate_backend(pid) of the pool's sessions");
        System.out.println("  " + sql("select count(pg_terminate_backend(pid)) || ' ended' from pg_stat_activity "
            + "where application_name = 'shop'"));
        Thread.sleep(500);
        System.out.println("  " + sql("select count(*) || ' sessions are left' from pg_stat_activity where application_name = 'shop'"));
    }

    /** The pool two seconds later, and whether another page can be shown within three. */
    static void after() throws Exception {
        Thread.sleep(2_000);
        var says = pool.getHikariPoolMXBean();
        String page;
        try {
            page = "" + get("/order/2").get(3, TimeUnit.SECONDS).statusCode();
        } catch (TimeoutException e) {
            page = "no answer within 3 s";
        }
        System.out.printf("  active %d, idle %d, pending %d; another page: %s; %d of %d requests failed%n",
            says.getActiveConnections(), says.getIdleConnections(), says.getThreadsAwaitingConnection(), page, failed.get(), requests);
    }

    static String sql(String query) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/postgres", "demo", "");
                var rows = connection.createStatement().executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
