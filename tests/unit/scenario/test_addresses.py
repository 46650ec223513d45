"""The forms in which a service is given the address of another."""

from __future__ import annotations

import pytest

from chaos.scenario.addresses import dials_udp, http_ports, mentions_of


@pytest.mark.parametrize(
    ("variables", "ports"),
    [
        ({"DB_HOST": "store", "DB_PORT": "5433"}, [5433]),
        ({"PGHOST": "store", "PGPORT": "5433"}, [5433]),
        ({"REDIS_HOST": "store"}, [None]),
        ({"DB": "host=store port=5433 dbname=shop"}, [5433]),
        ({"ConnectionStrings__Db": "Host=store;Port=5433;Database=shop"}, [5433]),
        ({"ConnectionStrings__Db": "Server=store,1433;Database=shop"}, [1433]),
        ({"C": "Data Source=tcp:store,1433;User=x"}, [1433]),
        ({"C": "store:6379,abortConnect=false"}, [6379]),
        ({"DSN": "user:pw@tcp(store:3306)/shop?parse=true"}, [3306]),
        ({"URL": "jdbc:postgresql://store:5433/shop"}, [5433]),
        ({"URL": "jdbc:sqlserver://store:1433;databaseName=shop"}, [1433]),
        ({"KAFKA_BROKERS": "other:9092,store:9093"}, [9093]),
        ({"NODES": "other,store"}, [None]),
        ({"JAVA_OPTS": "-Dcache.host=store -Dcache.port=6380"}, [6380]),
        ({"NOTE": "store"}, []),
        (
            {"CERTIFICATE": "a" * 100_000 + " store", "_" * 100_000: "store"},
            [],
        ),  # in a time that grows with their length
        ({"EventBus__HostName": "store", "EventBus__Port": "5433"}, [5433]),
        ({"spring.redis.host": "store", "spring.redis.port": "6380"}, [6380]),
        ({"redisHost": '"STORE"'}, [None]),
        ({"CASSANDRA_SEEDS": "other store"}, [None]),
        ({"URL": "amqp://STORE"}, [5672]),
        ({"BROKERS": "failover:(tcp://other:1,tcp://store:61616)"}, [61616]),
        ({"JSON": '{"db":{"host":"other","port":1},"kv":{"host":"store", "port": 6380}}'}, [6380]),
        ({"JSON": '{"kv":{"host":"store"},"db":{"host":"other","port":1}}'}, [None]),
        ({"PHP": "define('KV_HOST', 'store');\ndefine('KV_PORT', 6380);"}, [6380]),
        ({"RB": "rails['db_host'] = 'store'\nrails['db_port'] = 5433\nrails['kv_host'] = 'x'"}, [5433]),
        ({"ALLOWED_HOSTS": "store,localhost", "CORS_ORIGIN": "http://store:80"}, []),
        ({"RABBITMQ_DEFAULT_VHOST": "store", "no_proxy": "store:80"}, []),
        ({"DB_HOST": "store.example.com"}, []),
        ({"C": "Data Source=store\\SQLEXPRESS,1433"}, [1433]),
        ({"ES_HOSTS": "['store', 'other']"}, [None]),
        ({"CONTACT_POINTS": "other,store", "LDAPSERVER": "store", "LDAPPORT": "389"}, [None, 389]),
        ({"FLINK": "\njob.rpc.address: store\njob.rpc.port: 6123\n"}, [6123]),
        ({"APP_IMAGE": "acme/store:12", "IMAGE_SERVICE": "store:13"}, [13]),
        ({"A": "acme/store:1.2", "GELF": "udp://store:12201"}, []),
        ({"URL": "http://example.com/store:80x"}, []),
    ],
)
def test_variables(variables: dict[str, str], ports: list[int | None]) -> None:
    assert list(mentions_of(["store"], variables.items(), "")) == ports


@pytest.mark.parametrize(
    ("words", "ports"),
    [
        ("serve --database=postgres://u@store:5432/shop", [5432]),
        ("./wait-for-it.sh store:5432 -- serve", [5432]),
        ("serve --cache store:6379", [6379]),
        ("serve --db-host store --db-port 5433", [5433]),
        ("serve store", []),
        ("sh -c 'while ! nc -z -w 2 store 5432; do sleep 1; done'", [5432]),
        ("bash -c '</dev/tcp/store/5433'", [5433]),
        ("redis-server --replicaof store 6379", [6379]),
        ("psql -h store -U me", [None]),
        ("mysqladmin ping -h store -P 3307 -p123", [3307]),
        ("redis-cli -h store -p 6380", [6380]),
    ],
)
def test_commands(words: str, ports: list[int | None]) -> None:
    assert list(mentions_of(["store"], [], words)) == ports


@pytest.mark.parametrize(
    ("value", "ports"),
    [
        ("redis://:pw@[fd00:1::5]:6380/0", [6380]),
        ("redis://[fd00:1::5]", [6379]),
        ("other:1,[fd00:1::5]:6381", [6381]),
        ("redis://[fd00:1::55]:6380", []),
    ],
)
def test_ipv6_addresses_stand_in_brackets(value: str, ports: list[int | None]) -> None:
    assert list(mentions_of(["fd00:1::5"], [("URL", value)], "")) == ports


def test_what_speaks_http_is_known_by_the_scheme_of_its_address() -> None:
    variables = [
        ("A", "http://store:81/x"),
        ("B", "ws://u@STORE"),
        ("C", "https://store:82"),
        ("D", "store:83"),
    ]
    called = [("CORS_ORIGIN", "http://store:84"), ("E", "redis://store http://other:85")]
    assert list(http_ports(["store"], [*variables, *called], "curl http://store:86")) == [81, 80, 86]


def test_udp_is_known_by_the_scheme_of_its_address() -> None:
    assert dials_udp(["store"], [("GELF", "udp://Store:12201")], "")
    assert not dials_udp(["store"], [("GELF", "udp://store2:12201 tcp://store:1")], "")
