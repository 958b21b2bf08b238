import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Real executors under too much work: 4 at a time, 20 ms a piece, so 200 a second. Callers leave after
 * 500 ms, counted from the moment at which they sent their request, and the executors do not know that.
 */
class Pool {
    static final int THREADS = 4;
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

    static final AtomicInteger refused = new AtomicInteger(), inTime = new AtomicInteger(), late = new AtomicInteger();
    static final AtomicLong oldest = new AtomicLong();

    static void work(long sentAt) {
        long age = System.nanoTime() - sentAt;
        oldest.accumulateAndGet(age, Math::max);
        try {
            Thread.sleep(WORK);
        } catch (InterruptedException e) {
            return;
        }
        (System.nanoTime() - sentAt <= DEADLINE.toNanos() ? inTime : late).incrementAndGet();
    }

    interface Task { void run(long sentAt); }

    /** Sends requests to the executor for twenty seconds and prints what became of them. */
    static void measure(String name, int perSecond, ExecutorService executor, Task task) throws Exception {
        send(perSecond, 20, executor, task);
        System.out.printf(Locale.ROOT, "%-22s %7d %8d %9d %9.2f s%n", name, refused.get(), inTime.get(), late.get(), oldest.get() / 1e9);
    }

    static void send(int perSecond, int seconds, ExecutorService executor, Task task) throws Exception {
        refused.set(0);
        inTime.set(0);
        late.set(0);
        oldest.set(0);
        long start = System.nanoTime();
        for (int i = 0; i < perSecond * seconds; i++) {
            long due = start + i * 1_000_000_000L / perSecond;
            while (System.nanoTime() < due) Thread.sleep(0, 500_000);
            try {
                executor.execute(() -> task.run(due));
            } catch (RejectedExecutionException e) {
                refused.incrementAndGet();
            }
        }
        executor.shutdown();
        executor.awaitTermination(60, TimeUnit.SECONDS);
    }

    // region semaphore
    static final Semaphore permits = new Semaphore(4, true);   // fair: first come, first served

    /** Waits for its turn in a virtual thread, but no longer than the answer is wanted. */
    static void withSemaphore(long sentAt) {
        long patience = DEADLINE.minus(WORK.multipliedBy(2)).toNanos() - (System.nanoTime() - sentAt);
        try {
            if (!permits.tryAcquire(patience, TimeUnit.NANOSECONDS)) {
                refused.incrementAndGet();
                return;
            }
        } catch (InterruptedException e) {
            return;
        }
        try {
            work(sentAt);
        } finally {
            permits.release();
        }
    }
    // endregion

    static void withoutBound(long sentAt) {
        permits.acquireUninterruptibly();
        try {
            work(sentAt);
        } finally {
            permits.release();
        }
    }

    public static void main(String[] args) throws Exception {
        send(240, 2, bounded(THREADS, 20), Pool::work);   // loads the classes
        System.out.println("240 requests a second for 20 s, four threads; queue bounded at");
        System.out.println("                       refused  in time  too late     oldest");
        for (int places : new int[] {1, 20, 48})
            measure(places + (places == 1 ? " place" : " places"), 240, bounded(THREADS, places), Pool::work);
        ThreadPoolExecutor computed = pool(THREADS, WORK, DEADLINE);
        measure(computed.getQueue().remainingCapacity() + ", by the formula", 240, computed, Pool::work);
        measure("400 places", 240, bounded(THREADS, 400), Pool::work);
        measure("no bound", 240, Executors.newFixedThreadPool(THREADS), Pool::work);

        System.out.println("\nthe same, a virtual thread for each request");
        measure("acquire()", 240, Executors.newVirtualThreadPerTaskExecutor(), Pool::withoutBound);
        measure("tryAcquire(460 ms)", 240, Executors.newVirtualThreadPerTaskExecutor(), Pool::withSemaphore);

        System.out.println("\n300 requests a second, 48 places; when the queue is full");
        measure("AbortPolicy", 300, bounded(THREADS, 48), Pool::work);
        ThreadPoolExecutor callerRuns = bounded(THREADS, 48);
        callerRuns.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
        measure("CallerRunsPolicy", 300, callerRuns, Pool::work);

        System.out.println("\nplaces by the formula for 500 ms and work of");
        for (long micros : new long[] {500, 1_900, 20_000, 600_000})
            System.out.printf(Locale.ROOT, "%6.1f ms  %5d%n", micros / 1000.0,
                    pool(THREADS, Duration.ofNanos(micros * 1000), DEADLINE).getQueue().remainingCapacity());
    }
}
