import java.util.ArrayDeque;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;

/** Clients that retry against one service that stalls for ten seconds. Virtual time, in milliseconds. */
class Retries {
    static final double SERVICE = 100, TIMEOUT = 1000;
    static final int WORKERS = 10;                                  // capacity: 100 a second
    static final double STALL_FROM = 60_000, END = 960_000;

    record Policy(String name, int attempts, boolean backoff, double budget, int purse, boolean deadline, int bound) { }

    record Event(double time, int kind, Call call, int attempt) { }  // kinds: see the switch
    static final class Call { double first; int attempt; boolean settled; Call(double t) { first = t; } }
    record Job(Call call, int attempt, double sent) { }

    final Policy policy;
    final boolean refusing;              // while it stalls, the service refuses at once instead of hanging
    final double stallUntil;
    final double load;                   // new requests a second
    final Random random = new Random(11), arrivals = new Random(12);
    final PriorityQueue<Event> events = new PriorityQueue<>((a, b) -> Double.compare(a.time, b.time));
    final ArrayDeque<Job> queue = new ArrayDeque<>();
    int busy;
    double tokens;                       // the budget's purse: full at the start
    final int[] arrived = new int[(int) (END / 1000) + 1], answered = new int[arrived.length], sent = new int[arrived.length], worked = new int[arrived.length];

    Retries(Policy policy, double load, double stall, boolean refusing) {
        this.policy = policy;
        this.load = load;
        this.stallUntil = STALL_FROM + stall;
        this.refusing = refusing;
        this.tokens = policy.purse;
    }

    boolean stalled(double t) { return t >= STALL_FROM && t < stallUntil; }

    void send(Call call, double now) {
        int attempt = ++call.attempt;
        sent[(int) (now / 1000)]++;
        if (stalled(now) && refusing || queue.size() >= policy.bound) { failed(call, now + 1); return; }
        events.add(new Event(now + TIMEOUT, 2, call, attempt));
        queue.add(new Job(call, attempt, now));
        start(now);
    }

    void start(double now) {
        while (busy < WORKERS && !queue.isEmpty() && !stalled(now)) {
            Job job = queue.poll();
            // The deadline came with the request: do not begin what cannot be finished in time.
            if (policy.deadline && now + SERVICE > job.sent + TIMEOUT) continue;
            busy++;
            events.add(new Event(now + SERVICE, 3, job.call, job.attempt));
        }
    }

    void failed(Call call, double now) {
        if (call.attempt >= policy.attempts || now >= END) { call.settled = true; return; }
        if (policy.budget > 0) {
            if (tokens < 1) { call.settled = true; return; }
            tokens--;
        }
        double pause = policy.backoff ? random.nextDouble() * 500 * Math.pow(2, call.attempt) : 0;   // up to 1, 2, 4 s
        events.add(new Event(now + pause, 1, call, 0));
    }

    Retries run() {
        events.add(new Event(0, 0, null, 0));
        events.add(new Event(stallUntil, 4, null, 0));
        while (!events.isEmpty()) {
            Event e = events.poll();
            double now = e.time;
            if (now >= END) break;
            switch (e.kind) {
                case 0 -> {                                         // a new request
                    var call = new Call(now);
                    arrived[(int) (now / 1000)]++;
                    send(call, now);
                    events.add(new Event(now - Math.log(1 - arrivals.nextDouble()) * 1000 / load, 0, null, 0));
                }
                case 1 -> send(e.call, now);                        // a retry
                case 2 -> { if (!e.call.settled && e.call.attempt == e.attempt) failed(e.call, now); }   // timeout
                case 3 -> {                                         // the service is done with an attempt
                    busy--;
                    worked[(int) (now / 1000)]++;
                    if (!e.call.settled && e.call.attempt == e.attempt) {
                        e.call.settled = true;
                        answered[(int) (e.call.first / 1000)]++;
                        if (policy.budget > 0) tokens = Math.min(policy.purse, tokens + policy.budget);
                    }
                    start(now);
                }
                default -> start(now);                              // the stall is over
            }
        }
        return this;
    }

    static double sum(int[] a, int from, int to) { double s = 0; for (int i = from; i < to; i++) s += a[i]; return s; }

    /** The first second after which, ten seconds long, 99 % of the requests were answered. */
    String normal() {
        for (int s = (int) (stallUntil / 1000); s + 10 < arrived.length - 10; s++)
            if (sum(answered, s, s + 10) >= .99 * sum(arrived, s, s + 10)) return (s - (int) (stallUntil / 1000)) + " s";
        return "never";
    }

