import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A model of two documented rules, without Spring: environment variables
 * override config data, and a property name becomes a variable name by
 * turning dots into underscores, dropping dashes and upper-casing.
 */
public class Settings {

    record Found(String value, String origin) { }

    interface Source {
        String name();
        Optional<String> get(String property);
    }

    record Env(String name, Map<String, String> variables)
            implements Source {
        public Optional<String> get(String property) {
            String variable = property.replace(".", "_").replace("-", "")
                    .toUpperCase(Locale.ROOT);
            return Optional.ofNullable(variables.get(variable));
        }
    }

    record Tree(String name, Path root) implements Source {
        public Optional<String> get(String property) {
            Path file = root.resolve(property);
            try {
                return Files.exists(file)
                        ? Optional.of(Files.readString(file).strip())
                        : Optional.empty();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    record Packaged(String name, Map<String, String> values)
            implements Source {
        public Optional<String> get(String property) {
            return Optional.ofNullable(values.get(property));
        }
    }

    static Found require(String property, Source... highestFirst) {
        for (Source source : highestFirst) {
            Optional<String> value = source.get(property);
            if (value.isPresent()) {
                return new Found(value.get(), source.name());
            }
        }
        throw new IllegalStateException("no value for " + property);
    }

    record Leaky(URI baseUrl, String apiKey) { }

    static final class Secret {
        private final String value;

        private Secret(String value) {
            this.value = value;
        }

        static Secret of(String value) {
            if (value.isBlank()) {
                throw new IllegalArgumentException("empty secret");
            }
            return new Secret(value);
        }

        String reveal() {
            return value;
        }

        @Override
        public String toString() {
            return "Secret[hidden]";
        }
    }

    record Quiet(URI baseUrl, Secret apiKey) { }

    public static void main(String[] args) throws Exception {
        System.out.println("JDK " + System.getProperty("java.version"));
        Path secrets = Files.createTempDirectory("secrets");
        Path key = secrets.resolve("payments.gateway.api-key");
        Files.writeString(key, "new-key-from-the-mount\n");
        try {
            var env = new Env("environment variable", System.getenv());
            var tree = new Tree("mounted file", secrets);
            var yaml = new LinkedHashMap<String, String>();
            var packaged = new Packaged("packaged file", yaml);
            String url = "payments.gateway.base-url";

            yaml.put(url, "http://localhost:9090");
            System.out.println("with a packaged default:");
            System.out.println("  " + require(url, env, tree, packaged));

            yaml.remove(url);
            System.out.println("without it:");
            try {
                System.out.println("  "
                        + require(url, env, tree, packaged));
            } catch (IllegalStateException e) {
                System.out.println("  refused to start: " + e.getMessage());
            }

            Found apiKey = require("payments.gateway.api-key",
                    env, tree, packaged);
            System.out.println("api key:");
            System.out.println("  " + apiKey);

            URI uri = URI.create("https://gateway.example");
            System.out.println("printed:");
            System.out.println("  " + new Leaky(uri, apiKey.value()));
            System.out.println("  " + new Quiet(uri,
                    Secret.of(apiKey.value())));
        } finally {
            Files.delete(key);
            Files.delete(secrets);
        }
    }
}
