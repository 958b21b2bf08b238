import java.math.BigDecimal;

public record Payout(String account,
                     BigDecimal amount,
                     String reference,
                     String memo) {

    /** The signature of the first version, kept for old class files. */
    public Payout(String account, BigDecimal amount, String reference) {
        this(account, amount, reference, null);
    }
}
