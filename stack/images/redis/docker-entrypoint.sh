#!/bin/sh
# redis-server with any options or configuration file, as user redis, on a /data of its own.
set -eu
case "${1:-}" in -*|*.conf) set -- redis-server "$@" ;; esac
if [ "${1:-}" != redis-server ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  chown -R redis:redis /data
  exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
fi
shift
# The official image is compiled without protected mode, so that other containers may connect; ours says it.
# First, so that the caller's word wins.
case "${1:-}" in
  -v|--version|-h|--help|--test-memory|--check-system|-) exec redis-server "$@" ;;
  ""|-*) exec redis-server --protected-mode no "$@" ;;
  *) config="$1"; shift; exec redis-server "$config" --protected-mode no "$@" ;;
esac
