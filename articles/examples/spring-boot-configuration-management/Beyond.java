package config;

import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.validation.annotation.Validated;

/**
 * Starts Service.java with a misspelt timeout, with nothing at all, and on a laptop, and a service that refuses
 * unknown properties. With the argument "known": the one that refuses.
 */
public class Beyond {

    // region known
    @Validated
    @ConfigurationProperties(prefix = "payments.gateway", ignoreUnknownFields = false)
    record KnownOnly(@NotNull Duration readTimeout) { }
    // endregion

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(KnownOnly.class)
    static class Known { }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            try (var context = SpringApplication.run(Known.class)) {
                System.out.println("starts");
            }
            return;
        }
        System.out.println("Spring Boot " + SpringBootVersion.getVersion());
        for (String way : Faults.WAYS) {
            print("timeout: name misspelt, " + way, Faults.start(way, d -> misspell(d.variables())));
        }

        Path laptop = Files.createTempDirectory("laptop");
        try {
            var timeout = Map.of("PAYMENTS_GATEWAY_READTIMEOUT", "1500ms");
            var leftover = new TreeMap<>(timeout);
            leftover.put("PAYMENTS_GATEWAY_APIKEY", "old-key");
            print("unknown refused: a variable left over", Faults.start(laptop, leftover, "config.Beyond", "known"));
            write(laptop, "config/application.yaml", "payments.gateway.read-timout: 1500ms\n");
            print("unknown refused: a misspelt name in a file", Faults.start(laptop, timeout, "config.Beyond", "known"));
            Files.delete(laptop.resolve("config/application.yaml"));
            write(laptop, "mount/payments.gateway.api-keys", "new-key\n");
            var mounted = new TreeMap<>(timeout);
            mounted.put("SPRING_CONFIG_IMPORT", "configtree:mount/");
            print("unknown refused: a misspelt name in a mounted tree", Faults.start(laptop, mounted, "config.Beyond", "known"));
            for (String way : Faults.WAYS) {
                print("no variables and no files, " + way, Faults.start(laptop, Map.of(), "config.Service", way));
            }
            write(laptop, "config/strict.yaml", "payments.gateway:\n  base-url: http://localhost:9090\n  api-key: test-key\n");
            write(laptop, "config/keyfile.yaml", "payments.gateway:\n  base-url: http://localhost:9090\n  api-key-file: config/secrets/payments.gateway.api-key\n  connect-timeout: 300ms\n  read-timeout: 1500ms\n");
            write(laptop, "config/secrets/payments.gateway.api-key", "test-key\n");
            print("laptop with a config folder, strict", Faults.start(laptop, Map.of(), "config.Service", "strict"));
            print("the same, and the mount is config/secrets, strict", Faults.start(laptop, Map.of("MOUNT", "config/secrets"), "config.Service", "strict"));
            print("laptop with a config folder, keyfile", Faults.start(laptop, Map.of(), "config.Service", "keyfile"));
        } finally {
            try (var files = Files.walk(laptop)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    static void misspell(Map<String, String> variables) {
        variables.put("PAYMENTS_GATEWAY_READTIMOUT", variables.remove("PAYMENTS_GATEWAY_READTIMEOUT"));
    }

    static void write(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    static void print(String title, Faults.Start start) {
        System.out.printf("%n== %s, exit code %d%n%s%n", title, start.exitCode(),
                Faults.shorten(start.output()).replaceFirst("(?m)^\\S+ \\[main] ERROR .*\\R", "")
                        .replaceAll("/[^ ]*/laptop\\d+/", "FOLDER/").replaceAll("Bindable@\\w+", "Bindable@HASH"));
    }
}
