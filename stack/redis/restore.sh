#!/bin/sh
# Run in a container of its own while redis is down: fills the empty /data from the newest whole off-site backup.
#   restore.sh        from the copy of the AOF: up to the last second before that backup
#   restore.sh rdb    from its RDB, should the AOF be the damaged part
set -eu
source_kind="${1:-aof}"
cd /data
if [ -n "$(ls -A .)" ]; then
  echo "/data isn't empty: remove the volume first, if its content is really to be replaced" >&2; exit 1
fi
newest="$(find /offsite/redis -mindepth 2 -maxdepth 2 -name SHA256SUMS | sort | tail -n 1)"
if [ -z "$newest" ]; then echo "/offsite/redis: no whole backup" >&2; exit 1; fi
backup="$(dirname "$newest")"
(cd "$backup" && sha256sum --check --quiet SHA256SUMS) || { echo "$backup: damaged" >&2; exit 1; }
case "$source_kind" in
  aof) cp -R "$backup/appendonlydir" appendonlydir ;;
  rdb)
    # With appendonly on, redis reads this folder only: the RDB becomes the base of a new AOF.
    mkdir appendonlydir
    cp "$backup/dump.rdb" appendonlydir/appendonly.aof.1.base.rdb
    echo "file appendonly.aof.1.base.rdb seq 1 type b" > appendonlydir/appendonly.aof.manifest ;;
  *) echo "expected aof or rdb, got '$source_kind'" >&2; exit 1 ;;
esac
chown -R redis:redis .
sync
echo "redis restored from ${backup##*/} ($source_kind, $(cat "$backup/keys") keys)"
