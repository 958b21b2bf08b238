package example;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import javax.sql.DataSource;

/** What one request waits for: a connection, each statement, each call. Times are in milliseconds since the request began. */
final class Trace {
  record Step(double at, double took, String what) {}

  private static final ThreadLocal<Trace> CURRENT = new ThreadLocal<>();

  final List<Step> steps = new ArrayList<>();
  private final long start = System.nanoTime();
  double total;
  double held; // how long it kept a connection

  static Trace begin() {
    var trace = new Trace();
    CURRENT.set(trace);
    return trace;
  }

  void end() {
    CURRENT.remove();
    total = millis(System.nanoTime());
  }

  private double millis(long nanos) {
    return (nanos - start) / 1e6;
  }

  // region step
  static <T> T step(String what, Callable<T> work) throws Exception {
    var trace = CURRENT.get();
    if (trace == null) return work.call();
    var from = System.nanoTime();
    try {
      return work.call();
    } finally {
      var to = System.nanoTime();
      trace.steps.add(new Step(trace.millis(from), (to - from) / 1e6, what));
    }
  }

  static DataSource traced(DataSource pool) {
    return proxy(DataSource.class, pool, (name, args, call) -> name.equals("getConnection")
        ? traced((Connection) step("a connection from the pool", call))
        : call.call());
  }

  private static Connection traced(Connection connection) {
    var trace = CURRENT.get();
    var from = System.nanoTime();
    return proxy(Connection.class, connection, (name, args, call) -> {
      if (name.equals("close") && trace != null) trace.held += (System.nanoTime() - from) / 1e6;
      return name.equals("prepareStatement") ? traced((PreparedStatement) call.call(), (String) args[0]) : call.call();
    });
  }

  private static PreparedStatement traced(PreparedStatement statement, String sql) {
    return proxy(PreparedStatement.class, statement, (name, args, call) -> name.startsWith("execute") ? step(sql, call) : call.call());
  }
  // endregion

  private interface Around {
    Object call(String name, Object[] args, Callable<Object> call) throws Exception;
  }

  private static <T> T proxy(Class<T> type, T target, Around around) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> around.call(method.getName(), args, () -> {
      try {
        return method.invoke(target, args);
      } catch (InvocationTargetException e) {
        throw e.getCause() instanceof Exception cause ? cause : e;
      }
    })));
  }
}
