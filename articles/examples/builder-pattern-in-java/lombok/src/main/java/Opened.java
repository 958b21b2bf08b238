import java.math.BigDecimal;
import java.util.Objects;
import lombok.Builder;
import lombok.ToString;

@Builder(builderMethodName = "")
@ToString
public class Opened {
    private String account;
    private BigDecimal amount;
    private String memo;

    public static OpenedBuilder of(String account, BigDecimal amount) {
        return new OpenedBuilder()
                .account(Objects.requireNonNull(account, "account"))
                .amount(Objects.requireNonNull(amount, "amount"));
    }

    public static void main(String[] args) {
        System.out.println(Opened
                .of("DK50-EXAMPLE", new BigDecimal("120.00"))
                .memo("paid early")
                .build());
    }
}
