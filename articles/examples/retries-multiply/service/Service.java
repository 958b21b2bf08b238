package stall;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A Spring Boot service with ten Tomcat threads and 100 ms of work per request, and callers who give up after a second and
 * retry as Spring Framework 7 does by default. After twenty seconds the work hangs for ten, as if its database failed over.
 * Properties of the service are passed on as arguments. Both run in one process and talk through 127.0.0.1.
 */
@SpringBootApplication
@RestController
public class Service {
    static final int LOAD = 70, STALL_FROM = 20, STALL = 10, END = Integer.getInteger("seconds", 190);   // requests a second, and seconds
    static final AtomicIntegerArray arrived = new AtomicIntegerArray(END + 20), answered = new AtomicIntegerArray(END + 20),
            sent = new AtomicIntegerArray(END + 20), completed = new AtomicIntegerArray(END + 20);
    static long started;
    static final CountDownLatch stallOver = new CountDownLatch(1);

    /** Milliseconds to wait for one of ten permits, for a service on virtual threads; 0: no semaphore. */
    static final int PATIENCE = Integer.getInteger("semaphore", 0);
    static final Semaphore permits = new Semaphore(10, true);

    static int second() { return Math.min(END + 19, (int) ((System.nanoTime() - started) / 1_000_000_000)); }

    @GetMapping("/")
    ResponseEntity<String> work() throws InterruptedException {
        if (PATIENCE == 0) return ResponseEntity.ok(hangOrSleep());
        if (!permits.tryAcquire(PATIENCE, TimeUnit.MILLISECONDS)) return ResponseEntity.status(503).build();
        try {
            return ResponseEntity.ok(hangOrSleep());
        } finally {
            permits.release();
        }
    }

    static String hangOrSleep() throws InterruptedException {
        if (second() >= STALL_FROM && second() < STALL_FROM + STALL) stallOver.await();
        Thread.sleep(100);
        completed.incrementAndGet(second());
        return "done";
    }

    public static void main(String[] args) throws Exception {
        started = System.nanoTime();
        var context = SpringApplication.run(Service.class, args);
        var http = HttpClient.newHttpClient();
        var builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + "/"));
        var warming = builder.build();                                                           // on a busy machine the first takes longer than a second
        started = System.nanoTime();                                                             // a slow start is no stall
        for (int i = 0; i < 20; i++) http.send(warming, HttpResponse.BodyHandlers.ofString());   // loads classes
        var request = builder.timeout(Duration.ofSeconds(1)).build();
        var retries = new RetryTemplate(RetryPolicy.withMaxRetries(3));                          // 4 attempts, 1 s apart
        started = System.nanoTime();
        Thread.startVirtualThread(() -> {
            try {
                Thread.sleep(1000L * (STALL_FROM + STALL));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            stallOver.countDown();
        });
        var random = new Random(11);
        double at = 0;
        while ((at -= Math.log(1 - random.nextDouble()) / LOAD) < END) {
            long pause = (long) (at * 1000) - (System.nanoTime() - started) / 1_000_000;
            if (pause > 0) Thread.sleep(pause);
            Thread.startVirtualThread(() -> {
                int first = second();
                arrived.incrementAndGet(first);
                try {
                    retries.execute(() -> {
                        sent.incrementAndGet(second());
                        var response = http.send(request, HttpResponse.BodyHandlers.ofString());
                        if (response.statusCode() != 200) throw new IllegalStateException("status " + response.statusCode());
                        return response;
                    });
                    answered.incrementAndGet(first);
                } catch (Exception e) {
                    // the last attempt has failed
                }
            });
        }
        Thread.sleep(10_000);
        System.out.printf(Locale.ROOT, "Spring Boot %s, Java %d %s%n", SpringBootVersion.getVersion(), Runtime.version().feature(), String.join(" ", args).replaceAll(".*banner-mode=off ", ""));
        System.out.println("  seconds   sent/s  completed/s  answered");
        for (int from = 0; from < END; from += 10) {
            System.out.printf(Locale.ROOT, "%4d–%-4d %7d %12d %8.1f %%%s%n", from, from + 10, sum(sent, from) / 10, sum(completed, from) / 10,
                    100.0 * sum(answered, from) / sum(arrived, from), from == STALL_FROM ? "  the stall" : "");
        }
        System.exit(0);
    }

    static int sum(AtomicIntegerArray counts, int from) {
        int sum = 0;
        for (int second = from; second < from + 10; second++) sum += counts.get(second);
        return sum;
    }
}
