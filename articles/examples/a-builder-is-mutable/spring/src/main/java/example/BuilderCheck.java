package example;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Finds code that builds a client from a builder it neither made nor cloned. Run it as a test; here it prints what it finds in this
 * package, or in each jar or folder of classes that is named.
 */
public class BuilderCheck {

    // region rule
    static final List<Class<?>> OWNERS = List.of(RestClient.class, RestClient.Builder.class,
            WebClient.class, WebClient.Builder.class);

    static final ArchRule ownBuilder = codeUnits().should(
            new ArchCondition<>("make or clone each builder they use") {
        @Override
        public void check(JavaCodeUnit method, ConditionEvents events) {
            long clients = calls(method, "build");
            long builders = calls(method, "builder", "clone");
            events.add(new SimpleConditionEvent(method, clients <= builders,
                    method.getFullName() + ": " + clients + " clients, "
                            + builders + " builders"));
        }
    });

    static long calls(JavaCodeUnit method, String... names) {
        return method.getMethodCallsFromSelf().stream()
                .filter(call -> Set.of(names).contains(call.getName()))
                .filter(call -> OWNERS.stream().anyMatch(call.getTargetOwner()::isEquivalentTo))
                .count();
    }
    // endregion

    /** What spring-ai's #3020 and #5258 changed, in a few lines of our own: one client from a builder that the constructor was handed. */
    static class HandedABuilder {
        final RestClient rest;
        final WebClient web;

        HandedABuilder(RestClient.Builder rest) {
            this.rest = rest.defaultHeader("Authorization", "Bearer model-token").build();
            this.web = null;
        }

        HandedABuilder(WebClient.Builder web) {
            this.rest = null;
            this.web = web.defaultHeader("Authorization", "Bearer model-token").build();
        }

        /** As repaired. */
        HandedABuilder(RestClient.Builder rest, WebClient.Builder web) {
            this.rest = rest.clone().defaultHeader("Authorization", "Bearer model-token").build();
            this.web = web.clone().defaultHeader("Authorization", "Bearer model-token").build();
        }
    }

    /** What terrakube's #3434 changed, in a few lines of our own: a builder that is kept and added to for every request. */
    static class KeepsTheBuilder {
        private final WebClient.Builder builder;

        KeepsTheBuilder(WebClient.Builder builder) {
            this.builder = builder;
        }

        WebClient client() {
            return builder.defaultHeaders(headers -> headers.add("User-Agent", "example")).build();
        }

        WebClient repaired() {
            return builder.clone().defaultHeaders(headers -> headers.add("User-Agent", "example")).build();
        }
    }

    /** Methods the rule accepts, methods it finds, and three it should find and doesn't. */
    static class Chains {
        static List<RestClient> acceptsTwoBuilders() {
            return List.of(RestClient.builder().build(), RestClient.builder().build());
        }

        static List<RestClient> acceptsTwoClones(RestClient.Builder builder) {
            return List.of(builder.clone().build(), builder.clone().build());
        }

        static List<RestClient> findsOneBuilder() {
            var builder = RestClient.builder();
            return List.of(builder.build(), builder.build());
        }

        static List<RestClient> findsOneClone(RestClient.Builder builder) {
            var clone = builder.clone();
            return List.of(clone.build(), clone.build());
        }

        static RestClient findsAHelper(RestClient.Builder builder) {
            return builder.build();
        }

        static RestClient findsMutate(RestClient client) {
            return client.mutate().build();
        }

        static List<RestClient> missesALoop(RestClient.Builder builder, List<String> urls) {
            var clone = builder.clone();
            return urls.stream().map(url -> clone.baseUrl(url).build()).toList();
        }

        static List<RestClient> missesASpareClone(RestClient.Builder builder) {
            builder.clone();
            RestClient.builder();
            return List.of(builder.build(), builder.build());
        }

        static RestClient missesALateClone(RestClient.Builder builder) {
            return builder.defaultHeader("Authorization", "Bearer bank-token").clone().build();
        }
    }

    public static void main(String[] args) throws MalformedURLException {
        System.out.println(ownBuilder.getDescription());
        if (args.length == 0) print(new ClassFileImporter().importPackages("example"), "org[a-z.]*\\.|example\\.");
        for (String path : args) {
            System.out.println(Path.of(path).getFileName());
            print(new ClassFileImporter().importUrl(url(path)), "\\([^)]*\\)|(org|io)[a-z.]*\\.");
        }
        System.exit(0);
    }

    private static URL url(String path) throws MalformedURLException {
        String url = Path.of(path).toUri().toString();
        return URI.create(path.endsWith(".jar") ? "jar:" + url + "!/" : url).toURL();
    }

    /** Prints what the rule finds, without what matches the pattern. */
    private static void print(JavaClasses classes, String without) {
        var details = ownBuilder.evaluate(classes).getFailureReport().getDetails();
        if (details.isEmpty()) System.out.println("  nothing");
        details.forEach(found -> System.out.println("  " + found.replaceAll(without, "")));
    }
}
