#!/bin/sh
# sh ready.sh USER: how many of this user's PostgreSQL processes had a CPU, and how many were ready to run without one, on average over
# five seconds. Run it on the database server.
# region ready
sum() { pgrep -f "^postgres: ([^ ]+: )?$1 " | sed 's|.*|/proc/&/schedstat|' | xargs cat | awk '{ on += $1; ready += $2 } END { printf "%.0f %.0f ", on, ready }'; }
echo "$(sum "$1"; sleep 5; sum "$1")" | awk '{ printf "on a CPU: %.1f   ready, without one: %.1f\n", ($3 - $1) / 5e9, ($4 - $2) / 5e9 }'
# endregion
