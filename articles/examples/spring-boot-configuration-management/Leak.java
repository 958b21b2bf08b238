package config;

import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.validation.annotation.Validated;

/** Refuses an almost right key in six places, and searches what Boot prints for it. */
public class Leak {
    static final String ALMOST = "pk-4f9c2e81-secre"; // the last letter is missing

    static boolean wellFormed(String key) {
        return key.matches("pk-[0-9a-f]{8}-secret");
    }

    @Validated
    @ConfigurationProperties("payments.gateway")
    record Constraint(@Pattern(regexp = "pk-[0-9a-f]{8}-secret") String apiKey) { }

    record CheckedKey(String value) {
        public static CheckedKey of(String value) {
            if (!wellFormed(value)) {
                throw new IllegalArgumentException("malformed key");
            }
            return new CheckedKey(value);
        }
    }

    @ConfigurationProperties("payments.gateway")
    record Factory(CheckedKey apiKey) { }

    @ConfigurationProperties("payments.gateway")
    record WrongPlace(int apiKey) { }

    // region constructor
    @Validated
    @ConfigurationProperties("payments.gateway")
    record Constructor(@NotNull Service.Secret apiKey) {
        Constructor {
            if (apiKey != null && !wellFormed(apiKey.reveal())) {
                throw new IllegalArgumentException("payments.gateway.api-key is malformed");
            }
        }
    }
    // endregion

    @Validated
    @ConfigurationProperties("payments.gateway")
    record Method(String apiKey) {
        @AssertTrue
        public boolean isApiKeyWellFormed() {
            return wellFormed(apiKey);
        }
    }

    @Validated
    @ConfigurationProperties("payments.gateway")
    record OnHidden(@WellFormed Service.Secret apiKey) { }

    @jakarta.validation.Constraint(validatedBy = Checker.class)
    @Retention(RetentionPolicy.RUNTIME)
    @interface WellFormed {
        String message() default "is malformed";
        Class<?>[] groups() default {};
        Class<? extends Payload>[] payload() default {};
    }

    static class Checker implements ConstraintValidator<WellFormed, Service.Secret> {
        @Override
        public boolean isValid(Service.Secret key, ConstraintValidatorContext context) {
            return key == null || wellFormed(key.reveal());
        }
    }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(Constraint.class)
    static class A { }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(Factory.class)
    static class B { }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(WrongPlace.class)
    static class C { }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(Constructor.class)
    static class D { }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(Method.class)
    static class E { }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(OnHidden.class)
    static class F { }

    static final List<Class<?>> PLACES = List.of(A.class, B.class, C.class, D.class, E.class, F.class);
    static final List<String> NAMES = List.of("a constraint on a String", "a factory that throws",
            "the key in a number", "the constructor throws",
            "a constraint on a method", "a constraint on a hiding type");

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            SpringApplication.run(PLACES.get(Integer.parseInt(args[0])));
            return;
        }
        for (int i = 0; i < PLACES.size(); i++) {
            var start = Faults.start(Map.of("PAYMENTS_GATEWAY_APIKEY", ALMOST), "config.Leak", "" + i);
            System.out.printf("== %s: exit code %d, the key is %s%n%s%n%n", NAMES.get(i), start.exitCode(),
                    start.output().contains(ALMOST) ? "PRINTED" : "not printed", Faults.shorten(start.output()));
        }
    }
}
