import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.event.TransactionalEventListenerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/** A booking in H2 and a mail after its commit, by Spring's own listener. A mail is a line in a file. */
public class AfterCommit {
    public static class Booked {
        final int id;
        Booked(int id) { this.id = id; }
    }

    public static class Mailer {
        // region listener
        @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
        public void confirm(Booked booking) {
            send("Booking " + booking.id + " is confirmed.");
        }
        // endregion

        private final String fault;
        private final Path mails;

        Mailer(String fault, Path mails) { this.fault = fault; this.mails = mails; }

        void send(String text) {
            if (fault.equals("throws")) throw new IllegalStateException("the mail server is down");
            if (fault.equals("dies")) Runtime.getRuntime().halt(137);   // like SIGKILL
            try {
                Files.write(mails, (text + "\n").getBytes(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 2) {
            book(args[0], Path.of(args[1]));
            return;
        }
        System.out.println("the mailer           the caller sees   bookings  mails");
        for (String fault : new String[] {"works", "throws", "dies"}) {
            Path folder = Files.createTempDirectory("after-commit-");
            Process child = new ProcessBuilder(ProcessHandle.current().info().command().get(), "-cp", System.getProperty("java.class.path"),
                    "-Dorg.apache.commons.logging.Log=org.apache.commons.logging.impl.NoOpLog", "AfterCommit", fault, folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            String seen = new String(child.getInputStream().readAllBytes()).trim();
            if (child.waitFor() == 137) seen = "no answer";
            Path mails = folder.resolve("mails");
            System.out.printf("%-20s %-17s %8d %6d%n", fault, seen, jdbc(folder).queryForObject("select count(*) from bookings", Integer.class),
                    Files.exists(mails) ? Files.readAllLines(mails).size() : 0);
            delete(folder);
        }
    }

    static JdbcTemplate jdbc(Path folder) {
        return new JdbcTemplate(new DriverManagerDataSource("jdbc:h2:" + folder.resolve("store") + ";WRITE_DELAY=0"));
    }

    static void book(String fault, Path folder) {
        AnnotationConfigApplicationContext spring = new AnnotationConfigApplicationContext();
        spring.getBeanFactory().registerSingleton("factory", new TransactionalEventListenerFactory());
        spring.getBeanFactory().registerSingleton("mailer", new Mailer(fault, folder.resolve("mails")));
        spring.refresh();
        JdbcTemplate jdbc = jdbc(folder);
        jdbc.execute("create table bookings (id int primary key)");
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(jdbc.getDataSource()));
        try {
            transaction.execute(status -> {
                jdbc.update("insert into bookings values (1)");
                ((ApplicationEventPublisher) spring).publishEvent(new Booked(1));
                return null;
            });
            System.out.println("success");
        } catch (RuntimeException e) {
            System.out.println(e.getMessage());
        }
    }

    static void delete(Path folder) throws java.io.IOException {
        try (java.util.stream.Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toArray(Path[]::new)) Files.delete(file);
        }
        Files.delete(folder);
    }
}
