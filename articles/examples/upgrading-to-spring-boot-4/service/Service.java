package service;

import jakarta.persistence.EntityManager;
import jakarta.servlet.http.HttpServletRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** A service with JSON, JPA and a login. The same source runs on Spring Boot 3.5 and 4.1. */
@SpringBootApplication
public class Service {

    // region types
    public enum State {
        WAITING("waiting for payment"),
        PAID("paid");

        private final String words;

        State(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words; // for people: logs, e-mails
        }
    }

    public record Order(
            String number, State state, Instant placed, Date shipped, Duration held, BigDecimal total) {}

    public record Line(String sku, int quantity) {}

    /** A class, unlike Order, which is a record. */
    public static class Address {
        public String street = "Store Kongensgade 1";
        public String city = "Copenhagen";
    }

    /** The list has a getter and no setter, as JAXB generates it. */
    public static class Basket {
        private final List<String> skus = new ArrayList<>();

        public List<String> getSkus() {
            return skus;
        }
    }
    // endregion

    @RestController
    static class Api {
        private final EntityManager entities;

        Api(EntityManager entities) {
            this.entities = entities;
        }

        @GetMapping("/order")
        Order order() {
            Instant placed = Instant.parse("2026-11-24T09:00:00Z");
            return new Order("A-17", State.WAITING, placed, Date.from(placed), Duration.ofMinutes(90),
                    new BigDecimal("19.90"));
        }

        @GetMapping("/address")
        Address address() {
            return new Address();
        }

        @PostMapping("/order")
        String order(@RequestBody Order order) {
            return "order " + order.number() + " " + order.state();
        }

        @PostMapping("/line")
        String line(@RequestBody Line line) {
            return "quantity " + line.quantity();
        }

        @PostMapping("/basket")
        String basket(@RequestBody Basket basket) {
            return basket.getSkus().size() + " articles";
        }

        @GetMapping("/failure")
        String failure() {
            throw new IllegalStateException("the printer is out of paper");
        }

        @GetMapping("/columns")
        String columns() {
            Object[] row = (Object[]) entities
                    .createNativeQuery("select since, birthday from customer").getSingleResult();
            return row[0].getClass().getName() + ", " + row[1].getClass().getName();
        }

        @GetMapping("/token")
        String token(CsrfToken token) {
            return token.getToken().isEmpty() ? "none" : "given";
        }

        /** What a session store would write: each attribute of the session, serialised by Java. */
        @GetMapping("/session")
        Map<String, byte[]> session(HttpServletRequest request) throws Exception {
            var attributes = new TreeMap<String, byte[]>();
            var session = request.getSession();
            for (String name : Collections.list(session.getAttributeNames())) {
                attributes.put(name, Shared.bytes(session.getAttribute(name)));
            }
            return attributes;
        }
    }

    // The login page is Spring Security's; nothing here says how many factors it has.
    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(requests -> requests
                        .requestMatchers("/private").authenticated().anyRequest().permitAll())
                .csrf(csrf -> csrf.ignoringRequestMatchers(
                        "/login", "/order", "/line", "/basket"))
                .formLogin(Customizer.withDefaults())
                .build();
    }

    @Bean
    UserDetailsService users() {
        return new InMemoryUserDetailsManager(
                User.withUsername("ada").password("{noop}secret").authorities("ROLE_USER").build());
    }
}
