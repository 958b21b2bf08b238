import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What does a limit of one second limit? A server (127.0.0.1 only) answers at
 * once and then sends 15 bytes, one every 200 ms.
 */
public class Drip {

    static void drip(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 15; i++) {
                Thread.sleep(200);
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void report(String name, Callable<Integer> call) {
        long start = System.nanoTime();
        String result;
        try {
            result = call.call() + " bytes";
        } catch (Exception e) {
            result = e.getClass().getSimpleName();
        }
        System.out.printf("%-38s %-16s after %.1f s%n", name, result,
                (System.nanoTime() - start) / 1e9);
    }

    public static void main(String[] args) throws Exception {
        System.out.println("Java " + Runtime.version().feature());
        var server = HttpServer.create(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), 0), 16);
        var pool = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(pool);
        server.createContext("/", Drip::drip);
        server.createContext("/empty", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        var uri = URI.create("http://127.0.0.1:"
                + server.getAddress().getPort() + "/");

        // The first request loads classes; it is not measured.
        var http = HttpClient.newHttpClient();
        http.send(HttpRequest.newBuilder(uri.resolve("/empty")).build(),
                BodyHandlers.discarding());
        uri.resolve("/empty").toURL().openConnection().getInputStream()
                .close();

        report("HttpURLConnection, read timeout 1 s", () -> {
            var connection =
                    (HttpURLConnection) uri.toURL().openConnection();
            connection.setReadTimeout(1000);
            try (var body = connection.getInputStream()) {
                return body.readAllBytes().length;
            }
        });

        var request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(1)).build();
        report("HttpClient, request timeout 1 s", () ->
                http.send(request, BodyHandlers.ofByteArray())
                        .body().length);

        // What Spring's JdkClientHttpRequest does: a timer closes the body.
        var timer = Executors.newSingleThreadScheduledExecutor();
        report("HttpClient, body closed after 1 s", () -> {
            var response = http.send(HttpRequest.newBuilder(uri).build(),
                    BodyHandlers.ofInputStream());
            try (var body = response.body()) {
                timer.schedule(() -> {
                    body.close();
                    return null;
                }, 1, TimeUnit.SECONDS);
                return body.readAllBytes().length;
            }
        });
        timer.shutdownNow();

        report("HttpClient, sendAsync and get(1 s)", () -> {
            var call = http.sendAsync(request, BodyHandlers.ofByteArray());
            try {
                return call.get(1, TimeUnit.SECONDS).body().length;
            } finally {
                call.cancel(true);
            }
        });

        http.shutdownNow();
        server.stop(0);
        pool.shutdownNow();
    }
}
