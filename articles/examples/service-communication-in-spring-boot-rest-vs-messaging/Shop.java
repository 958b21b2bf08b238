package shop;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.FanoutExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Takes orders and has them paid, in one of five ways. A limit of two seconds applies to each. */
@SpringBootApplication
@EnableScheduling
@RestController
public class Shop {
    private final RestClient payments;
    private final RabbitTemplate rabbit;
    private final JdbcTemplate jdbc;
    private final Map<String, String> addresses = new ConcurrentHashMap<>();

    Shop(RestClient.Builder http, RabbitTemplate rabbit, JdbcTemplate jdbc,
            @Value("${shop.payments}") String url) {
        this.payments = http.baseUrl(url).build();
        this.rabbit = rabbit;
        this.jdbc = jdbc;
        jdbc.execute("create table if not exists outbox "
                + "(seq identity primary key, id varchar unique)");
        jdbc.execute("create table if not exists unpaid "
                + "(seq identity primary key, id varchar unique)");
    }

    @PostMapping("/orders/{id}/{way}")
    ResponseEntity<Void> order(@PathVariable String id,
            @PathVariable String way,
            @RequestParam(defaultValue = "payments") String queue) {
        try {
            switch (way) {
                case "rest" -> call(id);
                case "send" -> send(queue, id);
                case "confirm" -> sendAndConfirm(queue, id);
                case "ack-only" -> sendAndIgnoreReturns(queue, id);
                case "outbox" -> store(id);
                case "job" -> owe(id);
                default -> throw new IllegalArgumentException(way);
            }
            return ResponseEntity.noContent().build();
        } catch (Exception e) {
            return ResponseEntity.status(503)
                    .header("X-Cause", e.getClass().getSimpleName()).build();
        }
    }

    void call(String id) {
        payments.post().uri("/payments/{id}", id)
                .retrieve().toBodilessEntity();
    }

    // region send
    void send(String queue, String id) {
        rabbit.convertAndSend("", queue, id);
    }
    // endregion

    // region confirm
    void sendAndConfirm(String queue, String id) throws Exception {
        var sent = new CorrelationData(id);
        rabbit.convertAndSend("", queue, id, sent);
        var confirm = sent.getFuture().get(2, SECONDS);
        if (!confirm.ack() || sent.getReturned() != null) {
            throw new AmqpException("not stored in a queue");
        }
    }
    // endregion

    /** What many do: the confirmation counts, and returns are not looked at. */
    void sendAndIgnoreReturns(String queue, String id) throws Exception {
        var sent = new CorrelationData(id);
        rabbit.convertAndSend("", queue, id, sent);
        if (!sent.getFuture().get(2, SECONDS).ack()) {
            throw new AmqpException("refused");
        }
    }

    // region outbox
    void store(String id) {
        jdbc.update("insert into outbox (id) values (?)", id);
    }

    @Scheduled(fixedDelay = 100)
    void relay() throws Exception {
        List<String> ids = jdbc.queryForList(
                "select id from outbox order by seq limit 100", String.class);
        for (String id : ids) {
            sendAndConfirm("payments", id);
            jdbc.update("delete from outbox where id = ?", id);
        }
    }
    // endregion

    // region job
    void owe(String id) {
        jdbc.update("insert into unpaid (id) values (?)", id);
    }

    @Scheduled(fixedDelay = 100)
    void payLater() {
        List<String> ids = jdbc.queryForList(
                "select id from unpaid order by seq limit 100", String.class);
        for (String id : ids) {
            call(id);
            jdbc.update("delete from unpaid where id = ?", id);
        }
    }
    // endregion

    /** A change of address, published as a notification and with its state. */
    @PutMapping("/customers/{id}/{address}")
    void move(@PathVariable String id, @PathVariable String address) {
        addresses.put(id, address);
        rabbit.convertAndSend("moved", "", id + " " + address);
    }

    @GetMapping("/customers/{id}")
    String address(@PathVariable String id) {
        return addresses.get(id);
    }

    @Bean
    Queue paymentsQueue(@Value("${queue.type:quorum}") String type) {
        return QueueBuilder.durable("payments")
                .withArgument("x-queue-type", type).build();
    }

    @Bean
    FanoutExchange moved() {
        return new FanoutExchange("moved");
    }

    public static void main(String[] args) {
        SpringApplication.run(Shop.class, args);
    }
}
