package example;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Two pools share a PgBouncer. What do their transactions see of the name and of the timeout that one of them has set? */
class Bouncer {
  private static final int TRANSACTIONS = 1000;

  /** One pool's settings, and what its transactions saw. */
  record Service(String name, String initSql, AtomicInteger ownName, AtomicInteger withTimeout, ConcurrentHashMap<Integer, Boolean> sessions) {
    Service(String name, String initSql) {
      this(name, initSql, new AtomicInteger(), new AtomicInteger(), new ConcurrentHashMap<>());
    }
  }

  public static void main(String[] args) throws Exception {
    ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("ROOT")).setLevel(ch.qos.logback.classic.Level.OFF);
    var port = args[0];
    var init = args.length > 1 ? args[1] : null;
    var shop = new Service("shop-2.14", init);
    var report = new Service("report", null);
    try (var shops = pool(port, shop); var reports = pool(port, report); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var worker = 0; worker < 8; worker++) {
        var first = worker % 2 == 0;
        threads.submit(() -> {
          for (var n = 0; n < TRANSACTIONS / 4; n++) transaction(first ? shops : reports, first ? shop : report);
          return null;
        });
      }
    }
    for (var service : new Service[] {shop, report})
      System.out.printf("  %-9s  init SQL: %-33s  under its own name %4d  with a timeout %4d%n", service.name, service.initSql == null ? "none" : service.initSql,
          service.ownName.get(), service.withTimeout.get());
    var all = new HashSet<>(shop.sessions.keySet());
    all.addAll(report.sessions.keySet());
    System.out.printf("  sessions of PostgreSQL that these used: %d%n", all.size());
  }

  private static HikariDataSource pool(String port, Service service) {
    var config = new HikariConfig();
    config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres?ApplicationName=" + service.name);
    config.setUsername("demo");
    config.setMaximumPoolSize(4);
    config.setConnectionInitSql(service.initSql);
    return new HikariDataSource(config);
  }

  private static void transaction(HikariDataSource pool, Service service) throws SQLException {
    try (var connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement();
          var row = statement.executeQuery("select current_setting('application_name'), current_setting('statement_timeout'), pg_backend_pid()")) {
        row.next();
        if (row.getString(1).equals(service.name)) service.ownName.incrementAndGet();
        if (!row.getString(2).equals("0")) service.withTimeout.incrementAndGet();
        service.sessions.put(row.getInt(3), true);
      }
      connection.commit();
    }
  }
}
