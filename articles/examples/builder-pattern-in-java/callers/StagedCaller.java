import java.math.BigDecimal;

public class StagedCaller {
    public static void main(String[] args) {
        var payout = Payout.staged()
                .account("DK50-EXAMPLE")
                .amount(new BigDecimal("120.00"))
                .reference("March")
                .build();
        System.out.println(payout);
    }
}
