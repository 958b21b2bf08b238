import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.springframework.core.SpringVersion;

/**
 * Breaks the configuration of Service.java in ten ways and starts it in a
 * process of its own each time, with real environment variables.
 */
public class Faults {

    static final List<String> VARIANTS = List.of("lenient", "strict", "file");

    static final String MEANT =
            "calls https://gateway.example with new-key (300, 1500 ms)";

    /** A deployment: what the operator sets, and what is mounted. */
    record Deployment(Map<String, String> variables,
            Map<String, String> mounted) { }

    static Deployment correct(String variant, Path mount) {
        var variables = new TreeMap<String, String>();
        variables.put("SPRING_PROFILES_ACTIVE", "prod");
        variables.put("PAYMENTS_GATEWAY_BASE_URL", "https://gateway.example");
        variables.put("PAYMENTS_GATEWAY_READ_TIMEOUT_MS", "1500");
        if (variant.equals("file")) {
            variables.put("PAYMENTS_GATEWAY_API_KEY_FILE",
                    mount.resolve("payments.gateway.api-key").toString());
        }
        var mounted = new TreeMap<String, String>();
        mounted.put("payments.gateway.api-key", "new-key\n");
        return new Deployment(variables, mounted);
    }

    static final Map<String, Consumer<Deployment>> FAULTS =
            new LinkedHashMap<>();

    static {
        FAULTS.put("nothing wrong", d -> { });
        FAULTS.put("address: name misspelt", d ->
                d.variables.put("PAYMENT_GATEWAY_BASE_URL",
                        d.variables.remove("PAYMENTS_GATEWAY_BASE_URL")));
        FAULTS.put("address: no scheme", d -> d.variables.put(
                "PAYMENTS_GATEWAY_BASE_URL", "gateway.example"));
        FAULTS.put("key: not mounted", d ->
                d.mounted.remove("payments.gateway.api-key"));
        FAULTS.put("key: mounted empty", d ->
                d.mounted.put("payments.gateway.api-key", "\n"));
        FAULTS.put("key: old variable is left", d ->
                d.variables.put("PAYMENTS_GATEWAY_API_KEY", "old-key"));
        FAULTS.put("key: wrong account", d ->
                d.mounted.put("payments.gateway.api-key", "other-key\n"));
        FAULTS.put("profile: misspelt", d ->
                d.variables.put("SPRING_PROFILES_ACTIVE", "prd"));
        FAULTS.put("profile: forgotten", d ->
                d.variables.remove("SPRING_PROFILES_ACTIVE"));
        FAULTS.put("timeout: not a number", d -> d.variables.put(
                "PAYMENTS_GATEWAY_READ_TIMEOUT_MS", "1.5 s"));
        FAULTS.put("timeout: read < connect", d -> d.variables.put(
                "PAYMENTS_GATEWAY_READ_TIMEOUT_MS", "200"));
    }

    static String start(String variant, Consumer<Deployment> fault)
            throws IOException, InterruptedException {
        Path mount = Files.createTempDirectory("mount");
        try {
            Deployment deployment = correct(variant, mount);
            fault.accept(deployment);
            for (var entry : deployment.mounted.entrySet()) {
                Files.writeString(mount.resolve(entry.getKey()),
                        entry.getValue());
            }
            var process = new ProcessBuilder(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                    "-cp", System.getProperty("java.class.path"),
                    "-Dorg.apache.commons.logging.Log="
                            + "org.apache.commons.logging.impl.NoOpLog",
                    "Service", variant, mount.toString());
            process.environment().clear();
            process.environment().putAll(deployment.variables);
            process.redirectErrorStream(true);
            Process started = process.start();
            String line = new String(started.getInputStream().readAllBytes())
                    .strip();
            started.waitFor();
            return line;
        } finally {
            try (var files = Files.list(mount)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Files.delete(file);
                }
            }
            Files.delete(mount);
        }
    }

    static String judge(String line) {
        if (line.equals(MEANT)) {
            return "as meant";
        }
        if (line.startsWith("refused: ")) {
            return "refused";
        }
        if (line.startsWith("calls ")) {
            return "wrong";
        }
        return line; // a failure that was not foreseen
    }

    public static void main(String[] args) throws Exception {
        System.out.println("Spring Framework " + SpringVersion.getVersion());
        System.out.printf("%-27s%-10s%-10s%s%n", "", "lenient", "strict",
                "key file");
        var details = new StringBuilder();
        var wrong = new int[VARIANTS.size()];
        for (var fault : FAULTS.entrySet()) {
            var row = new StringBuilder("%-27s".formatted(fault.getKey()));
            for (int i = 0; i < VARIANTS.size(); i++) {
                String line = start(VARIANTS.get(i), fault.getValue());
                String verdict = judge(line);
                if (verdict.equals("wrong")) {
                    wrong[i]++;
                }
                row.append("%-10s".formatted(verdict));
                details.append("%s, %s%n  %s%n".formatted(fault.getKey(),
                        VARIANTS.get(i), line.replaceAll(
                                "/\\S*/mount\\d+", "MOUNT")));
            }
            System.out.println(row.toString().stripTrailing());
        }
        System.out.printf("%-27s%-10d%-10d%d%n", "started wrong",
                wrong[0], wrong[1], wrong[2]);
        System.out.printf("%nWhat each start printed%n%s", details);
    }
}
