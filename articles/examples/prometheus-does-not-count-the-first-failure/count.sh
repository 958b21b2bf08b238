#!/bin/bash
# Failures of an hour in twelve situations, counted by four queries of a real Prometheus; with "gaps", when the
# rule counts old failures after Prometheus has stored nothing for a while. Has the scrapes written into a
# Prometheus of its own, served on loopback, and removes it.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
server=""
port=${PORT:-19090}
end=1793620800 # 2 November 2026, 12:00 UTC

echo "global: {}" >"$dir/prometheus.yml"
prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" --storage.tsdb.retention.time=100y \
    --web.enable-remote-write-receiver --web.listen-address="127.0.0.1:$port" >"$dir/log" 2>&1 &
server=$!
for _ in $(seq 100); do
    promtool query instant "http://127.0.0.1:$port" 'vector(1)' >/dev/null 2>&1 && break
    sleep 0.2
done
node write.mjs "http://127.0.0.1:$port" "${1:-}"

ask() { # query: the value, or 0 if nothing is returned
    local answer=""
    for _ in $(seq 10); do
        answer=$(promtool query instant --time="$end" "http://127.0.0.1:$port" "$1") && break
        sleep 0.5
    done
    awk '{ print $3 } END { if (!NR) print 0 }' <<<"${answer:-x x 0}"
}
# The expression of the alert, and the same without looking back an hour for the value of an hour ago.
counting=$(sed -n '/sum(/,/) >= 3/p' rules.yml | sed 's/) >= 3/)/')
short=$(printf '%s' "$counting" | sed 's/\[1h\] offset 1h/[5m] offset 1h/')
plain=$(printf '%s' "$counting" | sed 's/last_over_time(\(checkout_failures_total\)\[1h\] offset 1h)/\1 offset 1h/')
prometheus --version 2>&1 | head -1 | cut -d ' ' -f 1-3
if [ "${1:-}" = gaps ]; then
    echo "minutes after Prometheus is back in which the rule counts four old failures"
    for gap in 50 70 90 110 130 0; do
        name="gap-of-$gap-minutes"; [ $gap = 0 ] && name="empty-disk"
        back=$((end - 6 * 3600 + (60 + gap) * 60))
        promtool query range --start=$back --end=$((back + 7200)) --step=60s "http://127.0.0.1:$port" \
            "${counting//checkout_failures_total/checkout_failures_total{situation=\"$name\"\}} >= 3" |
            awk -v name="${name//-/ }" -v back=$back '/@\[/ { gsub(/.*\[|\]/, ""); at = ($0 - back) / 60; if (n++ == 0) from = at; to = at }
                END { printf "%-20s %s\n", name, n ? from " to " to : "none" }'
    done
    exit
fi
printf '%-30s %8s  %8s  %8s  %8s  %8s\n' "" "failures" "increase" "the rule" "[5m]" "no [1h]"
node write.mjs | while read -r true situation; do
    of="checkout_failures_total{situation=\"$situation\"}"
    printf '%-30s %8d  %8.2f  %8.0f  %8.0f  %8.0f\n' "${situation//-/ }" "$true" \
        "$(ask "sum(increase(checkout_failures_total{situation=\"$situation\"}[1h]))")" \
        "$(ask "${counting//checkout_failures_total/$of}")" \
        "$(ask "${short//checkout_failures_total/$of}")" \
        "$(ask "${plain//checkout_failures_total/$of}")"
done
