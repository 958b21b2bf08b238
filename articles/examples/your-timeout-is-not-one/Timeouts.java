package timeouts;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * Calls two slow servers on 127.0.0.1 with each HTTP library that Spring Boot can configure: with a
 * read timeout of one second, and given up after one second with a longer read timeout. One
 * server is silent for three seconds. The other sends its headers at once and then fifteen bytes,
 * one every 200 ms.
 */
@SpringBootApplication
public class Timeouts {
    static final List<String> LIBRARIES = List.of("http-components", "jetty", "reactor", "jdk", "simple");

    static void silent(HttpExchange exchange) throws IOException {
        pause(3000);
        try (exchange) {
            exchange.sendResponseHeaders(200, 15);
            exchange.getResponseBody().write(new byte[15]);
        }
    }

    // region drip
    static void drip(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush(); // JDK 25 would keep the headers until the first byte
            for (int i = 0; i < 15; i++) {
                pause(200);
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
            }
        }
    }
    // endregion

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // region within
    /** Returns what the call returns, throws its exception (an Error in an ExecutionException), or a TimeoutException after the limit. */
    static <T> T within(Duration limit, Callable<T> call) throws Exception {
        var task = new FutureTask<>(call);
        Thread thread = Thread.startVirtualThread(task);
        try {
            return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            thread.interrupt();
        }
    }
    // endregion

    record Outcome(String seconds, String what, String thrown) { }

    static Outcome measure(Callable<byte[]> call) {
        long start = System.nanoTime();
        String what;
        String thrown = "nothing";
        try {
            byte[] body = call.call();
            what = (body == null ? 0 : body.length) + " bytes";
        } catch (Exception e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            what = cause.getClass().getSimpleName();
            thrown = "%s, caused by %s: %s".formatted(e.getClass().getSimpleName(), what, cause.getMessage());
        }
        return new Outcome("%.1f s".formatted((System.nanoTime() - start) / 1e9), what, thrown);
    }

    /** Whether the call is still going half a second after an interrupt, which comes one second after its start. */
    static String goesOn(Thread.Builder kind, Callable<byte[]> call) throws InterruptedException {
        Thread thread = kind.start(() -> measure(call));
        pause(1000);
        thread.interrupt();
        thread.join(Duration.ofMillis(500));
        boolean alive = thread.isAlive();
        thread.join(); // so that it does not disturb the next one
        return alive ? "goes on" : "ended";
    }

    /** The same for the cancelled future of a call that runs in a thread of its own. */
    static String goesOnAfterCancel(Callable<byte[]> call) throws InterruptedException {
        var ended = new CountDownLatch(1);
        var future = CompletableFuture.runAsync(() -> {
            measure(call);
            ended.countDown();
        }, task -> Thread.ofVirtual().start(task));
        pause(1000);
        future.cancel(true);
        String result = ended.await(500, TimeUnit.MILLISECONDS) ? "ended" : "goes on";
        ended.await();
        return result;
    }

    // region test
    /** Whether a call to the dripping server fails after about a second. */
    static boolean keepsToTheLimit(RestClient client) {
        long start = System.nanoTime();
        try {
            client.get().uri("/drip").retrieve().body(byte[].class);
            return false; // all fifteen bytes
        } catch (RestClientException e) {
            double seconds = (System.nanoTime() - start) / 1e9;
            return seconds > 0.9 && seconds < 2; // a refused connection would be sooner
        }
    }
    // endregion

    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        String url = "http://127.0.0.1:" + start(server);
        var secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        secure.setHttpsConfigurator(new HttpsConfigurator(tls()));
        String secureUrl = "https://127.0.0.1:" + start(secure);
        System.out.printf("Spring Boot %s, Java %d%n", SpringBootVersion.getVersion(), Runtime.version().feature());
        try (var context = run("1s")) {
            var factory = context.getBean(ClientHttpRequestFactoryBuilder.class).getClass().getSimpleName();
            System.out.println("all five on the classpath, none named: " + factory);
        }
        System.out.printf("%na read timeout of 1 s%n%-17s%-30s%s%n", "", "silent for 3 s", "drips for 3 s");
        var thrown = new ArrayList<String>();
        var tests = new ArrayList<String>();
        for (String library : LIBRARIES) {
            try (var context = run("1s", "--spring.http.clients.imperative.factory=" + library)) {
                RestClient client = client(context, url);
                Outcome silent = measure(() -> get(client, "/silent"));
                Outcome drips = measure(() -> get(client, "/drip"));
                System.out.printf("%-17s%-6s%-24s%-6s%s%n", library, silent.seconds, silent.what, drips.seconds, drips.what);
                tests.add("%-17s%s".formatted(library, keepsToTheLimit(client) ? "green" : "red"));
                thrown.add("%-17s%s%n%-17s%s".formatted(library, silent.thrown, "", drips.thrown));
            }
        }
        System.out.printf("%nthe same over TLS%n%-17s%-30s%s%n", "", "silent for 3 s", "drips for 3 s");
        for (String library : LIBRARIES) {
            try (var context = run("1s", "--spring.http.clients.imperative.factory=" + library, "--spring.http.clients.ssl.bundle=server",
                    "--spring.ssl.bundle.jks.server.truststore.location=" + System.getProperty("keys"), "--spring.ssl.bundle.jks.server.truststore.password=changeit")) {
                RestClient client = client(context, secureUrl);
                Outcome silent = measure(() -> get(client, "/silent"));
                Outcome drips = measure(() -> get(client, "/drip"));
                System.out.printf("%-17s%-6s%-24s%-6s%s%n", library, silent.seconds, silent.what, drips.seconds, drips.what);
            }
        }
        System.out.printf("%nwhat the caller had to catch, silent and drips%n%s%n", String.join("\n", thrown));
        System.out.printf("%nthe test that keepsToTheLimit%n%s%n", String.join("\n", tests));
        System.out.printf("%na read timeout of 10 s, drips, given up after 1 s%n%-17s%-14s%-17s%-18s%s%n", "", "caller waits", "virtual thread", "platform thread", "CompletableFuture");
        for (String library : LIBRARIES) {
            try (var context = run("10s", "--spring.http.clients.imperative.factory=" + library)) {
                RestClient client = client(context, url);
                Callable<byte[]> drip = () -> get(client, "/drip");
                String seconds = measure(() -> within(Duration.ofSeconds(1), drip)).seconds;
                pause(3000);
                System.out.printf("%-17s%-14s%-17s%-18s%s%n", library, seconds,
                        goesOn(Thread.ofVirtual(), drip), goesOn(Thread.ofPlatform(), drip), goesOnAfterCancel(drip));
            }
        }
        System.exit(0);
    }

    /** Starts the server with its three pages, and returns its port. */
    static int start(HttpServer server) {
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/silent", Timeouts::silent);
        server.createContext("/drip", Timeouts::drip);
        server.createContext("/fast", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server.getAddress().getPort();
    }

    /** The key that run.sh has made for 127.0.0.1. */
    static SSLContext tls() throws Exception {
        var keys = KeyStore.getInstance(new File(System.getProperty("keys")), "changeit".toCharArray());
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "changeit".toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    static ConfigurableApplicationContext run(String timeout, String... properties) {
        var all = new ArrayList<>(List.of("--spring.http.clients.read-timeout=" + timeout, "--logging.level.root=off",
                "--spring.main.banner-mode=off"));
        all.addAll(List.of(properties));
        return SpringApplication.run(Timeouts.class, all.toArray(String[]::new));
    }

    static RestClient client(ConfigurableApplicationContext context, String url) {
        RestClient client = context.getBean(RestClient.Builder.class).baseUrl(url).build();
        for (int i = 0; i < 3; i++) { // loads classes
            measure(() -> get(client, "/fast"));
        }
        return client;
    }

    static byte[] get(RestClient client, String path) {
        return client.get().uri(path).retrieve().body(byte[].class);
    }
}
