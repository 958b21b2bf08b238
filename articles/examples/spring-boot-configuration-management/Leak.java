import java.util.Map;
import java.util.logging.LogManager;
import javax.validation.constraints.Pattern;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.springframework.beans.MutablePropertyValues;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.convert.support.DefaultConversionService;
import org.springframework.core.env.MapPropertySource;
import org.springframework.validation.BindException;
import org.springframework.validation.DataBinder;
import org.springframework.validation.beanvalidation.LocalValidatorFactoryBean;

/**
 * A key that is almost right (its last letter is missing) is refused in four
 * places. What does the failure print?
 */
public class Leak {

    static final String ALMOST = "pk-4f9c2e81-secre";

    static boolean wellFormed(String key) {
        return key.matches("pk-[0-9a-f]{8}-secret");
    }

    // ---- 1. a constraint on a String, checked by Spring's binder

    // region constraint
    public static class Constrained {
        @Pattern(regexp = "pk-[0-9a-f]{8}-secret")
        private String apiKey;
        // endregion

        public String getApiKey() {
            return apiKey;
        }

        public void setApiKey(String apiKey) {
            this.apiKey = apiKey;
        }
    }

    static Object constraint() throws Exception {
        var validator = new LocalValidatorFactoryBean();
        validator.setMessageInterpolator(new ParameterMessageInterpolator());
        validator.afterPropertiesSet();
        var binder = new DataBinder(new Constrained(), "payments.gateway");
        binder.setValidator(validator);
        binder.bind(new MutablePropertyValues(Map.of("apiKey", ALMOST)));
        binder.validate();
        if (binder.getBindingResult().hasErrors()) {
            throw new BindException(binder.getBindingResult());
        }
        return binder.getTarget();
    }

    // ---- 2. a type whose factory judges the content

    // region factory
    public record CheckedKey(String value) {
        public static CheckedKey of(String value) {
            if (!wellFormed(value)) {
                throw new IllegalArgumentException("malformed key");
            }
            return new CheckedKey(value);
        }
    }
    // endregion

    static class WithCheckedKey {
        WithCheckedKey(@Value("${payments.gateway.api-key}") CheckedKey key) {
        }
    }

    // ---- 4. a type that hides itself, judged in the constructor

    // region secret
    public static final class Secret {
        private final String value;

        private Secret(String value) {
            this.value = value;
        }

        public static Secret of(String value) {
            return new Secret(value);
        }

        public String reveal() {
            return value;
        }

        @Override
        public String toString() {
            return "Secret[hidden]";
        }
    }
    // endregion

    // region constructor
    static class WithSecret {
        WithSecret(@Value("${payments.gateway.api-key}") Secret key) {
            if (!wellFormed(key.reveal())) {
                throw new IllegalStateException(
                        "payments.gateway.api-key is malformed");
            }
        }
    }
    // endregion

    // ---- 3. no check: the key ended up in a setting that is a number

    static class WithPort {
        WithPort(@Value("${payments.gateway.api-key}") int wrongType) {
        }
    }

    static Object start(Class<?> bean) {
        var context = new AnnotationConfigApplicationContext();
        context.getEnvironment().getPropertySources().addLast(
                new MapPropertySource("mounted secrets",
                        Map.of("payments.gateway.api-key", ALMOST)));
        context.getBeanFactory().setConversionService(
                new DefaultConversionService());
        context.register(PropertySourcesPlaceholderConfigurer.class, bean);
        context.refresh();
        return context;
    }

    interface Start { Object run() throws Exception; }

    static void report(String name, Start start) {
        System.out.println(name);
        try {
            start.run();
            System.out.println("  started");
        } catch (Exception e) {
            boolean printed = false;
            Throwable last = e;
            for (Throwable t = e; t != null; t = t.getCause()) {
                printed |= String.valueOf(t.getMessage()).contains(ALMOST);
                last = t;
            }
            System.out.println("  secret in the stack trace: "
                    + (printed ? "YES" : "no"));
            String message = String.valueOf(e.getMessage());
            int at = message.indexOf(ALMOST);
            System.out.println("  " + (at < 0
                    ? "..." + message.substring(
                            Math.max(0, message.length() - 62))
                    : "..." + message.substring(Math.max(0, at - 40),
                            Math.min(message.length(),
                                    at + ALMOST.length() + 2)) + "..."));
        }
    }

    record Leaky(String baseUrl, String apiKey) { }

    record Quiet(String baseUrl, Secret apiKey) { }

    public static void main(String[] args) {
        LogManager.getLogManager().reset();
        report("1. @Pattern on a String", Leak::constraint);
        report("2. a factory that throws", () -> start(WithCheckedKey.class));
        report("3. a key pasted into a number", () -> start(WithPort.class));
        report("4. the constructor throws", () -> start(WithSecret.class));
        System.out.println("and when the settings are logged");
        System.out.println("  " + new Leaky("https://gateway.example",
                ALMOST));
        System.out.println("  " + new Quiet("https://gateway.example",
                Secret.of(ALMOST)));
    }
}
