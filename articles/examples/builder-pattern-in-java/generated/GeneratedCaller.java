import java.math.BigDecimal;

public class GeneratedCaller {
    public static void main(String[] args) {
        var payout = ImmutablePayout.builder()
                .account("DK50-EXAMPLE")
                .amount(new BigDecimal("120.00"))
                .reference("March")
                .build();
        System.out.println(payout);
    }
}
