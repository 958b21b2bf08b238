// Counts what the builders in Java sources require, and what their callers leave out.
// Usage: java Builders.java FOLDER... It only parses, with javac's own parser, and resolves names
// by imports. Where it doesn't understand a call, it counts nothing.

import com.sun.source.tree.*;
import com.sun.source.util.*;
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;
import javax.lang.model.element.Modifier;
import javax.tools.*;

static final Set<String> CHECKS = Set.of("requireNonNull", "checkNotNull", "notNull", "hasText", "hasLength",
        "notEmpty", "ensureNotNull", "ensureNotBlank", "ensureNotEmpty");

/** A class as it was parsed. The name is qualified. */
record Type(String name, ClassTree tree, CompilationUnitTree unit, Type enclosing) {}

/** `setters`: for each method of the chain, the values that it sets. `opening`: none begins without a value. */
record Builder(String product, boolean opening, Map<String, Set<String>> setters, Set<String> required) {}

/** One expression from builder() to build(). `expected`: in a test that expects an error. */
record Chain(String product, Set<String> calls, boolean test, boolean expected, String place) {}

final Map<String, Type> types = new TreeMap<>();
final Map<String, Builder> builders = new TreeMap<>(); // by the product's name, and by the builder's own
final List<Chain> chains = new ArrayList<>();
int begun;
final Map<String, List<Integer>> table = new LinkedHashMap<>();

void main(String[] folders) throws Exception {
    for (String folder : folders) {
        types.clear();
        builders.clear();
        chains.clear();
        begun = 0;
        var units = parse(Path.of(folder));
        for (var unit : units) unit.getTypeDecls().forEach(tree -> collect(tree, null, unit));
        types.values().stream().filter(type -> !isTest(type.unit)).forEach(type -> {
            handWritten(type);
            lombok(type);
        });
        for (var unit : units) findChains(unit, Path.of(folder));
        count();
    }
    System.out.printf("%-51s", "");
    for (String folder : folders) System.out.printf("%13s", Path.of(folder).getFileName());
    System.out.printf("%8s%n", "all");
    table.forEach((label, numbers) -> {
        System.out.printf("%-51s", label);
        numbers.forEach(number -> System.out.printf("%,13d", number));
        System.out.printf("%,8d%n", numbers.stream().mapToInt(number -> number).sum());
    });
}

List<CompilationUnitTree> parse(Path folder) throws Exception {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var files = compiler.getStandardFileManager(null, null, null);
    try (var paths = Files.walk(folder)) {
        var sources = paths.filter(path -> path.toString().endsWith(".java")).sorted().toList();
        var task = (JavacTask) compiler.getTask(null, files, problem -> {}, List.of(), null,
                files.getJavaFileObjectsFromPaths(sources));
        var units = new ArrayList<CompilationUnitTree>();
        task.parse().forEach(units::add);
        return units;
    }
}

boolean isTest(CompilationUnitTree unit) {
    return unit.getSourceFile().getName().matches(".*(/tests?/|[tT]est[^/]*/src/|/testFixtures/).*");
}

void collect(Tree tree, Type enclosing, CompilationUnitTree unit) {
    if (!(tree instanceof ClassTree type)) return;
    String outer = enclosing != null ? enclosing.name : String.valueOf(unit.getPackageName());
    var found = new Type(outer + "." + type.getSimpleName(), type, unit, enclosing);
    types.put(found.name, found);
    type.getMembers().forEach(member -> collect(member, found, unit));
}

/** A concrete class whose name ends in Builder, with a method build(). */
void handWritten(Type type) {
    String simple = type.tree.getSimpleName().toString();
    var build = methods(type.tree).filter(method -> method.getName().contentEquals("build")
            && method.getParameters().isEmpty() && method.getBody() != null).findFirst();
    if (!simple.endsWith("Builder") || build.isEmpty()) return;
    if (type.tree.getModifiers().getFlags().contains(Modifier.ABSTRACT)) return;

    var given = fields(type.tree).filter(field -> field.getInitializer() != null).map(this::name)
            .collect(Collectors.toSet());
    boolean plain = constructors(type).anyMatch(method -> method.getParameters().isEmpty());
    constructors(type).filter(method -> !plain || method.getParameters().isEmpty()) // not Builder(other)
            .forEach(method -> given.addAll(assigned(method)));
    given.addAll(assigned(build.get())); // build() fills it in
    Set<String> required = checked(build.get(), type, new HashSet<>());
    required.removeAll(given);
    var values = new TreeSet<String>();
    for (var at = Optional.of(type); at.isPresent(); at = parent(at.get()))
        fields(at.get().tree).forEach(field -> values.add(name(field)));
    required.retainAll(values);

    var setters = new TreeMap<String, Set<String>>();
    methods(type.tree).filter(method -> !method.getParameters().isEmpty() && method.getReturnType() != null)
            .forEach(method -> setters.computeIfAbsent(method.getName().toString(), _ -> new TreeSet<>())
                    .addAll(assigned(method)));
    setters.values().removeIf(Set::isEmpty); // such as from(other), which we don't understand
    var product = simple.equals("Builder") && type.enclosing != null ? type.enclosing.name
            : resolve(build.get().getReturnType().toString(), type.unit, type).orElse(type.name);
    var starts = Stream.concat(constructors(type), type.enclosing == null ? Stream.empty()
            : methods(type.enclosing.tree).filter(method -> name(method).matches("builder|newBuilder"))).toList();
    boolean opening = !starts.isEmpty() && starts.stream().noneMatch(start -> start.getParameters().isEmpty());
    var builder = new Builder(product, opening, setters, required);
    builders.putIfAbsent(product, builder);
    builders.put(type.name, builder);
}

