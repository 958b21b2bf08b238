import java.util.ArrayDeque;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Callers that retry against one service that hangs for a while and is healthy again.
 * A simulation in virtual time; all times are milliseconds.
 */
class Retries {
    static final double SERVICE = 100, TIMEOUT = 1000;
    static final int WORKERS = 10;                     // capacity: 100 requests a second
    static final double STALL_FROM = 60_000;
    static final int NO_BOUND = Integer.MAX_VALUE;

    record Policy(String name, int attempts, boolean backoff, int bucket, boolean deadline, int bound, boolean newestFirst) {
        Policy(String name, int attempts, boolean backoff) { this(name, attempts, backoff, 0, false, NO_BOUND, false); }
        Policy withBudget(int tokens) { return new Policy("backoff, budget, bucket of " + tokens, attempts, backoff, tokens, deadline, bound, newestFirst); }
        Policy withDeadline() { return new Policy("backoff, deadline sent along", attempts, backoff, bucket, true, bound, newestFirst); }
        Policy withBound(int places) { return new Policy("backoff, queue bounded at " + places, attempts, backoff, bucket, deadline, places, newestFirst); }
        Policy withNewestFirst() { return new Policy("backoff, newest first (LIFO)", attempts, backoff, bucket, deadline, bound, true); }
    }

    // region budget
    /** Shared by all calls to one service. A retry takes a token, a success puts a tenth of one back. */
    static final class RetryBudget {
        private final double size;
        private double tokens;

        RetryBudget(double size) {
            this.size = size;
            this.tokens = size;
        }

        synchronized void succeeded() {
            tokens = Math.min(size, tokens + 0.1);
        }

        synchronized boolean mayRetry() {
            if (tokens < 1) return false;
            tokens--;
            return true;
        }
    }
    // endregion

    // region breaker
    /**
     * A circuit breaker with the defaults of Resilience4j: it opens when half of the last hundred attempts have failed,
     * and after a wait it lets ten through, which decide whether it closes.
     */
    static final class Breaker {
        private static final int WINDOW = 100, PROBES = 10;
        private final double wait;
        private final ArrayDeque<Boolean> last = new ArrayDeque<>();
        private double openUntil = -1;
        private int probes;                            // still to be sent while half open
        private boolean halfOpen;

        Breaker(double wait) { this.wait = wait; }

        boolean permits(double now) {
            if (openUntil > now) return false;
            if (openUntil >= 0 && !halfOpen) {
                halfOpen = true;
                probes = PROBES;
                last.clear();
            }
            return !halfOpen || probes-- > 0;
        }

        void ended(boolean succeeded, double now) {
            if (openUntil > now) return;               // of an attempt from before it opened
            last.addLast(succeeded);
            if (last.size() > WINDOW) last.removeFirst();
            if (last.size() < (halfOpen ? PROBES : WINDOW)) return;
            long failures = last.stream().filter(success -> !success).count();
            if (2 * failures >= last.size()) openUntil = now + wait;
            else openUntil = -1;
            halfOpen = false;
            if (openUntil >= 0) last.clear();
        }
    }
    // endregion

    enum Work { CONSTANT, EXPONENTIAL, LONG_TAIL }     // long tail: one request in twenty takes 700 ms, the others 68.4 ms

    enum Kind { ARRIVAL, RETRY, TIMEOUT, COMPLETED, STALL_OVER }

    record Event(double time, Kind kind, Call call, int attempt) { }

    static final class Call {
        final double first;
        int attempt;                                   // the last one sent
        int awaited;                                   // the one that the caller waits for; 0: none
        Call(double time) { first = time; }
    }

    record Job(Call call, int attempt, double sent) { }

