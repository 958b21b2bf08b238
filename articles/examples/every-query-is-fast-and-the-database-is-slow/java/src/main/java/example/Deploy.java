package example;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Eight instances with a pool of 12 and PostgreSQL's default limit of 100 connections, of which 3 are reserved. Two new instances start
 * before two old ones end. Each is a HikariCP pool with default settings. What the pools log goes to the output.
 */
public class Deploy {
    static final int INSTANCES = 8;
    static final int SIZE = 12;
    static final int SURGE = 2;
    static final int QUERY = 100; // ms

    public static void main(String[] args) throws Exception {
        List<HikariDataSource> old = new ArrayList<>();
        List<HikariDataSource> fresh = new ArrayList<>();
        for (int i = 1; i <= INSTANCES; i++) old.add(Service.open("old-" + i, SIZE));
        Thread.sleep(3_000);
        print("before:", old);
        for (int i = 1; i <= SURGE; i++) {
            try {
                fresh.add(Service.open("new-" + i, SIZE));
                System.out.println("new-" + i + " started");
            } catch (PoolInitializationException e) {
                System.out.println("new-" + i + " did not start: " + e.getCause().getMessage());
            }
        }
        Thread.sleep(3_000);
        print("during:", fresh);
        for (var pool : fresh) load(pool);
        old.subList(0, SURGE).forEach(HikariDataSource::close);
        Thread.sleep(40_000);
        print("40 s after two old ones have ended:", fresh);
        try (var lines = Files.lines(Path.of(System.getenv("PGLOG")))) {
            System.out.println("refused connections in PostgreSQL's log: " + lines.filter(line -> line.contains("FATAL")).count());
        }
        System.exit(0);
    }

    /** As many requests at once as the pool should have connections, each with a query of 100 ms. */
    static void load(HikariDataSource pool) throws Exception {
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) threads.add(Thread.ofPlatform().start(() -> {
            try (var connection = pool.getConnection()) {
                Service.execute(connection, "select pg_sleep(" + QUERY / 1000.0 + ")");
            } catch (SQLException e) {
                System.out.println(e.getMessage());
            }
        }));
        for (Thread thread : threads) thread.join();
        System.out.printf("%s: %d requests of %d ms at once took %.1f s%n", pool.getPoolName(), SIZE, QUERY, (System.nanoTime() - start) / 1e9);
    }

    static void print(String when, List<HikariDataSource> pools) {
        var sizes = new ArrayList<String>();
        for (var pool : pools) sizes.add(pool.getPoolName() + " has " + pool.getHikariPoolMXBean().getTotalConnections());
        System.out.println(when + " " + String.join(", ", sizes));
    }
}
