import java.math.BigDecimal;
import org.immutables.value.Value;

@Value.Immutable
@Value.Style(stagedBuilder = true)
public interface Payout {
    String account();

    BigDecimal amount();

    String reference();
}
