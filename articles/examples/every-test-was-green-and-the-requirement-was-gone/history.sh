#!/bin/sh
# What the repository of this site says about Zod. Run it in a full clone. Every commit has two dates:
# the author's, which stays when a branch is rebased, and the commit's, which doesn't.
set -eu
export TZ=UTC
line() { git log -1 --format="%ad  %cd  $1" --date=format-local:'%d %b %H:%M:%S' "$1"; }
imports() {
  files=$(git grep --full-name -l 'from "zod"' "$1" -- :/src | cut -d: -f2 | sed 's,^src/,,' | tr '\n' ' ')
  echo "$(line "$1")  ${files% }"
}
echo "# author's date   commit's date    commit    files of src that import zod"
for commit in e8789400 49d1b33b fe8ff7fe 40436a41 9108d7f1 6ce03870 0fc9bbcd 2298cfae; do imports $commit; done
echo
echo "# on a branch that fe8ff7fe merged"
imports d8b49b09
echo
echo "# what the messages of the commits say about it"
for commit in d8b49b09 fe8ff7fe 40436a41 6ce03870 2298cfae; do
  echo "$commit  $(git log -1 --format=%B $commit | grep -i -m 1 zod || echo nothing)"
done
echo "# points in the message of 6ce03870: $(git log -1 --format=%b 6ce03870 | grep -c '^- ')"
echo
echo "# the lines of the diff of 6ce03870 that name it, and one that replaces them, of$(git show --shortstat --format= 6ce03870)"
git show 6ce03870 | grep -E '^[-+].*([Zz]od|The checks, the HTML)'
for commit in 6ce03870 0fc9bbcd 2298cfae; do
  echo
  echo "# where README, docs and package.json name it at $commit"
  git grep --full-name -ni zod $commit -- :/README.md :/docs :/package.json | cut -d: -f2- | cut -c 1-140
done
echo
echo "# does 6ce03870 touch the colours, or an article? files: $(git show --name-only --format= 6ce03870 | grep -cE '^(src/colours.ts|articles/)' || :)"
echo "# what 0dc38445 took out of src/colours.ts"
git show 0dc38445 -- :/src/colours.ts | grep 'readColours'
echo
echo "# when tests were red, and mended"
for commit in 0dc38445 6ce03870 ee127900 17f6e600; do line $commit; done
echo
echo "# from one commit to another       author's dates             commits' dates"
for span in "fe8ff7fe 40436a41" "6ce03870 2298cfae" "0dc38445 17f6e600" "6ce03870 ee127900"; do
  git log --no-walk=unsorted --format='%at %ct' $span | tr '\n' ' ' | awk -v span="$span" '{
    a = $3 - $1; c = $4 - $2
    printf "%s  %7.1f minutes, %.1f days  %7.1f minutes, %.1f days\n", span, a / 60, a / 86400, c / 60, c / 86400
  }'
done
