package example;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Transient;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.annotation.Order;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.filter.OncePerRequestFilter;

/** A shop whose customers look at their orders. */
@SpringBootApplication
public class Shop {
  @Bean
  static BeanPostProcessor tracing() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource pool ? Trace.traced(pool) : bean;
      }
    };
  }

  @Bean
  Carrier carrier() {
    return new Carrier(RestClient.create("http://127.0.0.1:" + System.getProperty("carrier.port")));
  }
}

@Entity
class Product {
  @Id public Long id;
  public String name;
  public String description;
}

@Entity
class Line {
  @Id public Long id;
  @ManyToOne public Product product;
  public int quantity;
}

@Entity
class PurchaseOrder {
  @Id public Long id;
  public long customer;
  public OffsetDateTime placed;
  public String parcel;
  public String note;
  @Transient public String status;

  @OneToMany(fetch = FetchType.LAZY)
  @JoinColumn(name = "order_id")
  public List<Line> lines;
}

record LineView(long order, OffsetDateTime placed, String parcel, String product, int quantity) {}

record OrderView(long id, OffsetDateTime placed, String status, List<LineView> lines) {}

interface Orders extends JpaRepository<PurchaseOrder, Long> {
  List<PurchaseOrder> findByCustomerOrderByPlacedDesc(long customer);

  // region view
  @Query("""
      select new example.LineView(o.id, o.placed, o.parcel, p.name, l.quantity)
      from PurchaseOrder o join o.lines l join l.product p
      where o.customer = :customer order by o.placed desc""")
  List<LineView> view(long customer);
  // endregion
}

/** The company that carries the parcels: 50 ms for a status or for a list of them, 900 ms for a label. */
record Carrier(RestClient http) {
  String status(String parcel) throws Exception {
    return Trace.step("GET carrier/status", () -> http.get().uri("/status?parcel={p}", parcel).retrieve().body(String.class));
  }

  Map<String, String> statuses(List<String> parcels) throws Exception {
    var type = new ParameterizedTypeReference<Map<String, String>>() {};
    return Trace.step("GET carrier/statuses", () -> http.get().uri("/statuses?parcels={p}", String.join(",", parcels)).retrieve().body(type));
  }

  String label(long order) {
    return http.get().uri("/label?order={o}", order).retrieve().body(String.class);
  }
}

@RestController
class Page {
  static volatile boolean batch;
  static volatile boolean view;

  private final Orders orders;
  private final Carrier carrier;

  Page(Orders orders, Carrier carrier) {
    this.orders = orders;
    this.carrier = carrier;
  }

  @GetMapping("/orders")
  List<?> orders(@RequestParam long customer) throws Exception {
    if (view) return views(customer);
    return batch ? inOneCall(customer) : asFound(customer);
  }

  // region page
  List<PurchaseOrder> asFound(long customer) throws Exception {
    var found = orders.findByCustomerOrderByPlacedDesc(customer);
    for (var order : found) {
      if (order.parcel != null) order.status = carrier.status(order.parcel);
    }
    return found;
  }
  // endregion

  List<PurchaseOrder> inOneCall(long customer) throws Exception {
    var found = orders.findByCustomerOrderByPlacedDesc(customer);
    var statuses = carrier.statuses(found.stream().map(order -> order.parcel).filter(Objects::nonNull).toList());
    for (var order : found) order.status = statuses.get(order.parcel);
    return found;
  }

  List<OrderView> views(long customer) throws Exception {
    var lines = orders.view(customer);
    var parcels = lines.stream().map(LineView::parcel).filter(Objects::nonNull).distinct().toList();
    var statuses = new HashMap<String, String>();
    if (batch) statuses.putAll(carrier.statuses(parcels));
    else for (var parcel : parcels) statuses.put(parcel, carrier.status(parcel));
    return lines.stream().collect(Collectors.groupingBy(LineView::order)).values().stream()
        .map(all -> new OrderView(all.getFirst().order(), all.getFirst().placed(), statuses.get(all.getFirst().parcel()), all)).toList();
  }
}

/** Prints labels for parcels: with the call inside the transaction as found, or in front of it. */
@Component
class Labels {
  private final EntityManager entities;
  private final Carrier carrier;

  Labels(EntityManager entities, Carrier carrier) {
    this.entities = entities;
    this.carrier = carrier;
  }

  // region label
  @Transactional
  public void print(long id) {
    var order = entities.find(PurchaseOrder.class, id);
    order.note = carrier.label(order.id); // 900 ms, and the transaction is open
  }
  // endregion

  @Transactional
  public void store(long id, String label) {
    entities.find(PurchaseOrder.class, id).note = label;
  }
}

/** Records the trace of each page. It is the outermost filter, so the time to write the answer is in it. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class TraceFilter extends OncePerRequestFilter {
  static final BlockingQueue<Trace> TRACES = new LinkedBlockingQueue<>();

  @Override
  protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws ServletException, IOException {
    var trace = Trace.begin();
    try {
      chain.doFilter(request, response);
    } finally {
      trace.end();
      TRACES.add(trace);
    }
  }
}
