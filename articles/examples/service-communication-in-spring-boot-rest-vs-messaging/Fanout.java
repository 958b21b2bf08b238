import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * A model without threads or network: a customer service, and receivers that
 * need its customers' addresses. Times are milliseconds of model time.
 */
public class Fanout {

    static final int CUSTOMERS = 10;
    static final int LAG = 50; // from a change to its event's arrival

    record Event(int at, int customer, String address) { }

    /** The owner of the addresses. */
    static final class Source {
        final Map<Integer, String> addresses = new HashMap<>();
        int calls;

        Event change(int now, int customer) {
            String address = "address of " + now;
            addresses.put(customer, address);
            return new Event(now, customer, address);
        }

        String get(int customer) {
            calls++;
            return addresses.get(customer);
        }
    }

    /** 1,000 reads in ten seconds; the source is down for two of them. */
    static void reads(boolean ownCopy) {
        var random = new Random(1);
        var source = new Source();
        var copy = new HashMap<Integer, String>();
        var onTheWay = new ArrayDeque<Event>();
        int current = 0;
        int stale = 0;
        int failed = 0;
        for (int now = 0; now < 10_000; now++) {
            boolean down = now >= 4_000 && now < 6_000;
            if (now % 50 == 0 && !down) {
                onTheWay.add(source.change(now, random.nextInt(CUSTOMERS)));
            }
            while (!onTheWay.isEmpty()
                    && onTheWay.peek().at() + LAG <= now) {
                Event event = onTheWay.remove();
                copy.put(event.customer(), event.address());
            }
            if (now % 10 == 5) {
                int customer = random.nextInt(CUSTOMERS);
                String truth = source.addresses.get(customer);
                if (!ownCopy && down) {
                    failed++;
                } else if (ownCopy && !Objects.equals(
                        truth, copy.get(customer))) {
                    stale++;
                } else {
                    current++;
                }
            }
        }
        System.out.printf("%-24s current %4d, stale %3d, failed %3d%n",
                ownCopy ? "own copy from events" : "asks the source",
                current, stale, failed);
    }

    /** Three hundred changes; what does a receiver see and call? */
    static void receive(boolean carried, int behind) {
        var random = new Random(1);
        var source = new Source();
        var seen = new HashSet<String>();
        List<Event> waiting = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            waiting.add(source.change(i, random.nextInt(CUSTOMERS)));
            if (waiting.size() > behind) {
                handle(waiting.removeFirst(), carried, source, seen);
            }
        }
        while (!waiting.isEmpty()) {
            handle(waiting.removeFirst(), carried, source, seen);
        }
        System.out.printf("%-14s%-18s%14d%18d%n",
                carried ? "carried state" : "notification",
                behind == 0 ? "keeps up" : "was down", source.calls,
                seen.size());
    }

    static void handle(Event event, boolean carried, Source source,
            Set<String> seen) {
        seen.add(carried ? event.address() : source.get(event.customer()));
    }

    public static void main(String[] args) {
        System.out.println("1,000 reads, source down for 2 of 10 s");
        reads(false);
        reads(true);
        System.out.println();
        System.out.println("300 changes of 10 customers"
                + "       calls back   addresses seen");
        receive(false, 0);
        receive(false, 300);
        receive(true, 0);
        receive(true, 300);
    }
}
