# Builds the same sources with Spring Boot 3.5.16 and 4.1.2, and compares what the two do.
# bytes: what clients get.  shared: what one version reads of the other's.
# starters: which libraries are configured without a starter.
# wayback: a login on 4.1.2, and what 3.5.16 does with its cookie: as it is, with the sessions deleted, with the authority stripped.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
case $1 in starters | wayback) folder=$1 ;; *) folder=service ;; esac
for boot in 3.5.16 4.1.2; do
  session=""
  [ $boot = 3.5.16 ] && session="-Dsession.group=org.springframework.session -Dsession.artifact=spring-session-jdbc"
  mvn -q -B -f $folder/pom.xml package $session -Dboot=$boot -Dout="$dir/$boot" >"$dir/log" 2>&1 ||
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
wayback)
  for case in "as it is" "sessions deleted" "authority stripped"; do
    mkdir "$dir/sessions"
    echo "$case"
    echo " 4.1.2"
    run 4.1.2 wayback.WayBack login "$dir/sessions" $([ "$case" = "authority stripped" ] && echo strip)
    [ "$case" = "sessions deleted" ] && run 4.1.2 wayback.WayBack delete "$dir/sessions"
    echo " 3.5.16, with that cookie"
    run 3.5.16 wayback.WayBack ask "$dir/sessions"
    rm -r "$dir/sessions"
  done
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
