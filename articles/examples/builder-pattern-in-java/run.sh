#!/bin/sh
# Needs a JDK 21 or later on the path. Writes class files to a temporary
# folder and removes it again.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
java -version 2>&1 | head -1

echo "== 1. one more required field, callers recompiled"
mkdir "$out/required"
javac -d "$out/required" required/Payout.java
echo "-- constructor caller"
javac -cp "$out/required" -d "$out/required" callers/ConstructorCaller.java
echo "javac exit code $?"
echo "-- builder caller"
javac -cp "$out/required" -d "$out/required" callers/BuilderCaller.java
echo "javac exit code $?"
java -cp "$out/required" BuilderCaller

echo "== 2. one more optional field, callers NOT recompiled"
mkdir "$out/before" "$out/optional" "$out/kept" "$out/callers"
javac -d "$out/before" before/Payout.java
javac -cp "$out/before" -d "$out/callers" callers/*.java
javac -d "$out/optional" optional/Payout.java
echo "-- constructor caller"
java -cp "$out/callers:$out/optional" ConstructorCaller
echo "-- builder caller"
java -cp "$out/callers:$out/optional" BuilderCaller
echo "-- constructor caller, old signature kept as a second constructor"
javac -d "$out/kept" kept/Payout.java
java -cp "$out/callers:$out/kept" ConstructorCaller

echo "== 3. one builder, two objects"
java more/Reuse.java
echo "== 4. sealed timing"
java more/Sealed.java
echo "== 5. required fields in the opening call"
java more/Opening.java

echo "== 6. a fourth kind of timing"
mkdir "$out/timing-before" "$out/timing-after" "$out/describe"
javac -d "$out/timing-before" timing/before/Timing.java
javac -d "$out/timing-after" timing/after/Timing.java
javac -cp "$out/timing-before" -d "$out/describe" timing/Describe.java
echo "-- switch recompiled"
javac -cp "$out/timing-after" -d "$out/timing-after" timing/Describe.java
echo "javac exit code $?"
echo "-- switch NOT recompiled"
java -cp "$out/describe:$out/timing-after" Describe

echo "== 7. Lombok's @Builder"
lombok=${LOMBOK_JAR:-/usr/share/java/lombok.jar}
if [ -f "$lombok" ]; then
    mkdir "$out/lombok"
    java -jar "$lombok" version
    javac -cp "$lombok" -processorpath "$lombok" -d "$out/lombok" \
        lombok/Transfer.java lombok/Opened.java
    java -cp "$out/lombok" Transfer
    java -cp "$out/lombok" Opened
else
    echo "skipped: no Lombok jar at $lombok"
fi
