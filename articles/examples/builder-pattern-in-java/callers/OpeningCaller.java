import java.math.BigDecimal;

public class OpeningCaller {
    public static void main(String[] args) {
        var payout = Payout.of("DK50-EXAMPLE",
                new BigDecimal("120.00"), "March")
                .build();
        System.out.println(payout);
    }
}
