public class Describe {

    static String describe(Timing timing) {
        return switch (timing) {
            case Timing.Now() -> "today";
            case Timing.On(var date) -> "on " + date;
            case Timing.Monthly(var day, var until) ->
                    "day " + day + " of each month until " + until;
        };
    }

    public static void main(String[] args) {
        System.out.println(describe(Timing.fromConfiguration()));
    }
}
