import java.math.BigDecimal;
import java.util.Currency;

public record Payout(String account,
                     BigDecimal amount,
                     String reference,
                     Currency currency) {

    public Payout {
        require(account, "account");
        require(amount, "amount");
        require(reference, "reference");
        require(currency, "currency");
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
        private Currency currency;

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

        public Builder currency(Currency currency) {
            this.currency = currency;
            return this;
        }

        public Payout build() {
            return new Payout(account, amount, reference, currency);
        }
    }

    // ---- required values in the opening call

    public static Rest of(String account, BigDecimal amount,
            String reference, Currency currency) {
        return new Rest(account, amount, reference, currency);
    }

    // ---- staged: an interface for each required value

    public static AccountStage staged() {
        return account -> amount -> reference -> currency ->
                new Rest(account, amount, reference, currency);
    }

    public interface AccountStage {
        AmountStage account(String account);
    }

    public interface AmountStage {
        ReferenceStage amount(BigDecimal amount);
    }

    public interface ReferenceStage {
        CurrencyStage reference(String reference);
    }

    public interface CurrencyStage {
        Rest currency(Currency currency);
    }

    /** Where the opening call and the last stage end. */
    public static final class Rest {
        private final String account;
        private final BigDecimal amount;
        private final String reference;
        private final Currency currency;

        private Rest(String account, BigDecimal amount,
                String reference, Currency currency) {
            this.account = account;
            this.amount = amount;
            this.reference = reference;
            this.currency = currency;
        }

        public Payout build() {
            return new Payout(account, amount, reference, currency);
        }
    }
}
