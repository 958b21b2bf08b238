#!/bin/sh
# sh deploy.sh good|bad|nul FILE LINES: tries a release with trial.sh, and deploys it unless its
# trial fails, by which alone it decides. WAY is the change to the script as it was.
set -eu
log=trial.log here=$(dirname "$0")
refuse() { echo "refused: \"$1\""; exit 1; }

exec 9>lock
flock --nonblock 9 || refuse "another deployment is running"
case ${WAY-} in
  inherit) sh "$here/trial.sh" "$@" >"$log" 2>&1 & ;;
  append)
    : >"$log"
    sh "$here/trial.sh" "$@" >>"$log" 2>&1 9>&- &
    ;;
  file | both)
    # region file
    rm -f "$log" # a trial that was killed with its deployment still writes to this file
    sh "$here/trial.sh" "$@" >"$log" 2>&1 9>&- &
    # endregion
    ;;
  *) sh "$here/trial.sh" "$@" >"$log" 2>&1 9>&- & ;;
esac
trial=$!
echo "$trial" >>pids
trap 'kill "$trial"' EXIT

case ${WAY-} in
  text)
    until mail=$(grep --text -E '^(PASS|FAIL)  mail: ' "$log"); do sleep 0.05; done
    why=${mail#FAIL  }
    [ "$why" = "$mail" ] || refuse "$why"
    ;;
  pass | both)
    # region pass
    until mail=$(grep -E '^(PASS|FAIL)  mail: ' "$log"); do sleep 0.05; done
    case $mail in 'PASS  '*) ;; *) refuse "${mail#FAIL  }" ;; esac
    # endregion
    ;;
  *)
    # region check
    until mail=$(grep -E '^(PASS|FAIL)  mail: ' "$log"); do sleep 0.05; done
    why=${mail#FAIL  }
    [ "$why" = "$mail" ] || refuse "$why" # nothing was cut off, so it isn't a FAIL
    # endregion
    ;;
esac
echo "deployed: \"$mail\""
