# Builds the same sources with Spring Boot 3.5.16 and 4.1.2, and compares what the two do.
# bytes: what clients get.  shared: what one version reads of the other's.
# starters: which libraries are configured without a starter.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
case $1 in starters) folder=starters ;; *) folder=service ;; esac
for boot in 3.5.16 4.1.2; do
  mvn -q -B -f $folder/pom.xml package -Dboot=$boot -Dout="$dir/$boot" >"$dir/log" 2>&1 ||
    { status=$?; cat "$dir/log"; exit $status; }
done

# run BOOT CLASS ARGUMENT…
run() {
  boot=$1
  shift
  "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -Duser.timezone=UTC \
    -Dspring.jackson.use-jackson2-defaults="${defaults:-false}" \
    -cp "$dir/$boot/classes:$dir/$boot/lib/*" "$@" 2>"$dir/log" || { cat "$dir/log"; exit 1; }
}

case $1 in
bytes)
  run 3.5.16 service.Probe bytes >"$dir/a"
  run 4.1.2 service.Probe bytes >"$dir/b"
  defaults=true
  run 4.1.2 service.Probe bytes >"$dir/c"
  paste "$dir/a" "$dir/b" "$dir/c" | awk -F'\t' '{
    print $1
    if ($2 == $4 && $2 == $6) { print "  same on all: " $2; next }
    print "  3.5.16:      " $2
    print "  4.1.2:       " $4
    print "  with use-jackson2-defaults: " ($6 == $2 ? "as on 3.5.16" : $6 == $4 ? "as on 4.1.2" : $6)
  }'
  ;;
shared)
  run 3.5.16 service.Probe write "$dir/old"
  run 4.1.2 service.Probe write "$dir/new"
  echo "written by 3.5.16, read by 4.1.2"
  run 4.1.2 service.Probe read "$dir/old" | sed 's/^/  /; s/\t/: /'
  echo "written by 4.1.2, read by 3.5.16"
  run 3.5.16 service.Probe read "$dir/new" | sed 's/^/  /; s/\t/: /'
  ;;
starters)
  run 3.5.16 starters.Starters >"$dir/a"
  run 4.1.2 starters.Starters >"$dir/b"
  mvn -q -B -f starters/pom.xml package -Pclassic -Dboot=4.1.2 -Dout="$dir/classic" >"$dir/log" 2>&1 ||
    { cat "$dir/log"; exit 1; }
  run classic starters.Starters >"$dir/c"
  printf '%-32s%-14s%-14s%s\n' "on the classpath, no starter" 3.5.16 4.1.2 "with classic"
  paste "$dir/a" "$dir/b" "$dir/c" | awk -F'\t' '{ printf "%-32s%-14s%-14s%s\n", $1, $2, $4, $6 }'
  ;;
esac
