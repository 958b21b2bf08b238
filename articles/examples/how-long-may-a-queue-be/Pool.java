import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;

/** A real thread pool under 20 % too much work: 4 threads, 20 ms a piece (200 a second), 240 arrivals a second for 20 s. */
class Pool {
    static final int THREADS = 4, WORK_MS = 20, PER_SECOND = 240, SECONDS = 20, DEADLINE_MS = 500;

    public static void main(String[] args) throws Exception {
        System.out.println("places     refused  in time  too late  oldest when started");
        for (int places : new int[] {1, 20, 90, 400, Integer.MAX_VALUE}) {
            var refused = new AtomicInteger();
            var inTime = new AtomicInteger();
            var late = new AtomicInteger();
            List<Long> waits = Collections.synchronizedList(new ArrayList<>());
            BlockingQueue<Runnable> queue = places == Integer.MAX_VALUE ? new LinkedBlockingQueue<>() : new ArrayBlockingQueue<>(places);
            var pool = new ThreadPoolExecutor(THREADS, THREADS, 0, TimeUnit.SECONDS, queue);
            long start = System.nanoTime();
            for (int i = 0; i < PER_SECOND * SECONDS; i++) {
                long due = start + i * 1_000_000_000L / PER_SECOND;
                while (System.nanoTime() < due) Thread.sleep(0, 500_000);
                long asked = System.nanoTime();
                try {
                    pool.execute(() -> {
                        waits.add((System.nanoTime() - asked) / 1_000_000);
                        try { Thread.sleep(WORK_MS); } catch (InterruptedException e) { return; }
                        if (System.nanoTime() - asked <= DEADLINE_MS * 1_000_000L) inTime.incrementAndGet(); else late.incrementAndGet();
                    });
                } catch (RejectedExecutionException e) {
                    refused.incrementAndGet();
                }
            }
            pool.shutdown();
            pool.awaitTermination(60, TimeUnit.SECONDS);
            System.out.printf(Locale.ROOT, "%-9s  %7d  %7d  %8d  %,8d ms%n", places == Integer.MAX_VALUE ? "no bound" : places,
                    refused.get(), inTime.get(), late.get(), Collections.max(waits));
        }
    }
}
