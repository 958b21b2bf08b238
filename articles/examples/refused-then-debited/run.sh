#!/bin/sh
# Usage: sh run.sh. Compiles Refusal.java with Maven into a temporary folder, and runs it with H2, then with a PostgreSQL
# of its own. Needs initdb and pg_ctl on the path. As root, the server runs as the user postgres.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mvn -q -B package -Dout="$out" >"$out.log" 2>&1 || { status=$?; cat "$out.log"; exit $status; }
rm "$out.log"
cd "$out" # the user postgres may not enter this folder
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$out"; fi
$as initdb -D "$out/data" -U me -A trust >/dev/null
$as pg_ctl -D "$out/data" -o "-k $out -c listen_addresses=127.0.0.1 -p 48090" -l "$out/log" -w start >/dev/null
trap '$as pg_ctl -D "$out/data" -m fast stop >/dev/null; rm -rf "$out"' EXIT
run() { "$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" bookings.Refusal "$1"; }
run "jdbc:h2:mem:bookings;MODE=PostgreSQL"
run "jdbc:postgresql://127.0.0.1:48090/postgres?user=me"
