"""Habits of public compose files: the links of each draft and no others, its entry, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.scenario import LoadedScenario, load_scenario, load_stack
from chaos.scenario.draft import write_drafts

pytestmark = pytest.mark.thorough


@dataclass(frozen=True)
class Habit:
    """``links``: all of the draft. ``victim``: what the first scenario breaks. ``said``: parts of remarks."""

    services: str
    links: str
    victim: str
    path: str = "/"
    said: tuple[str, ...] = ()


HABITS = {
    "fastcgi behind a web server": Habit(
        """\
  front: {image: nginx, ports: ["80:80"], depends_on: [blog], volumes: ["./conf.d:/etc/nginx/conf.d"]}
  blog: {image: "wordpress:6-fpm-alpine", environment: {WORDPRESS_DB_HOST: db}}
  db: {image: mariadb}
""",
        "clients->front:80 front->blog:9000 blog->db:3306",
        "blog",
        said=("front: conf.d may name more services",),
    ),
    "HTTP and UDP at one service": Habit(
        """\
  web:
    build: web
    ports: ["8000:8000"]
    environment: {STATSD_HOST: counts, STATSD_PORT: 8125, COUNTS_URL: "http://counts:8126"}
  counts: {build: counts, expose: [8126, "8125/udp"]}
""",
        "clients->web:8000 web->counts:8126",
        "counts",
    ),
    "a declared port before one that nothing declares": Habit(
        """\
  web:
    build: web
    ports: ["8000:8000"]
    environment: {STATSD_HOST: counts, STATSD_PORT: 8125, COUNTS_URL: "http://counts:8126"}
  counts: {build: counts, expose: [8126]}
""",
        "clients->web:8000 web->counts:8126",
        "counts",
        said=("it also dials counts at 8125: unless the image of counts exposes that port",),
    ),
    "the bare name of a store": Habit(
        """\
  basket:
    build: .
    ports: ["8000:80"]
    environment: [ConnectionString=kv, EventBusConnection=bus, DB_TYPE=store]
  flow: {build: ., environment: {POSTGRES_SEEDS: store, POSTGRES_DB: kv, COMPONENT: basket}}
  kv: {image: "redis:alpine"}
  bus: {image: "rabbitmq:3"}
  store: {image: "postgres:16"}
""",
        "clients->basket:80 basket->kv:6379 basket->bus:5672 flow->store:5432",
        "kv",
        said=("basket: gameday guessed that it dials kv, because that is its variable ConnectionString",),
    ),
    "who may call is no link": Habit(
        """\
  web: {build: web, ports: ["3000:3000"], environment: {API_URL: "http://api:8000"}}
  api:
    build: api
    expose: [8000]
    environment:
      CORS_ORIGINS: "http://web:3000,http://localhost:3000"
      ALLOWED_HOSTS: "api,web"
      NO_PROXY: "db,web:3000"
      DATABASE_URL: "postgres://u:p@db/web"
  db: {image: "postgres:16", environment: {POSTGRES_DB: web, POSTGRES_USER: api}}
  mq: {image: "rabbitmq:3", environment: {RABBITMQ_DEFAULT_VHOST: web}}
""",
        "clients->web:3000 web->api:8000 api->db:5432",
        "api",
    ),
    "addresses in build arguments": Habit(
        """\
  web: {build: {context: ., args: ["API=http://api:4000"]}, ports: ["3000:3000"]}
  api: {build: api, expose: ["4000"], environment: {MONGO: "mongodb://db/x"}}
  db: {image: "mongo:7"}
""",
        "clients->web:3000 web->api:4000 api->db:27017",
        "api",
    ),
    "a product that is built here": Habit(
        """\
  nginx: {build: ./nginx, ports: ["80:80"], links: [app]}
  app: {build: ., expose: [8000], depends_on: [postgres, rabbitmq, oracle]}
  postgres: {build: ./pg}
  rabbitmq: {image: acme_production_rabbitmq}
  oracle: {build: ./prices, expose: ["8085"]}
""",
        "clients->nginx:80 nginx->app:8000 app->postgres:5432 app->rabbitmq:5672 app->oracle:8085",
        "app",
    ),
    "jobs without a restart policy": Habit(
        """\
  web: {build: ., ports: ["8000:8000"], environment: {S3: "http://minio:9000", DB_HOST: db}}
  createbuckets: {image: minio/mc, depends_on: [minio], entrypoint: "mc mb http://minio:9000/x"}
  db-migrate: {build: ., command: migrate, restart: on-failure, environment: {DB_HOST: db}}
  minio: {image: minio/minio}
  db: {image: "postgres:16"}
""",
        "clients->web:8000 web->minio:9000 web->db:5432",
        "minio",
        said=("createbuckets: it is a job that ends", "db-migrate: it is a job that ends"),
    ),
    "a service without containers": Habit(
        """\
  web: {build: ., ports: ["8000:8000"], environment: {OLD: "http://old:9000", DB_HOST: db}}
  old: {build: old, ports: ["9000:9000"], deploy: {replicas: 0}}
  db: {image: "postgres:16"}
