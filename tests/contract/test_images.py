"""One contract for the images, whichever source they come from: what a compose file may rely on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chaos.setup.commands import must, run_program
from chaos.setup.manifest import own_images, stack_images
from tests.contract.boxes import Box, Boxes, boxes, wait_until

pytestmark = pytest.mark.containers

ROOT = Path(__file__).parents[2]
NAMES = {image.context.name: image.name for image in (*own_images(), *stack_images(ROOT / "stack"))}
POSTGRES, REDIS, PYTHON = NAMES["postgres"], NAMES["redis"], NAMES["python"]
PROMETHEUS, ALERTMANAGER = NAMES["prometheus"], NAMES["alertmanager"]
TOXIPROXY, HAPROXY = NAMES["toxiproxy"], NAMES["haproxy"]
PASSWORD = "correct horse $1 'quote'"


@pytest.fixture(scope="module")
def place() -> Iterator[Boxes]:
    with boxes() as opened:
        yield opened


@pytest.fixture(scope="module")
def postgres(place: Boxes, tmp_path_factory: pytest.TempPathFactory) -> Box:
    first = tmp_path_factory.mktemp("initdb")
    first.chmod(0o755)
    (first / "1-table.sql").write_text("CREATE TABLE seen (word text);")
    (first / "2-row.sh").write_text(
        """psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO seen VALUES ('from a script')"\n"""
    )
    box = place.start(
        POSTGRES,
        *("postgres", "-c", "max_connections=33"),
        name="db",
        env={"POSTGRES_USER": "app", "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "shop"},
        mounts={first: "/docker-entrypoint-initdb.d"},
    )
    wait_until(
        lambda: box.run("pg_isready", "-h", "127.0.0.1", "-U", "app", "-d", "shop").ok, "pg_isready over TCP"
    )
    return box


@pytest.fixture(scope="module")
def redis(place: Boxes) -> Box:
    box = place.start(REDIS, "redis-server", "--appendonly", "yes", name="cache")
    wait_until(lambda: box.run("redis-cli", "ping").out.strip() == "PONG", "PONG from redis")
    return box


def psql(place: Boxes, sql: str, password: str = PASSWORD) -> tuple[bool, str]:
    """From another container, over TCP, as an application would."""
    done = place.once(
        *(POSTGRES, "psql", "-h", "db", "-U", "app", "-d", "shop", "-Atc", sql), env={"PGPASSWORD": password}
    )
    return done.ok, (done.out if done.ok else done.err).strip()


def test_postgres_makes_the_user_and_database_that_the_variables_name(place: Boxes, postgres: Box) -> None:
    assert psql(place, "SELECT current_user, current_database()") == (True, "app|shop")
    assert psql(place, "SHOW server_version_num")[1].startswith("17")


def test_postgres_refuses_a_wrong_password(place: Boxes, postgres: Box) -> None:
    ok, said = psql(place, "SELECT 1", password="wrong")
    assert not ok
    assert "password authentication failed" in said


def test_postgres_takes_options_from_its_command(place: Boxes, postgres: Box) -> None:
    assert psql(place, "SHOW max_connections") == (True, "33")


def test_postgres_runs_what_lies_in_the_initdb_folder(place: Boxes, postgres: Box) -> None:
    assert psql(place, "SELECT word FROM seen") == (True, "from a script")


def test_postgres_keeps_its_data_in_the_volume_as_user_999(place: Boxes, postgres: Box) -> None:
    assert psql(place, "SHOW data_directory") == (True, "/var/lib/postgresql/data")
    assert postgres.out("stat", "-c", "%u", "/var/lib/postgresql/data/PG_VERSION") == "999"


def test_postgres_stops_fast_with_a_client_inside_and_keeps_what_it_acknowledged(
    place: Boxes, postgres: Box
) -> None:
    psql(place, "INSERT INTO seen VALUES ('kept')")
    place.start(
        *(POSTGRES, "psql", "-h", "db", "-U", "app", "-d", "shop", "-c", "SELECT pg_sleep(600)"),
        env={"PGPASSWORD": PASSWORD},
    )
    count = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
    )
    wait_until(lambda: psql(place, count) == (True, "1"), "the sleeping client")
    assert postgres.stop() == 0, "137 would mean that it waited for its client until it was killed"
    postgres.start_again()
    wait_until(lambda: postgres.run("pg_isready", "-h", "127.0.0.1").ok, "pg_isready after the restart")
    assert psql(place, "SELECT count(*) FROM seen WHERE word = 'kept'") == (True, "1")


