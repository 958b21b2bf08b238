import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.env.MapPropertySource;

/** Leaves out each setting in turn: does the context still start? */
public class Required {

    static final Map<String, Object> COMPLETE = Map.of(
            "payments.gateway.base-url", "https://gateway.example",
            "payments.gateway.api-key", "new-key",
            "payments.gateway.connect-timeout-ms", "300",
            "payments.gateway.read-timeout-ms", "1500");

    // region starts
    static boolean starts(Map<String, Object> settings) {
        var context = new AnnotationConfigApplicationContext();
        var sources = context.getEnvironment().getPropertySources();
        sources.forEach(source -> sources.remove(source.getName()));
        sources.addLast(new MapPropertySource("test", settings));
        context.register(PropertySourcesPlaceholderConfigurer.class,
                Service.StrictClient.class);
        try (context) {
            context.refresh();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }
    // endregion

    public static void main(String[] args) {
        System.out.println("complete: "
                + (starts(COMPLETE) ? "starts" : "refused"));
        for (String name : COMPLETE.keySet().stream().sorted().toList()) {
            var settings = new LinkedHashMap<>(COMPLETE);
            settings.remove(name);
            System.out.println("without " + name + ": "
                    + (starts(settings) ? "starts" : "refused"));
        }
    }
}
