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
"$JAVA_HOME/bin/keytool" -genkeypair -keyalg RSA -dname CN=127.0.0.1 -ext san=ip:127.0.0.1 -keystore "$out/keys.p12" -storepass changeit 2>"$out/keytool.log" ||
  { cat "$out/keytool.log"; exit 1; }
"$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -Dkeys="$out/keys.p12" -cp "$out/classes:$out/lib/*" timeouts.Timeouts
