package example;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.client.RestClient;

/** Two clients from one injected RestClient.Builder, and two servers that print the Authorization header they receive. */
@SpringBootApplication
public class TwoClients {

    static int bank, weather;   // the ports of the two servers

    // region clients
    record Clients(RestClient bank, RestClient weather) { }

    @Bean
    Clients clients(RestClient.Builder builder) {
        RestClient bank = builder
                .baseUrl("http://127.0.0.1:" + TwoClients.bank)
                .defaultHeader("Authorization", "Bearer bank-token").build();
        RestClient weather = builder
                .baseUrl("http://127.0.0.1:" + TwoClients.weather).build();
        return new Clients(bank, weather);
    }
    // endregion

    static int serve(String name) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            List<String> headers = exchange.getRequestHeaders().get("Authorization");
            System.out.println(name + " received " + (headers == null ? "no Authorization" : headers));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.setExecutor(task -> Thread.ofPlatform().daemon().start(task));
        server.start();
        return server.getAddress().getPort();
    }

    public static void main(String[] args) throws Exception {
        bank = serve("the bank");
        weather = serve("the weather service");
        try (var context = SpringApplication.run(TwoClients.class, "--spring.main.banner-mode=off", "--logging.level.root=warn")) {
            System.out.println("Spring Boot " + SpringApplication.class.getPackage().getImplementationVersion() + ", one injected builder");
            call(context.getBean(Clients.class));

            System.out.println("a builder for each client");
            // region repair
            RestClient.Builder builder = context.getBean(RestClient.Builder.class);
            RestClient bank = builder.clone()
                    .baseUrl("http://127.0.0.1:" + TwoClients.bank)
                    .defaultHeader("Authorization", "Bearer bank-token").build();
            RestClient weather = builder.clone()
                    .baseUrl("http://127.0.0.1:" + TwoClients.weather).build();
            // endregion
            call(new Clients(bank, weather));
        }
        System.exit(0);
    }

    static void call(Clients clients) {
        clients.bank().get().uri("/").retrieve().toBodilessEntity();
        clients.weather().get().uri("/").retrieve().toBodilessEntity();
    }
}
