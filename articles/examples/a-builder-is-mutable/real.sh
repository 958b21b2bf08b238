#!/bin/sh
# Usage: sh real.sh [REPOSITORY]. Fetches released jars of Spring AI from Maven Central and one class of Terrakube from its repository,
# before and after a repair, and runs the rule on them. Needs JDK 25, Maven and Git. Without GitHub, give it the path of a clone.
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk" PATH="$jdk/bin:$PATH"; break; fi
done
command -v mvn >/dev/null || { echo "mvn: not found"; exit 127; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
set -e
mvn -q -B -f real/pom.xml dependency:copy dependency:build-classpath -DoutputDirectory="$out" -Dmdep.outputFile="$out/classpath" 2>/dev/null
for jar in openai-1.0.0-M8 mistral-ai-1.0.0-M8 ollama-1.0.0-M8 openai-1.0.0 mistral-ai-1.0.0 ollama-1.0.0 deepseek-1.1.2; do
  paths="$paths $out/spring-ai-$jar.jar"
done
repository="${1:-https://github.com/terrakube-io/terrakube}"
git clone -q --bare --filter=blob:none "$repository" "$out/terrakube.git" 2>"$out/git" || { cat "$out/git"; exit 1; }
for commit in 2397889b~1 2397889b; do
  folder="$out/terrakube-$commit"
  mkdir "$folder"
  git -C "$out/terrakube.git" show "$commit:api/src/main/java/io/terrakube/api/plugin/json/DownloadReleasesService.java" >"$folder/DownloadReleasesService.java"
  javac -nowarn -proc:full -cp "$(cat "$out/classpath")" -d "$folder" "$folder/DownloadReleasesService.java" 2>"$out/javac" || { cat "$out/javac"; exit 1; }
  paths="$paths $folder"
done
mvn -q -B -f spring/pom.xml -DbuildDirectory="$out/target" -Dprogram=example.BuilderCheck -Dexec.args="${paths# }" compile exec:java >"$out/found" 2>/dev/null || { cat "$out/found"; exit 1; }
grep -v ' INFO ' "$out/found"
