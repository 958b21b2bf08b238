import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Where does the waiting work go while the other service is stuck?
 *
 * Requests arrive at 100 a second for three seconds. The payment service
 * (127.0.0.1 only) accepts every connection and answers nobody until the
 * three seconds are over. Everything here is bounded in count and in time.
 */
public class Backlog {

    static final int PER_SECOND = 100;
    static final int SECONDS = 3;
    static final int TOTAL = PER_SECOND * SECONDS;
    static final Duration DEADLINE = Duration.ofMillis(500);

    public static void main(String[] args) throws Exception {
        direct("no timeout", null);
        direct("deadline 500 ms", DEADLINE);
        queued(250);
    }

    // The payment service: stuck until released, then it does the work.
    static final class Payments implements AutoCloseable {
        final CountDownLatch stuck = new CountDownLatch(1);
        final AtomicInteger executed = new AtomicInteger();
        final AtomicInteger duplicates = new AtomicInteger();
        final AtomicInteger open = new AtomicInteger();
        final Set<String> keys = ConcurrentHashMap.newKeySet();
        final ExecutorService pool =
                Executors.newVirtualThreadPerTaskExecutor();
        final HttpServer server;

        Payments() throws IOException {
            var address = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), 0);
            server = HttpServer.create(address, 1024);
            server.setExecutor(pool);
            server.createContext("/payments", this::pay);
            server.start();
        }

        void pay(HttpExchange exchange) throws IOException {
            open.incrementAndGet();
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                String key = exchange.getRequestHeaders()
                        .getFirst("Idempotency-Key");
                if (!stuck.await(20, TimeUnit.SECONDS)) {
                    return;
                }
                if (key == null || keys.add(key)) {
                    executed.incrementAndGet();
                } else {
                    duplicates.incrementAndGet();
                }
                exchange.sendResponseHeaders(204, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.decrementAndGet();
            }
        }

        URI uri() {
            return URI.create("http://127.0.0.1:"
                    + server.getAddress().getPort() + "/payments");
        }

        void awaitQuiet() throws InterruptedException {
            for (int i = 0; i < 100 && open.get() > 0; i++) {
                Thread.sleep(50);
            }
        }

        @Override
        public void close() {
            server.stop(0);
            pool.shutdownNow();
        }
    }

    static HttpClient client(ExecutorService pool, Duration deadline) {
        var builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(pool);
        if (deadline != null) {
            builder.connectTimeout(deadline);
        }
        return builder.build();
    }

    static void call(HttpClient http, URI uri, String key,
            Duration deadline) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri)
                .POST(HttpRequest.BodyPublishers.ofString("amount=10"));
        if (key != null) {
            request.header("Idempotency-Key", key);
        }
        if (deadline != null) {
            request.timeout(deadline);
        }
        http.send(request.build(), HttpResponse.BodyHandlers.discarding());
    }

    static void direct(String name, Duration deadline) throws Exception {
        System.out.printf("%n%s%n", name);
        AtomicInteger waiting = new AtomicInteger();
        AtomicInteger ok = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        try (var payments = new Payments();
             var pool = Executors.newVirtualThreadPerTaskExecutor();
             var http = client(pool, deadline)) {
            var callers = Executors.newVirtualThreadPerTaskExecutor();
            var samples = new Samples("waiting", "failed");
            arrivals(i -> callers.submit(() -> {
                waiting.incrementAndGet();
                try {
                    call(http, payments.uri(), null, deadline);
                    ok.incrementAndGet();
                } catch (IOException e) {
                    failed.incrementAndGet();
                } finally {
                    waiting.decrementAndGet();
                }
                return null;
            }), () -> samples.add(waiting.get(), failed.get()));
            samples.print();
            payments.stuck.countDown();
            callers.shutdown();
            callers.awaitTermination(10, TimeUnit.SECONDS);
            payments.awaitQuiet();
            System.out.printf("  in the end  %d succeeded, %d failed; "
                    + "payments made %d%n", ok.get(), failed.get(),
                    payments.executed.get());
        }
    }

    static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    record Message(String key, long acceptedAt) { }

    static void queued(int capacity) throws Exception {
        System.out.printf("%nqueue of %d, one consumer, retries%n",
                capacity);
        BlockingQueue<Message> queue = new ArrayBlockingQueue<>(capacity);
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger attempts = new AtomicInteger();
        AtomicInteger handled = new AtomicInteger();
        AtomicLong slowestAccept = new AtomicLong();
        try (var payments = new Payments();
             var pool = Executors.newVirtualThreadPerTaskExecutor();
             var http = client(pool, DEADLINE)) {
            Thread consumer = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        // Peek, work, remove: a crash in between repeats.
                        Message head = queue.peek();
                        if (head == null) {
                            Thread.sleep(5);
                            continue;
                        }
                        attempts.incrementAndGet();
                        try {
                            call(http, payments.uri(), head.key(),
                                    DEADLINE);
                            queue.poll();
                            handled.incrementAndGet();
                        } catch (IOException e) {
                            // Same message, same key, next attempt.
                        }
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            var samples = new Samples("queued", "refused");
            arrivals(i -> {
                long start = System.nanoTime();
                var message = new Message(
                        UUID.randomUUID().toString(), start);
                if (!queue.offer(message)) {
                    refused.incrementAndGet();
                }
                slowestAccept.accumulateAndGet(
                        System.nanoTime() - start, Math::max);
            }, () -> samples.add(queue.size(), refused.get()));
            samples.print();
            System.out.printf("  oldest message %.1f s%n",
                    seconds(queue.peek().acceptedAt()));
            long released = System.nanoTime();
            payments.stuck.countDown();
            for (int i = 0; i < 2000 && !queue.isEmpty(); i++) {
                Thread.sleep(5);
            }
            long drained = System.nanoTime() - released;
            consumer.interrupt();
            consumer.join();
            payments.awaitQuiet();
            System.out.printf("  in the end  handled %d in %d attempts, "
                    + "drained in %d ms%n", handled.get(), attempts.get(),
                    drained / 1_000_000);
            System.out.printf("              payments made %d, duplicates "
                    + "ignored %d%n", payments.executed.get(),
                    payments.duplicates.get());
            System.out.printf("              slowest hand-over %.1f ms%n",
                    slowestAccept.get() / 1e6);
        }
    }

    /** Two counts, taken every half second and printed as a table. */
    static final class Samples {
        final StringBuilder first;
        final StringBuilder second;

        Samples(String first, String second) {
            this.first = new StringBuilder("  %-9s".formatted(first));
            this.second = new StringBuilder("  %-9s".formatted(second));
        }

        void add(int one, int other) {
            first.append("%5d".formatted(one));
            second.append("%5d".formatted(other));
        }

        void print() {
            System.out.println("  seconds    0.5  1.0  1.5  2.0  2.5  3.0");
            System.out.println(first);
            System.out.println(second);
        }
    }

    interface Each { void at(int i) throws Exception; }

    static void arrivals(Each request, Runnable everyHalfSecond)
            throws Exception {
        long gap = 1_000_000_000L / PER_SECOND;
        long start = System.nanoTime();
        for (int i = 0; i < TOTAL; i++) {
            long due = start + i * gap;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            request.at(i);
            if ((i + 1) % (PER_SECOND / 2) == 0) {
                everyHalfSecond.run();
            }
        }
    }
}
