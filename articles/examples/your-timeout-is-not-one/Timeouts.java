package timeouts;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.client.RestClient;

/**
 * Calls two slow servers on 127.0.0.1 with each HTTP library that Spring Boot can configure, and a
 * read timeout of one second. One server is silent for three seconds. The other sends its headers
 * at once and then fifteen bytes, one every 200 ms.
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

    static void drip(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 15; i++) {
                pause(200);
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
            }
        }
    }

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // region within
    /** Returns what the call returns, or throws TimeoutException when the limit has passed. */
    static <T> T within(Duration limit, Callable<T> call) throws Exception {
        var task = new FutureTask<>(call);
        Thread thread = Thread.startVirtualThread(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            thread.interrupt();
        }
    }
    // endregion

    static String measure(Callable<byte[]> call) {
        long start = System.nanoTime();
        String outcome;
        try {
            byte[] body = call.call();
            outcome = (body == null ? 0 : body.length) + " bytes";
        } catch (Exception e) {
            outcome = e instanceof TimeoutException ? "deadline" : "timeout";
        }
        return "%s, %.1f s".formatted(outcome, (System.nanoTime() - start) / 1e9);
    }

    /** Whether the call ends soon after the deadline has interrupted its thread. */
    static String endsAfterDeadline(Callable<byte[]> call) throws Exception {
        var thread = new Thread[1];
        String result = measure(() -> within(Duration.ofSeconds(1), () -> {
            thread[0] = Thread.currentThread();
            return call.call();
        }));
        thread[0].join(Duration.ofMillis(500));
        return result + (thread[0].isAlive() ? ", goes on" : ", ended");
    }

    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/silent", Timeouts::silent);
        server.createContext("/drip", Timeouts::drip);
        server.createContext("/fast", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        System.out.printf("Spring Boot %s, Java %d%n", SpringBootVersion.getVersion(), Runtime.version().feature());
        System.out.printf("%-17s%-17s%-17s%s%n", "", "silent for 3 s", "drips for 3 s", "drips, with a deadline of 1 s");
        for (String library : LIBRARIES) {
            try (var context = SpringApplication.run(Timeouts.class, "--spring.http.clients.read-timeout=1s",
                    "--spring.http.clients.imperative.factory=" + library, "--logging.level.root=off",
                    "--spring.main.banner-mode=off")) {
                RestClient client = context.getBean(RestClient.Builder.class).baseUrl(url).build();
                for (int i = 0; i < 3; i++) { // loads classes
                    measure(() -> client.get().uri("/fast").retrieve().body(byte[].class));
                }
                Callable<byte[]> drip = () -> client.get().uri("/drip").retrieve().body(byte[].class);
                System.out.printf("%-17s%-17s%-17s%s%n", library,
                        measure(() -> client.get().uri("/silent").retrieve().body(byte[].class)),
                        measure(drip), endsAfterDeadline(drip));
            }
        }
        System.exit(0);
    }
}
