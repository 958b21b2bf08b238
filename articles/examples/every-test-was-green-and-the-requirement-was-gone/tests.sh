#!/bin/sh
# sh tests.sh FOLDER: runs two files of tests at six commits of this site, each in a working tree of its own
# below FOLDER with the packages of its own lock file. Needs a full clone, npm and Chromium; takes some minutes.
set -eu
trees=$(mkdir -p "$1" && cd "$1" && pwd)
echo "commit    figures of articles    form in a browser"
for commit in 6a46d5ce 0dc38445 9108d7f1 6ce03870 ee127900 17f6e600; do
  tree=$trees/$commit
  [ -d "$tree" ] || git worktree add -q --detach "$tree" "$commit"
  cd "$tree"
  [ -d node_modules/jest ] || npm ci --no-audit --no-fund >/dev/null 2>&1
  count() {
    npm test -- "$1" --json --outputFile="$tree/report.json" >/dev/null 2>&1 || :
    npx node -p 'const { numPassedTests: p, numFailedTests: f } = require(process.argv[1]); `${p} pass, ${f} fail`' "$tree/report.json"
  }
  echo "$commit  $(printf '%-21s' "$(count test/articles/figures)")  $(count test/browser/form.test)"
  cd "$OLDPWD"
done
