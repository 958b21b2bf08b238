import java.math.BigDecimal;

public record Payout(String account,
                     BigDecimal amount,
                     String reference) {

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

    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {
        private String account;
        private BigDecimal amount;
        private String reference;

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

        public Payout build() {
            return new Payout(account, amount, reference);
        }
    }
}
