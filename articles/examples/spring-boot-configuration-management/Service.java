import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Profile;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.env.MapPropertySource;

/**
 * One service, configured in three ways: lenient, strict, or strict with the
 * key in a file that a property names ("file"). Starts Spring, prints which
 * gateway it would call with which key, and ends.
 */
public class Service {

    /** What every variant prints, so that the runs can be compared. */
    record Gateway(String baseUrl, String key, int connectMs, int readMs) {
        @Override
        public String toString() {
            return "calls %s with %s (%d, %d ms)".formatted(
                    baseUrl, key.isEmpty() ? "no key" : key, connectMs,
                    readMs);
        }
    }

    // ---- lenient: a packaged default for everything, a stub unless "prod"

    static final Map<String, Object> PACKAGED = Map.of(
            "payments.gateway.base-url", "http://localhost:9090",
            "payments.gateway.api-key", "test-key",
            "payments.gateway.connect-timeout-ms", "300",
            "payments.gateway.read-timeout-ms", "2000");

    @Profile("!prod")
    static class LenientStub {
        Gateway gateway() {
            return new Gateway("a stub", "", 0, 0);
        }
    }

    @Profile("prod")
    static class LenientClient {
        final Gateway gateway;

        LenientClient(
                @Value("${payments.gateway.base-url}") String baseUrl,
                @Value("${payments.gateway.api-key}") String apiKey,
                @Value("${payments.gateway.connect-timeout-ms}") int connect,
                @Value("${payments.gateway.read-timeout-ms}") int read) {
            gateway = new Gateway(baseUrl, apiKey, connect, read);
        }
    }

    // ---- strict: defaults for the timeouts only, a stub only if "local"

    @Profile("local")
    static class StrictStub extends LenientStub { }

    // region strict
    @Profile("!local")
    static class StrictClient {
        final Gateway gateway;

        StrictClient(
                @Value("${payments.gateway.base-url}") URI baseUrl,
                @Value("${payments.gateway.api-key}") String apiKey,
                @Value("${payments.gateway.connect-timeout-ms:300}")
                        int connectMs,
                @Value("${payments.gateway.read-timeout-ms:2000}")
                        int readMs) {
            require(baseUrl.getHost() != null, "base-url has no host");
            require(!apiKey.isBlank(), "api-key is blank");
            require(connectMs < readMs, "connect-timeout >= read-timeout");
            gateway = new Gateway(baseUrl.toString(), apiKey, connectMs,
                    readMs);
        }
    }

    static void require(boolean condition, String reason) {
        if (!condition) {
            throw new IllegalStateException("payments.gateway: " + reason);
        }
    }
    // endregion

    // ---- file: like strict, but a property names the file of the key

    // region file
    @Profile("!local")
    static class FileClient {
        final Gateway gateway;

        FileClient(
                @Value("${payments.gateway.base-url}") URI baseUrl,
                @Value("${payments.gateway.api-key-file}") Path keyFile,
                @Value("${payments.gateway.connect-timeout-ms:300}")
                        int connectMs,
                @Value("${payments.gateway.read-timeout-ms:2000}")
                        int readMs) throws IOException {
            // Read once, so that a missing file stops the start.
            gateway = new StrictClient(baseUrl,
                    Files.readString(keyFile).strip(), connectMs, readMs)
                    .gateway;
        }
    }
    // endregion

    /** A mounted directory: file names are properties, as in Boot's configtree. */
    static MapPropertySource tree(Path directory) {
        var values = new TreeMap<String, Object>();
        try (var files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                values.put(file.getFileName().toString(),
                        Files.readString(file).strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new MapPropertySource("mounted secrets", values);
    }

    public static void main(String[] args) {
        String variant = args[0];
        Path mount = Path.of(args[1]);
        var context = new AnnotationConfigApplicationContext();
        // System properties and environment variables are there already, and
        // win over what is added last: the order of Spring Boot's manual.
        var sources = context.getEnvironment().getPropertySources();
        sources.addLast(tree(mount));
        if (variant.equals("lenient")) {
            sources.addLast(new MapPropertySource("packaged file", PACKAGED));
        }
        context.register(PropertySourcesPlaceholderConfigurer.class);
        switch (variant) {
            case "lenient" -> context.register(
                    LenientStub.class, LenientClient.class);
            case "strict" -> context.register(
                    StrictStub.class, StrictClient.class);
            case "file" -> context.register(
                    StrictStub.class, FileClient.class);
            default -> throw new IllegalArgumentException(variant);
        }
        try {
            context.refresh();
        } catch (BeanCreationException | IllegalArgumentException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            System.out.println("refused: " + cause.getMessage());
            System.exit(1);
        }
        System.out.println(gateway(context));
        context.close();
    }

    static Gateway gateway(AnnotationConfigApplicationContext context) {
        for (Object bean : context.getBeansOfType(Object.class).values()) {
            if (bean instanceof LenientStub stub) {
                return stub.gateway();
            } else if (bean instanceof LenientClient client) {
                return client.gateway;
            } else if (bean instanceof StrictClient client) {
                return client.gateway;
            } else if (bean instanceof FileClient client) {
                return client.gateway;
            }
        }
        throw new IllegalStateException("no gateway");
    }
}
