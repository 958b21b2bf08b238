import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;

/** The key is replaced on disk while the service runs. Who notices? */
public class Rotate {

    // region key-file
    /** Reads the key when it is used; the check at the start is in Service. */
    static class KeyFile {
        private final Path file;

        KeyFile(@Value("${payments.gateway.api-key-file}") Path file) {
            this.file = file;
        }

        String current() throws IOException {
            return Files.readString(file).strip();
        }
    }
    // endregion

    static class Bound {
        final String key;

        Bound(@Value("${payments.gateway.api-key}") String key) {
            this.key = key;
        }
    }

    static AnnotationConfigApplicationContext start(Path mount) {
        System.setProperty("payments.gateway.api-key-file",
                mount.resolve("payments.gateway.api-key").toString());
        var context = new AnnotationConfigApplicationContext();
        context.getEnvironment().getPropertySources()
                .addLast(Service.tree(mount));
        context.register(PropertySourcesPlaceholderConfigurer.class,
                Bound.class, KeyFile.class);
        context.refresh();
        return context;
    }

    static void print(String when, AnnotationConfigApplicationContext context)
            throws IOException {
        System.out.printf("%-16s%-14s%-14s%s%n", when,
                context.getBean(Bound.class).key,
                context.getEnvironment()
                        .getProperty("payments.gateway.api-key"),
                context.getBean(KeyFile.class).current());
    }

    public static void main(String[] args) throws IOException {
        Path mount = Files.createTempDirectory("mount");
        Path key = mount.resolve("payments.gateway.api-key");
        try {
            Files.writeString(key, "key-1\n");
            System.out.printf("%-16s%-14s%-14s%s%n", "", "bound value",
                    "Environment", "read when used");
            try (var context = start(mount)) {
                print("at the start", context);
                Files.writeString(key, "key-2\n");
                print("after rotation", context);
            }
            try (var context = start(mount)) {
                print("after restart", context);
            }
        } finally {
            Files.delete(key);
            Files.delete(mount);
        }
    }
}