/** Required is what has @NonNull, or is checked by a constructor written by hand. */
void lombok(Type type) {
    var imports = type.unit.getImports().stream().map(Tree::toString);
    var place = Stream.concat(Stream.of((Tree) type.tree), methods(type.tree))
            .filter(tree -> annotation(modifiers(tree), "Builder", "SuperBuilder").isPresent()).findFirst();
    if (place.isEmpty() || imports.noneMatch(line -> line.contains("lombok."))) return;
    List<VariableTree> values = new ArrayList<>();
    if (place.get() instanceof MethodTree method) values.addAll(method.getParameters());
    else for (var at = Optional.of(type); at.isPresent(); at = parent(at.get())) {
        fields(at.get().tree).forEach(values::add);
        if (annotation(type.tree.getModifiers(), "SuperBuilder").isEmpty()) break;
    }
    var setters = new TreeMap<String, Set<String>>();
    var required = new TreeSet<String>();
    for (var value : values) {
        setters.put(name(value), Set.of(name(value)));
        boolean given = annotation(value.getModifiers(), "Default", "Singular").isPresent();
        if (annotation(value.getModifiers(), "NonNull").isPresent() && !given) required.add(name(value));
    }
    constructors(type).filter(method -> method.getParameters().size() == values.size())
            .forEach(method -> required.addAll(checked(method, type, new HashSet<>())));
    required.retainAll(setters.keySet());
    boolean opening = annotation(modifiers(place.get()), "Builder").map(Tree::toString).orElse("")
            .contains("builderMethodName = \"\"");
    builders.put(type.name, new Builder(type.name, opening, setters, required));
}

/** What the method checks for null in any case, itself or in a constructor that it calls. */
Set<String> checked(MethodTree method, Type type, Set<MethodTree> seen) {
    var names = new TreeSet<String>();
    if (!seen.add(method) || method.getBody() == null) return names;
    for (var statement : method.getBody().getStatements()) {
        if (statement instanceof IfTree branch) {
            boolean refuses = branch.getThenStatement().toString().matches("\\{?\\s*throw [^;]*;\\s*}?");
            if (refuses) names.addAll(compared(branch.getCondition(), Tree.Kind.EQUAL_TO, Tree.Kind.CONDITIONAL_OR));
            continue;
        }
        if (!(statement instanceof ExpressionStatementTree || statement instanceof ReturnTree
                || statement instanceof VariableTree)) continue;
        new TreeScanner<Void, Void>() {
            @Override
            public Void visitMethodInvocation(MethodInvocationTree call, Void none) {
                String called = last(call.getMethodSelect());
                var arguments = call.getArguments();
                boolean asks = call.getMethodSelect().toString().startsWith("StringUtils."); // not a check
                if (CHECKS.contains(called) && !asks && !arguments.isEmpty()) value(arguments.get(0)).ifPresent(names::add);
                if (called.matches("checkArgument|checkState|state|isTrue") && !arguments.isEmpty())
                    names.addAll(compared(arguments.get(0), Tree.Kind.NOT_EQUAL_TO, Tree.Kind.CONDITIONAL_AND));
                if (called.equals("this")) follow(type, arguments);
                if (called.equals("super")) parent(type).ifPresent(parent -> follow(parent, arguments));
                return super.visitMethodInvocation(call, none);
            }

            @Override
            public Void visitNewClass(NewClassTree created, Void none) {
                resolve(plain(created.getIdentifier()), type.unit, type).map(types::get)
                        .ifPresent(product -> follow(product, created.getArguments()));
                return super.visitNewClass(created, none);
            }

            @Override
            public Void visitLambdaExpression(LambdaExpressionTree lambda, Void none) {
                return null;
            }

            void follow(Type product, List<? extends ExpressionTree> arguments) {
                boolean builder = arguments.size() == 1 && arguments.get(0).toString().matches("this|builder");
                for (var constructor : constructors(product).toList()) {
                    boolean compact = product.tree.getKind() == Tree.Kind.RECORD && constructor.getParameters().isEmpty();
                    var parameters = compact ? fields(product.tree).toList() : constructor.getParameters();
                    if (parameters.size() != arguments.size()) continue;
                    if (builder && !plain(parameters.get(0).getType()).endsWith("Builder")) continue;
                    Set<String> own = checked(constructor, product, seen);
                    if (builder) names.addAll(own);
                    else for (int at = 0; at < arguments.size(); at++) // requireNonNullElse(x, …) isn't x
                        if (own.contains(name(parameters.get(at)))) value(arguments.get(at)).ifPresent(names::add);
                }
            }
        }.scan(statement, null);
    }
    return names;
}

