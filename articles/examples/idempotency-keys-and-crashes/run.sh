#!/bin/sh
# Runs Refusal.java. Needs a JDK and Debian's libspring-transaction-java,
# libspring-jdbc-java, libspring-context-java and libh2-java.
set -eu
jars=${JARS:-/usr/share/java}
cp="$jars/h2.jar:$jars/commons-logging.jar"
for module in core beans context aop expression transaction jdbc; do
    cp="$cp:$jars/spring3-$module.jar"
done
java -cp "$cp" -Dorg.apache.commons.logging.Log=org.apache.commons.logging.impl.NoOpLog \
    Refusal.java
