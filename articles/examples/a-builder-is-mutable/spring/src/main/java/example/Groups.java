package example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.ImportHttpServices;

/** The same two clients as HTTP service groups. The token is in application-groups.properties. */
@EnableAutoConfiguration
@ImportHttpServices(group = "bank", types = Groups.Bank.class)
@ImportHttpServices(group = "weather", types = Groups.Weather.class)
public class Groups {

    interface Bank {
        @GetExchange("/")
        void balance();
    }

    interface Weather {
        @GetExchange("/")
        void forecast();
    }

    public static void main(String[] args) throws Exception {
        try (var context = SpringApplication.run(Groups.class, "--spring.main.banner-mode=off", "--logging.level.root=warn",
                "--spring.profiles.active=groups", "--bank.port=" + TwoClients.serve("the bank"),
                "--weather.port=" + TwoClients.serve("the weather service"))) {
            System.out.println("Spring Boot " + SpringApplication.class.getPackage().getImplementationVersion() + ", two HTTP service groups");
            context.getBean(Bank.class).balance();
            context.getBean(Weather.class).forecast();
        }
        System.exit(0);
    }
}
