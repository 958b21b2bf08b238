#!/bin/sh
# Usage: sh run.sh callers | old | lombok, or sh run.sh notifications CLONE, with the path of a clone of ThingsBoard.
# Needs a JDK 25, and Maven for Lombok.
# Writes class files to a temporary folder and removes it again.
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
    if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk" PATH="$jdk/bin:$PATH"; break; fi
done
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

notifications() { # clone: which notifications begin with DefaultNotification.builder(), and the type that each sets
    git -C "$1" show dfe65d5abc3aa959aaa853952d74943fbd6867bd:dao/src/main/java/org/thingsboard/server/dao/notification/DefaultNotifications.java >"$out/source" || exit 1
    awk '/ = DefaultNotification\.builder\(\)/ { name = $(NF - 2); all++; type = "none" }
        name && /\.type\(/ { gsub(/.*\.|\)/, ""); type = $1; set++ }
        name && /^            \.build\(\);/ { printf "%-37s%s\n", name, type; name = "" }
        END { print set " of " all " set a type" }' "$out/source"
}

case "$1" in
    callers | old | lombok | notifications) "$@" 2>&1 ;;
esac
