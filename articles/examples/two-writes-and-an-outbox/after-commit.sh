#!/bin/sh
# Needs a JDK and, from Debian, Spring Framework 4.3 and H2:
# apt-get install libspring-context-java libspring-jdbc-java libspring-transaction-java libh2-java
set -eu
jars=${JARS:-/usr/share/java}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cp="$out"
for jar in spring3-core spring3-beans spring3-context spring3-expression spring3-aop spring3-jdbc spring3-transaction \
    commons-logging aopalliance h2; do
    cp="$cp:$jars/$jar.jar"
done
javac -cp "$cp" -d "$out" AfterCommit.java
java -cp "$cp" AfterCommit
