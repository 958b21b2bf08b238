import java.math.BigDecimal;
import lombok.Builder;
import lombok.ToString;

@Builder
@ToString
public class Transfer {
    private String account;
    private BigDecimal amount;
    private int retries = 3;

    public static void main(String[] args) {
        System.out.println(Transfer.builder()
                .account("DK50-EXAMPLE")
                .build());
    }
}
