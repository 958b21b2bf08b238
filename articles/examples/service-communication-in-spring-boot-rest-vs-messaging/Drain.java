import java.util.ArrayDeque;

/**
 * How old is a message when it is handled after an outage? A model in steps
 * of one second: 100 messages a second arrive throughout, nothing is handled
 * for ten minutes, then 120 a second are, oldest first.
 */
public class Drain {

    public static void main(String[] args) {
        int outage = 600;
        var queue = new ArrayDeque<Integer>();
        for (int now = 0; ; now++) {
            for (int i = 0; i < 100; i++) {
                queue.add(now);
            }
            if (now < outage) {
                continue;
            }
            int oldest = now - queue.peek();
            for (int i = 0; i < 120 && !queue.isEmpty(); i++) {
                queue.remove();
            }
            int since = now - outage;
            if (since % 600 == 0 || queue.isEmpty()) {
                System.out.printf("%2d min after the repair: backlog %,6d, "
                        + "handled when %3d s old%n",
                        Math.round(since / 60.0), queue.size(), oldest);
            }
            if (queue.isEmpty()) {
                return;
            }
        }
    }
}
