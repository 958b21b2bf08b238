#!/bin/sh
# sh with-mariadb.sh FILE.sql: starts a MariaDB server of its own in a temporary folder, reached by a Unix socket only, runs the
# statements, and removes it. Needs mariadb-install-db, mariadbd and mariadb on the path (Debian: mariadb-server, with /usr/sbin).
set -eu
PATH=$PATH:/usr/sbin
command -v mariadbd >/dev/null || { echo "mariadbd: not found"; exit 127; }
dir=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then chown mysql "$dir"; user="--user=mysql"; else user=""; fi
mariadb-install-db --no-defaults $user --datadir="$dir/data" --auth-root-authentication-method=normal >/dev/null 2>&1
mariadbd --no-defaults $user --datadir="$dir/data" --socket="$dir/s" --skip-networking --pid-file="$dir/pid" \
    --innodb-buffer-pool-size=512M --innodb-flush-log-at-trx-commit=0 >"$dir/log" 2>&1 &
server=$!
trap 'kill $server; wait $server 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
until mariadb --no-defaults --socket="$dir/s" -u root -e "select 1" >/dev/null 2>&1; do sleep 0.2; done
mariadb --no-defaults --socket="$dir/s" -u root --batch --skip-column-names test <"$1" | grep -v "^test.orders"
