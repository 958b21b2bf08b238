package config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Configuration;

/**
 * Sets one property in eight places at once, each to the name of that place, prints which of them Spring Boot
 * takes, removes that one, and starts again, until only the default in the code is left. What is "in the jar"
 * is in a folder at the front of the class path.
 */
public class Order {

    @ConfigurationProperties("demo")
    record Demo(@DefaultValue("@DefaultValue in the record") String from) { }

    @Configuration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(Demo.class)
    static class App { }

    static final Path FOLDER = temporary();
    /** An absolute path, because Spring Boot skips hidden files, and takes ".." in a path for one. */
    static final String IMPORT = "spring.config.import: configtree:" + FOLDER.resolve("tree") + "/";
    /** What the process is given, by place. */
    static final Map<String, Runnable> PLACES = new LinkedHashMap<>();
    static final List<String> arguments = new ArrayList<>();
    static final Map<String, String> variables = new LinkedHashMap<>();

    static {
        // in alphabetical order, so that the answer isn't in here
        file("application-prod.yaml beside the jar", "work/config/application-prod.yaml", "demo.from: %s");
        file("application-prod.yaml in the jar", "jar/application-prod.yaml", "demo.from: %s");
        file("application.yaml beside the jar", "work/config/application.yaml", "demo.from: %s");
        file("application.yaml in the jar", "jar/application.yaml", "demo.from: %s\n" + IMPORT);
        file("the tree that it imports", "tree/demo.from", "%s");
        PLACES.put("a command-line argument", () -> arguments.add("--demo.from=a command-line argument"));
        PLACES.put("a system property", () -> arguments.addFirst("-Ddemo.from=a system property"));
        PLACES.put("an environment variable", () -> variables.put("DEMO_FROM", "an environment variable"));
    }

    static void file(String place, String name, String text) {
        PLACES.put(place, () -> write(name, text.formatted(place)));
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("app")) {
            try (var context = SpringApplication.run(App.class, args)) {
                System.out.println(context.getBean(Demo.class).from());
            }
            return;
        }
        System.out.println("Spring Boot " + SpringBootVersion.getVersion() + ", the profile prod is active");
        try {
            while (true) {
                String winner = start();
                System.out.println(winner);
                if (PLACES.remove(winner) == null) {
                    return;
                }
            }
        } finally {
            clear();
            Files.delete(FOLDER);
        }
    }

    static String start() throws IOException, InterruptedException {
        clear();
        arguments.clear();
        variables.clear();
        for (String name : List.of("jar", "work", "tree")) {
            Files.createDirectories(FOLDER.resolve(name));
        }
        // Without the file of the jar nobody would import the tree, so an empty one imports it.
        write("jar/application.yaml", IMPORT);
        arguments.addAll(List.of("-cp", FOLDER.resolve("jar") + ":" + System.getProperty("java.class.path"),
                "-Dspring.main.banner-mode=off", "-Dlogging.level.root=error", "-Dspring.profiles.active=prod",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "config.Order", "app"));
        PLACES.values().forEach(Runnable::run);
        arguments.addFirst(ProcessHandle.current().info().command().orElseThrow());
        var builder = new ProcessBuilder(arguments).redirectErrorStream(true)
                .directory(FOLDER.resolve("work").toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        var process = builder.start();
        return new String(process.getInputStream().readAllBytes()).strip();
    }

    static void write(String name, String text) {
        try {
            Path file = FOLDER.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static void clear() throws IOException {
        try (var files = Files.walk(FOLDER)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).filter(f -> !f.equals(FOLDER)).toList()) {
                Files.delete(file);
            }
        }
    }

    static Path temporary() {
        try {
            return Files.createTempDirectory("order");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
