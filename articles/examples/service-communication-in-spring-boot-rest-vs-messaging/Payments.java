package payments;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.FanoutExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Makes payments, asked over HTTP or by a message, and remembers each delivery. */
@SpringBootApplication
@RestController
public class Payments {
    private static final int WORK_MS = 10;
    private final JdbcTemplate jdbc;
    private final RestClient shop;
    private final AtomicInteger broken = new AtomicInteger();

    Payments(JdbcTemplate jdbc, RestClient.Builder http,
            @Value("${payments.shop}") String url) {
        this.jdbc = jdbc;
        this.shop = http.baseUrl(url).build();
        jdbc.execute("create table if not exists delivery (id varchar)");
        jdbc.execute("create table if not exists seen (kind varchar, address varchar)");
    }

    @PostMapping("/payments/{id}")
    void call(@PathVariable String id) throws InterruptedException {
        pay(id);
    }

    @RabbitListener(queues = "payments", concurrency = "4")
    void message(String id) throws InterruptedException {
        pay(id);
    }

    void pay(String id) throws InterruptedException {
        Thread.sleep(WORK_MS);
        jdbc.update("insert into delivery values (?)", id);
    }

    @GetMapping("/deliveries")
    String deliveries() {
        return jdbc.queryForList("select id from delivery", String.class)
                .stream().collect(Collectors.joining("\n"));
    }

    // A message that can never be handled, in a queue with and without a place for it.

    @RabbitListener(queues = {"broken", "broken-kept"})
    void broken(String id) {
        broken.incrementAndGet();
        throw new IllegalStateException("cannot handle " + id);
    }

    @GetMapping("/broken")
    int attempts() {
        return broken.getAndSet(0);
    }

    // Two receivers of changed addresses. The first asks for the address, the second is sent it.

    @RabbitListener(queues = "moved-asks")
    void asks(String event) {
        String id = event.split(" ")[0];
        see("asks", shop.get().uri("/customers/{id}", id)
                .retrieve().body(String.class));
    }

    @RabbitListener(queues = "moved-is-sent")
    void isSent(String event) {
        see("is sent", event.split(" ")[1]);
    }

    void see(String kind, String address) {
        jdbc.update("insert into seen values (?, ?)", kind, address);
    }

    @GetMapping("/seen/{kind}")
    String seen(@PathVariable String kind) {
        return jdbc.queryForObject("select count(*) || ' ' || count(distinct address) "
                + "from seen where kind = ?", String.class, kind);
    }

    @Bean
    Queue paymentsQueue(@Value("${queue.type:quorum}") String type) {
        return QueueBuilder.durable("payments")
                .withArgument("x-queue-type", type).build();
    }

    @Bean
    Queue brokenQueue() {
        return QueueBuilder.durable("broken").quorum().build();
    }

    // region kept
    @Bean
    Queue brokenKept() {
        return QueueBuilder.durable("broken-kept").quorum()
                .deadLetterExchange("")
                .deadLetterRoutingKey("given-up").build();
    }

    @Bean
    Queue givenUp() {
        return QueueBuilder.durable("given-up").quorum().build();
    }
    // endregion

    @Bean
    Queue asksQueue() {
        return QueueBuilder.durable("moved-asks").quorum().build();
    }

    @Bean
    Queue isSentQueue() {
        return QueueBuilder.durable("moved-is-sent").quorum().build();
    }

    @Bean
    Binding asksBinding() {
        return BindingBuilder.bind(asksQueue()).to(new FanoutExchange("moved"));
    }

    @Bean
    Binding isSentBinding() {
        return BindingBuilder.bind(isSentQueue()).to(new FanoutExchange("moved"));
    }

    @Bean
    FanoutExchange moved() {
        return new FanoutExchange("moved");
    }

    public static void main(String[] args) {
        SpringApplication.run(Payments.class, args);
    }
}