/** The values that a condition such as `a == null || b == null` compares with null. */
Set<String> compared(Tree tree, Tree.Kind comparison, Tree.Kind joined) {
    var names = new TreeSet<String>();
    if (tree instanceof ParenthesizedTree inner) return compared(inner.getExpression(), comparison, joined);
    if (!(tree instanceof BinaryTree binary)) return names;
    if (tree.getKind() == joined) {
        names.addAll(compared(binary.getLeftOperand(), comparison, joined));
        names.addAll(compared(binary.getRightOperand(), comparison, joined));
    }
    if (tree.getKind() == comparison && binary.getRightOperand().getKind() == Tree.Kind.NULL_LITERAL)
        value(binary.getLeftOperand()).ifPresent(names::add);
    return names;
}

/** `x`, `this.x` and `builder.x` are the value x. */
Optional<String> value(Tree tree) {
    boolean field = tree instanceof MemberSelectTree select && select.getExpression() instanceof IdentifierTree;
    return tree instanceof IdentifierTree || field ? Optional.of(last(tree)) : Optional.empty();
}

Set<String> assigned(MethodTree method) {
    var names = new TreeSet<String>();
    new TreeScanner<Void, Void>() {
        @Override
        public Void visitAssignment(AssignmentTree assignment, Void none) {
            value(assignment.getVariable()).ifPresent(names::add);
            return super.visitAssignment(assignment, none);
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void none) { // this.items.add(item)
            if (call.getMethodSelect() instanceof MemberSelectTree select && last(select).matches("add|addAll|put|putAll"))
                value(select.getExpression()).ifPresent(names::add);
            return super.visitMethodInvocation(call, none);
        }
    }.scan(method, null);
    return names;
}

void findChains(CompilationUnitTree unit, Path folder) {
    new TreePathScanner<Void, Void>() {
        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void none) {
            if (start(call, unit).isPresent()) begun++;
            if (call.getMethodSelect() instanceof MemberSelectTree select && last(select).equals("build")
                    && call.getArguments().isEmpty()) chain(select.getExpression());
            return super.visitMethodInvocation(call, none);
        }

        @Override
        public Void visitNewClass(NewClassTree created, Void none) {
            if (start(created, unit).isPresent()) begun++;
            return super.visitNewClass(created, none);
        }

        void chain(ExpressionTree at) {
            var calls = new TreeSet<String>();
            while (start(at, unit).isEmpty()) {
                if (!(at instanceof MethodInvocationTree call && call.getMethodSelect() instanceof MemberSelectTree select)) return;
                calls.add(last(select));
                at = select.getExpression();
            }
            var given = at instanceof MethodInvocationTree call ? call.getArguments() : ((NewClassTree) at).getArguments();
            if (!given.isEmpty()) calls.add("builder(…)"); // we don't know what it sets
            chains.add(new Chain(start(at, unit).get(), calls, isTest(unit), expected(),
                    folder.relativize(Path.of(unit.getSourceFile().getName())).toString()));
        }

        boolean expected() {
            for (var path = getCurrentPath(); path != null; path = path.getParentPath()) {
                if (path.getLeaf() instanceof MethodInvocationTree call && last(call.getMethodSelect())
                        .matches("assertThrows.*|expectThrows|assertThat.*Thrown.*|isThrownBy|catchThrowable.*")) return true;
                if (path.getLeaf() instanceof MethodTree method && method.toString()
                        .matches("(?s).*(@Test\\(expected|exceptionRule\\.expect|thrown\\.expect).*")) return true;
            }
            return false;
        }
    }.scan(unit, null);
}

/** Of `X.builder()`, `X.newBuilder()` and `new X.Builder()`, the name of the product or of its builder. */
Optional<String> start(ExpressionTree tree, CompilationUnitTree unit) {
    String name = switch (tree) {
        case MethodInvocationTree call when call.getMethodSelect() instanceof MemberSelectTree select
                && last(select).matches("builder|newBuilder") -> select.getExpression().toString();
        case NewClassTree created -> plain(created.getIdentifier());
        default -> null;
    };
    return name == null ? Optional.empty() : resolve(name, unit, null).filter(builders::containsKey);
}