    final Policy policy;
    final double load;                                 // new requests a second
    final double stallUntil, end;
    final boolean refusing;                            // refuses at once while it is down, instead of hanging
    final Work work;
    final Random random, arrivals;
    final RetryBudget budget;
    final PriorityQueue<Event> events = new PriorityQueue<>((a, b) -> Double.compare(a.time, b.time));
    final ArrayDeque<Job> queue = new ArrayDeque<>();
    Breaker[] breakers = {};                           // one for each of the callers' processes
    double refusal, debt;                              // what a refusal costs a worker, and what the next free one has to pay
    int busy, refused;
    final int[] arrived, answered, sent, completed;    // per second
    final int[] received;                              // answers a second that reach a caller who still waits

    Retries(Policy policy, double load, double stall, boolean refusing, Work work, int seconds, int seed) {
        this.policy = policy;
        this.load = load;
        this.stallUntil = STALL_FROM + stall;
        this.end = seconds * 1000.0;
        this.refusing = refusing;
        this.work = work;
        this.budget = policy.bucket > 0 ? new RetryBudget(policy.bucket) : null;
        this.random = new Random(seed);
        this.arrivals = new Random(seed + 1);
        this.arrived = new int[seconds + 1];
        this.answered = new int[seconds + 1];
        this.sent = new int[seconds + 1];
        this.completed = new int[seconds + 1];
        this.received = new int[seconds + 1];
    }

    /** Sixteen minutes, the stall after the first. */
    static Retries run(Policy policy, double load, double stall) { return new Retries(policy, load, stall, false, Work.CONSTANT, 960, 11).run(); }

    boolean down(double now) { return now >= STALL_FROM && now < stallUntil; }

    void send(Call call, double now) {
        int attempt = call.awaited = ++call.attempt;
        if (breakers.length > 0 && !breaker(call).permits(now)) {
            retry(call, now);
            return;
        }
        sent[(int) (now / 1000)]++;
        if (down(now) && refusing || queue.size() >= policy.bound) {
            debt += refusal;
            refused++;
            failed(call, now + 1);
            return;
        }
        events.add(new Event(now + TIMEOUT, Kind.TIMEOUT, call, attempt));
        queue.addLast(new Job(call, attempt, now));
        start(now);
    }

    void start(double now) {
        while (busy < WORKERS && !queue.isEmpty() && !down(now)) {
            Job job = policy.newestFirst ? queue.pollLast() : queue.pollFirst();
            // The deadline came with the request: do not begin what cannot be finished in time.
            if (policy.deadline && now + SERVICE > job.sent + TIMEOUT) continue;
            busy++;
            events.add(new Event(now + work() + debt, Kind.COMPLETED, job.call, job.attempt));
            debt = 0;
        }
    }

    /** How long a request keeps a worker busy; the mean is always SERVICE. */
    double work() {
        return switch (work) {
            case CONSTANT -> SERVICE;
            case EXPONENTIAL -> -SERVICE * Math.log(1 - random.nextDouble());
            case LONG_TAIL -> random.nextDouble() < .05 ? 700 : (SERVICE - .05 * 700) / .95;
        };
    }

    Breaker breaker(Call call) { return breakers[(int) call.first % breakers.length]; }

    /** The caller has closed the connection or was refused: a later answer to this attempt reaches nobody. */
    void failed(Call call, double now) {
        if (breakers.length > 0) breaker(call).ended(false, now);
        retry(call, now);
    }

    void retry(Call call, double now) {
        call.awaited = 0;
        if (call.attempt >= policy.attempts || now >= end) return;
        if (budget != null && !budget.mayRetry()) return;
        double pause = policy.backoff ? random.nextDouble() * 500 * Math.pow(2, call.attempt) : 0;   // up to 1, 2, 4 s
        events.add(new Event(now + pause, Kind.RETRY, call, 0));
    }

    void completed(Call call, int attempt, double now) {
        busy--;
        completed[(int) (now / 1000)]++;
        if (call.awaited == attempt) {
            call.awaited = 0;
            answered[(int) (call.first / 1000)]++;
            received[(int) (now / 1000)]++;
            if (budget != null) budget.succeeded();
            if (breakers.length > 0) breaker(call).ended(true, now);
        }
        start(now);
    }

