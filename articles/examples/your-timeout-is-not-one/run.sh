#!/bin/sh
# Usage: sh run.sh. Compiles Timeouts.java with Maven into a temporary folder, and runs it.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mvn -q -B package -Dout="$out" >"$out.log" 2>&1 || { status=$?; cat "$out.log"; exit $status; }
rm "$out.log"
"$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" timeouts.Timeouts
