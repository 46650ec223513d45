#!/bin/sh
# Run inside the redis container: a new folder /offsite/redis/<UTC time> with the RDB, a copy of the AOF folder, and
# SHA256SUMS, which gets its name last and so says that the backup is whole.
set -eu
stamp="$(date -u +%Y%m%dT%H%M%SZ)"
target="/offsite/redis/$stamp"
mkdir -p "$target"

# The AOF folder is a set of files named by its manifest, and a rewrite exchanges them: none may run while it is
# copied. A last command that is copied half does no harm: redis drops it on loading, as after a crash.
percentage="$(redis-cli CONFIG GET auto-aof-rewrite-percentage | tail -n 1)"
delay="$(redis-cli CONFIG GET repl-diskless-sync-delay | tail -n 1)"
trap 'redis-cli CONFIG SET auto-aof-rewrite-percentage "$percentage" repl-diskless-sync-delay "$delay" > /dev/null' EXIT
redis-cli CONFIG SET auto-aof-rewrite-percentage 0 repl-diskless-sync-delay 0 > /dev/null
deadline=$(( $(date +%s) + 120 ))
while redis-cli INFO persistence | grep -q '^aof_rewrite_\(in_progress\|scheduled\):1'; do
  if [ "$(date +%s)" -ge "$deadline" ]; then echo "an AOF rewrite has been running for 120 s" >&2; exit 1; fi
  sleep 0.2
done
redis-cli --rdb "$target/dump.rdb" > /dev/null 2> /tmp/rdb.log || { cat /tmp/rdb.log >&2; exit 1; }
cp -R "/data/$(redis-cli CONFIG GET appenddirname | tail -n 1)" "$target/appendonlydir"

cd "$target"
# How many keys a restore has to bring back; those that expire meanwhile are counted by the server that loads it.
redis-check-rdb dump.rdb | sed -n 's/^\[info\] \([0-9]*\) keys read$/\1/p' > keys
find . -type f -printf '%s %p\n' > "/tmp/$stamp.sizes"
cp "/tmp/$stamp.sizes" sizes
find . -type f | sort | xargs sha256sum > "/tmp/$stamp.sums"
cp "/tmp/$stamp.sums" .sums
sync
mv .sums SHA256SUMS
sync .
echo "redis backup $stamp: $(cat keys) keys, $(du -sk . | cut -f1) KiB"
