package bookings;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A seat is taken, and then the booking is refused for insufficient funds.
 * Later money arrives, and then a copy of the request with the same key.
 */
@SpringBootApplication
public class Refusal {

    interface Bookings {
        String book(String key, int amount);
    }

    static class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    /** The parts that the variants share. */
    abstract static class Base {
        final JdbcTemplate jdbc;

        Base(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        /** Returns whether the key is new. */
        boolean claim(String key) {
            return jdbc.update("insert into idempotency_key (id) "
                    + "values (?) on conflict do nothing", key) == 1;
        }

        String stored(String key) {
            return jdbc.queryForObject("select response from idempotency_key"
                    + " where id = ?", String.class, key);
        }

        String store(String key, String response) {
            jdbc.update("update idempotency_key set response = ? "
                    + "where id = ?", response, key);
            return response;
        }

        void takeSeat() {
            jdbc.update("update seat set free = free - 1");
        }

        boolean withdraw(int amount) {
            return jdbc.update("update account set balance = balance - ? "
                    + "where balance >= ?", amount, amount) == 1;
        }
    }

    @Service
    static class Throws extends Base implements Bookings {
        Throws(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @Transactional
        public String book(String key, int amount) {
            if (!claim(key)) {
                return stored(key);
            }
            takeSeat();
            if (!withdraw(amount)) {
                store(key, "refused");
                throw new Refused("insufficient funds"); // rolls the key back
            }
            return store(key, "booked");
        }
    }

    @Service
    static class NoRollback extends Base implements Bookings {
        NoRollback(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @Transactional(noRollbackFor = Refused.class)
        public String book(String key, int amount) {
            if (!claim(key)) {
                return stored(key);
            }
            takeSeat();
            if (!withdraw(amount)) {
                store(key, "refused");
                throw new Refused("insufficient funds");
            }
            return store(key, "booked");
        }
    }

    @Service
    static class Returns extends Base implements Bookings {
        Returns(JdbcTemplate jdbc) {
            super(jdbc);
        }

        @Transactional
        public String book(String key, int amount) {
            if (!claim(key)) {
                return stored(key);
            }
            takeSeat();
            return store(key, withdraw(amount) ? "booked" : "refused");
        }
    }

    @Service
    static class Savepoint extends Base implements Bookings {
        private final Work work;

        Savepoint(JdbcTemplate jdbc, Work work) {
            super(jdbc);
            this.work = work;
        }

        // region savepoint
        @Transactional
        public String book(String key, int amount) {
            if (!claim(key)) {
                return stored(key);
            }
            try {
                work.book(amount);
                return store(key, "booked");
            } catch (Refused e) {
                return store(key, "refused");
            }
        }
        // endregion
    }

    @Service
    static class Work extends Base {
        Work(JdbcTemplate jdbc) {
            super(jdbc);
        }

        // region work
        @Transactional(propagation = Propagation.NESTED)
        public void book(int amount) {
            takeSeat();
            if (!withdraw(amount)) {
                throw new Refused("insufficient funds");
            }
        }
        // endregion
    }

    @Service
    static class Afterwards extends Base implements Bookings {
        private final TransactionTemplate transaction;

        Afterwards(JdbcTemplate jdbc, TransactionTemplate transaction) {
            super(jdbc);
            this.transaction = transaction;
        }

        public String book(String key, int amount) {
            try {
                return transaction.execute(status -> {
                    if (!claim(key)) {
                        return stored(key);
                    }
                    takeSeat();
                    if (!withdraw(amount)) {
                        throw new Refused("insufficient funds");
                    }
                    return store(key, "booked");
                });
            } catch (Refused e) {
                return transaction.execute(status ->
                        claim(key) ? store(key, "refused") : stored(key));
            }
        }
    }

    static String call(Bookings bookings) {
        try {
            return bookings.book("key-1", 120);
        } catch (Refused e) {
            return "refused";
        }
    }

    static void run(String name, Bookings bookings, JdbcTemplate jdbc) {
        jdbc.update("delete from idempotency_key");
        jdbc.update("update account set balance = 100");
        jdbc.update("update seat set free = 10");
        String first = call(bookings);
        int taken = 10 - jdbc.queryForObject("select free from seat", Integer.class);
        jdbc.update("update account set balance = balance + 100");
        String retry = call(bookings);
        System.out.println("%-28s%-9s%-13s%-9s%s".formatted(name, first,
                taken == 0 ? "free" : "taken, WRONG", retry, first.equals(retry) ? "" : "WRONG").stripTrailing());
    }

    public static void main(String[] args) {
        try (var context = SpringApplication.run(Refusal.class,
                "--spring.datasource.url=" + args[0],
                "--logging.level.root=error", "--spring.main.banner-mode=off")) {
            var jdbc = context.getBean(JdbcTemplate.class);
            jdbc.execute("create table account (balance int)");
            jdbc.execute("create table idempotency_key (id varchar primary key,"
                    + " response varchar)");
            jdbc.update("insert into account values (100)");
            jdbc.execute("create table seat (free int)");
            jdbc.update("insert into seat values (10)");
            System.out.println("Spring Boot " + SpringBootVersion.getVersion() + ", " + jdbc.execute(
                    (java.sql.Connection c) -> c.getMetaData().getDatabaseProductName()));
            System.out.println("the refusal is              first    seat         "
                    + "retry, after money has arrived");
            run("a RuntimeException", context.getBean("refusal.Throws", Bookings.class), jdbc);
            run("the same, noRollbackFor", context.getBean("refusal.NoRollback", Bookings.class), jdbc);
            run("returned", context.getBean("refusal.Returns", Bookings.class), jdbc);
            run("thrown to a savepoint", context.getBean("refusal.Savepoint", Bookings.class), jdbc);
            run("stored after the rollback", context.getBean("refusal.Afterwards", Bookings.class), jdbc);
        }
    }
}
