package example;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.ScrollPosition.Direction;
import org.springframework.data.domain.Window;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.repository.Repository;
import org.springframework.jdbc.core.JdbcTemplate;

/** Page 10,000 of a million orders by Spring Data's keyset scrolling: the SQL that it sends, and the rows that PostgreSQL reads for it. */
@SpringBootApplication
@EnableJpaRepositories(considerNestedRepositories = true)
public class Scrolling {

    @Entity
    @Table(name = "orders")
    static class Order {
        @Id
        Long id;
        Instant createdAt;
    }

    // region repository
    interface Orders extends Repository<Order, Long> {
        Window<Order> findFirst50ByOrderByCreatedAtDescIdDesc(ScrollPosition position);

        Window<Order> findFirst50ByCreatedAtLessThanEqualOrderByCreatedAtDescIdDesc(Instant bound, ScrollPosition position);
    }
    // endregion

    /** Keeps the last statement, as Hibernate sends it. */
    public static class LastStatement implements StatementInspector {
        static String sql;

        @Override
        public String inspect(String statement) {
            return sql = statement;
        }
    }

    public static void main(String[] args) {
        try (var context = SpringApplication.run(Scrolling.class,
                "--spring.main.banner-mode=off", "--logging.level.root=error",
                "--spring.jpa.open-in-view=false", "--spring.jpa.hibernate.ddl-auto=none",
                "--spring.jpa.properties.hibernate.session_factory.statement_inspector=" + LastStatement.class.getName(),
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/postgres",
                "--spring.datasource.username=" + System.getenv("PGUSER"))) {
            var database = context.getBean(JdbcTemplate.class);
            database.execute("create table orders (id bigint primary key, created_at timestamptz not null, note text not null)");
            database.execute("insert into orders select n, timestamptz '2026-01-01' + n / 4 * interval '10 seconds', repeat('x', 100) from generate_series(1, 1000000) n");
            database.execute("create index orders_newest on orders (created_at desc, id desc)");
            database.execute("vacuum analyze orders");
            var last = database.queryForMap("select created_at, id from orders order by created_at desc, id desc limit 1 offset 499949");
            Instant at = ((java.sql.Timestamp) last.get("created_at")).toInstant();
            var position = ScrollPosition.of(Map.of("createdAt", at, "id", last.get("id")), Direction.FORWARD);
            var orders = context.getBean(Orders.class);

            System.out.println("Spring Boot " + SpringApplication.class.getPackage().getImplementationVersion()
                    + ", Spring Data JPA " + org.springframework.data.jpa.repository.JpaRepository.class.getPackage().getImplementationVersion());
            System.out.println("\nScrollPosition.keyset");
            var plain = orders.findFirst50ByOrderByCreatedAtDescIdDesc(position);
            report(database, at, last.get("id"), plain);
            System.out.println("\nwith the bound in the method name");
            var bounded = orders.findFirst50ByCreatedAtLessThanEqualOrderByCreatedAtDescIdDesc(at, position);
            report(database, at, last.get("id"), bounded);
        }
    }

    static void report(JdbcTemplate database, Instant at, Object id, Window<Order> page) {
        String where = LastStatement.sql.replaceFirst("^.* where ", "where ").replaceFirst(" order by .*", "");
        System.out.println(where);
        System.out.println(page.size() + " orders, the first " + page.getContent().getFirst().id);
        // The values in the order of the statement: each comparison of created_at takes the date, each of the id the id.
        String statement = LastStatement.sql
                .replaceAll("created_at\\s*(<=|<|=)\\s*\\?", "created_at$1timestamptz '" + at + "'")
                .replaceAll("\\.id\\s*(<)\\s*\\?", ".id$1" + id)
                .replace("?", "51");
        List<String> plan = database.queryForList("explain (analyze, costs off, timing off, summary off) " + statement, String.class);
        plan.forEach(line -> System.out.println("  " + line));
    }
}