    Retries run() {
        events.add(new Event(0, Kind.ARRIVAL, null, 0));
        events.add(new Event(stallUntil, Kind.STALL_OVER, null, 0));
        for (Event e; (e = events.poll()) != null && e.time < end; ) {
            double now = e.time;
            switch (e.kind) {
                case ARRIVAL -> {
                    arrived[(int) (now / 1000)]++;
                    send(new Call(now), now);
                    events.add(new Event(now - Math.log(1 - arrivals.nextDouble()) * 1000 / load, Kind.ARRIVAL, null, 0));
                }
                case RETRY -> send(e.call, now);
                case TIMEOUT -> { if (e.call.awaited == e.attempt) failed(e.call, now); }
                case COMPLETED -> completed(e.call, e.attempt, now);
                case STALL_OVER -> start(now);
            }
        }
        return this;
    }

    // ------------------------------------------------------------ what is printed

    static double sum(int[] a, int from, int to) { double s = 0; for (int i = from; i < to; i++) s += a[i]; return s; }

    /** Seconds after the stall until, ten seconds long, 99 % of the new requests were answered; -1: not within the run. */
    int recovered() {
        int over = (int) Math.ceil(stallUntil / 1000);
        for (int s = over; s + 10 < arrived.length - 10; s++)
            if (sum(answered, s, s + 10) >= .99 * sum(arrived, s, s + 10)) return s - over;
        return -1;
    }

    /** The percentage of the new requests of this minute that were answered. */
    double answered(int from) { return 100 * sum(answered, from, from + 60) / sum(arrived, from, from + 60); }

    static String seconds(int s) { return s < 0 ? "never" : s + " s"; }

    /** The seconds, counted from the start of the stall, whose new requests were mostly not answered. */
    String unanswered() {
        int first = -1, last = -1, until = arrived.length - 21;
        for (int s = 60; s < until; s++)
            if (answered[s] < .9 * arrived[s]) {
                if (first < 0) first = s;
                last = s;
            }
        return first < 0 ? "none" : (first - 60) + " s to " + (last == until - 1 ? "the end at " : "") + (last - 59) + " s";
    }

    static int calls(int layers, int attempts) { return layers == 0 ? 1 : attempts * calls(layers - 1, attempts); }

    static void print(String format, Object... values) { System.out.printf(Locale.ROOT, format, values); }

    /** In how many of twenty runs the service recovered within five minutes. */
    static int recoveries(Policy policy, double load, double stall, Work work) {
        int n = 0;
        for (int seed = 100; seed < 140; seed += 2)
            if (new Retries(policy, load, stall, false, work, 400, seed).run().recovered() >= 0) n++;
        return n;
    }

    /** The answers of each second, for the curves of the home page. The second in which the stall begins still has some. */
    static void printAnswers(String title, Policy policy) {
        int[] received = run(policy, 70, 10_000).received;
        int stall = 60, first = stall + 1, end = 960;
        while (first < end && received[first] == 0) first++;
        print("%s%n", title);
        if (first == end) print("%d minutes later, still no answer%n", (end - stall - 10) / 60);
        else if (first == stall + 10) print("answers again as soon as the stall is over%n");
        else print("answers again after %d seconds%n", first - stall);
        for (int s = 0; s < end; s++) print("%3d%s", received[s], s % 30 == 29 ? "\n" : " ");
        print("%n");
    }

