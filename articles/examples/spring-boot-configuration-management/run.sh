#!/bin/sh
# Usage: sh run.sh CLASS. Needs a JDK and Debian's Spring Framework 4.3 with
# Hibernate Validator: apt-get install libspring-context-java
# libhibernate-validator-java. Writes to a temporary folder and removes it.
set -eu
jars=${JARS:-/usr/share/java}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cp="$out"
for jar in spring3-core spring3-beans spring3-context spring3-expression \
    spring3-aop commons-logging hibernate-validator jboss-logging classmate \
    geronimo-validation-1.1-spec; do
    cp="$cp:$jars/$jar.jar"
done
javac -cp "$cp" -d "$out" ./*.java
java -cp "$cp" -Dorg.apache.commons.logging.Log=org.apache.commons.logging.impl.NoOpLog \
    -Dorg.jboss.logging.provider=jdk "$1"
