package example;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Five ways to use up a connection pool, a URL each. Pool and open-in-view are Spring Boot's defaults. */
@SpringBootApplication
class Shop {
}

@Entity
@Table(name = "orders")
class Order {
    @Id long id;
    String status;
}

interface Orders extends JpaRepository<Order, Long> {
    /** Stands for a query without its index. */
    @Query(value = "select count(*) from orders, pg_sleep(90)", nativeQuery = true)
    long report();
}

/** A carrier that takes its time. */
@Service
class Carrier {
    private final RestClient http;

    Carrier(@Value("${carrier.timeout:90s}") Duration timeout) {
        var requests = new JdkClientHttpRequestFactory();
        requests.setReadTimeout(timeout);
        http = RestClient.builder().requestFactory(requests).baseUrl("http://127.0.0.1:" + System.getProperty("carrier")).build();
    }

    String ask(long id) {
        return http.get().uri("/" + id).retrieve().body(String.class);
    }
}

@Service
class Audit {
    private final Orders orders;

    Audit(Orders orders) {
        this.orders = orders;
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void write(long id) {
        orders.existsById(id); // stands for an insert that is to stay if the order is rolled back
    }
}

@Service
class Shipping {
    private final Orders orders;
    private final Carrier carrier;
    private final Audit audit;
    private final DataSource dataSource;

    Shipping(Orders orders, Carrier carrier, Audit audit, DataSource dataSource) {
        this.orders = orders;
        this.carrier = carrier;
        this.audit = audit;
        this.dataSource = dataSource;
    }

    // region call
    @Transactional
    public String ship(long id) {
        orders.findById(id).orElseThrow();
        return carrier.ask(id); // the transaction, and its connection, wait with us
    }
    // endregion

    // region new
    @Transactional
    public String pay(long id) {
        orders.findById(id).orElseThrow();
        Main.everybodyIsHere(); // makes the coincidence certain
        audit.write(id); // REQUIRES_NEW: a second connection, while we hold the first
        return "paid";
    }
    // endregion

    // region leak
    String export(long id) throws SQLException {
        var connection = dataSource.getConnection();
        var statement = connection.prepareStatement("select status from orders where id = ?");
        statement.setLong(1, id);
        var row = statement.executeQuery();
        if (!row.next()) throw new IllegalArgumentException("no order " + id); // and no close
        String status = row.getString(1);
        connection.close();
        return status;
    }
    // endregion
}

@RestController
class Pages {
    private final Orders orders;
    private final Carrier carrier;
    private final Shipping shipping;

    Pages(Orders orders, Carrier carrier, Shipping shipping) {
        this.orders = orders;
        this.carrier = carrier;
        this.shipping = shipping;
    }

    @GetMapping("/query")
    String query() {
        return "" + orders.report();
    }

    @GetMapping("/call/{id}")
    String call(@PathVariable long id) {
        return shipping.ship(id);
    }

    // region view
    @GetMapping("/view/{id}")
    String view(@PathVariable long id) {
        orders.findById(id).orElseThrow(); // no transaction of ours
        return carrier.ask(id);
    }
    // endregion

    @GetMapping("/leak/{id}")
    String leak(@PathVariable long id) throws SQLException {
        return shipping.export(id);
    }

    @GetMapping("/new/{id}")
    String pay(@PathVariable long id) {
        return shipping.pay(id);
    }

    @ExceptionHandler
    @ResponseStatus(HttpStatus.INTERNAL_SERVER_ERROR)
    String fail(Exception e) {
        return NestedExceptionUtils.getMostSpecificCause(e).getMessage();
    }

    /** Any other page of the application. */
    @GetMapping("/order/{id}")
    String order(@PathVariable long id) {
        return orders.findById(id).orElseThrow().status;
    }
}
