import java.math.BigDecimal;

public record Payout(String account,
                     BigDecimal amount,
                     String reference,
                     String memo) {

    public Payout {
        require(account, "account");
        require(amount, "amount");
        require(reference, "reference");
    }

    private static void require(Object value, String name) {
        if (value == null) {
            throw new IllegalStateException(name + " is required");
        }
    }

    // ---- a builder with a method for each value

    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {
        private String account;
        private BigDecimal amount;
        private String reference;
        private String memo;

        public Builder account(String account) {
            this.account = account;
            return this;
        }

        public Builder amount(BigDecimal amount) {
            this.amount = amount;
            return this;
        }

        public Builder reference(String reference) {
            this.reference = reference;
            return this;
        }

        public Builder memo(String memo) {
            this.memo = memo;
            return this;
        }

        public Payout build() {
            return new Payout(account, amount, reference, memo);
        }
    }

    // ---- required values in the opening call

    public static Rest of(String account, BigDecimal amount,
            String reference) {
        return new Rest(account, amount, reference);
    }

    // ---- staged: an interface for each required value

    public static AccountStage staged() {
        return account -> amount -> reference ->
                new Rest(account, amount, reference);
    }

    public interface AccountStage {
        AmountStage account(String account);
    }

    public interface AmountStage {
        ReferenceStage amount(BigDecimal amount);
    }

    public interface ReferenceStage {
        Rest reference(String reference);
    }

    /** Where the opening call and the last stage end. */
    public static final class Rest {
        private final String account;
        private final BigDecimal amount;
        private final String reference;
        private String memo;

        private Rest(String account, BigDecimal amount,
                String reference) {
            this.account = account;
            this.amount = amount;
            this.reference = reference;
        }

        public Rest memo(String memo) {
            this.memo = memo;
            return this;
        }

        public Payout build() {
            return new Payout(account, amount, reference, memo);
        }
    }
}
