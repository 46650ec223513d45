"""A plain compose project of five small services, and the stack.yaml that goes with it."""

from __future__ import annotations

from pathlib import Path

import yaml

from chaos.model.plan import Plan
from chaos.model.stack import Stack
from tests.unit.adapters.stack.stand_in import plan_for

COMPOSE = """
services:
  web:
    image: python:3.13-slim
    container_name: the-only-web
    command: [python, -m, http.server, "8000", --bind, 0.0.0.0]
    restart: always
    ports: ["8000:8000"]
    environment: {TOKEN: contract-s3cret}
    depends_on: {db: {condition: service_healthy}}
    healthcheck:
      test: [CMD, python, -c, "import socket; socket.create_connection(('127.0.0.1', 8000)).close()"]
      interval: 500ms
      retries: 60
    stop_grace_period: 1s
  db:
    image: redis:8
    ports: ["6379:6379"]
    volumes: ["data:/data"]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 500ms, retries: 20}
  worker:
    image: python:3.13-slim
    command: [python, -c, "import time; print('contract-s3cret', flush=True); time.sleep(600)"]
  echo:
    image: python:3.13-slim
    command: [python, /srv/echo.py]
    volumes: ["./echo:/srv:ro"]
    expose: ["9998", "9999/udp"]
  watcher:
    image: prom/prometheus:v2.53.3
    ports: ["9090:9090"]
    volumes: ["./prom:/etc/prometheus:ro"]
volumes: {data: {}}
"""
ECHO = """
import socket
bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bound.bind(("", 9999))
while True:
    text, sender = bound.recvfrom(2000)
    bound.sendto(b"heard " + text, sender)
"""
CONFIG = """
global: {scrape_interval: 10s, evaluation_interval: 10s}
rule_files: [/etc/prometheus/rules.yml]
scrape_configs: [{job_name: self, static_configs: [{targets: [localhost:9090]}]}]
"""
RULES = """
groups:
  - name: g
    rules:
      - {alert: always, expr: 'max_over_time(up{job!="[5m]"}[5m]) >= 0', for: 20s}
"""
STACK = """
stack: small
services: {web: {role: http}, db: {role: redis}, watcher: {role: prometheus}}
links: {clients->web: 8000, web->db: 6379, web->echo: 9998}
prometheus: {service: watcher, config: prom/prometheus.yml, rules: [prom/rules.yml]}
redact: [TOKEN]
"""


def write_project(folder: Path, compose: str = COMPOSE) -> Path:
    (folder / "prom").mkdir(parents=True)
    (folder / "docker-compose.yml").write_text(compose)
    (folder / "echo").mkdir()
    (folder / "echo" / "echo.py").write_text(ECHO)
    (folder / "prom" / "prometheus.yml").write_text(CONFIG)
    (folder / "prom" / "rules.yml").write_text(RULES)
    return folder


def small_plan(root: Path, pace: float = 20) -> Plan:
    return plan_for(Stack.model_validate(yaml.safe_load(STACK)), root, pace)
