"""Well-known images: the role of each and the port it listens on.

Ports come from the documentation of each image.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from chaos.model.stack import ServiceRole
from chaos.scenario.compose import ComposeService


class ImageUse(StrEnum):
    """What an image is for."""

    STORE = "store"  # data, queues, caches: what others depend on
    WEB = "web"  # a web server or proxy in front of others
    FASTCGI = "fastcgi"  # an application that a web server in front calls, but no browser can
    TOOL = "tool"  # used by people or monitoring beside the application
    MONITORING = "monitoring"  # collects measurements from other services


@dataclass(frozen=True)
class KnownImage:
    """``port``: the default port it listens on; None: unknown."""

    role: ServiceRole
    port: int | None
    use: ImageUse


def _stores(role: ServiceRole, ports: Mapping[str, int]) -> dict[str, KnownImage]:
    return {name: KnownImage(role, port, ImageUse.STORE) for name, port in ports.items()}


_POSTGRES = (
    "postgres",
    "postgresql",
    "postgis",
    "timescaledb",
    "pgvector",
    "alloydbomni",
    "spilo",
    "paradedb",
    "citus",
    "pgvecto-rs",
    "vchord-postgres",
)
_REDIS = ("redis", "valkey", "keydb", "dragonfly", "redict", "garnet", "redismod", "rejson")
_BROWSERS = tuple(f"standalone-{name}" for name in ("chrome", "chromium", "edge", "firefox"))  # Selenium
_FASTCGI = KnownImage(ServiceRole.OTHER, 9000, ImageUse.FASTCGI)
_KNOWN: dict[str, KnownImage] = {
    **_stores(ServiceRole.POSTGRES, dict.fromkeys(_POSTGRES, 5432)),
    **_stores(ServiceRole.REDIS, dict.fromkeys(_REDIS, 6379)),
    **_stores(
        ServiceRole.OTHER,
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
            "maildev": 1025,
            "mailcatcher": 1025,
            "smtp4dev": 25,
            "smtp": 25,
            "openldap": 389,
            "pgbouncer": 5432,
            "beanstalkd": 11300,
            "temporal": 7233,
            "auto-setup": 7233,  # temporalio/auto-setup
            "redis-sentinel": 26379,
            "logstash": 5044,
            "eventstore": 2113,
            "surrealdb": 8000,
            "rethinkdb": 28015,
            "nsqd": 4150,
        },
    ),
    "php-fpm": _FASTCGI,
    "prometheus": KnownImage(ServiceRole.PROMETHEUS, 9090, ImageUse.MONITORING),
    "alertmanager": KnownImage(ServiceRole.OTHER, 9093, ImageUse.MONITORING),
    **{
        name: KnownImage(ServiceRole.APP, port, ImageUse.WEB)
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
            "apisix": 9080,
            "postgrest": 3000,
        }.items()
    },
    **{
        name: KnownImage(ServiceRole.OTHER, port, ImageUse.TOOL)
        for name, port in {
            "grafana": 3000,
            "loki": 3100,
            "tempo": 3200,
            "jaeger": 16686,
            "zipkin": 9411,
        }.items()
    },
    **{
        name: KnownImage(ServiceRole.APP, port, ImageUse.TOOL)
        for name, port in {
            "adminer": 8080,
            "pgadmin": 80,
            "pgadmin4": 80,
            "phpmyadmin": 80,
            "mongo-express": 8081,
            "redis-commander": 8081,
            "redisinsight": 5540,
            "kafka-ui": 8080,
            "all-in-one": 16686,  # jaegertracing/all-in-one
            "kafdrop": 9000,
            "akhq": 8080,
            "kibana": 5601,
            "opensearch-dashboards": 5601,
            "flower": 5555,
            "portainer": 9000,
            "portainer-ce": 9000,
            "uptime-kuma": 3001,
            "dozzle": 8080,
            "seq": 80,
            "pghero": 8080,
            "konga": 1337,
            **dict.fromkeys(_BROWSERS, 4444),
            "cloudbeaver": 8978,
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
        "galera",
        "native",
        "linux",
        "custom",
    )
)
_MONITORS = frozenset(
    {"exporter", "cadvisor", "promtail", "otelcol", "telegraf", "filebeat", "metricbeat", "netdata"}
)
# Words for programs that measure, but also for applications: the rest of the image's name decides.
_MAYBE_MONITORS = frozenset({"agent", "collector"})
_MONITORING_VENDORS = re.compile(
    r"otel|opentelemetry|datadog|grafana|newrelic|portainer|zabbix|elastic|apm|jaeger|cloudwatch|vector|"
    r"beszel|instana|dynatrace|netdata|signoz|prometheus"
)
_TOOLS = frozenset(
    {"ui", "admin", "commander", "express", "insight", "dashboard", "console", "manager", "viewer"}
)


def known_service(service: ComposeService) -> KnownImage | None:
    """What a service is by its image; else by its name, as ``postgres: {build: ./postgres}`` says it.

    A name counts for nothing if the service has other ports than the product.
    """
    found = known_image(service.image)
    if found is not None:
        return found
    words = _words_of(service.name.lower())
    if words == ["php"] and service.built and not service.all_ports:
        return _FASTCGI
    named = _product(words)
    return named if named and (not service.ports or named.port in service.ports) else None


def known_image(image: str) -> KnownImage | None:
    """What an image is, by the last part of its name; None for an image that is not well known.

    A name with a further word is another product: ``postgres-exporter`` and ``postgres-meta`` are no
    PostgreSQL.
    """
    path = image.partition("@")[0].lower()
    *folders, named = path.split("/")
    last, _, tag = named.partition(":")
    if "fpm" in re.split(r"[-_.]", tag):
        return _FASTCGI
    if last in _KNOWN:
        return _KNOWN[last]
    words = _words_of(last)
    if (set(words) & _MONITORS and words != ["exporter"]) or (
        {word.rstrip("0123456789") for word in words} & _MAYBE_MONITORS and _MONITORING_VENDORS.search(path)
    ):
        return KnownImage(ServiceRole.OTHER, None, ImageUse.MONITORING)
    if folders and all(word in _NEUTRAL or word.isdigit() for word in words):  # mssql/server
        return _KNOWN.get(folders[-1])
    if (product := _product(words)) is not None:
        return product
    if set(words) & _TOOLS and any(word in _KNOWN for word in words):
        return KnownImage(ServiceRole.APP, None, ImageUse.TOOL)
    return None


def _words_of(name: str) -> list[str]:
    return [word for word in re.split(r"[-_.]", name) if word]


def _product(words: list[str]) -> KnownImage | None:
    """The product that these words name together with nothing but neutral words."""
    own = [word for word in words if word not in _NEUTRAL and not word.isdigit()]
    return _KNOWN.get("-".join(own)) if own else None
