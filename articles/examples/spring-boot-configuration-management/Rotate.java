package config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Replaces the key on disk while the service runs, and prints which key each way of reading it has. */
@Configuration
@EnableAutoConfiguration
@EnableConfigurationProperties({Rotate.Settings.class, Service.GatewaySettings.class})
public class Rotate {
    @ConfigurationProperties("payments.gateway")
    record Settings(String apiKey) { }

    @Value("${payments.gateway.api-key}")
    String injected;

    static ConfigurableApplicationContext start(Path key) {
        return SpringApplication.run(Rotate.class, "--spring.config.import=configtree:" + key.getParent() + "/",
                "--payments.gateway.base-url=https://gateway.example",
                "--payments.gateway.connect-timeout=300ms", "--payments.gateway.read-timeout=1500ms",
                "--payments.gateway.api-key-file=" + key, "--logging.level.root=error",
                "--spring.main.banner-mode=off");
    }

    static void print(String when, ConfigurableApplicationContext context) {
        System.out.printf("%-16s%-10s%-18s%-13s%s%n", when, context.getBean(Rotate.class).injected,
                context.getBean(Rotate.Settings.class).apiKey(),
                context.getEnvironment().getProperty("payments.gateway.api-key"),
                context.getBean(Service.GatewaySettings.class).apiKey().reveal());
    }

    public static void main(String[] args) throws IOException {
        Path mount = Files.createTempDirectory("mount");
        Path key = mount.resolve("payments.gateway.api-key");
        try {
            Files.writeString(key, "key-1\n");
            System.out.printf("%-16s%-10s%-18s%-13s%s%n", "", "@Value", "bound settings", "Environment",
                    "file, when used");
            try (var context = start(key)) {
                print("at the start", context);
                Files.writeString(key, "key-2\n");
                print("after rotation", context);
            }
            try (var context = start(key)) {
                print("after restart", context);
            }
        } finally {
            Files.delete(key);
            Files.delete(mount);
        }
    }
}
