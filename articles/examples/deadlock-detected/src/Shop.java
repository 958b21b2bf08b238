package example;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import java.util.List;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What the two transactions of each deadlock do. Main.meet() makes them wait for one another between two steps. */
@SpringBootApplication
@EnableResilientMethods
class Shop {
}

@Entity
class Stock {
    @Id long id;
    int shelf;
    int amount;
}

interface StockRepository extends JpaRepository<Stock, Long> {
    // region subtract-query
    @Modifying
    @Query("update Stock set amount = amount - 1 where id = :id")
    void subtract(long id);
    // endregion

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("from Stock where id = :id")
    Stock lockToWrite(long id);

    @Lock(LockModeType.PESSIMISTIC_READ)
    @Query("from Stock where id = :id")
    Stock lockToRead(long id);

    @Query(value = "select * from stock where id = :id for update", nativeQuery = true)
    Stock lockBySql(long id);

    @Query(value = "select * from stock where id = :id for no key update", nativeQuery = true)
    Stock lockBySqlNoKey(long id);
}

@Service
class Reservations {
    private final StockRepository stock;
    private final JdbcTemplate jdbc;

    Reservations(StockRepository stock, JdbcTemplate jdbc) {
        this.stock = stock;
        this.jdbc = jdbc;
    }

    // region basket
    @Transactional
    public void reserve(List<Long> basket) {
        for (long id : basket) {
            var product = stock.findById(id).orElseThrow();
            product.amount--;
        }
        Main.meet(); // both have read, and now both write
    }
    // endregion

    @Transactional
    public void reserveSorted(List<Long> basket) {
        reserve(basket.stream().sorted().toList());
    }

    // region subtract
    @Transactional
    public void subtract(List<Long> basket) {
        Main.meet();
        for (long id : basket.stream().sorted().toList()) stock.subtract(id);
    }
    // endregion

    @Transactional
    public void reserveLocked(List<Long> basket) {
        Main.meet();
        for (long id : basket.stream().sorted().toList()) stock.lockToWrite(id).amount--;
    }

    // region read
    @Transactional
    public void reserveIfThere(long id) {
        var product = stock.lockToRead(id); // for share: both get it
        Main.meet();
        if (product.amount > 0) product.amount--;
    }
    // endregion

    @Transactional
    public void reserveWithLock(long id) {
        Main.meet();
        var product = stock.lockToWrite(id);
        if (product.amount > 0) product.amount--;
    }

    // region parent
    @Transactional
    public void addLine(long id) {
        jdbc.update("insert into order_lines (product) values (?)", id); // locks the product, too
        Main.meet();
        stock.lockBySql(id).amount--; // select … for update
    }
    // endregion

    @Transactional
    public void addLineNoKey(long id) {
        jdbc.update("insert into order_lines (product) values (?)", id);
        Main.meet();
        stock.lockBySqlNoKey(id).amount--;
    }

    @Transactional
    public void addLineJpa(long id) {
        jdbc.update("insert into order_lines (product) values (?)", id);
        Main.meet();
        stock.lockToWrite(id).amount--;
    }

    @Transactional
    public void addLineLockFirst(long id) {
        Main.meet();
        stock.lockBySql(id).amount--;
        jdbc.update("insert into order_lines (product) values (?)", id);
    }

    // region unique
    @Transactional
    public void seen(List<String> devices) {
        for (String device : devices) {
            jdbc.update("insert into last_seen values (?, now()) "
                    + "on conflict (device) do update set at = excluded.at", device);
            Main.meet(); // after the first one, both wait for the other
        }
    }
    // endregion

    @Transactional
    public void statement(String sql) {
        Main.meet();
        jdbc.update(sql);
    }

    @Transactional
    public void statements(String... sql) {
        for (String statement : sql) {
            jdbc.execute(statement);
            Main.meet();
        }
    }

    /** Catches the error and tries again in the same transaction. */
    @Transactional
    public void tryAgainInside(List<Long> ids) {
        try {
            change(ids);
        } catch (PessimisticLockingFailureException e) {
            change(ids);
        }
    }

    // region retry
    @Retryable(includes = PessimisticLockingFailureException.class,
            maxRetries = 2, delay = 100, jitter = 100)
    @Transactional
    public void tryAgainOutside(List<Long> ids) {
        change(ids);
    }
    // endregion

    @Retryable(includes = CannotAcquireLockException.class, maxRetries = 2, delay = 100, jitter = 100)
    @Transactional
    public void tryAgainTooNarrow(List<Long> ids) {
        change(ids);
    }

    private void change(List<Long> ids) {
        for (long id : ids) {
            jdbc.update("update stock set amount = amount - 1 where id = ?", id);
            Main.meet();
        }
    }
}
