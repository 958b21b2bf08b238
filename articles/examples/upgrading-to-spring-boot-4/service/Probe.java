package service;

import jakarta.persistence.EntityManager;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Starts the service, asks it, and prints one "name, tab, value" a line. With "write FOLDER" it also
 * leaves there what a store would hold; with "read FOLDER" it reads what another version left.
 */
public class Probe {
    private static String base;

    public static void main(String[] args) throws Exception {
        ConfigurableApplicationContext context = SpringApplication.run(Service.class,
                "--spring.main.banner-mode=off", "--logging.level.root=off",
                "--server.address=127.0.0.1", "--server.port=0",
                "--spring.datasource.url=jdbc:h2:mem:probe", "--spring.jpa.hibernate.ddl-auto=create",
                "--spring.jpa.open-in-view=false",
                // 3.5's name; Boot 4 calls it spring.web.error.include-message
                "--server.error.include-message=always");
        context.getBean(JdbcTemplate.class).update("insert into customer (id, since, birthday)"
                + " values (1, timestamp '2026-11-24 09:00:00', date '1990-01-31')");
        base = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
        try {
            switch (args[0]) {
                case "bytes" -> bytes();
                case "write" -> write(context, Path.of(args[1]));
                case "read" -> read(Path.of(args[1]));
                default -> throw new IllegalArgumentException(args[0]);
            }
        } finally {
            context.close();
        }
    }

    private static void bytes() throws Exception {
        print("GET /order", get("/order"));
        print("GET /address", get("/address"));
        print("POST /line {\"sku\":\"A\"}", post("/line", "{\"sku\":\"A\"}"));
        print("POST /line {\"sku\":\"A\",\"quantity\":null}",
                post("/line", "{\"sku\":\"A\",\"quantity\":null}"));
        print("POST /line {\"sku\":\"A\",\"quantity\":2} }",
                post("/line", "{\"sku\":\"A\",\"quantity\":2} }"));
        print("POST /line {\"sku\":\"A\",\"quantity\":2,\"new\":1}",
                post("/line", "{\"sku\":\"A\",\"quantity\":2,\"new\":1}"));
        print("POST /basket {\"skus\":[\"A\",\"B\"]}", post("/basket", "{\"skus\":[\"A\",\"B\"]}"));
        print("POST /order {\"state\":\"WAITING\"}", post("/order", "{\"state\":\"WAITING\"}"));
        print("GET /failure", get("/failure"));
        print("GET /actuator/health", get("/actuator/health"));
        print("native query: select since, birthday", get("/columns"));
    }

    private static void write(ConfigurableApplicationContext context, Path folder) throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("order.json"), get("/order"));
        var browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
        ask(browser, HttpRequest.newBuilder(URI.create(base + "/private")).header("Accept", "text/html"));
        ask(browser, HttpRequest.newBuilder(URI.create(base + "/token")));
        save(browser, folder, "before the login: ");
        ask(browser, HttpRequest.newBuilder(URI.create(base + "/login"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("username=ada&password=secret")));
        save(browser, folder, "after the login: ");
        for (var object : Shared.objects().entrySet()) {
            Files.write(folder.resolve(object.getKey()), Shared.bytes(object.getValue()));
        }
        var transaction = context.getBean(TransactionTemplate.class);
        var entities = context.getBean(EntityManager.class);
        byte[] entity = transaction.execute(status -> {
            var customer = entities.find(Customer.class, 1L);
            customer.addresses.size();
            try {
                return Shared.bytes(customer);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Files.write(folder.resolve("an entity with a collection"), entity);
    }

    private static void save(HttpClient browser, Path folder, String prefix) throws Exception {
        String session = ask(browser, HttpRequest.newBuilder(URI.create(base + "/session")));
        var attribute = Pattern.compile("\"([^\"]+)\":\"([^\"]*)\"").matcher(session);
        while (attribute.find()) {
            String name = attribute.group(1).replaceAll(".*\\.", "");
            Files.write(folder.resolve(prefix + name), Base64.getDecoder().decode(attribute.group(2)));
        }
    }

    private static void read(Path folder) throws Exception {
        List<Path> files;
        try (var listed = Files.list(folder)) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(".json")) print(name, post("/order", Files.readString(file)));
            else print(name, Shared.read(Files.readAllBytes(file)));
        }
    }

    private static String get(String path) throws Exception {
        return ask(HttpClient.newHttpClient(), HttpRequest.newBuilder(URI.create(base + path)));
    }

    private static String post(String path, String json) throws Exception {
        return ask(HttpClient.newHttpClient(), HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private static String ask(HttpClient client, HttpRequest.Builder request) throws Exception {
        var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        String body = response.body().replaceAll("\"timestamp\":\"[^\"]*?(\\.\\d{3})([^\"]*)\"",
                "\"timestamp\":\"…$2\"");
        boolean bare = response.statusCode() == 200 || response.statusCode() == 302;
        return bare ? body : response.statusCode() + " " + body;
    }

    private static void print(String name, String value) {
        System.out.println(name + "\t" + value);
    }
}
