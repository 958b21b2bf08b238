package starters;

import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts an application that has libraries and no starter for them; prints which were configured. */
@SpringBootApplication
public class Starters {
    private static final String[][] EXPECTED = {
        {"flyway-core", "org.flywaydb.core.Flyway"},
        {"liquibase-core", "liquibase.integration.spring.SpringLiquibase"},
        {"spring-session-jdbc", "org.springframework.session.SessionRepository"},
        {"quartz", "org.quartz.Scheduler"},
        {"jakarta.mail", "org.springframework.mail.javamail.JavaMailSender"},
        {"spring-kafka", "org.springframework.kafka.core.KafkaTemplate"},
        {"spring-rabbit", "org.springframework.amqp.rabbit.core.RabbitTemplate"},
        {"micrometer-registry-prometheus", "io.micrometer.prometheusmetrics.PrometheusMeterRegistry"},
        {"RestClient.Builder", "org.springframework.web.client.RestClient$Builder"},
    };

    public static void main(String[] args) throws Exception {
        Path changes = Files.createTempFile("changes", ".sql"); // Liquibase wants a file
        Files.writeString(changes, "--liquibase formatted sql\n");
        try (ConfigurableApplicationContext context = SpringApplication.run(Starters.class,
                "--spring.main.banner-mode=off", "--logging.level.root=off",
                "--server.address=127.0.0.1", "--server.port=0",
                "--spring.datasource.url=jdbc:h2:mem:starters", "--spring.mail.host=127.0.0.1",
                "--spring.liquibase.change-log=file:" + changes,
                "--spring.flyway.baseline-on-migrate=true")) {
            System.out.println("the start\tsucceeds");
            for (String[] row : EXPECTED) {
                boolean found = context.getBeanNamesForType(Class.forName(row[1])).length > 0;
                System.out.println(row[0] + "\t" + (found ? "configured" : "nothing"));
            }
        } finally {
            Files.delete(changes);
        }
    }
}
