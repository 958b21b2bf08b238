#!/bin/sh
# Usage: sh run.sh callers | generated | lombok. Needs a JDK 25 on the
# path, and Maven for Immutables and Lombok. Writes class files to a temporary folder and removes it again.
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

compile() { # version, caller
    mkdir -p "$out/$1-$2"
    javac -d "$out/$1-$2" "$1/Payout.java" &&
        javac -cp "$out/$1-$2" -d "$out/$1-$2" "callers/$2Caller.java"
}

# What a caller does with a version of Payout that it was compiled against
# (rebuilt), or with one that replaced the version it was compiled against.
rebuilt() { # version, caller
    compile "$1" "$2" >"$out/message" 2>&1 || { echo "compiler"; return; }
    java -cp "$out/$1-$2" "$2Caller" >"$out/message" 2>&1 || { echo "run time"; return; }
    echo "works"
}
replaced() { # version, caller
    compile before "$2" && mkdir -p "$out/$1" && javac -d "$out/$1" "$1/Payout.java"
    java -cp "$out/$1:$out/before-$2" "$2Caller" >"$out/message" 2>&1 || { echo "run time"; return; }
    echo "works"
}
message() { sed 's/^/  /' "$out/message"; }

callers() {
    printf '%-14s%-12s%-12s%-12s%s\n' "" "required," "optional," "required," "optional,"
    printf '%-14s%-12s%-12s%-12s%s\n' "a new value" "rebuilt" "rebuilt" "old class" "old class"
    for style in Constructor Builder Opening Staged; do
        printf '%-14s%-12s%-12s%-12s%s\n' "$style" "$(rebuilt required $style)" "$(rebuilt optional $style)" \
            "$(replaced required $style)" "$(replaced optional $style)"
    done
    for style in Constructor Builder Opening Staged; do
        echo
        echo "$style, one more required value, rebuilt"
        rebuilt required $style >/dev/null
        message
    done
    for style in Constructor Builder Opening Staged; do
        echo
        echo "$style, one more required value, old class file"
        replaced required $style >/dev/null
        message
    done
    echo
    echo "Constructor, one more optional value, old class file"
    replaced optional Constructor >/dev/null
    message
    echo
    echo "the same, with the old signature as a second constructor"
    replaced kept Constructor >/dev/null
    message
}

lombok() { # fetches Lombok with Maven
    command -v mvn >/dev/null || exit 127
    mvn -B -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -f lombok/pom.xml -DbuildDirectory="$out/lombok" compile >"$out/maven" 2>&1 || { cat "$out/maven"; exit 1; }
    grep -o "@Builder will ignore.*default, add @Builder.Default" "$out/maven"
    java -cp "$out/lombok/classes" Transfer
    java -cp "$out/lombok/classes" Opened
}

generated() { # fetches Immutables with Maven
    mvn -q -B -f generated/pom.xml dependency:copy-dependencies -DoutputDirectory="$out/lib" >"$out/maven" 2>&1 || { status=$?; cat "$out/maven"; exit $status; }
    for version in before required optional; do
        mkdir "$out/$version" "$out/caller-$version"
        javac -cp "$out/lib/*" -processorpath "$out/lib/value-2.11.7.jar" -d "$out/$version" "generated/$version/Payout.java"
    done
    javac -proc:none -cp "$out/before" -d "$out/caller-before" generated/GeneratedCaller.java
    for version in required optional; do
        echo "one more $version value, rebuilt"
        javac -proc:none -cp "$out/$version" -d "$out/caller-$version" generated/GeneratedCaller.java &&
            java -cp "$out/$version:$out/caller-$version" GeneratedCaller
        echo "one more $version value, old class file"
        java -cp "$out/$version:$out/caller-before" GeneratedCaller
    done
}

case "$1" in
    callers | generated | lombok) $1 2>&1 ;;
esac
