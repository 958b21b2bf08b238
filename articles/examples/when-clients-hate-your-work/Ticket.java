import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One sentence, two readings. The ticket says “customers can export their
 * orders”. A test written from that sentence accepts both files; one agreed
 * example row does not. All data is made up.
 */
public class Ticket {

    record Order(String number, String date, String costCentre,
                 String total) { }

    static final List<Order> ORDERS = List.of(
            new Order("1001", "2026-03-02", "4711", "120.00"),
            new Order("1002", "2026-03-09", "4712", "80.50"));

    static String csv(String header, Function<Order, String> row) {
        return header + "\n" + ORDERS.stream().map(row)
                .collect(Collectors.joining("\n")) + "\n";
    }

    // What was delivered, and what the finance department pictured.
    static String delivered() {
        return csv("order,date,total", o -> String.join(",",
                o.number(), o.date(), o.total()));
    }

    static String pictured() {
        return csv("order,date,cost centre,total", o -> String.join(",",
                o.number(), o.date(), o.costCentre(), o.total()));
    }

    static boolean everyOrderIsInTheFile(String file) {
        return ORDERS.stream().allMatch(o -> file.lines()
                .anyMatch(line -> line.startsWith(o.number() + ",")
                        && line.endsWith("," + o.total())));
    }

    static final String AGREED_ROW = "1001,2026-03-02,4711,120.00";

    static boolean agreedRowIsInTheFile(String file) {
        return file.lines().anyMatch(AGREED_ROW::equals);
    }

    static String verdict(boolean passed) {
        return passed ? "passes" : "fails";
    }

    public static void main(String[] args) {
        System.out.println("JDK " + System.getProperty("java.version"));
        System.out.println("test from the ticket: every order of the "
                + "customer is in the file");
        System.out.println("  delivered "
                + verdict(everyOrderIsInTheFile(delivered())));
        System.out.println("  pictured  "
                + verdict(everyOrderIsInTheFile(pictured())));
        System.out.println("test from the example: the file has the row "
                + AGREED_ROW);
        System.out.println("  delivered "
                + verdict(agreedRowIsInTheFile(delivered())));
        System.out.println("  pictured  "
                + verdict(agreedRowIsInTheFile(pictured())));
    }
}
