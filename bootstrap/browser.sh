#!/bin/sh
# bootstrap/browser.sh: a Chromium for the tests that look at reports as a reader does. Exits 3 where only a person can help.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "set-up: installing chromium"
  apt-get update -qq
  if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; then exit 0; fi
fi
echo "set-up: no Chromium for the browser tests" >&2
echo "  fix: install chromium, or run make test-quick, which needs none" >&2
exit 3
