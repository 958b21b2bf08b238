import java.lang.reflect.Parameter;
import java.net.URI;

/** Which parameter names are left in the class file by javac alone? */
public class Names {

    record Settings(URI baseUrl) { }

    static class OrdinarySettings {
        OrdinarySettings(URI baseUrl) { }
    }

    public static void main(String[] args) {
        for (var type : new Class<?>[] {
                Settings.class, OrdinarySettings.class}) {
            Parameter first = type.getDeclaredConstructors()[0]
                    .getParameters()[0];
            System.out.println("  " + type.getSimpleName() + ": "
                    + first.getName() + ", name present: "
                    + first.isNamePresent());
        }
    }
}
