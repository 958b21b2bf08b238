package config;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.validation.annotation.Validated;

/**
 * One service, configured in three ways. Starts Spring Boot, prints which gateway it would call with
 * which key and timeouts, and ends. The argument names the way, and the packaged file WAY.yaml.
 */
public class Service {

    /** What every way prints, so that the starts can be compared. */
    record Gateway(Object url, String key, Duration connect, Duration read) {
        @Override
        public String toString() {
            return "calls %s with %s (%d, %d ms)".formatted(url, key.isEmpty() ? "no key" : key,
                    connect.toMillis(), read.toMillis());
        }
    }

    static final Gateway STUB = new Gateway("a stub", "", Duration.ZERO, Duration.ZERO);

    // ---- usual: types and constraints, the laptop's values as defaults, a stub unless the profile is prod

    @Validated
    @ConfigurationProperties("payments.gateway")
    record UsualSettings(@NotNull URI baseUrl, @NotBlank String apiKey,
            @DefaultValue("300ms") Duration connectTimeout,
            @DefaultValue("2s") Duration readTimeout) { }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(UsualSettings.class)
    static class Usual {
        @Bean
        @Profile("prod")
        Gateway gateway(UsualSettings s) {
            return new Gateway(s.baseUrl, s.apiKey, s.connectTimeout, s.readTimeout);
        }

        @Bean
        @Profile("!prod")
        Gateway stub() {
            return STUB;
        }
    }

    // ---- strict: no address and no key in the jar, and values are judged

    @Validated
    @ConfigurationProperties("payments.gateway")
    record StrictSettings(@NotNull URI baseUrl, @NotNull Secret apiKey,
            @DefaultValue("300ms") Duration connectTimeout,
            @DefaultValue("2s") Duration readTimeout) {
        StrictSettings {
            requireUsable(baseUrl, connectTimeout, readTimeout);
            if (apiKey != null) {
                apiKey.requireNotBlank();
            }
        }
    }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(StrictSettings.class)
    static class Strict {
        @Bean
        @Profile("!stub")
        Gateway gateway(StrictSettings s) {
            return new Gateway(s.baseUrl, s.apiKey.reveal(), s.connectTimeout, s.readTimeout);
        }

        @Bean
        @Profile("stub")
        Gateway stub() {
            return STUB;
        }
    }

    // ---- keyfile: strict, no default in the record either, and a property names the file that has the key

    // region settings
    @Validated
    @ConfigurationProperties("payments.gateway")
    record GatewaySettings(
            @NotNull URI baseUrl,
            @NotNull Path apiKeyFile,
            @NotNull Duration connectTimeout,
            @NotNull Duration readTimeout) {

        GatewaySettings {
            requireUsable(baseUrl, connectTimeout, readTimeout);
            if (apiKeyFile != null) {
                readKey(apiKeyFile); // no key, no start
            }
        }

        /** Reads the key from the file each time, so that a new one needs no restart. */
        Secret apiKey() {
            return readKey(apiKeyFile);
        }
    }

    static Secret readKey(Path file) {
        try {
            return Secret.of(Files.readString(file).strip()).requireNotBlank();
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("payments.gateway.api-key-file: " + e);
        }
    }

    static void requireUsable(URI baseUrl, Duration... timeouts) {
        if (baseUrl != null && baseUrl.getHost() == null) {
            throw new IllegalArgumentException("payments.gateway.base-url has no host");
        }
        for (Duration timeout : timeouts) {
            if (timeout != null && (timeout.toMillis() < 50 || timeout.toMillis() > 60_000)) {
                throw new IllegalArgumentException(
                        "payments.gateway: a timeout is not between 50 ms and 60 s");
            }
        }
    }
    // endregion

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(GatewaySettings.class)
    static class Keyfile {
        @Bean
        @Profile("!stub")
        Gateway gateway(GatewaySettings s) {
            return new Gateway(s.baseUrl, s.apiKey().reveal(), s.connectTimeout, s.readTimeout);
        }

        @Bean
        @Profile("stub")
        Gateway stub() {
            return STUB;
        }
    }

    public static final class Secret {
        private final String key;

        private Secret(String key) {
            this.key = key;
        }

        public static Secret of(String value) { // Spring converts a property with it
            return new Secret(value);
        }

        String reveal() {
            return key;
        }

        Secret requireNotBlank() {
            if (key.isBlank()) {
                throw new IllegalArgumentException("the key is blank");
            }
            return this;
        }

        @Override
        public String toString() {
            return "Secret[hidden]";
        }
    }

    static Class<?> configuration(String way) {
        return switch (way) {
            case "usual" -> Usual.class;
            case "strict" -> Strict.class;
            case "keyfile" -> Keyfile.class;
            default -> throw new IllegalArgumentException(way);
        };
    }

    public static void main(String[] args) {
        System.setProperty("spring.config.name", args[0]);
        try (var context = SpringApplication.run(configuration(args[0]))) {
            System.out.println(context.getBean(Gateway.class));
        }
    }
}
