#!/bin/sh
# Usage: sh run.sh [Groups | BuilderCheck]. Compiles and runs spring/ with Maven in a temporary folder and removes it again. Needs JDK 25 and Maven.
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
command -v mvn >/dev/null || { echo "mvn: not found"; exit 127; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mvn -q -B -f spring/pom.xml -DbuildDirectory="$out" -Dprogram="example.${1:-TwoClients}" compile exec:java >"$out/found" 2>/dev/null || { cat "$out/found"; exit 1; }
grep -v ' INFO ' "$out/found"
