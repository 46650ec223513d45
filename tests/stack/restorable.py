"""A tiny stack that can be restored: a page that shows what its database holds, and an off-site copy."""

from __future__ import annotations

from pathlib import Path

COMPOSE = """
services:
  web:
    image: python:3.13-slim
    command: [python, -u, /page.py]
    volumes: ["./page.py:/page.py:ro"]
    depends_on: {db: {condition: service_healthy}}
    healthcheck:
      test: [CMD, python, -c, "import socket; socket.create_connection(('127.0.0.1', 8000)).close()"]
      interval: 500ms
      retries: 60
    stop_grace_period: 1s
  db:
    image: redis:8
    command: [redis-server, --save, "", --dir, /data]
    volumes: ["data:/data", "vault:/vault"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 500ms, retries: 20}
    stop_grace_period: 1s
  keeper:
    image: redis:8
    profiles: [drill]
    command: [sleep, infinity]
    volumes: ["vault:/vault"]
    stop_grace_period: 1s
volumes: {data: {}, vault: {}}
"""
PAGE = """
import http.server, socket

def ask(question):
    with socket.create_connection(("db", 6379), timeout=1) as db:
        db.sendall(question)
        return db.recv(100)

ask(b"SET rows 41\\r\\n")

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status = 200 if b"41" in ask(b"GET rows\\r\\n") else 503
        except OSError:
            status = 503
        self.send_response(status)
        self.end_headers()

    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Page).serve_forever()
"""
STACK = """
stack: restorable
services: {web: {role: http}, db: {role: redis}, keeper: {role: other, profile: drill}}
links: {clients->web: 8000, web->db: 6379}
offsite: [vault]
procedures: procedures
"""
FILL = """
procedure: fill
title: Copy what is there off-site
steps:
  - step: copy
    title: A snapshot, and its copy
    planned: 5m
    run:
      - docker compose exec -T db redis-cli SAVE
      - docker compose exec -T db cp /data/dump.rdb /vault/dump.rdb
    check: {run: docker compose exec -T keeper ls /vault, prints: '^dump\\.rdb$', within: 30s}
"""
RESTORE = """
procedure: restore
title: Bring the database back from its copy
steps:
  - step: clear
    title: Clear away the dead server
    planned: 5m
    run: [docker compose rm --stop --force db]
    check: {run: docker compose run --rm --no-deps -T db ls /vault, prints: dump.rdb, within: 30s}
  - step: restore
    title: The copy into the volume
    planned: 20m
    run:
      - docker compose run --rm --no-deps -T db sh -c 'cp /vault/dump.rdb /data/dump.rdb && sleep SLOW'
    check: {run: docker compose run --rm --no-deps -T db ls /data, prints: dump.rdb, within: 30s}
    limit: 60s
  - step: reopen
    title: Serve again
    planned: 5m
    run: [docker compose up -d --no-deps db]
    check: {http: {service: web, path: /}, within: 30s}
"""
REBUILD = """
procedure: rebuild
title: Everything anew, with what the off-site copy holds
steps:
  - step: restore
    title: The copy into an empty volume
    planned: 20m
    run: [docker compose run --rm --no-deps -T db cp /vault/dump.rdb /data/dump.rdb]
    check: {run: docker compose run --rm --no-deps -T db ls /data, prints: dump.rdb, within: 30s}
  - step: start
    title: Everything else
    planned: 20m
    run: [docker compose up -d]
    check: {http: {service: web, path: /}, within: 60s}
"""
SCENARIO = """
scenario: db-lost
title: The database loses its volume and is restored
stack: restorable
profiles: [drill]
steady_state: [{http: {service: web, path: /}}]
prepare: [fill]
timeline: [STEP]
expect:
  recovery: {rto: 1h, healthy_for: 2s}
"""

LOSE_VOLUME = "{at: 1s, fault: container.lose_volume, service: db, volume: data, answer: restore}"
LOSE_ALL = "{at: 1s, fault: stack.lose, answer: rebuild}"


def write_restorable(folder: Path, step: str = LOSE_VOLUME, slow: float = 0, fill: str = FILL) -> str:
    """The project with one scenario, whose path is returned. ``slow``: real seconds that restoring takes."""
    (folder / "procedures").mkdir(parents=True)
    (folder / "docker-compose.yml").write_text(COMPOSE)
    (folder / "page.py").write_text(PAGE)
    (folder / "stack.yaml").write_text(STACK)
    (folder / "procedures" / "fill.yaml").write_text(fill)
    (folder / "procedures" / "restore.yaml").write_text(RESTORE.replace("SLOW", f"{slow:g}"))
    (folder / "procedures" / "rebuild.yaml").write_text(REBUILD)
    scenario = folder / "db-lost.yaml"
    scenario.write_text(SCENARIO.replace("STEP", step))
    return str(scenario)
