#!/bin/sh
# Usage: sh service/run.sh [PROPERTY…]. Builds Service.java with Maven into a temporary folder, and runs it with these properties, such as
# --server.tomcat.threads.max-queue-capacity=45.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mvn -q -B -f service/pom.xml package -Dout="$out" >"$out.log" 2>&1 || { status=$?; cat "$out.log"; exit $status; }
rm "$out.log"
"$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" stall.Service --server.port=0 --logging.level.root=off \
  --spring.main.banner-mode=off --server.tomcat.threads.max=10 "$@"
