#!/bin/bash
# Who may follow this server, and where its WAL goes. A store that cannot be had is no reason not to start: take-backup makes it good.
set -euo pipefail
psql --no-psqlrc -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v secret="$REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE replicator REPLICATION LOGIN PASSWORD :'secret';
SQL
echo 'host replication replicator all scram-sha-256' >> "$PGDATA/pg_hba.conf"
timeout 10 pgbackrest stanza-create || echo "warning: no archive yet: the off-site repository cannot be used" >&2
