import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import lombok.Builder;
import lombok.NonNull;
import lombok.ToString;
import lombok.extern.jackson.Jacksonized;

public class Checked {

    @Builder
    @ToString
    static class Plain {
        private String account;
        private BigDecimal amount;
    }

    @Jacksonized
    @Builder
    @ToString
    static class Unchecked {
        private String account;
        private BigDecimal amount;
    }

    @Jacksonized
    @Builder
    @ToString
    static class WithNonNull {
        @NonNull private String account;
        @NonNull private BigDecimal amount;
    }

    record Payout(String account, BigDecimal amount) {
        Payout {
            if (amount == null) {
                throw new IllegalArgumentException("amount is required");
            }
        }
    }

    static void read(Class<?> type) {
        try {
            System.out.println(type.getSimpleName() + ": "
                    + new ObjectMapper().readValue(
                            "{\"account\": \"DK50-EXAMPLE\"}", type));
        } catch (Exception e) {
            String line = e.getMessage().lines().findFirst().orElseThrow();
            System.out.println(type.getSimpleName() + ": "
                    + line.replaceFirst("^.*problem: ", "")
                            .replaceFirst(" \\(.*", ""));
        }
    }

    public static void main(String[] args) {
        read(Plain.class);
        read(Unchecked.class);
        read(WithNonNull.class);
        read(Payout.class);
    }
}
