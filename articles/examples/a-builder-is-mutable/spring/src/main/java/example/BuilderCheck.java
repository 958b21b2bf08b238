package example;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import org.springframework.web.client.RestClient;

/** Finds code that builds two clients from one RestClient.Builder. Run it as a test; here it prints what it finds. */
public class BuilderCheck {

    // region rule
    static final ArchRule oneClientPerBuilder = codeUnits().should(new ArchCondition<>("build one client per builder") {
        @Override
        public void check(JavaCodeUnit method, ConditionEvents events) {
            long clients = calls(method, Set.of("build"));
            long builders = Math.max(1, calls(method, Set.of("builder", "clone")));
            events.add(new SimpleConditionEvent(method, clients <= builders,
                    method.getFullName() + " builds " + clients + " clients"));
        }
    });
    // endregion

    static final ArchRule noBuilderFields = noFields().should().haveRawType(RestClient.Builder.class);

    static long calls(JavaCodeUnit method, Set<String> names) {
        return method.getMethodCallsFromSelf().stream()
                .filter(call -> names.contains(call.getName()))
                .filter(call -> call.getTargetOwner().getName().startsWith(RestClient.class.getName()))
                .count();
    }

    /** What terrakube's #3434 repaired: a builder that is kept and added to for every request. */
    static class KeepsTheBuilder {
        private final RestClient.Builder builder = RestClient.builder();

        RestClient client() {
            return builder.defaultHeaders(headers -> headers.add("User-Agent", "example")).build();
        }
    }

    /** Two methods the rule accepts and three that it finds. */
    static class Chains {
        static List<RestClient> twoBuilders() {
            return List.of(RestClient.builder().build(), RestClient.builder().build());
        }

        static List<RestClient> twoClones(RestClient.Builder builder) {
            return List.of(builder.clone().build(), builder.clone().build());
        }

        static List<RestClient> oneBuilder() {
            var builder = RestClient.builder();
            return List.of(builder.build(), builder.build());
        }

        static List<RestClient> oneClone(RestClient.Builder builder) {
            var clone = builder.clone();
            return List.of(clone.build(), clone.build());
        }

        static List<RestClient> mutated(RestClient.Builder builder) {
            var bank = builder.build();
            return List.of(bank, bank.mutate().build());
        }
    }

    public static void main(String[] args) {
        var classes = new ClassFileImporter().importPackages("example");
        for (ArchRule rule : List.of(oneClientPerBuilder, noBuilderFields)) {
            System.out.println(rule.getDescription());
            rule.evaluate(classes).getFailureReport().getDetails().forEach(found -> System.out.println("  " + found));
        }
        System.exit(0);
    }
}
