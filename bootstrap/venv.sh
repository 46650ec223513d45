#!/bin/sh
# bootstrap/venv.sh: .venv as the lock says, and the package in it. Does nothing when nothing changed. Exits 3 where only a person can help.
set -eu
cd "$(dirname "$0")/.."
stamp=.venv/.gameday-stamp
lock=requirements-dev.lock

say() { echo "set-up: $*"; }
give_up() { echo "set-up: $1" >&2; echo "  fix: $2" >&2; exit 3; }

# An interpreter by name, so that a newer one than `python3` is found too.
find_python() {
  for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$name"; return; fi
  done
}

# What .venv was made from: the lock, the package's definition, and this folder (an editable install points to it).
wanted() {
  "$1" - "$lock" pyproject.toml <<'PY'
import hashlib, os, sys
digest = hashlib.sha256(os.getcwd().encode())
for name in sys.argv[1:]:
    digest.update(open(name, "rb").read())
print(digest.hexdigest())
PY
}

python=$(find_python)
[ -n "$python" ] || give_up "no Python 3.11 or newer" "install python3 (3.11 or newer), or say which: make setup PYTHON=/path/to/python"
want=$(wanted "$python")
if [ -x .venv/bin/gameday ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && .venv/bin/python -c '' 2>/dev/null; then
  exit 0
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  say "making .venv with $("$python" --version)"
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      say "installing python$version-venv"
      { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "python$version-venv"; } \
        >/dev/null || give_up "python$version-venv could not be installed" "apt-get install python$version-venv"
    else
      give_up "this Python cannot make virtual environments" "as root: apt-get install python$version-venv"
    fi
  fi
  "$python" -m venv --clear .venv || give_up "$python could not make .venv" "look at the lines above"
fi

say "installing the packages of $lock"
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
pip install -q --require-hashes -r "$lock" || give_up "the packages could not be installed" "check the network and pip's settings"
# The build tools are in the lock: nothing unpinned is fetched.
pip install -q --no-deps --no-build-isolation --editable . || give_up "the package could not be installed" "look at the lines above"
# pip has compiled the packages; ours too, since where PYTHONDONTWRITEBYTECODE is set (as in many images) Python would never keep it,
# and every command would compile the modules again.
.venv/bin/python -m compileall -q chaos || give_up "the package could not be compiled" "look at the lines above"
echo "$want" > "$stamp"
