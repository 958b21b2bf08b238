#!/bin/sh
# What the repository of this site says about Zod. Run it in a full clone.
set -eu
echo "# which files of src import zod, at seven commits (UTC)"
for commit in e8789400 d8b49b09 fe8ff7fe 40436a41 6ce03870 0fc9bbcd 2298cfae; do
  files=$(git grep --full-name -l 'from "zod"' $commit -- :/src | cut -d: -f2 | sed 's,^src/,,' | tr '\n' ' ')
  echo "$(git log -1 --format=%ad --date=format-local:'%d %b %H:%M' $commit)  $commit  $files"
done
echo
echo "# what the messages of the commits say about it"
for commit in d8b49b09 fe8ff7fe 40436a41 6ce03870 2298cfae; do
  echo "$commit  $(git log -1 --format=%B $commit | grep -i -m 1 zod || echo nothing)"
done
echo
echo "# the lines of the diff of 6ce03870 that name it, and one that replaces them, of$(git show --shortstat --format= 6ce03870)"
git show 6ce03870 | grep -E '^[-+].*([Zz]od|The checks, the HTML)'
for commit in 6ce03870 0fc9bbcd; do
  echo
  echo "# where README, docs and package.json name it at $commit"
  git grep --full-name -ni zod $commit -- :/README.md :/docs :/package.json | cut -d: -f2- | cut -c 1-140
done
echo
echo "# how long the form was without its schema"
for span in "d8b49b09 fe8ff7fe" "6ce03870 2298cfae"; do
  git log --no-walk=unsorted --format=%at $span | tr '\n' ' ' | awk -v span="$span" '{ s = $2 - $1; printf "%s  %d minutes, %.1f days\n", span, s / 60, s / 86400 }'
done
