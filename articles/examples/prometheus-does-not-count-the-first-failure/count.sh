#!/bin/bash
# Failures of an hour in eight situations, counted by two queries of a real Prometheus. Writes three
# hours of scrapes into a database of its own, serves it on loopback, and removes it.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
server=""
port=${PORT:-19090}
end=1793620800 # 2 November 2026, 12:00 UTC

# region scrapes
# Each line: situation, pod, then minute=value, where the counter of the pod changes. Before its first
# minute the series does not exist; "gone" ends it. Minutes 120 to 180 are the hour that is counted.
situations() { cat <<'END'
3 one-pod-from-0          a 0=0 140=1 150=2 160=3
3 one-pod-new-series      a 140=1 150=2 160=3
3 three-pods-new-series   a 140=1
3 three-pods-new-series   b 150=1
3 three-pods-new-series   c 160=1
3 all-between-two-scrapes a 150=3
3 pod-replaced            a 125=1 135=2 140=gone
3 pod-replaced            b 150=1
3 restarted-same-labels   a 0=5 140=gone 145=1 150=2 160=3
2 one-an-hour-before      a 110=1 150=2 160=3
0 all-an-hour-before      a 0=4
END
}
# endregion

situations | awk -v end="$end" '
    BEGIN { print "# TYPE checkout_failures counter" }
    { delete at; for (i = 4; i <= NF; i++) { split($i, change, "="); at[change[1]] = change[2] }
      value = "gone"
      for (second = 0; second <= 10800; second += 30) { # a scrape every 30 s
          if (second % 60 == 0 && (second / 60) in at) value = at[second / 60]
          if (value != "gone")
              printf "checkout_failures_total{situation=\"%s\",pod=\"%s\"} %d %d\n", $2, $3, value, end - 10800 + second
      } }
    END { print "# EOF" }' >"$dir/scrapes.txt"
promtool tsdb create-blocks-from openmetrics "$dir/scrapes.txt" "$dir/data" >/dev/null 2>&1
echo "global: {}" >"$dir/prometheus.yml"
prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" --storage.tsdb.retention.time=100y \
    --web.listen-address="127.0.0.1:$port" >"$dir/log" 2>&1 &
server=$!
for _ in $(seq 100); do
    promtool query instant "http://127.0.0.1:$port" 'vector(1)' >/dev/null 2>&1 && break
    sleep 0.2
done

ask() { # query: the value, or 0 if nothing is returned
    promtool query instant --time="$end" "http://127.0.0.1:$port" "$1" | awk '{ print $3 } END { if (!NR) print 0 }'
}
# The expression of the alert, for one situation.
counting=$(sed -n '/sum(/,/) >= 3/p' rules.yml | sed 's/) >= 3/)/')
prometheus --version 2>&1 | head -1 | cut -d ' ' -f 1-3
printf '%-26s %8s  %14s  %8s  %10s\n' "" "failures" "increase()[1h]" "the rule" "new series"
situations | awk '{ print $1, $2 }' | uniq | while read -r true situation; do
    printf '%-26s %8d  %14.2f  %8.0f  %10.0f\n' "${situation//-/ }" "$true" \
        "$(ask "sum(increase(checkout_failures_total{situation=\"$situation\"}[1h]))")" \
        "$(ask "${counting//checkout_failures_total/checkout_failures_total\{situation=\"$situation\"\}}")" \
        "$(ask "count(checkout_failures_total{situation=\"$situation\"}
            unless checkout_failures_total{situation=\"$situation\"} offset 1h)")"
done
