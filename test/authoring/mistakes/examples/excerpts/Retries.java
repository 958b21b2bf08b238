import java.util.*;

class Retries {
    // region backoff
    static long backoff(int attempt) {
        long base = 100L << attempt;

        return base;   // region is a word here
    }
    // endregion

    static long budget() {
        return 10;
    }

    static long other() {
        return 10;
    }
}