    static void print(String f, Object... v) { System.out.printf(Locale.ROOT, f, v); }

    static void series(Retries r) {
        print("     %-34s", r.policy.name);
        for (int s = 50; s < 160; s += 10) print(" %3.0f/%-3.0f", sum(r.sent, s, s + 10) / 10, 100 * sum(r.answered, s, s + 10) / sum(r.arrived, s, s + 10));
        print("%n");
    }

    /** The seconds, counted from the stall, whose requests were mostly not answered. */
    static String bad(Retries r) {
        int first = -1, last = -1;
        for (int s = 60; s < arrived(r); s++) if (r.answered[s] < .9 * r.arrived[s]) { if (first < 0) first = s; last = s; }
        return first < 0 ? "none" : (first - 60) + " s to " + (last == arrived(r) - 1 ? "the end" : (last - 59) + " s");
    }

    static int arrived(Retries r) { return r.arrived.length - 21; }

    static int layers(int depth, int attempts) {
        if (depth == 0) return 1;
        int calls = 0;
        for (int i = 0; i < attempts; i++) calls += layers(depth - 1, attempts);
        return calls;
    }

    public static void main(String[] args) {
        int noBound = Integer.MAX_VALUE;
        var none = new Policy("no retries", 1, false, 0, 0, false, noBound);
        var atOnce = new Policy("3 retries at once", 4, false, 0, 0, false, noBound);
        var backoff = new Policy("3 retries, backoff and jitter", 4, true, 0, 0, false, noBound);
        var budget = new Policy("backoff, budget 10 %, purse 10", 4, true, .1, 10, false, noBound);
        var budget100 = new Policy("backoff, budget 10 %, purse 100", 4, true, .1, 100, false, noBound);
        var budget500 = new Policy("backoff, budget 10 %, purse 500", 4, true, .1, 500, false, noBound);
        var deadline = new Policy("backoff, deadline sent along", 4, true, 0, 0, true, noBound);
        var both = new Policy("backoff, purse 100, deadline", 4, true, .1, 100, true, noBound);
        var bounded = new Policy("backoff, queue of 80 places", 4, true, 0, 0, false, 80);
        Policy[] all = {none, atOnce, backoff, budget, budget100, budget500, deadline, both, bounded};

        print("1. 70 requests a second, capacity 100, the service hangs for 10 s and is healthy again%n");
        print("   %-32s normal after   in minute 5 after the stall%n", "");
        for (Policy p : all) {
            Retries r = new Retries(p, 70, 10_000, false).run();
            print("   %-32s %12s   %3.0f attempts/s, %3.0f worked off/s, %5.1f %% answered%n", p.name, r.normal(), sum(r.sent, 310, 370) / 60,
                    sum(r.worked, 310, 370) / 60, 100 * sum(r.answered, 310, 370) / sum(r.arrived, 310, 370));
        }
        print("   Attempts a second / per cent answered, ten seconds each, from 10 s before the stall%n");
        for (Policy p : all) series(new Retries(p, 70, 10_000, false).run());

        print("   Seconds, counted from the stall, in which less than 90 %% of the requests made were answered%n");
        for (Policy p : all) print("     %-34s %s%n", p.name, bad(new Retries(p, 70, 10_000, false).run()));

        print("%n2. The same stall, backoff and jitter: does it recover within 14 minutes?%n");
        for (int attempts : new int[] {2, 3, 4}) {
            var p = new Policy("", attempts, true, 0, 0, false, noBound);
            print("   %d attempts:", attempts);
            for (int load : new int[] {20, 23, 27, 31, 36, 46, 54, 70}) print("  %d/s %s", load, new Retries(p, load, 10_000, false).run().normal());
            print("%n");
        }

        print("%n3. The service refuses everything for 2 s, then is healthy: the requests of those 2 s%n");
        for (Policy p : new Policy[] {none, atOnce, backoff, budget, budget100, budget500}) {
            Retries r = new Retries(p, 70, 2_000, true).run();
            print("   %-32s %5.1f %% answered in the end%n", p.name, 100 * sum(r.answered, 60, 62) / sum(r.arrived, 60, 62));
        }

        print("%n4. Calls that reach a failing service for one request, three callers one above the other%n");
        for (int attempts : new int[] {1, 2, 3, 4}) print("   %d attempts each: %d calls%n", attempts, layers(3, attempts));
    }
}
