import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Objects;

public class Sealed {

    record Account(String value) {
        Account {
            Objects.requireNonNull(value, "account");
        }
    }

    record Reference(String value) {
        Reference {
            Objects.requireNonNull(value, "reference");
        }
    }

    sealed interface Timing {
        record Now() implements Timing { }
        record On(LocalDate date) implements Timing { }
        record Monthly(int day, LocalDate until) implements Timing { }
    }

    record Payout(Account account, BigDecimal amount,
                  Reference reference, Timing timing) { }

    static String describe(Timing timing) {
        return switch (timing) {
            case Timing.Now() -> "today";
            case Timing.On(var date) -> "on " + date;
            case Timing.Monthly(var day, var until) ->
                    "day " + day + " of each month until " + until;
        };
    }

    public static void main(String[] args) {
        var payout = new Payout(
                new Account("DK50-EXAMPLE"),
                new BigDecimal("120.00"),
                new Reference("March"),
                new Timing.Monthly(1, LocalDate.of(2027, 6, 30)));
        System.out.println(describe(payout.timing()));
    }
}
