import java.math.BigDecimal;

public class ConstructorCaller {
    public static void main(String[] args) {
        var payout = new Payout("DK50-EXAMPLE",
                new BigDecimal("120.00"), "March");
        System.out.println(payout);
    }
}
