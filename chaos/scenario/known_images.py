"""Well-known images: the role of each and the port it listens on.

Ports come from the documentation of each image.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chaos.model.stack import Role


class Part(StrEnum):
    """What an image is for."""

    STORE = "store"  # data, queues, caches: what others depend on
    WEB = "web"  # a web server or proxy in front of others
    TOOL = "tool"  # used by people or monitoring beside the application
    MONITORING = "monitoring"  # collects measurements from other services


@dataclass(frozen=True)
class KnownImage:
    """``port``: the default port it listens on; None: unknown."""

    role: Role
    port: int | None
    part: Part


def _stores(role: Role, ports: Mapping[str, int]) -> dict[str, KnownImage]:
    return {name: KnownImage(role, port, Part.STORE) for name, port in ports.items()}


_POSTGRES = (
    "postgres",
    "postgresql",
    "postgis",
    "timescaledb",
    "pgvector",
    "alloydbomni",
    "spilo",
    "paradedb",
)
_REDIS = ("redis", "valkey", "keydb", "dragonfly", "redict", "garnet")
_KNOWN: dict[str, KnownImage] = {
    **_stores(Role.POSTGRES, dict.fromkeys(_POSTGRES, 5432)),
    **_stores(Role.REDIS, dict.fromkeys(_REDIS, 6379)),
    **_stores(
        Role.OTHER,
        {
            "mysql": 3306,
            "mariadb": 3306,
            "percona": 3306,
            "mongo": 27017,
            "mongodb": 27017,
            "memcached": 11211,
            "rabbitmq": 5672,
            "activemq": 61616,
            "artemis": 61616,
            "nats": 4222,
            "mosquitto": 1883,
            "emqx": 1883,
            "kafka": 9092,
            "redpanda": 9092,
            "pulsar": 6650,
            "zookeeper": 2181,
            "etcd": 2379,
            "consul": 8500,
            "vault": 8200,
            "elasticsearch": 9200,
            "opensearch": 9200,
            "solr": 8983,
            "meilisearch": 7700,
            "typesense": 8108,
            "qdrant": 6333,
            "weaviate": 8080,
            "milvus": 19530,
            "clickhouse": 8123,
            "influxdb": 8086,
            "cassandra": 9042,
            "scylla": 9042,
            "cockroach": 26257,
            "couchdb": 5984,
            "couchbase": 8091,
            "neo4j": 7687,
            "arangodb": 8529,
            "mssql": 1433,
            "azure-sql-edge": 1433,
            "oracle": 1521,
            "minio": 9000,
            "localstack": 4566,
            "azurite": 10000,
            "mailhog": 1025,
            "mailpit": 1025,
            "pgbouncer": 5432,
            "beanstalkd": 11300,
            "temporal": 7233,
        },
    ),
    "prometheus": KnownImage(Role.PROMETHEUS, 9090, Part.MONITORING),
    "alertmanager": KnownImage(Role.OTHER, 9093, Part.MONITORING),
    **{
        name: KnownImage(Role.APP, port, Part.WEB)
        for name, port in {
            "nginx": 80,
            "httpd": 80,
            "caddy": 80,
            "traefik": 80,
            "haproxy": 80,
            "openresty": 80,
            "wordpress": 80,
            "drupal": 80,
            "nextcloud": 80,
            "joomla": 80,
            "matomo": 80,
            "ghost": 2368,
            "gitea": 3000,
            "keycloak": 8080,
            "kong": 8000,
            "postgrest": 3000,
        }.items()
    },
    **{
        name: KnownImage(Role.OTHER, port, Part.TOOL)
        for name, port in {"grafana": 3000, "loki": 3100, "jaeger": 16686, "zipkin": 9411}.items()
    },
    **{
        name: KnownImage(Role.APP, port, Part.TOOL)
        for name, port in {
            "adminer": 8080,
            "pgadmin": 80,
            "pgadmin4": 80,
            "phpmyadmin": 80,
            "mongo-express": 8081,
            "redis-commander": 8081,
            "redisinsight": 5540,
            "kafka-ui": 8080,
        }.items()
    },
}
# Words that vendors put around the name of a product without making it another one.
_NEUTRAL = frozenset(
    (
        "server",
        "ha",
        "stack",
        "cluster",
        "alpine",
        "slim",
        "oss",
        "ce",
        "ee",
        "db",
        "community",
        "enterprise",
        "standalone",
        "single",
        "node",
        "bitnami",
        "cp",
        "eclipse",
        "free",
        "xe",
        "edge",
        "latest",
        "legacy",
        "unprivileged",
        "custom",
    )
)
_MONITORS = frozenset({"exporter", "agent", "collector", "cadvisor", "promtail", "otelcol", "telegraf"})
_TOOLS = frozenset(
    {"ui", "admin", "commander", "express", "insight", "dashboard", "console", "manager", "viewer"}
)


def known_image(image: str) -> KnownImage | None:
    """What an image is, by the last part of its name; None for an image that is not well known.

    A name with a further word is another product: ``postgres-exporter`` and ``postgres-meta`` are no
    PostgreSQL.
    """
    path = image.partition("@")[0]
    *folders, last = path.split("/")
    last = last.partition(":")[0].lower()
    if last in _KNOWN:
        return _KNOWN[last]
    words = [word for word in re.split(r"[-_.]", last) if word]
    if set(words) & _MONITORS:
        return KnownImage(Role.OTHER, None, Part.MONITORING)
    own = [word for word in words if word not in _NEUTRAL and not word.isdigit()]
    if not own and folders:  # mssql/server
        return _KNOWN.get(folders[-1].lower())
    if len(own) == 1 and own[0] in _KNOWN:
        return _KNOWN[own[0]]
    if set(words) & _TOOLS and any(word in _KNOWN for word in words):
        return KnownImage(Role.APP, None, Part.TOOL)
    return None
