package hotel;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.tools.Server;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.modulith.events.IncompleteEventPublications;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * A booking in H2 and an email after its commit, by Spring's own listener. An email is a line in a
 * file. Each booking is made by a Spring Boot application in a process of its own, which is then
 * restarted: with the listener alone, and with the event publication registry of Spring Modulith.
 */
@SpringBootApplication
public class AfterCommit {
    record Booked(int id) { }

    @Component
    static class Desk {
        private final JdbcTemplate jdbc;
        private final ApplicationEventPublisher events;

        Desk(JdbcTemplate jdbc, ApplicationEventPublisher events) {
            this.jdbc = jdbc;
            this.events = events;
            jdbc.execute("create table if not exists bookings (id int primary key)");
        }

        @Transactional
        public void book(int id) {
            jdbc.update("insert into bookings values (?)", id);
            events.publishEvent(new Booked(id));
        }
    }

    @Component
    static class Confirmation {
        private final Mailer mailer;

        Confirmation(Mailer mailer) {
            this.mailer = mailer;
        }

        // region listener
        @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
        public void confirm(Booked booking) {
            mailer.send("Booking " + booking.id() + " is confirmed.");
        }
        // endregion
    }

    record Mailer(String fault, Path emails) {
        void send(String text) {
            if (fault.equals("throws")) {
                throw new IllegalStateException("the mail server is down");
            }
            while (fault.equals("slow") && Files.notExists(emails.resolveSibling("go"))) {
                sleep(50);
            }
            if (fault.equals("dies")) {
                Runtime.getRuntime().halt(137); // like SIGKILL
            }
            try {
                Files.writeString(emails, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Bean
    Mailer mailer(@Value("${fault}") String fault, @Value("${emails}") Path emails) {
        return new Mailer(fault, emails);
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            book(args);
            return;
        }
        System.out.printf("Spring Boot %s%n", SpringBootVersion.getVersion());
        System.out.println("                                the caller               emails after");
        System.out.println("                                sees          bookings   the booking  a restart");
        run("listener, mailer works", "works", false, false);
        run("listener, mailer throws", "throws", false, false);
        run("listener, process dies", "dies", false, false);
        run("registry, mailer throws", "throws", true, true);
        run("registry, process dies", "dies", true, true);
        run("the same, not republished", "dies", true, false);
        runTwo("registry, a second starts");
        run("process dies, job in another", "dies", true, false, "--older-than=1s", "--for=10s");
        runTwo("job, duration below the send", "--older-than=1s", "--for=10s");
        runTwo("job, duration above the send", "--older-than=10m", "--for=10s");
    }

    /** Books in one process, restarts in another one, and prints what the caller saw and what is stored. */
    static void run(String name, String fault, boolean registry, boolean republish, String... job)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("after-commit-");
        Path emails = folder.resolve("emails");
        String seen = start(registry, "--fault=" + fault, "--emails=" + emails, "--spring.datasource.url=" + url(folder),
                "--book=true");
        var jdbc = new JdbcTemplate(new DriverManagerDataSource(url(folder)));
        int bookings = jdbc.queryForObject("select count(*) from bookings", Integer.class);
        int before = count(emails);
        start(registry, with(job, "--fault=works", "--emails=" + emails, "--spring.datasource.url=" + url(folder), "--book=false",
                "--spring.modulith.events.republish-outstanding-events-on-restart=" + republish));
        System.out.printf("%-31s %-12s %9d %13d %10d%n", name, seen, bookings, before, count(emails));
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    static String[] with(String[] more, String... settings) {
        return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
    }

    /**
     * Books in one process, and starts a second one, which ends while the first is still sending. The second
     * publishes again at its start, or has a job that does.
     */
    static void runTwo(String name, String... job) throws Exception {
        Path folder = Files.createTempDirectory("after-commit-");
        Path emails = folder.resolve("emails");
        System.setProperty("h2.bindAddress", "127.0.0.1");
        var server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start(); // for two processes
        String url = "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/" + folder.resolve("store") + ";WRITE_DELAY=0";
        String always = "--spring.modulith.events.republish-outstanding-events-on-restart=" + (job.length == 0);
        Process first = launch(true, always, "--fault=slow", "--emails=" + emails, "--spring.datasource.url=" + url, "--book=true");
        var jdbc = new JdbcTemplate(new DriverManagerDataSource(url));
        while (!isBooked(jdbc)) {
            sleep(50);
        }
        int before = count(emails);
        start(true, with(job, always, "--fault=works", "--emails=" + emails, "--spring.datasource.url=" + url, "--book=false"));
        Files.createFile(folder.resolve("go")); // the first send may now end
        String seen = new String(first.getInputStream().readAllBytes()).strip();
        first.waitFor();
        System.out.printf("%-31s %-12s %9d %13d %10d%n", name, seen,
                jdbc.queryForObject("select count(*) from bookings", Integer.class), before, count(emails));
        server.stop();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    static boolean isBooked(JdbcTemplate jdbc) {
        try {
            return jdbc.queryForObject("select count(*) from bookings", Integer.class) == 1;
        } catch (org.springframework.dao.DataAccessException e) {
            return false; // the first process has not created the table
        }
    }

    static int count(Path emails) throws IOException {
        return Files.exists(emails) ? Files.readAllLines(emails).size() : 0;
    }

    /** Starts the application, and returns what the caller saw. */
    static String start(boolean registry, String... settings) throws IOException, InterruptedException {
        Process child = launch(registry, settings);
        String seen = new String(child.getInputStream().readAllBytes()).strip();
        return child.waitFor() == 137 ? "no response" : seen;
    }

    /** Without the registry, Modulith is not on the classpath. */
    static Process launch(boolean registry, String... settings) throws IOException {
        String classpath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(jar -> registry || !jar.contains("spring-modulith"))
                .collect(Collectors.joining(File.pathSeparator));
        var command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(),
                "-cp", classpath, "hotel.AfterCommit", "--logging.level.root=off", "--spring.main.banner-mode=off",
                "--spring.modulith.events.jdbc.schema-initialization.enabled=true"));
        command.addAll(List.of(settings));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    static String url(Path folder) {
        return "jdbc:h2:" + folder.resolve("store") + ";WRITE_DELAY=0";
    }

    /** What a scheduled job would do: once a second, sends again what is older than a duration. */
    static class Job {
        static void run(ApplicationContext context) {
            var olderThan = DurationStyle.detectAndParse(context.getEnvironment().getProperty("older-than"));
            var until = Instant.now().plus(DurationStyle.detectAndParse(context.getEnvironment().getProperty("for")));
            while (Instant.now().isBefore(until)) {
                // region job
                context.getBean(IncompleteEventPublications.class).resubmitIncompletePublicationsOlderThan(olderThan);
                // endregion
                sleep(1000);
            }
        }
    }

    static void book(String[] args) {
        try (var context = SpringApplication.run(AfterCommit.class, args)) {
            if (!context.getEnvironment().getProperty("book", Boolean.class)) {
                if (context.getEnvironment().containsProperty("older-than")) {
                    Job.run(context);
                }
                return;
            }
            try {
                context.getBean(Desk.class).book(1);
                System.out.println("success");
            } catch (RuntimeException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
