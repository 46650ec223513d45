"""The promises of the reference API, on real containers. Each test leaves the stack as healthy as before."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import yaml

from tests.stack.reference import PMS_KEY, STACK, Guest, ReferenceStack, wait_for

pytestmark = pytest.mark.containers
CLOSED, OPEN, HALF_OPEN = 0, 1, 2


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceStack]:
    # All guests of these tests have one address, and ask more often than one guest may.
    stack = ReferenceStack(tmp_path_factory.mktemp("stack"), RATE_LIMIT="100000/minute")
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture
def guest(stack: ReferenceStack) -> Iterator[Guest]:
    guest = Guest(stack.url("api"))
    wait_for("the stack is ready", lambda: _is(guest.ready(), 200))
    wait_for("the PMS is asked again", lambda: _is(guest.ask(), 200, None))
    yield guest
    guest.http.close()


def _is(answer: httpx.Response, status: int, degraded: str | None = None) -> None:
    assert (answer.status_code, answer.headers.get("X-Degraded")) == (status, degraded), answer.text


def _state_is(guest: Guest, state: int) -> None:
    assert guest.metric("pms_circuit_breaker_state") == state


def _ask_until_open(guest: Guest) -> None:
    """The cached answer must get old first, so asking goes on until the breaker has had its five failures."""
    guest.book()
    _state_is(guest, OPEN)


def test_a_killed_pms_opens_the_breaker_and_a_started_one_closes_it(
    stack: ReferenceStack, guest: Guest
) -> None:
    stack.docker("kill", "pms")
    wait_for("the breaker opens", lambda: _ask_until_open(guest))
    wait_for("the cached answer is stale", lambda: _is(guest.ask(), 200, "stale-cache"))
    booking = guest.book()
    _is(booking, 202, "queued")
    wait_for("only the PMS is down", lambda: _down_is(guest, ["pms"]))
    stack.docker("start", "pms")
    wait_for("the breaker closes without any guest", lambda: _state_is(guest, CLOSED))
    wait_for("ready again", lambda: _is(guest.ready(), 200))

    def the_pms_knows() -> None:
        ledger = httpx.get(f"{stack.url('pms')}/bookings", headers=PMS_KEY).json()
        assert booking.json()["id"] in [each["id"] for each in ledger["bookings"]]

    wait_for("the queued booking reaches the PMS", the_pms_knows)


def test_a_pms_that_hangs_is_a_failure_within_the_time_out(stack: ReferenceStack, guest: Guest) -> None:
    stack.docker("pause", "pms")
    try:
        wait_for("the breaker opens", lambda: _ask_until_open(guest), seconds=40)
        wait_for("a trial is half-open", lambda: _state_is(guest, HALF_OPEN))
        fast = [guest.book().elapsed.total_seconds() for _ in range(20)]
        # The PMS's time-out is 2 s: answers far below it show that no call waits for it any more.
        assert sorted(fast)[10] < 0.2
    finally:
        stack.docker("unpause", "pms")
    wait_for("the breaker closes", lambda: _state_is(guest, CLOSED))


@pytest.mark.parametrize(
    ("fault", "status"), [({"mode": "errors", "status": 500}, 500), ({"mode": "auth"}, 401)]
)
def test_errors_and_refused_credentials_open_the_breaker(
    stack: ReferenceStack, guest: Guest, fault: dict[str, object], status: int
) -> None:
    pms = stack.url("pms")
    httpx.post(f"{pms}/admin/faults", json=fault).raise_for_status()
    try:
        assert httpx.get(f"{pms}/rooms/availability?room_type=double", headers=PMS_KEY).status_code == status
        wait_for("the breaker opens", lambda: _ask_until_open(guest))
        _is(guest.book(), 202, "queued")
    finally:
        httpx.delete(f"{pms}/admin/faults").raise_for_status()
    wait_for("the breaker closes", lambda: _state_is(guest, CLOSED))


def _down_is(guest: Guest, down: list[str]) -> None:
    not_ready = guest.ready()
    assert (not_ready.status_code, not_ready.json()["down"]) == (503, down)


def _database_gone(guest: Guest) -> None:
    answer = guest.book()
    _is(answer, 503)
    assert answer.json()["dependency"] == "database"
    assert answer.headers["Retry-After"]
    _down_is(guest, ["database"])


def _database_back(guest: Guest) -> None:
    _is(guest.book(), 201)
    _is(guest.ready(), 200)


def test_a_killed_database_is_a_clean_503_and_comes_back(stack: ReferenceStack, guest: Guest) -> None:
    before = guest.metric("database_connection_errors_total")
    stack.docker("kill", "postgres")
    wait_for("clean 503s", lambda: _database_gone(guest))
    wait_for("questions need no database", lambda: _is(guest.ask(), 200))
    wait_for("failures are counted", lambda: _more_errors(guest, before + 10))
    stack.docker("start", "postgres")
    wait_for("reconnected", lambda: _database_back(guest), seconds=30)
    assert [guest.book().status_code for _ in range(20)] == [201] * 20, (
        "no dead connection is left in the pool"
    )


def _more_errors(guest: Guest, than: float) -> None:
    assert guest.metric("database_connection_errors_total") > than


@pytest.mark.parametrize(("away", "back"), [("pause", "unpause")])
def test_a_database_that_hangs_is_a_clean_503_too(
    stack: ReferenceStack, guest: Guest, away: str, back: str
) -> None:
    """Connections stay up and nothing answers: what a silent partition looks like."""
    stack.docker(away, "postgres")
    try:
        wait_for("clean 503s", lambda: _database_gone(guest))
        wait_for("questions need no database", lambda: _is(guest.ask(), 200))
    finally:
        stack.docker(back, "postgres")
    wait_for("reconnected", lambda: _database_back(guest))


def test_an_api_without_redis_still_answers(stack: ReferenceStack, guest: Guest) -> None:
    stack.docker("kill", "redis")
    try:
        wait_for("it goes on without", lambda: _redis_is(guest, "down"))
        wait_for("questions are answered", lambda: _is(guest.ask(), 200))
        wait_for("bookings are taken", lambda: _is(guest.book(), 201))
    finally:
        stack.docker("start", "redis")
    wait_for("Redis is used again", lambda: _redis_is(guest, "up"))


def _redis_is(guest: Guest, word: str) -> None:
    guest.ask()
    assert guest.ready().json()["dependencies"]["redis"] == word


def test_prometheus_sees_every_target_and_every_rule(stack: ReferenceStack, guest: Guest) -> None:
    prometheus = stack.url("prometheus")

    def all_up() -> None:
        result = httpx.get(f"{prometheus}/api/v1/query", params={"query": "up"}).json()["data"]["result"]
        assert {each["metric"]["job"]: each["value"][1] for each in result} == {
            "agente-api": "1",
            "redis": "1",
        }
        redis_up = httpx.get(f"{prometheus}/api/v1/query", params={"query": "redis_up"}).json()["data"][
            "result"
        ]
        assert [each["value"][1] for each in redis_up] == ["1"]

    wait_for("every target is up", all_up, seconds=40)
    groups = httpx.get(f"{prometheus}/api/v1/rules").json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    files = sorted((STACK / "prometheus").glob("rules*.yml"))
    written = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    assert {rule["name"] for rule in rules} == {
        rule.get("alert") or rule["record"]
        for file in written
        for group in file["groups"]
        for rule in group["rules"]
    }
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
