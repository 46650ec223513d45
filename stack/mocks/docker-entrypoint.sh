#!/bin/sh
# Volumes may belong to root; the PMS itself does not run as root.
set -eu
if [ "$(id -u)" = 0 ]; then
  install -d -o pms -g pms "$(dirname "$PMS_LEDGER")" "$PMS_OFFSITE"
  exec setpriv --reuid=pms --regid=pms --init-groups "$0" "$@"
fi
exec "$@"
