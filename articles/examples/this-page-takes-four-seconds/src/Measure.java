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
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Starts the carrier and the shop, prints the trace of the page as found, and measures it after each repair. */
public class Measure {
  private static final int POOL = 4;
  private static final int ROUNDS = 3;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final ConfigurableApplicationContext shop;
  private final String page;
  private boolean callFirst;

  private Measure(ConfigurableApplicationContext shop) {
    this.shop = shop;
    this.page = "http://127.0.0.1:" + shop.getEnvironment().getProperty("local.server.port") + "/orders?customer=";
  }

  public static void main(String[] args) throws Exception {
    var carrier = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    carrier.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    carrier.createContext("/", Measure::carry);
    carrier.start();
    System.setProperty("carrier.port", "" + carrier.getAddress().getPort());
    var url = "jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/postgres";
    var shop = SpringApplication.run(Shop.class, "--server.port=0", "--server.address=127.0.0.1", "--spring.datasource.url=" + url,
        "--spring.datasource.username=demo", "--spring.datasource.hikari.maximum-pool-size=" + POOL, "--spring.main.banner-mode=off",
        "--logging.level.root=error", "--spring.jpa.hibernate.ddl-auto=none");
    try {
      new Measure(shop).run();
    } finally {
      shop.close();
      carrier.stop(0);
    }
    System.exit(0);
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

  private void run() throws Exception {
    var sql = shop.getBean(JdbcTemplate.class);
    for (var warm = 0; warm < 4; warm++) open(8L * (warm + 100), false);
    var asFound = measure();
    System.out.printf("The page as found, the middle one of %d (times in ms)%n%n", ROUNDS);
    print(asFound.trace);
    System.out.printf("%nAfter each repair, the middle one of %d (times in ms)%n%n", ROUNDS);
    System.out.println("                                  total  connection  orders   lines  carrier    Java  statements      kB");
    row("as found", asFound);
    Page.view = true;
    row("only 5, without the others", measure());
    Page.view = false;
    callFirst = true;
    row("1 label before the transaction", measure());
    sql.execute("create index on purchase_order (customer, placed)");
    row("2 index on the customer", measure());
    Page.batch = true;
    row("3 one call for all parcels", measure());
    sql.execute("create index on line (order_id)");
    row("4 index on the lines' order", measure());
    Page.view = true;
    row("5 one select, only what is shown", measure());
  }

  record Result(Trace trace, int bytes) {}

  private Result measure() throws Exception {
    var results = new Result[ROUNDS];
    for (var round = 0; round < ROUNDS; round++) results[round] = open(8L * (round + 1), true);
    Arrays.sort(results, Comparator.comparingDouble(result -> result.trace.total));
    return results[ROUNDS / 2];
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
      if (response.statusCode() != 200) throw new IllegalStateException("status " + response.statusCode());
      return new Result(TraceFilter.TRACES.take(), response.body().length);
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

  private static void row(String name, Result result) {
    var trace = result.trace;
    var connection = sum(trace.steps, what -> what.startsWith("a connection"));
    var carrier = sum(trace.steps, what -> what.startsWith("GET"));
    var lines = sum(trace.steps, what -> what.contains(" line ") && !what.contains("from purchase_order"));
    var statements = trace.steps.stream().filter(step -> step.what().startsWith("select")).count();
    var orders = sum(trace.steps, what -> what.startsWith("select")) - lines;
    var java = trace.total - connection - carrier - lines - orders;
    System.out.printf("%-32s %6.0f  %10.0f  %6.0f  %6.0f  %7.0f  %6.0f  %10d  %6d%n", name, trace.total, connection, orders, lines, carrier, java, statements, result.bytes / 1000);
  }

  private static double sum(List<Trace.Step> steps, Predicate<String> isMeant) {
    return steps.stream().filter(step -> isMeant.test(step.what())).mapToDouble(Trace.Step::took).sum();
  }
}
