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
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Starts the carrier and the shop, prints the trace of the page as found, and measures it with each fix alone, then with the others. */
public class Measure {
  private static final int POOL = 4;
  private static final int ROUNDS = Integer.getInteger("rounds", 25);
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
    var results = measure(shop, batching, closing);
    System.out.printf("The page as found, the middle one of %d (times in ms)%n%n", ROUNDS);
    print(middle(results.get("as found")).trace);
    System.out.printf("%nThe middle one of %d (times in ms), and the fastest and the slowest%n%n", ROUNDS);
    System.out.println("                                   total    (from     to)  connection  orders   lines  carrier    Java  statements      kB    held  status");
    results.forEach(Measure::row);
    System.out.printf("%nWhat was saved against the page as found of the same round (ms): the median of %d differences, and its 95%% interval%n%n", ROUNDS);
    System.out.println("                                   saved    (from     to)  slower than as found in");
    results.forEach((name, all) -> saved(name, all, results.get("as found")));
    System.out.printf("%nThe lines alone (ms): the median of %d, the fastest and the slowest%n%n", ROUNDS);
    System.out.println("                                   lines    (from     to)");
    results.forEach(Measure::lines);
  }

  private record Variant(String name, Measure application, boolean callFirst, boolean customer, boolean batch, boolean lines, boolean view) {
    Result open(long customerNumber) throws Exception {
      application.callFirst = callFirst;
      Page.batch = batch;
      Page.view = view;
      if (customer) application.sql.execute(CUSTOMER);
      if (lines) application.sql.execute(LINES);
      try {
        return application.open(customerNumber, true);
      } finally {
        application.sql.execute("drop index if exists order_customer; drop index if exists lines_order");
      }
    }
  }

  /** All variants in each round, in another order each time, so that a slow minute of the machine meets all of them. */
  private static Map<String, List<Result>> measure(Measure shop, Measure batching, Measure closing) throws Exception {
    var variants = List.of(
        new Variant("as found", shop, false, false, false, false, false),
        new Variant("only 1, label before transaction", shop, true, false, false, false, false),
        new Variant("only 2, index on the customer", shop, false, true, false, false, false),
        new Variant("only 3, one call for all parcels", shop, false, false, true, false, false),
        new Variant("only 4, index on the lines' order", shop, false, false, false, true, false),
        new Variant("only 5, one select", shop, false, false, false, false, true),
        new Variant("only default_batch_fetch_size=100", batching, false, false, false, false, false),
        new Variant("only open-in-view=false", closing, false, false, false, false, false),
        new Variant("5 and open-in-view=false", closing, false, false, false, false, true),
        new Variant("all but 4", shop, true, true, true, false, true),
        new Variant("all five", shop, true, true, true, true, true),
        new Variant("all but 5", shop, true, true, true, true, false));
    var results = new LinkedHashMap<String, List<Result>>();
    for (var variant : variants) results.put(variant.name, new ArrayList<>());
    var random = new Random(1);
    for (var round = 1L; round <= ROUNDS; round++) {
      var order = new ArrayList<>(variants);
      Collections.shuffle(order, random);
      for (var variant : order) results.get(variant.name).add(variant.open(8 * round));
    }
    return results;
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
    var lines = linesOf(trace);
    var statements = trace.steps.stream().filter(step -> step.what().startsWith("select")).count();
    var orders = sum(trace.steps, what -> what.startsWith("select")) - lines;
    var java = trace.total - connection - carrier - lines - orders;
    var all = results.stream().mapToDouble(each -> each.trace.total).summaryStatistics();
    System.out.printf("%-33s %6.0f  (%6.0f %6.0f)  %10.0f  %6.0f  %6.0f  %7.0f  %6.0f  %10d  %6d  %6.0f  %6d%n", name, trace.total, all.getMin(), all.getMax(), connection, orders, lines,
        carrier, java, statements, result.bytes / 1000, trace.held, result.status);
  }

  private static void saved(String name, List<Result> results, List<Result> asFound) {
    var differences = new ArrayList<Double>();
    for (var round = 0; round < ROUNDS; round++) differences.add(asFound.get(round).trace.total - results.get(round).trace.total);
    var slower = differences.stream().filter(difference -> difference < 0).count();
    Collections.sort(differences);
    var rank = rank(ROUNDS);
    System.out.printf("%-33s %6.0f  (%6.0f %6.0f)  %d of %d%n", name, differences.get(ROUNDS / 2), differences.get(rank), differences.get(ROUNDS - 1 - rank), slower, ROUNDS);
  }

  /** At how many values from either end of n sorted ones the 95% interval of their median begins (by the binomial distribution). */
  private static int rank(int n) {
    var probability = Math.pow(.5, n);
    var below = probability;
    for (var k = 0; ; k++) {
      if (below > .025) return Math.max(0, k - 1);
      probability = probability * (n - k) / (k + 1);
      below += probability;
    }
  }

  private static void lines(String name, List<Result> results) {
    var all = results.stream().map(result -> linesOf(result.trace)).sorted().toList();
    System.out.printf("%-33s %6.0f  (%6.0f %6.0f)%n", name, all.get(ROUNDS / 2), all.getFirst(), all.getLast());
  }

  private static double linesOf(Trace trace) {
    return sum(trace.steps, what -> what.contains(" line ") && !what.contains("from purchase_order"));
  }

  private static double sum(List<Trace.Step> steps, Predicate<String> isMeant) {
    return steps.stream().filter(step -> isMeant.test(step.what())).mapToDouble(Trace.Step::took).sum();
  }
}
