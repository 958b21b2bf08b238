import java.util.ArrayList;
import java.util.List;

public class Reuse {

    record Mail(String to, List<String> files) { }

    record SafeMail(String to, List<String> files) {
        SafeMail {
            files = List.copyOf(files);
        }
    }

    static final class Builder {
        private String to;
        private final List<String> files = new ArrayList<>();

        Builder to(String to) {
            this.to = to;
            return this;
        }

        Builder attach(String file) {
            files.add(file);
            return this;
        }

        Mail build() {
            return new Mail(to, files);
        }

        SafeMail buildSafe() {
            return new SafeMail(to, files);
        }
    }

    public static void main(String[] args) {
        // region reuse
        var builder = new Builder().attach("terms.pdf");
        Mail first = builder.to("a@example.com").build();
        Mail second = builder.to("b@example.com")
                .attach("contract-b.pdf").build();
        // endregion
        System.out.println(first);
        System.out.println(second);

        var other = new Builder().attach("terms.pdf");
        SafeMail third = other.to("a@example.com").buildSafe();
        SafeMail fourth = other.to("b@example.com")
                .attach("contract-b.pdf").buildSafe();
        System.out.println(third);
        System.out.println(fourth);
    }
}
