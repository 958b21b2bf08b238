package wayback;

import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A service with a password login and its sessions in a table (H2), on either version. Arguments:
 * "login" FOLDER logs in and keeps the cookie; "ask" FOLDER calls five addresses with that cookie;
 * "delete" FOLDER empties the table. A third argument, "strip", leaves the authority out that
 * Spring Security 7 adds.
 */
@SpringBootApplication
@RestController
public class WayBack {

    @GetMapping("/me")
    String me(Authentication user) {
        return user.getName();
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(requests -> requests
                        .requestMatchers("/actuator/health").permitAll().anyRequest().authenticated())
                .csrf(csrf -> csrf.disable())
                .formLogin(Customizer.withDefaults())
                .build();
    }

    @Bean
    UserDetailsService users() {
        return new InMemoryUserDetailsManager(
                User.withUsername("ada").password("{noop}secret").authorities("ROLE_USER").build());
    }

    // region strip
    @Bean
    @ConditionalOnProperty("strip")
    DaoAuthenticationProvider withoutFactor(UserDetailsService users) {
        return new DaoAuthenticationProvider(users) {
            @Override
            protected Authentication createSuccessAuthentication(Object principal, Authentication login, UserDetails user) {
                var made = super.createSuccessAuthentication(principal, login, user);
                var authorities = made.getAuthorities().stream()
                        .filter(a -> !a.getClass().getSimpleName().equals("FactorGrantedAuthority")).toList();
                var token = UsernamePasswordAuthenticationToken.authenticated(made.getPrincipal(), made.getCredentials(), authorities);
                token.setDetails(made.getDetails());
                return token;
            }
        };
    }
    // endregion

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        var context = SpringApplication.run(WayBack.class,
                "--spring.main.banner-mode=off", "--logging.level.root=off",
                "--server.address=127.0.0.1", "--server.port=0",
                "--spring.session.jdbc.initialize-schema=always",
                "--spring.datasource.url=jdbc:h2:" + folder.toAbsolutePath().resolve("store") + ";WRITE_DELAY=0",
                args.length > 2 ? "--strip=true" : "--none=true");
        String base = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
        Path cookie = folder.resolve("cookie");
        try (context) {
            var jdbc = context.getBean(JdbcTemplate.class);
            switch (args[0]) {
                case "login" -> {
                    var cookies = new CookieManager();
                    var browser = HttpClient.newBuilder().cookieHandler(cookies).build();
                    browser.send(HttpRequest.newBuilder(URI.create(base + "/login"))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(HttpRequest.BodyPublishers.ofString("username=ada&password=secret")).build(),
                            HttpResponse.BodyHandlers.ofString());
                    var session = cookies.getCookieStore().getCookies().getFirst();
                    Files.writeString(cookie, session.getName() + "=" + session.getValue());
                    System.out.printf("  login: cookie %s, rows in SPRING_SESSION: %d%n", session.getName(),
                            jdbc.queryForObject("select count(*) from SPRING_SESSION", Integer.class));
                }
                case "delete" -> System.out.printf("  rows deleted: %d%n", jdbc.update("delete from SPRING_SESSION"));
                case "ask" -> {
                    for (var address : Map.of("1 GET /me", "/me", "2 GET /actuator/health", "/actuator/health",
                            "3 GET /login", "/login", "4 POST /login", "/login", "5 POST /logout", "/logout")
                            .entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
                        ask(base, address.getKey().substring(2), address.getValue(), Files.readString(cookie));
                    }
                }
                default -> throw new IllegalArgumentException(args[0]);
            }
        }
    }

    /** Prints the status of a request with the cookie, and where it redirects to. */
    private static void ask(String base, String name, String path, String cookie) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(base + path)).header("Cookie", cookie);
        if (name.startsWith("POST")) {
            request.header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("username=ada&password=secret"));
        }
        var response = HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        System.out.printf("  %-22s %d%s%n", name, response.statusCode(), response.headers().firstValue("Location")
                .map(location -> " to " + location.replace(base, "")).orElse(""));
    }
}
