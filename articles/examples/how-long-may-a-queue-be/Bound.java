import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/** One worker, a bounded queue, virtual time. All times are milliseconds. */
class Bound {
    static final double SERVICE = 10;                 // mean: capacity 100 a second

    /** Arrivals a second at a moment, and the mean service time at a moment. */
    interface Curve { double at(double time); }

    static final class Result {
        long arrived, refused, dropped, inTime, late;
        double[] waits = new double[1 << 16];
        int n;
        void waited(double w) {
            if (n == waits.length) waits = Arrays.copyOf(waits, n * 2);
            waits[n++] = w;
        }
        double percentile(double p) {
            double[] w = Arrays.copyOf(waits, n);
            Arrays.sort(w);
            return w[(int) Math.min(n - 1, Math.floor(p * n))];
        }
        double mean() { return Arrays.stream(waits, 0, n).sum() / n; }
    }

    /** bound: places for waiting work. maxAge: work older than this is dropped when its turn comes. */
    static Result run(Curve perSecond, Curve service, int bound, double deadline, double maxAge, double until) {
        Random random = new Random(7), arrivals = new Random(8);
        var r = new Result();
        var queue = new ArrayDeque<Double>();
        double next = exponential(arrivals, 1000 / perSecond.at(0)), free = 0;
        boolean busy = false;
        double current = 0;
        while (true) {
            if (busy && free <= next) {               // the worker is done
                double now = free;
                if (now - current <= deadline) r.inTime++; else r.late++;
                busy = false;
                while (!busy && !queue.isEmpty()) {
                    double arrived = queue.poll();
                    if (now - arrived > maxAge) { r.dropped++; continue; }
                    r.waited(now - arrived);
                    current = arrived;
                    free = now + exponential(random, service.at(now));
                    busy = true;
                }
                continue;
            }
            if (next > until) { if (!busy) break; next = Double.MAX_VALUE; continue; }
            double now = next;
            r.arrived++;
            if (!busy) {
                r.waited(0);
                current = now;
                free = now + exponential(random, service.at(now));
                busy = true;
            } else if (queue.size() < bound) queue.add(now);
            else r.refused++;
            next = now + exponential(arrivals, 1000 / perSecond.at(now));
        }
        return r;
    }

    static double exponential(Random random, double mean) { return -mean * Math.log(1 - random.nextDouble()); }

    static void print(String format, Object... values) { System.out.printf(Locale.ROOT, format, values); }

    public static void main(String[] args) {
        double forever = Double.POSITIVE_INFINITY;

        print("1. Steady load for 20,000 s, 10 ms of work a piece on average: the wait before it starts%n%n");
        print(" load  places   refused   mean wait   99th percentile%n");
        for (double load : new double[] {0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.2}) {
            for (int bound : new int[] {20, 1000}) {
                Result r = run(t -> load * 100, t -> SERVICE, bound, forever, forever, 20_000_000);
                print("%3.0f %%  %6d  %6.2f %%  %7.0f ms  %13.0f ms%n", load * 100, bound, 100.0 * r.refused / r.arrived, r.mean(), r.percentile(.99));
            }
        }

        print("%n2. A burst: 60 a second, 300 a second for 3 s, 60 again; callers leave after 500 ms%n%n");
        print("places  arrived  refused  in time  too late%n");
        for (int bound : new int[] {5, 20, 40, 49, 100, 200, 1000}) {
            Result r = run(t -> t > 10_000 && t < 13_000 ? 300 : 60, t -> SERVICE, bound, 500, forever, 40_000);
            print("%6d  %7d  %7d  %7d  %8d%n", bound, r.arrived, r.refused, r.inTime, r.late);
        }

        print("%n3. The work becomes slower: 10 ms, 50 ms for 30 s, then 10 ms; 60 a second, 40 places%n%n");
        print("at the head of the queue   refused  dropped  in time  too late%n");
        Curve slow = t -> t > 10_000 && t < 40_000 ? 50 : SERVICE;
        for (double age : new double[] {forever, 500, 400, 300}) {
            Result r = run(t -> 60, slow, 40, 500, age, 60_000);
            print("%-25s  %7d  %7d  %7d  %8d%n", age == forever ? "start everything" : "drop what is over " + (int) age + " ms", r.refused, r.dropped, r.inTime, r.late);
        }
    }
}
