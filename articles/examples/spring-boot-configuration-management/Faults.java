package config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.SpringBootVersion;

/** Starts Service.java in each of its three ways with each of eleven faults, in a process of its own each time. */
public class Faults {
    static final List<String> WAYS = List.of("usual", "strict", "keyfile");
    static final String MEANT = "calls https://gateway.example with new-key (300, 1500 ms)";
    static final Map<String, Consumer<Deployment>> FAULTS = new LinkedHashMap<>();

    static {
        FAULTS.put("nothing wrong", d -> { });
        FAULTS.put("address: name misspelt", d -> d.variables.put("PAYMENT_GATEWAY_BASEURL",
                d.variables.remove("PAYMENTS_GATEWAY_BASEURL")));
        FAULTS.put("address: no scheme", d -> d.variables.put("PAYMENTS_GATEWAY_BASEURL", "gateway.example"));
        FAULTS.put("key: not mounted", d -> d.mounted.remove("payments.gateway.api-key"));
        FAULTS.put("key: mounted empty", d -> d.mounted.put("payments.gateway.api-key", "\n"));
        FAULTS.put("key: old variable left", d -> d.variables.put("PAYMENTS_GATEWAY_APIKEY", "old-key"));
        FAULTS.put("key: wrong account", d -> d.mounted.put("payments.gateway.api-key", "other-key\n"));
        FAULTS.put("profile: misspelt", d -> d.variables.put("SPRING_PROFILES_ACTIVE", "prd"));
        FAULTS.put("profile: forgotten", d -> d.variables.remove("SPRING_PROFILES_ACTIVE"));
        FAULTS.put("timeout: 1.5s", d -> d.variables.put("PAYMENTS_GATEWAY_READTIMEOUT", "1.5s"));
        FAULTS.put("timeout: 2, no unit", d -> d.variables.put("PAYMENTS_GATEWAY_READTIMEOUT", "2"));
        FAULTS.put("everything forgotten", d -> {
            d.variables.clear();
            d.mounted.clear();
        });
    }

    /** What the operator sets, and what is mounted. */
    record Deployment(Map<String, String> variables, Map<String, String> mounted) { }

    static Deployment correct(String way, Path mount) {
        var variables = new TreeMap<>(Map.of("SPRING_PROFILES_ACTIVE", "prod",
                "PAYMENTS_GATEWAY_BASEURL", "https://gateway.example",
                "PAYMENTS_GATEWAY_READTIMEOUT", "1500ms"));
        if (way.equals("keyfile")) {
            variables.put("PAYMENTS_GATEWAY_APIKEYFILE", mount.resolve("payments.gateway.api-key").toString());
            variables.put("PAYMENTS_GATEWAY_CONNECTTIMEOUT", "300ms"); // this way has no default for it
        }
        return new Deployment(variables, new TreeMap<>(Map.of("payments.gateway.api-key", "new-key\n")));
    }

    record Start(int exitCode, String output) { }

    static Start start(String way, Consumer<Deployment> fault) throws IOException, InterruptedException {
        Path mount = Files.createTempDirectory("mount");
        try {
            Deployment deployment = correct(way, mount);
            fault.accept(deployment);
            for (var file : deployment.mounted.entrySet()) {
                Files.writeString(mount.resolve(file.getKey()), file.getValue());
            }
            deployment.variables.put("MOUNT", mount.toString());
            var start = start(deployment.variables, "config.Service", way);
            return new Start(start.exitCode, start.output.replace(mount.toString(), "MOUNT"));
        } finally {
            try (var files = Files.list(mount)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Files.delete(file);
                }
            }
            Files.delete(mount);
        }
    }

    /** Runs a class in a process that has only these environment variables. */
    static Start start(Map<String, String> variables, String... mainAndArguments)
            throws IOException, InterruptedException {
        return start(Path.of(""), variables, mainAndArguments);
    }

    static Start start(Path folder, Map<String, String> variables, String... mainAndArguments)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                "-Dspring.main.banner-mode=off", "-Dlogging.level.root=error", "-Dlogging.pattern.console=%m%n"));
        command.addAll(List.of(mainAndArguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toAbsolutePath().toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes()).strip();
        return new Start(process.waitFor(), output);
    }

    static String judge(Start start) {
        if (start.exitCode == 1 && start.output.contains("APPLICATION FAILED TO START")) {
            return "refused";
        }
        if (start.exitCode == 1) {
            return "refused*"; // without a report of Boot's own
        }
        return start.output.endsWith(MEANT) ? "as meant" : "wrong";
    }

    public static void main(String[] args) throws Exception {
        System.out.println("Spring Boot " + SpringBootVersion.getVersion());
        System.out.printf("%-24s%-10s%-10s%s%n", "", "usual", "strict", "key file");
        var details = new StringBuilder();
        var wrong = new int[WAYS.size()];
        for (var fault : FAULTS.entrySet()) {
            var row = new StringBuilder("%-24s".formatted(fault.getKey()));
            for (int i = 0; i < WAYS.size(); i++) {
                Start start = start(WAYS.get(i), fault.getValue());
                String verdict = judge(start);
                if (verdict.equals("wrong")) {
                    wrong[i]++;
                }
                row.append("%-10s".formatted(verdict));
                details.append("%n== %s, %s, exit code %d%n%s%n".formatted(fault.getKey(), WAYS.get(i),
                        start.exitCode, shorten(start.output)));
            }
            System.out.println(row.toString().stripTrailing());
        }
        System.out.printf("%-24s%-10d%-10d%d%n", "started wrong", wrong[0], wrong[1], wrong[2]);
        System.out.printf("%nWhat each start printed%n%s", details);
    }

    /** Leaves out the lines of a stack trace and empty lines. Sorts refused properties: their order varies from start to start. */
    static String shorten(String output) {
        String kept = Pattern.compile("(?m)^(\\s+at .*|\\s+\\.\\.\\. \\d+ .*|\\s*)\\R").matcher(output + "\n").replaceAll("").strip();
        return Pattern.compile("(?m)(^    Property: .*\\R(^    (?!Property: ).*\\R)+){2,}").matcher(kept).replaceAll(report ->
                Matcher.quoteReplacement(Stream.of(report.group().split("(?=    Property: )")).sorted().collect(Collectors.joining())));
    }
}