def test_postgres_without_a_password_does_not_start(place: Boxes) -> None:
    done = place.once(POSTGRES)
    assert not done.ok
    assert "POSTGRES_PASSWORD" in done.out + done.err


def test_postgres_reads_another_data_folder_and_passwordless_access_on_request(place: Boxes) -> None:
    box = place.start(
        POSTGRES, env={"PGDATA": "/var/lib/postgresql/data/inner", "POSTGRES_HOST_AUTH_METHOD": "trust"}
    )
    ask = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc", "SHOW data_directory")
    wait_until(lambda: box.run(*ask).ok, "an answer without a password")
    assert box.out(*ask) == "/var/lib/postgresql/data/inner"


def test_redis_takes_options_and_answers_other_containers(place: Boxes, redis: Box) -> None:
    assert must(place.once(REDIS, "redis-cli", "-h", "cache", "ping"), "ping").out.strip() == "PONG"
    assert redis.out("redis-cli", "config", "get", "appendonly").split() == ["appendonly", "yes"]
    assert "redis_version:8." in redis.out("redis-cli", "info", "server")


def test_redis_keeps_its_data_under_data_as_an_unprivileged_user(redis: Box) -> None:
    redis.out("redis-cli", "set", "word", "kept")
    assert redis.out("redis-cli", "config", "get", "dir").split() == ["dir", "/data"]
    assert redis.out("stat", "-c", "%U", "/data/appendonlydir") == "redis"
    assert redis.stop() == 0
    redis.start_again()
    wait_until(lambda: redis.run("redis-cli", "ping").out.strip() == "PONG", "PONG after the restart")
    assert redis.out("redis-cli", "get", "word") == "kept"


def test_redis_says_its_version_and_the_callers_options_win(place: Boxes) -> None:
    assert "Redis server v=8." in must(place.once(REDIS, "redis-server", "--version"), "version").out
    box = place.start(REDIS, "redis-server", "--protected-mode", "yes")
    wait_until(lambda: box.run("redis-cli", "ping").out.strip() == "PONG", "PONG from redis")
    assert box.out("redis-cli", "config", "get", "protected-mode").split()[1] == "yes"


def test_redis_starts_from_options_alone(place: Boxes) -> None:
    box = place.start(REDIS, "--port", "7000")
    wait_until(lambda: box.run("redis-cli", "-p", "7000", "ping").out.strip() == "PONG", "PONG at port 7000")


def test_prometheus_reads_its_configuration_from_the_usual_place(place: Boxes, tmp_path: Path) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\nscrape_configs: [{job_name: mine, static_configs: []}]\n"
    )
    tmp_path.chmod(0o755)
    box = place.start(PROMETHEUS, ports=(9090,), mounts={config: "/etc/prometheus/prometheus.yml"})
    wait_until(lambda: box.answers(9090, "/-/ready"), "Prometheus ready")
    shown = httpx.get(box.url(9090) + "/api/v1/status/config").json()["data"]["yaml"]
    assert "job_name: mine" in shown
    version = httpx.get(box.url(9090) + "/api/v1/status/buildinfo").json()["data"]["version"]
    assert version.split("+")[0] == PROMETHEUS.rpartition(":v")[2]
    assert box.run("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/-/healthy").ok
    assert box.run("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/nowhere").code != 0
    assert box.out("id", "-u") == "65534"
    assert box.run("test", "-d", "/prometheus/wal").ok


def test_prometheus_starts_from_options_alone(place: Boxes) -> None:
    options = (
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        "--web.enable-lifecycle",
    )
    box = place.start(PROMETHEUS, *options, ports=(9090,))
    wait_until(lambda: box.answers(9090, "/-/ready"), "Prometheus ready")
    assert httpx.post(box.url(9090) + "/-/reload").status_code == 200


