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
mkdir "$out/before" "$out/optional" "$out/callers"
javac -d "$out/before" before/Payout.java
javac -cp "$out/before" -d "$out/callers" callers/*.java
javac -d "$out/optional" optional/Payout.java
echo "-- constructor caller"
java -cp "$out/callers:$out/optional" ConstructorCaller
echo "-- builder caller"
java -cp "$out/callers:$out/optional" BuilderCaller

echo "== 3. one builder, two objects"
java more/Reuse.java
echo "== 4. sealed timing"
java more/Sealed.java
echo "== 5. required fields in the opening call"
java more/Opening.java
