import java.math.BigDecimal;
import java.util.Optional;
import org.immutables.value.Value;

@Value.Immutable
@Value.Style(stagedBuilder = true)
public interface Payout {
    String account();

    BigDecimal amount();

    String reference();

    Optional<String> memo();
}