def test_promtool_tells_good_rules_from_bad_ones(place: Boxes, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name, expression in (("good", "up == 0"), ("bad", "up ==")):
        text = json.dumps({"groups": [{"name": name, "rules": [{"alert": name, "expr": expression}]}]})
        (tmp_path / f"{name}.yml").write_text(text)
    mount = ["-v", f"{tmp_path}:/rules:ro", "--entrypoint", "promtool", PROMETHEUS, "check", "rules"]
    assert run_program(["docker", "run", "--rm", *mount, "/rules/good.yml"]).ok
    assert not run_program(["docker", "run", "--rm", *mount, "/rules/bad.yml"]).ok


def test_alertmanager_is_ready_with_its_own_configuration(place: Boxes) -> None:
    box = place.start(ALERTMANAGER, ports=(9093,))
    wait_until(lambda: box.answers(9093, "/-/ready"), "Alertmanager ready")
    assert box.out("id", "-u") == "65534"
    assert box.run("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9093/-/ready").ok
    assert box.run("amtool", "check-config", "/etc/alertmanager/alertmanager.yml").ok


def test_the_exporter_of_redis_reports_it_up_and_down(place: Boxes, redis: Box) -> None:
    for address, line in (("cache", "\nredis_up 1\n"), ("nowhere", "\nredis_up 0\n")):
        box = place.start(
            NAMES["redis-exporter"], env={"REDIS_ADDR": f"redis://{address}:6379"}, ports=(9121,)
        )
        wait_until(lambda box=box: box.answers(9121, "/metrics"), "metrics")  # type: ignore[misc]
        assert line in httpx.get(box.url(9121) + "/metrics", timeout=30).text


def test_the_exporter_of_postgres_reports_it_up_and_down(place: Boxes, postgres: Box) -> None:
    # A role of its own: the exporter writes its password into a URL, which a space in it would break.
    role = "CREATE ROLE watcher LOGIN PASSWORD 'plain'"
    assert postgres.run("psql", "-U", "app", "-d", "shop", "-c", role).ok
    for address, line in (("db", "\npg_up 1\n"), ("nowhere", "\npg_up 0\n")):
        box = place.start(
            NAMES["postgres-exporter"],
            env={
                "DATA_SOURCE_URI": f"{address}:5432/shop?sslmode=disable",
                "DATA_SOURCE_USER": "watcher",
                "DATA_SOURCE_PASS": "plain",
            },
            ports=(9187,),
        )
        wait_until(lambda box=box: box.answers(9187, "/metrics"), "metrics")  # type: ignore[misc]
        assert line in httpx.get(box.url(9187) + "/metrics", timeout=30).text


def test_toxiproxy_is_the_version_in_its_name_and_proxies(place: Boxes, redis: Box) -> None:
    box = place.start(TOXIPROXY, name="between", ports=(8474,))
    wait_until(lambda: box.answers(8474, "/version"), "Toxiproxy")
    control = box.url(8474)
    assert httpx.get(control + "/version").json()["version"] == TOXIPROXY.rpartition(":")[2]
    proxy = {"name": "cache", "listen": "0.0.0.0:6379", "upstream": "cache:6379"}
    httpx.post(control + "/proxies", json=proxy).raise_for_status()
    ping = ("redis-cli", "-h", "between", "ping")
    assert place.once(REDIS, *ping).out.strip() == "PONG"
    httpx.post(control + "/proxies/cache", json={"enabled": False}).raise_for_status()
    assert not place.once(REDIS, *ping).ok


def test_haproxy_is_of_the_series_in_its_name_with_lua_and_without_root(place: Boxes) -> None:
    shown = place.once(HAPROXY, "haproxy", "-vv").out
    assert f"HAProxy version {HAPROXY.rpartition(':')[2]}." in shown
    assert "Built with Lua version" in shown
    assert place.once(HAPROXY, "id", "-u").out.strip() != "0"


def test_toxiproxy_reads_its_proxies_from_a_file_and_has_its_own_client(place: Boxes, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    proxy = {"name": "one", "listen": "127.0.0.1:1234", "upstream": "nowhere:1", "enabled": True}
    (tmp_path / "proxies.json").write_text(json.dumps([proxy]))
    box = place.start(
        TOXIPROXY,
        "-host=0.0.0.0",
        "-config=/etc/proxies.json",
        ports=(8474,),
        mounts={tmp_path / "proxies.json": "/etc/proxies.json"},
    )
    wait_until(lambda: box.answers(8474, "/proxies/one"), "the proxy of the file")
    assert "one" in box.out("/toxiproxy-cli", "list")


def test_python_and_pip_are_on_the_path_and_pip_may_install(place: Boxes) -> None:
    script = "import ssl, sqlite3, sys; print(sys.version_info[:2], sys.prefix)"
    assert must(place.once(PYTHON, "python", "-c", script), "python").out.strip() == "(3, 13) /usr/local"
    assert "python 3.13" in must(place.once(PYTHON, "pip", "--version"), "pip").out
    # Refused where a distribution manages Python itself (PEP 668), as Debian's own does.
    assert place.once(PYTHON, "pip", "install", "--no-index", "--dry-run", "pip").ok
