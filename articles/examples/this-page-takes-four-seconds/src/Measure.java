package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Starts the carrier and the shop, prints the trace of the page as found, and measures it with each repair alone and after each in turn. */
public class Measure {
  private static final int POOL = 4;
  private static final int ROUNDS = 5;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String LINES = "create index lines_order on line (order_id)";
  private static final String CUSTOMER = "create index order_customer on purchase_order (customer, placed)";

  private final ConfigurableApplicationContext shop;
  private final JdbcTemplate sql;
  private final String page;
  private boolean callFirst;

  private Measure(ConfigurableApplicationContext shop) {
    this.shop = shop;
    this.sql = shop.getBean(JdbcTemplate.class);
    this.page = "http://127.0.0.1:" + shop.getEnvironment().getProperty("local.server.port") + "/orders?customer=";
  }

  public static void main(String[] args) throws Exception {
    var carrier = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    carrier.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    carrier.createContext("/", Measure::carry);
    carrier.start();
    System.setProperty("carrier.port", "" + carrier.getAddress().getPort());
    if (args.length > 0) {
      try (var shop = start()) {
        var measure = new Measure(shop);
        for (var warm = 0; warm < 4; warm++) measure.open(8L * (warm + 100), false);
        measure.open(8, true); // the last page is the one that OpenTelemetry's agent shows
      }
      System.exit(0);
    }
    try (var shop = start(); var batching = start("spring.jpa.properties.hibernate.default_batch_fetch_size=100");
        var closing = start("spring.jpa.open-in-view=false")) {
      run(new Measure(shop), new Measure(batching), new Measure(closing));
    }
    carrier.stop(0);
    System.exit(0);
  }

  private static ConfigurableApplicationContext start(String... settings) {
    var all = new ArrayList<>(List.of("server.port=0", "server.address=127.0.0.1", "spring.datasource.username=demo", "spring.main.banner-mode=off",
        "spring.datasource.url=jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/postgres", "logging.level.root=off",
        "spring.datasource.hikari.maximum-pool-size=" + POOL, "spring.jpa.hibernate.ddl-auto=none"));
    all.addAll(List.of(settings));
    return SpringApplication.run(Shop.class, all.stream().map(setting -> "--" + setting).toArray(String[]::new));
  }

