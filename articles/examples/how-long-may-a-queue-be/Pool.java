import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Real executors under too much work: 4 at a time, 20 ms each on average, so 200 a second. Callers leave after
 * 500 ms, counted from the moment at which they sent their request, and the executors do not know that.
 */
class Pool {
    static final int THREADS = 4, SEEDS = 5;
    static final Duration WORK = Duration.ofMillis(20), DEADLINE = Duration.ofMillis(500);

    // region pool
    /** A pool whose queue is as long as the deadline allows, and at least one place. */
    static ThreadPoolExecutor pool(int threads, Duration work, Duration deadline) {
        long places = deadline.minus(work).toNanos() * threads / work.toNanos();
        return bounded(threads, (int) Math.clamp(places, 1, 1_000_000));
    }

    static ThreadPoolExecutor bounded(int threads, int places) {
        return new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(places));   // full: RejectedExecutionException
    }
    // endregion

    /** What became of the requests of one run. */
    static final class Run {
        final AtomicInteger refused = new AtomicInteger(), inTime = new AtomicInteger(), late = new AtomicInteger();
        final AtomicLong oldest = new AtomicLong();
        final Queue<Long> waits = new ConcurrentLinkedQueue<>();
        final Semaphore permits = new Semaphore(THREADS, true);   // fair: first come, first served

        void work(Request request) {
            long wait = System.nanoTime() - request.sentAt;
            waits.add(wait);
            oldest.accumulateAndGet(wait, Math::max);
            try {
                Thread.sleep(Duration.ofNanos(request.nanos));
            } catch (InterruptedException e) {
                return;
            }
            (System.nanoTime() - request.sentAt <= DEADLINE.toNanos() ? inTime : late).incrementAndGet();
        }

        double medianWait() {
            long[] sorted = waits.stream().mapToLong(Long::longValue).sorted().toArray();
            return sorted[sorted.length / 2] / 1e9;
        }
    }

    record Request(long sentAt, long nanos) { }

    interface Task { void run(Run run, Request request) throws InterruptedException; }

    /** Runs it five times at once, with five seeds, and prints the middle run by the answers in time, and the range of these. */
    static void measure(String name, int perSecond, Supplier<ExecutorService> executors, Task task) throws Exception {
        List<Run> runs = run(perSecond, 20, executors, task);
        runs.sort(Comparator.comparingInt(run -> run.inTime.get()));
        Run middle = runs.get(SEEDS / 2);
        System.out.printf(Locale.ROOT, "%-19s %7d %8d %9d %8.2f s %8.2f s %7d to %d%n", name, middle.refused.get(), middle.inTime.get(), middle.late.get(),
                middle.medianWait(), middle.oldest.get() / 1e9, runs.getFirst().inTime.get(), runs.getLast().inTime.get());
    }

    static List<Run> run(int perSecond, int seconds, Supplier<ExecutorService> executors, Task task) throws Exception {
        var runs = new ArrayList<Run>();
        var senders = new ArrayList<Thread>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            var run = new Run();
            var random = new Random(seed);
            runs.add(run);
            senders.add(Thread.ofPlatform().start(() -> send(perSecond, seconds, random, run, executors.get(), task)));
        }
        for (Thread sender : senders) sender.join();
        return runs;
    }

    /** Sends requests for so many seconds: random moments, and work whose length varies as much as its mean. */
    static void send(int perSecond, int seconds, Random random, Run run, ExecutorService executor, Task task) {
        try {
            long start = System.nanoTime();
            double due = 0;
            for (int i = 0; i < perSecond * seconds; i++) {
                due += 1e9 / perSecond * -Math.log(1 - random.nextDouble());
                var request = new Request(start + (long) due, (long) (WORK.toNanos() * -Math.log(1 - random.nextDouble())));
                while (System.nanoTime() < request.sentAt) Thread.sleep(0, 500_000);
                try {
                    executor.execute(() -> {
                        try {
                            task.run(run, request);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                } catch (RejectedExecutionException e) {
                    run.refused.incrementAndGet();
                }
            }
            executor.shutdown();
            executor.awaitTermination(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void inPool(Run run, Request request) {
        run.work(request);
    }

    // region semaphore
    /** Waits for its turn in a virtual thread, but no longer than the answer is wanted. */
    static void withSemaphore(Run run, Request request, Duration patience) throws InterruptedException {
        if (!run.permits.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            run.refused.incrementAndGet();
            return;
        }
        try {
            run.work(request);
        } finally {
            run.permits.release();
        }
    }
    // endregion

    static void withoutBound(Run run, Request request) {
        run.permits.acquireUninterruptibly();
        try {
            run.work(request);
        } finally {
            run.permits.release();
        }
    }

    public static void main(String[] args) throws Exception {
        run(240, 2, () -> bounded(THREADS, 20), Pool::inPool);   // loads the classes
        System.out.println("240 requests a second for 20 s, four threads; the middle one of five runs; queue bounded at");
        System.out.println("                    refused  in time  too late  median wait  longest  in time, all runs");
        for (int places : new int[] {1, 10, 20, 48})
            measure(places + (places == 1 ? " place" : " places"), 240, () -> bounded(THREADS, places), Pool::inPool);
        measure("96, by the formula", 240, () -> pool(THREADS, WORK, DEADLINE), Pool::inPool);
        measure("400 places", 240, () -> bounded(THREADS, 400), Pool::inPool);
        measure("no bound", 240, () -> Executors.newFixedThreadPool(THREADS), Pool::inPool);

        System.out.println("\nthe same, a virtual thread for each request");
        Supplier<ExecutorService> virtual = Executors::newVirtualThreadPerTaskExecutor;
        measure("acquire()", 240, virtual, Pool::withoutBound);
        measure("tryAcquire(100 ms)", 240, virtual, (run, request) -> withSemaphore(run, request, Duration.ofMillis(100)));
        measure("tryAcquire(400 ms)", 240, virtual, (run, request) -> withSemaphore(run, request, Duration.ofMillis(400)));

        System.out.println("\n300 requests a second, 48 places; when the queue is full");
        measure("AbortPolicy", 300, () -> bounded(THREADS, 48), Pool::inPool);
        measure("CallerRunsPolicy", 300, () -> {
            ThreadPoolExecutor executor = bounded(THREADS, 48);
            executor.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
            return executor;
        }, Pool::inPool);
    }
}