Optional<String> resolve(String name, CompilationUnitTree unit, Type inside) {
    var places = new ArrayList<String>();
    String first = name.replaceAll("\\..*", "");
    for (var line : unit.getImports()) {
        String imported = line.getQualifiedIdentifier().toString();
        if (imported.endsWith("." + first)) places.add(imported.substring(0, imported.length() - first.length()));
    }
    for (Type at = inside; at != null; at = at.enclosing) places.add(at.name + ".");
    for (var tree : unit.getTypeDecls())
        if (tree instanceof ClassTree type) places.add(unit.getPackageName() + "." + type.getSimpleName() + ".");
    places.add(unit.getPackageName() + ".");
    for (var line : unit.getImports()) {
        String imported = line.getQualifiedIdentifier().toString();
        if (imported.endsWith(".*")) places.add(imported.substring(0, imported.length() - 1));
    }
    places.add("");
    return places.stream().map(place -> place + name).filter(types::containsKey).findFirst();
}

Optional<Type> parent(Type type) {
    return Optional.ofNullable(type.tree.getExtendsClause())
            .flatMap(tree -> resolve(plain(tree), type.unit, type)).map(types::get);
}

Stream<MethodTree> methods(ClassTree type) {
    return type.getMembers().stream().filter(MethodTree.class::isInstance).map(MethodTree.class::cast);
}

Stream<MethodTree> constructors(Type type) {
    return methods(type.tree).filter(method -> method.getReturnType() == null);
}

Stream<VariableTree> fields(ClassTree type) {
    return type.getMembers().stream().filter(VariableTree.class::isInstance).map(VariableTree.class::cast)
            .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC));
}

ModifiersTree modifiers(Tree tree) {
    return tree instanceof ClassTree type ? type.getModifiers() : ((MethodTree) tree).getModifiers();
}

Optional<? extends AnnotationTree> annotation(ModifiersTree modifiers, String... names) {
    return modifiers.getAnnotations().stream()
            .filter(annotation -> List.of(names).contains(last(annotation.getAnnotationType()))).findFirst();
}

String name(Tree tree) {
    return tree instanceof MethodTree method ? method.getName().toString() : ((VariableTree) tree).getName().toString();
}

String last(Tree tree) {
    return tree instanceof MemberSelectTree select ? select.getIdentifier().toString() : tree.toString();
}

String plain(Tree type) {
    return type.toString().replaceAll("(?s)<.*", "").replaceAll("@\\w+ ", "");
}

Set<String> set(Chain chain) {
    var setters = builders.get(chain.product).setters;
    return chain.calls.stream().flatMap(call -> setters.get(call).stream()).collect(Collectors.toSet());
}

void row(String label, long number) {
    table.computeIfAbsent(label, _ -> new ArrayList<>()).add((int) number);
}

void count() {
    var all = builders.values().stream().distinct().toList();
    row("builders", all.size());
    row("  begin with a value", all.stream().filter(Builder::opening).count());
    row("  check a value", all.stream().filter(builder -> !builder.opening && !builder.required.isEmpty()).count());
    var silent = all.stream().filter(builder -> !builder.opening && builder.required.isEmpty()).toList();
    row("  do neither", silent.size());
    silent.forEach(builder -> System.err.println(builder.product));

    row("chains begun", begun);
    var known = chains.stream()
            .filter(chain -> builders.get(chain.product).setters.keySet().containsAll(chain.calls)).toList();
    row("  followed to build()", known.size());
    var checked = known.stream().filter(chain -> !builders.get(chain.product).required.isEmpty()).toList();
    row("  of a builder that checks, outside tests", checked.stream().filter(chain -> !chain.test).count());
    var without = checked.stream()
            .filter(chain -> !set(chain).containsAll(builders.get(chain.product).required)).toList();
    row("    without a checked value", without.stream().filter(chain -> !chain.test).count());
    row("  of a builder that checks, in tests", checked.stream().filter(Chain::test).count());
    row("    without a checked value, expecting the error", without.stream().filter(Chain::expected).count());
    row("    without a checked value, not expecting it",
            without.stream().filter(chain -> chain.test && !chain.expected).count());

    var callers = known.stream().filter(chain -> !chain.test)
            .collect(Collectors.groupingBy(chain -> builders.get(chain.product)));
    callers.values().removeIf(list -> list.size() < 5);
    row("builders with five followed chains outside tests", callers.size());
    row("  all set some value that nothing checks", callers.entrySet().stream().filter(entry -> {
        var always = new TreeSet<>(set(entry.getValue().get(0)));
        entry.getValue().forEach(chain -> always.retainAll(set(chain)));
        always.removeAll(entry.getKey().required);
        return !always.isEmpty();
    }).count());
}
