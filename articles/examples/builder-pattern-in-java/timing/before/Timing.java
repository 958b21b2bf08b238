import java.time.LocalDate;

public sealed interface Timing {
    record Now() implements Timing { }
    record On(LocalDate date) implements Timing { }
    record Monthly(int day, LocalDate until) implements Timing { }

    static Timing fromConfiguration() {
        return new Now();
    }
}
