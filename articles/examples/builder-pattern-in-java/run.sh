#!/bin/sh
# Usage: sh run.sh callers | old | lombok. Needs a JDK 25 on the path, and Maven for Lombok.
# Writes class files to a temporary folder and removes it again.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

compile() { # version, caller
    mkdir -p "$out/$1-$2"
    javac -d "$out/$1-$2" "$1/Payout.java" &&
        javac -cp "$out/$1-$2" -d "$out/$1-$2" "callers/$2Caller.java"
}

# What a caller does with a version of Payout that it was compiled against.
rebuilt() { # version, caller
    compile "$1" "$2" >"$out/message" 2>&1 || { echo "compiler"; return; }
    java -cp "$out/$1-$2" "$2Caller" >"$out/message" 2>&1 || { echo "run time"; return; }
    echo "works"
}
# What a caller does with a version that replaced the one it was compiled against.
replaced() { # version, caller
    compile before "$2" && mkdir -p "$out/$1" && javac -d "$out/$1" "$1/Payout.java"
    java -cp "$out/$1:$out/before-$2" "$2Caller" >"$out/message" 2>&1 || { echo "run time"; return; }
    echo "works"
}
message() { sed 's/^/  /' "$out/message"; }

callers() {
    printf '%-14s%-12s%s\n' "a new value" "required" "optional"
    for style in Constructor Builder Opening Staged; do
        printf '%-14s%-12s%s\n' "$style" "$(rebuilt required $style)" "$(rebuilt optional $style)"
    done
    for style in Constructor Builder Opening Staged; do
        echo
        echo "$style, one more required value"
        rebuilt required $style >/dev/null
        message
    done
}

old() {
    printf '%-14s%-12s%s\n' "a new value" "required" "optional"
    for style in Constructor Builder Opening Staged; do
        printf '%-14s%-12s%s\n' "$style" "$(replaced required $style)" "$(replaced optional $style)"
    done
    echo
    echo "Constructor, one more optional value"
    replaced optional Constructor >/dev/null
    message
}

lombok() { # fetches Lombok with Maven
    command -v mvn >/dev/null || exit 127
    mvn -B -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -f lombok/pom.xml -DbuildDirectory="$out/lombok" compile >"$out/maven" 2>&1 || { cat "$out/maven"; exit 1; }
    java -cp "$out/lombok/classes" Opened
}

case "$1" in
    callers | old | lombok) $1 2>&1 ;;
esac