""",
        "clients->web:8000 web->db:5432",
        "db",
        said=("web: no link to old: it has 0 replicas", "old: it has 0 replicas"),
    ),
    "a health check behind --noproxy": Habit(
        """\
  web:
    image: acme/social
    ports: ["3000:3000"]
    depends_on: [db]
    healthcheck: {test: "curl -s --noproxy localhost localhost:3000/health>/dev/null || exit 1"}
  db: {image: "postgres:16"}
""",
        "clients->web:3000 web->db:5432",
        "db",
        path="/health",
    ),
    "a health check of another port": Habit(
        """\
  sso:
    image: acme/sso
    ports: ["8080:8080"]
    depends_on: [db]
    healthcheck: {test: "curl -fk -H 'Host: http://localhost:8080/x' https://localhost/ready"}
  db: {image: "postgres:16"}
""",
        "clients->sso:8080 sso->db:5432",
        "db",
        said=("sso: its health check asks port 443, but clients call port 8080",),
    ),
    "tools and pages before the application": Habit(
        """\
  site: {image: acme/pages, ports: ["8090:80"]}
  board: {image: "louislam/uptime-kuma:1", ports: ["3001:3001"]}
  shop: {build: ., ports: ["5005:5005", "8000:8000"], environment: {OTEL: "http://col:4317", DB_HOST: db}}
  col: {image: otel/opentelemetry-collector, depends_on: [traces]}
  traces: {image: "jaegertracing/all-in-one:1", ports: ["16686:16686", "4317"]}
  db: {image: "postgres:16"}
""",
        "clients->site:80 clients->board:3001 clients->traces:16686 clients->shop:8000 shop->col:4317 "
        "shop->db:5432",
        "db",
        said=("col: it measures traces directly, without a link",),
    ),
    "an agent of the application is no monitoring": Habit(
        """\
  chat: {image: acme/chat, ports: ["8000:8000"], environment: {AGENT: "http://agent:7000"}}
  agent: {image: acme/exporter, expose: ["7000"], environment: {KV_HOST: kv}}
  kv: {image: "redis:7"}
