#!/bin/sh
# sh trial.sh good|bad|nul FILE LINES: what a release prints while it is tried. It prints so many
# lines at once, then one every twentieth of a second, and says whether it can send a mail when FILE
# exists. It runs until it is stopped, for a minute at most.
request() { echo '{"level":"info","msg":"request"}'; }
for _ in $(seq "$3"); do request; done
for _ in $(seq 1200); do
  request
  if [ -e "$2" ] && [ ! -e "$2.said" ]; then
    case $1 in
      good) echo "PASS  mail: an inquiry reached the mail server" ;;
      bad) echo "FAIL  mail: its template is broken" ;;
      nul) printf 'a header was "\000"\nFAIL  mail: its template is broken\n' ;;
    esac
    : >"$2.said"
  fi
  sleep 0.05
done
