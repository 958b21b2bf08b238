import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Does the holding condition of "locks instead of synchronized" still hold on this JDK?
 * One carrier, two virtual threads: the first blocks, and the second needs the carrier to run at all.
 * The options in one-carrier.txt give the JDK a single carrier, and ask it to report pinned threads.
 */
class Pinned {
    static final Duration NAP = Duration.ofMillis(500);

    static void nap() {
        try {
            Thread.sleep(NAP);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static void inLock() {
        var lock = new ReentrantLock();
        lock.lock();
        try {
            nap();
        } finally {
            lock.unlock();
        }
    }

    // region probe
    /** Whether a virtual thread that blocks in `work` keeps its carrier. */
    static boolean keepsCarrier(Runnable work) throws Exception {
        var started = new CompletableFuture<Void>();
        var first = Thread.startVirtualThread(() -> {
            started.complete(null);
            work.run(); // sleeps for 500 ms
        });
        started.join();
        Thread.startVirtualThread(() -> { }).join(); // needs the carrier
        boolean kept = !first.isAlive();
        first.join();
        return kept;
    }
    // endregion

    static void inMonitor() {
        synchronized (new Object()) {
            nap();
        }
    }

    /** Its class initializer sleeps. JDK 21 and 25 pin a virtual thread there, so this shows that the probe can see pinning. */
    static class Slow {
        static {
            nap();
        }

        static void initialize() { }
    }

    static void end(int exitCode, String verdict) {
        System.out.println(verdict);
        System.exit(exitCode);
    }

    public static void main(String[] args) throws Exception {
        keepsCarrier(Pinned::inLock); // loads the classes
        System.out.println("JDK " + Runtime.version().feature());
        // region verdict
        boolean lock = keepsCarrier(Pinned::inLock);
        boolean monitor = keepsCarrier(Pinned::inMonitor);
        boolean initializer = keepsCarrier(Slow::initialize);

        if (lock || !initializer) end(2, "the probe is broken: it can't tell pinned from free");
        if (!monitor) end(1, "decision 12 has lost its reason: stop asking for locks");
        end(0, "decision 12 holds");
        // endregion
    }
}