""",
        "clients->chat:8000 chat->agent:7000 agent->kv:6379",
        "agent",
    ),
    "a mail catcher before the store, and a port that only the health check opens": Habit(
        """\
  basket-api: {image: acme/basket, ports: ["5103:80"], environment: {KV_HOST: kv}}
  webmvc: {image: acme/mvc, ports: ["5100:80"], environment: {SMTP_HOST: mail, DB: "db:5432"}, links: [core]}
  mail: {image: maildev/maildev, ports: ["1080:1080", "1025:1025"]}
  db: {image: "postgres:16"}
  kv: {image: "redis:7"}
  core: {image: acme/core, healthcheck: {test: ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9000"]}}
""",
        "clients->basket-api:80 clients->webmvc:80 basket-api->kv:6379 webmvc->mail:1025 webmvc->db:5432 "
        "webmvc->core:9000",
        "db",
    ),
    "two ports of one target": Habit(
        """\
  web:
    build: .
    ports: ["8000:8000"]
    environment: {A: "http://mq:15672", B: "amqp://mq", C: "core:70", D: "core:71"}
  mq: {image: "rabbitmq:3-management"}
  core: {build: core}
""",
        "clients->web:8000 web->mq:5672 web->core:70",
        "mq",
        said=("web: it also dials core at 71: unless the image of core exposes that port",),
    ),
    "a host that a variable without a value names": Habit(
        """\
  web:
    build: .
    ports: ["8000:8000"]
    environment: {DB_HOST: "${NO_SUCH}", URL: "http://${NO_SUCH}/x", A: "${NO_SUCH}"}
  db: {image: "postgres:16"}
""",
        "clients->web:8000",
        "web",
        said=("web: DB_HOST, URL may name another service by a variable that has no value here",),
    ),
    "labels of Traefik 1, and a route without a port": Habit(
        """\
  proxy: {image: "traefik:1.7", ports: ["80:80"]}
  blog:
    image: acme/blog
    environment: {DB_HOST: db}
    labels: ["traefik.port=2368", "traefik.backend=blog"]
  docs: {image: "acme/docs", labels: {traefik.enable: true}}
  db: {image: "mysql:8"}
""",
        "clients->blog:2368 blog->db:3306",
        "db",
        said=("docs: a router sends it requests at an unknown port: add clients->docs: PORT",),
    ),
    "services that find each other in a registry": Habit(
        """\
  gateway:
    image: acme/gateway
    ports: ["8080:8080"]
    environment: {EUREKA: "http://discovery-server:8761/eureka"}
  discovery-server: {image: acme/registry, ports: ["8761:8761"]}
""",
        "clients->gateway:8080 gateway->discovery-server:8761",
        "discovery-server",
        said=("discovery-server: services that find each other through it have links not seen here",),
    ),
}


def drafted(here: Path, services: str) -> LoadedScenario:
    (here / "compose.yml").write_text(f"services:\n{services}", encoding="utf-8")
    return load_scenario(write_drafts(here / "compose.yml", here)[1])


@pytest.mark.parametrize("name", HABITS)
def test_the_draft_is_right_and_says_what_it_guessed(here: Path, name: str) -> None:
    habit = HABITS[name]
    loaded = drafted(here, habit.services)
    assert {f"{link}:{port}" for link, port in loaded.stack.links.items()} == set(habit.links.split())
    assert loaded.scenario.scenario == f"{habit.victim}-down"
    assert loaded.stack.load["clients"].requests[0].request == f"GET {habit.path}"
    text = (here / "stack.yaml").read_text(encoding="utf-8")
    comments = " ".join(line.strip("# ") for line in text.splitlines() if line.startswith("#"))
    assert [words for words in habit.said if words not in comments] == []


def test_a_store_that_shares_an_env_file_dials_no_service(here: Path) -> None:
    (here / "all.env").write_text("DB_HOST=db\nKV=redis://kv\n")
    body = '  web: {image: acme/web, env_file: all.env, ports: ["80:80"]}\n'
    body += '  db: {image: "postgres:16", env_file: [all.env]}\n  kv: {image: "redis:7"}\n'
    links = drafted(here, body).stack.links
    assert sorted(map(str, links)) == ["clients->web", "web->db", "web->kv"]


def test_a_job_stands_as_one_in_the_draft(here: Path) -> None:
    services = drafted(here, HABITS["jobs without a restart policy"].services).stack.services
    assert [name for name, facts in services.items() if facts.one_shot] == ["createbuckets", "db-migrate"]


def test_the_entry_is_the_one_with_a_dependency(here: Path) -> None:
    loaded = drafted(here, HABITS["tools and pages before the application"].services)
    assert str(loaded.stack.load["clients"].entry) == "clients->shop"


def test_validate_refuses_a_service_that_never_starts(here: Path) -> None:
    drafted(here, HABITS["a service without containers"].services)
    file = here / "stack.yaml"
    file.write_text(file.read_text().replace("  db: {", "  old: {role: http}\n  db: {", 1))
    with pytest.raises(BadInput, match=r"stack\.yaml:\d+:3: service old has 0 replicas in compose\.yml"):
        load_stack(file, "stack.yaml")


SOCKET = """\
  app: {image: acme/app, ports: ["80:80"], depends_on: [db]}
  db: {image: "postgres:16"}
  watch: {image: containrrr/watchtower, volumes: ["/var/run/docker.sock:/var/run/docker.sock"]}
  logs: {image: acme/logs, volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"]}
"""


def test_validate_says_who_would_command_the_owners_containers(here: Path) -> None:
    notes = drafted(here, SOCKET).notes
    assert [note.split(":")[0] for note in notes if "docker.sock" in note] == ["watch", "logs"]
    assert "a run does not give it /var/run/docker.sock, because it could then change" in notes[0]
    file = here / "stack.yaml"
    file.write_text(file.read_text() + "use_as_is: [bind /var/run/docker.sock]\n")
    assert (
        "watch: it has /var/run/docker.sock in a run as well"
        in load_scenario(here / "scenarios" / "db-down.yaml").notes[0]
    )


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ('  web:\n    build: .\n    ports:\n      - "80:99999"\n', "5:9: service web: expected a port"),
        ("  db: {image: postgres}\n  clients: {build: .}\n", "3:3: a service is named 'clients'"),
        ("  db: {image: postgres}\n", "1:1: no service publishes a port that speaks HTTP"),
        ('  web: {image: a, ports: ["${NO_SUCH}"]}\n', "2:19: a port of web depends on a variable"),
        ('  web: {image: a, network_mode: host, ports: ["80"]}\n', "2:19: web has network_mode host"),
        ("  web: {image: a, network_mode: host}\n", "2:19: web has network_mode host"),
        (
            '  web: {image: a, network_mode: "service:db"}\n  db: {image: postgres, ports: ["8000:8000"]}\n',
            "2:19: web has network_mode service:db",
        ),
        ("  web: {image: a}\n  a->b: {image: b}\n", "3:3: no service can be called 'a->b'"),
        ("  web:\n    extends: gone\n", "3:5: service web extends gone, but this file has no such service"),
        ("  web: {extends: web}\n", "2:9: service web extends itself"),
        ("  web: {image: a}\ninclude: [compose.yml]\n", "3:1: this file includes or extends itself"),
        ("  web: 5\n", "2:8: service web: expected a mapping"),
        ("  web: {image: a}\ninclude: [gone.yml]\n", "3:1: no such file gone.yml, named by `include`"),
    ],
)
def test_a_refusal_names_the_line(here: Path, services: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        drafted(here, services)
    assert f"compose.yml:{said}" in str(refused.value)
