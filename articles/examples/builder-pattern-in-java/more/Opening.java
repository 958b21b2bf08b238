import java.math.BigDecimal;
import java.util.Objects;

public class Opening {

    record Payout(String account, BigDecimal amount,
                  String reference, String memo) {

        Payout {
            Objects.requireNonNull(account, "account");
            Objects.requireNonNull(amount, "amount");
            Objects.requireNonNull(reference, "reference");
        }

        static Builder of(String account, BigDecimal amount,
                          String reference) {
            return new Builder(account, amount, reference);
        }
    }

    static final class Builder {
        private final String account;
        private final BigDecimal amount;
        private final String reference;
        private String memo;

        private Builder(String account, BigDecimal amount,
                        String reference) {
            this.account = account;
            this.amount = amount;
            this.reference = reference;
        }

        Builder memo(String memo) {
            this.memo = memo;
            return this;
        }

        Payout build() {
            return new Payout(account, amount, reference, memo);
        }
    }

    public static void main(String[] args) {
        System.out.println(Payout
                .of("DK50-EXAMPLE", new BigDecimal("120.00"), "March")
                .memo("paid early")
                .build());
    }
}