    public static void main(String[] args) {
        if (args.length > 0) {
            print("Answers in each second; the service hangs from second 60 to 70; the setting bounds the queue at 45%n%n");
            var retries = new Policy("", 4, true);
            printAnswers("Callers retry three times", retries);
            printAnswers("The same, with one setting changed", retries.withBound(45));
            return;
        }
        var none = new Policy("no retries", 1, false);
        var atOnce = new Policy("3 retries at once", 4, false);
        var backoff = new Policy("3 retries, backoff and jitter", 4, true);
        Policy[] all = {none, atOnce, backoff, backoff.withBudget(10), backoff.withBudget(100), backoff.withBudget(500),
                backoff.withDeadline(), backoff.withNewestFirst(), backoff.withBound(45)};

        print("1. 70 requests/s, capacity 100/s; the service hangs for 10 s%n%n");
        print("                               recovers  in the fifth minute after it, per second%n");
        print("                                  after     sent   completed   answered%n");
        for (Policy p : all) {
            Retries r = run(p, 70, 10_000);
            print("%-30s %8s %8.0f %10.0f %9.1f %%%n", p.name, seconds(r.recovered()), sum(r.sent, 310, 370) / 60,
                    sum(r.completed, 310, 370) / 60, r.answered(310));
        }
        print("%nseconds from the start of the stall in which fewer than 90 %% of the new requests were answered%n");
        for (Policy p : all) print("%-30s %s%n", p.name, run(p, 70, 10_000).unanswered());
        print("%nanswered in the fourteenth minute after the stall%n");
        for (Policy p : all) print("%-30s %5.1f %%%n", p.name, run(p, 70, 10_000).answered(850));

        print("%n2. The same stall at other loads, queue without a bound: recovers after%n%n");
        int[] loads = {20, 23, 27, 31, 36, 46, 54, 70};
        print("            ");
        for (int load : loads) print("%7s", load + "/s");
        print("%n");
        for (int attempts : new int[] {2, 3, 4}) {
            print("%d attempts  ", attempts);
            for (int load : loads) print("%7s", seconds(run(new Policy("", attempts, true), load, 10_000).recovered()));
            print("%n");
        }
        print("%nfour attempts with a budget of 10 %%: recovers after%n%n");
        int[] high = {70, 90, 95, 97};
        print("               ");
        for (int load : high) print("%7s", load + "/s");
        print("%n");
        for (int tokens : new int[] {10, 100, 500}) {
            print("bucket of %-5d", tokens);
            for (int load : high) print("%7s", seconds(run(backoff.withBudget(tokens), load, 10_000).recovered()));
            print("%n");
        }

        print("%n3. Four attempts, backoff and jitter, 70/s: runs of 20 that recovered%n%n");
        print("queue without a bound, the stall lasts%n");
        for (int stall : new int[] {800, 900, 1000, 1100, 1200, 1500, 10_000}) print("  %6.1f s  %2d%n", stall / 1000.0, recoveries(backoff, 70, stall, Work.CONSTANT));
        print("%nstall of 10 s, by the bound of the queue and the work, 100 ms on average%n");
        print("   bound  constant  exponential  long tail%n");
        for (int bound : new int[] {40, 60, 70, 80, 90, 91, 92, 93, 94, 95, 96, 98, 100, 105, 110, 120, 150, 200}) {
            var policy = backoff.withBound(bound);
            print("  %6d  %8d  %11d  %9d%n", bound, recoveries(policy, 70, 10_000, Work.CONSTANT), recoveries(policy, 70, 10_000, Work.EXPONENTIAL),
                    recoveries(policy, 70, 10_000, Work.LONG_TAIL));
        }

        print("%n4. The service refuses everything for 2 s: of the requests made in those 2 s%n%n");
        for (Policy p : new Policy[] {none, atOnce, backoff, backoff.withBudget(10), backoff.withBudget(100), backoff.withBudget(500)}) {
            Retries r = new Retries(p, 70, 2_000, true, Work.CONSTANT, 960, 11).run();
            print("%-30s %5.1f %% answered in the end%n", p.name, 100 * sum(r.answered, 60, 62) / sum(r.arrived, 60, 62));
        }

        print("%n5. Calls to a failing service for one request, three callers one above the other%n%n");
        for (int attempts : new int[] {1, 2, 3, 4}) print("%d attempts each: %d calls%n", attempts, calls(3, attempts));

        print("%n6. Queue bounded at 45, each refusal costs a worker some time: runs of 20 that recovered from the stall of 10 s%n%n");
        for (int cost : new int[] {0, 1, 2, 5, 6, 7, 8, 10, 20}) {
            int n = 0;
            for (int seed = 100; seed < 140; seed += 2) {
                var run = new Retries(backoff.withBound(45), 70, 10_000, false, Work.CONSTANT, 400, seed);
                run.refusal = cost;
                if (run.run().recovered() >= 0) n++;
            }
            print("  %2d ms  %2d%n", cost, n);
        }

        print("%n7. Bounded queue, stall of 10 s, by the load and the work: runs of 20 that recovered%n%n");
        int[] busier = {70, 80, 85, 90, 95};
        print("              bound");
        for (int load : busier) print("%6s", load + "/s");
        print("%n");
        for (Work work : Work.values())
            for (int bound : new int[] {45, 70, 80, 90}) {
                print("%-12s %6d", work.name().toLowerCase(Locale.ROOT).replace('_', ' '), bound);
                for (int load : busier) print("%6d", recoveries(backoff.withBound(bound), load, 10_000, work));
                print("%n");
            }

        print("%n8. No stall, queue bounded at 45, 20,000 s: attempts refused and requests never answered%n%n");
        print("                      70/s              85/s              90/s              95/s%n");
        for (Work work : Work.values()) {
            print("%-12s", work.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            for (int load : new int[] {70, 85, 90, 95}) {
                Retries r = new Retries(backoff.withBound(45), load, 0, false, work, 20_000, 11).run();
                double requests = sum(r.arrived, 0, 19_980);
                print("  %6.2f %% %5.2f %%", 100 * r.refused / sum(r.sent, 0, 20_000), 100 * (requests - sum(r.answered, 0, 19_980)) / requests);
            }
            print("%n");
        }

        print("%n9. Three retries with backoff and jitter behind circuit breakers, 70/s, means of twenty runs%n%n");
        print("                              stall of 10 s                            refusal of 2 s%n");
        print("                              runs that   answered in the  answered    answered in%n");
        print("                              recovered   fifth minute     the lowest  the end%n");
        for (int pods : new int[] {1, 20})
            for (int wait : new int[] {5_000, 20_000, 60_000}) {
                int recovered = 0;
                double fifth = 0, lowest = 100, refused = 0;
                for (int seed = 100; seed < 140; seed += 2) {
                    Retries r = broken(backoff, pods, wait, 10_000, false, 400, seed);
                    if (r.recovered() >= 0) recovered++;
                    fifth += r.answered(310) / 20;
                    lowest = Math.min(lowest, r.answered(310));
                    Retries down = broken(backoff, pods, wait, 2_000, true, 400, seed);
                    refused += 100 * sum(down.answered, 60, 62) / sum(down.arrived, 60, 62) / 20;
                }
                print("%2d of them, open for %2d s  %9d  %12.1f %%  %11.1f %%  %10.1f %%%n", pods, wait / 1000, recovered, fifth, lowest, refused);
            }

        print("%na breaker that is open for 5 s, one run: sent and answered in each second after the stall began%n");
        Retries r = broken(backoff, 1, 5_000, 10_000, false, 400, 100);
        for (int s = 70; s < 100; s++) print("%4d s %6d %6d%n", s - 60, r.sent[s], r.answered[s]);

        print("%nwith breakers: seconds from the start of the stall in which fewer than 90 %% of the new requests were answered%n");
        for (int pods : new int[] {1, 20})
            for (int wait : new int[] {5_000, 60_000})
                print("%2d of them, open for %2d s  %s%n", pods, wait / 1000, broken(backoff, pods, wait, 10_000, false, 960, 11).unanswered());
    }

    static Retries broken(Policy policy, int pods, double wait, double stall, boolean refusing, int seconds, int seed) {
        var run = new Retries(policy, 70, stall, refusing, Work.CONSTANT, seconds, seed);
        run.breakers = new Breaker[pods];
        for (int i = 0; i < pods; i++) run.breakers[i] = new Breaker(wait);
        return run.run();
    }
}
