#!/bin/sh
# Kills a deployment whose trial then goes on alone, and starts the next deployment beside it: as
# the script was, and with six changes. Needs GNU grep and flock. Works in a temporary folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
cd "$dir"
# Ends the trials that still run, and waits until nobody has the lock.
stop() {
  # shellcheck disable=SC2046 # pids are words
  kill $(cat pids 2>/dev/null) 2>/dev/null || :
  flock lock true
  rm -f pids trial.log ./*.txt ./*.said
}
trap 'stop; rm -rf "$dir"' EXIT
until_exists() { until [ -e "$1" ]; do sleep 0.05; done; }

# A deployment that is killed late in its trial. The trial of its good release goes on, and says so
# when orphan.txt exists.
orphan() {
  sh "$here/deploy.sh" good orphan.txt 200 >/dev/null 2>&1 &
  until [ -e trial.log ] && [ "$(wc -l <trial.log)" -ge 200 ]; do sleep 0.05; done
  kill -KILL $!
  wait $! 2>/dev/null || :
  sleep 0.2 # the sleep that it was in has the lock too
}

echo "the next deployment empties the log, and the orphan goes on writing"
orphan
: >trial.log
sleep 0.5
printf '  %s\n' "$(od -An -c -N 8 trial.log)"
first=$(LC_ALL=C grep --text -bom1 '{' trial.log | head -n 1)
echo "  the first byte that isn't NUL is at ${first%:*}"
echo "its own trial fails, and the check looks"
printf 'FAIL  mail: its template is broken\n' | dd of=trial.log conv=notrunc status=none
code=0
found=$(grep -E '^(PASS|FAIL)  mail: ' trial.log 2>errors) || code=$?
printf '  grep ended with %s and printed %s bytes: "%s"\n' "$code" "$(printf %s "$found" | wc -c)" "$found"
echo "  on standard error: $(cat errors)"
stop

# deploy none|busy|passes RELEASE WHAT: what the next deployment says, beside such an orphan.
deploy() {
  [ "$1" = none ] || orphan
  sh "$here/deploy.sh" "$2" next.txt 0 >said 2>/dev/null &
  sleep 0.5 # the orphan has written again
  if [ "$1" = passes ]; then
    : >orphan.txt
    until_exists orphan.txt.said
    sleep 0.5 # the check has looked
  fi
  : >next.txt
  wait $! || :
  printf '    %-46s %s\n' "$3" "$(cat said)"
  stop
}

echo "what the next deployment says"
while read -r WAY what; do
  export WAY
  echo "  $what"
  deploy busy bad "a bad release"
  deploy passes bad "a bad one, after the orphan has passed"
  deploy busy good "a good one"
  deploy none nul "a bad one that logs a NUL byte, no orphan"
done <<WAYS
before as it was
text grep --text
append >> instead of >
inherit a lock that children inherit
file a file of its own for each run
pass PASS instead of no FAIL
both a file of its own, and PASS
WAYS