  private static void carry(HttpExchange exchange) throws IOException {
    try {
      Thread.sleep(exchange.getRequestURI().getPath().equals("/label") ? 900 : 50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var isList = exchange.getRequestURI().getPath().equals("/statuses");
    exchange.getResponseHeaders().set("Content-Type", isList ? "application/json" : "text/plain");
    var parcels = isList ? exchange.getRequestURI().getQuery().substring("parcels=".length()).split(",") : new String[0];
    var list = String.join(",", Arrays.stream(parcels).map(parcel -> "\"" + parcel + "\":\"on its way\"").toList());
    var body = (isList ? "{" + list + "}" : "on its way").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void run(Measure shop, Measure batching, Measure closing) throws Exception {
    for (var warm = 0; warm < 4; warm++) {
      for (var application : List.of(shop, batching, closing)) {
        Page.view = false;
        application.open(8L * (warm + 100), false);
        Page.view = true;
        application.open(8L * (warm + 100), false);
      }
    }
    var results = shop.measure(batching, closing);
    System.out.printf("The page as found, the middle one of %d (times in ms)%n%n", ROUNDS);
    print(middle(results.get("as found")).trace);
    System.out.printf("%nThe middle one of %d (times in ms), and the fastest and the slowest%n%n", ROUNDS);
    System.out.println("                                   total    (from     to)  connection  orders   lines  carrier    Java  statements      kB    held  status");
    results.forEach(Measure::row);
  }

  /** All states in each round, so that a slow minute of the machine meets all of them. */
  private Map<String, List<Result>> measure(Measure batching, Measure closing) throws Exception {
    var results = new LinkedHashMap<String, List<Result>>();
    for (var round = 1L; round <= ROUNDS; round++) {
      var customer = 8 * round;
      Page.view = false;
      add(results, "as found", open(customer, true));
      callFirst = true;
      add(results, "only 1, label before transaction", open(customer, true));
      callFirst = false;
      sql.execute(CUSTOMER);
      add(results, "only 2, index on the customer", open(customer, true));
      sql.execute("drop index order_customer");
      Page.batch = true;
      add(results, "only 3, one call for all parcels", open(customer, true));
      Page.batch = false;
      sql.execute(LINES);
      add(results, "only 4, index on the lines' order", open(customer, true));
      sql.execute("drop index lines_order");
      Page.view = true;
      add(results, "only 5, one select", open(customer, true));
      Page.view = false;
      add(results, "only default_batch_fetch_size=100", batching.open(customer, true));
      add(results, "only open-in-view=false", closing.open(customer, true));
      Page.view = true;
      add(results, "5 and open-in-view=false", closing.open(customer, true));
      callFirst = true;
      Page.batch = true;
      sql.execute(CUSTOMER);
      add(results, "all but 4", open(customer, true));
      sql.execute(LINES);
      add(results, "all five", open(customer, true));
      Page.view = false;
      add(results, "all but 5", open(customer, true));
      sql.execute("drop index order_customer; drop index lines_order");
      callFirst = false;
      Page.batch = false;
    }
    return results;
  }

  private static void add(Map<String, List<Result>> results, String name, Result result) {
    results.computeIfAbsent(name, key -> new ArrayList<>()).add(result);
  }

  record Result(Trace trace, int bytes, int status) {}

  private static Result middle(List<Result> results) {
    return results.stream().sorted(Comparator.comparingDouble(result -> result.trace.total)).toList().get(ROUNDS / 2);
  }

  /** Opens the page of a customer, 100 ms after the job for the labels has begun. */
  private Result open(long customer, boolean withLabels) throws Exception {
    var labels = shop.getBean(Labels.class);
    var carrier = shop.getBean(Carrier.class);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var id = 1L; withLabels && id <= POOL; id++) {
        var order = id;
        threads.execute(() -> {
          if (callFirst) labels.store(order, carrier.label(order));
          else labels.print(order);
        });
      }
      Thread.sleep(100);
      var response = CLIENT.send(HttpRequest.newBuilder(URI.create(page + customer)).build(), BodyHandlers.ofByteArray());
      return new Result(TraceFilter.TRACES.take(), response.body().length, response.statusCode());
    }
  }

  private static void print(Trace trace) {
    System.out.println("     at    took  what");
    var end = 0.0;
    for (var step : trace.steps) {
      if (step.at() - end >= 20) System.out.printf("%7.0f %7.0f  (Java)%n", end, step.at() - end);
      System.out.printf("%7.0f %7.0f  %s%n", step.at(), step.took(), shorten(step.what()));
      end = step.at() + step.took();
    }
    System.out.printf("%7.0f %7.0f  (Java)%n%7.0f          the answer is sent%n", end, trace.total - end, trace.total);
  }

  private static String shorten(String sql) {
    return sql.replaceAll("select .*? from (\\w+) \\w+ .*where \\w+\\.(\\w+=\\?).*", "select … from $1 where $2");
  }

  private static void row(String name, List<Result> results) {
    var result = middle(results);
    var trace = result.trace;
    var connection = sum(trace.steps, what -> what.startsWith("a connection"));
    var carrier = sum(trace.steps, what -> what.startsWith("GET"));
    var lines = sum(trace.steps, what -> what.contains(" line ") && !what.contains("from purchase_order"));
    var statements = trace.steps.stream().filter(step -> step.what().startsWith("select")).count();
    var orders = sum(trace.steps, what -> what.startsWith("select")) - lines;
    var java = trace.total - connection - carrier - lines - orders;
    var all = results.stream().mapToDouble(each -> each.trace.total).summaryStatistics();
    System.out.printf("%-33s %6.0f  (%6.0f %6.0f)  %10.0f  %6.0f  %6.0f  %7.0f  %6.0f  %10d  %6d  %6.0f  %6d%n", name, trace.total, all.getMin(), all.getMax(), connection, orders, lines,
        carrier, java, statements, result.bytes / 1000, trace.held, result.status);
  }

  private static double sum(List<Trace.Step> steps, Predicate<String> isMeant) {
    return steps.stream().filter(step -> isMeant.test(step.what())).mapToDouble(Trace.Step::took).sum();
  }
}
