#!/bin/sh
# bootstrap/lock.sh: writes both locks anew from pyproject.toml, for every platform, with hashes and no address in them.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install -q --disable-pip-version-check uv
compile() {
  "$tools/venv/bin/uv" pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet "$@"
}
compile --output-file requirements.lock
compile --extra dev --output-file requirements-dev.lock
if grep -n '://' requirements.lock requirements-dev.lock; then
  echo "a lock must not name an address" >&2
  exit 1
fi
