"""Messages, webhooks, calendars, limits and exporters of the reference stack, on real containers."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.stack.reference import STACK, STAY, Guest, ReferenceStack, wait_for

pytestmark = pytest.mark.containers
PROFILES = ("nlp", "channels", "postgres-metrics", "replica")
FEED = "cabin-luna=http://channels:8080/ical/cabin-luna.ics"
OPERATOR = {"Authorization": "Bearer admin-demo-token"}
RACERS = 50
RACES = 8  # two waiting for one another, which was a 500, came in one race of twenty
BACKUP = STACK / "backup"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceStack]:
    calendars = {"ICAL_FEEDS": FEED, "ICAL_INTERVAL_SECONDS": "0.5"}
    # Fifty racers wait for one another: on a slow machine longer than a guest's answer may take.
    patient = {"DB_TIMEOUT_SECONDS": "30", "PMS_TIMEOUT_SECONDS": "30"}
    stack = ReferenceStack(tmp_path_factory.mktemp("stack"), **calendars, **patient)
    try:
        stack.up(*(word for profile in PROFILES for word in ("--profile", profile)))
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="module")
def guest(stack: ReferenceStack) -> Iterator[Guest]:
    guest = Guest(stack.url("api"))
    yield guest
    guest.http.close()


@pytest.fixture(scope="module")
def channels(stack: ReferenceStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url("channels"), timeout=10) as client:
        yield client


def series(stack: ReferenceStack, service: str, name: str) -> float:
    text = httpx.get(f"{stack.url(service)}/metrics", timeout=10).text
    values = [line.split()[-1] for line in text.splitlines() if line.startswith(name)]
    assert values, f"{service} has no {name}"
    return float(values[0])


def rows(stack: ReferenceStack, query: str) -> str:
    words = ["psql", "-U", "agente", "-X", "-q", "-At", "-c", query]
    return stack.compose("exec", "-T", "postgres", *words).strip()


def test_a_spoken_question_in_spanish_is_answered(guest: Guest) -> None:
    def is_answered() -> None:
        answer = guest.http.post("/messages", json={"audio": "¿Hay una habitación libre?"})
        assert (answer.status_code, answer.json()["language"]) == (200, "es")
        assert "Hay 120 habitaciones dobles libres" in answer.json()["answer"]

    wait_for("the language service answers in its second", is_answered)


def test_a_message_on_whatsapp_is_answered_there(channels: httpx.Client) -> None:
    ident = uuid.uuid4().hex
    message = {"id": ident, "from": "+12025550100", "text": "Is a room free?"}
    assert channels.post("/guest/messages", json=message).status_code == 200
    wait_for("the answer is sent", lambda: _is_sent(channels, ident))


def _is_sent(channels: httpx.Client, ident: str) -> None:
    assert {"message": ident, "answers": 1} in channels.get("/admin/sent").json()["sent"]


def test_answers_wait_while_whatsapp_is_out(channels: httpx.Client) -> None:
    channels.post("/admin/faults", json={"mode": "errors", "status": 503, "path": "/whatsapp"})
    ident = uuid.uuid4().hex
    message = {"id": ident, "from": "+12025550100", "text": "Is a room free?"}
    try:
        assert channels.post("/guest/messages", json=message).status_code == 200
        assert ident not in channels.get("/admin/sent").text
    finally:
        channels.delete("/admin/faults")
    wait_for("the answer is sent", lambda: _is_sent(channels, ident))


def test_a_payment_delivered_twice_is_charged_once(stack: ReferenceStack, channels: httpx.Client) -> None:
    channels.post("/admin/faults", json={"mode": "duplicates", "count": 5, "path": "/payments"})
    ident = uuid.uuid4().hex
    try:
        payment = {"id": ident, "reference": ident, "amount": "120.00"}
        assert channels.post("/guest/payments", json=payment).status_code == 200
    finally:
        channels.delete("/admin/faults")
    charged = rows(stack, "SELECT payment_id, count(*), sum(amount) FROM charges GROUP BY 1")
    assert f"{ident}|1|120.00" in charged.splitlines()


def test_a_wrong_signature_is_refused(guest: Guest, channels: httpx.Client) -> None:
    channels.post("/admin/faults", json={"mode": "bad_signature"})
    message = {"id": uuid.uuid4().hex, "from": "+12025550100", "text": "hola"}
    try:
        assert channels.post("/guest/messages", json=message).status_code == 202
    finally:
        channels.delete("/admin/faults")
    assert "webhook_failures_total" in guest.http.get("/metrics").text


def test_a_night_sold_on_a_portal_cannot_be_booked(guest: Guest) -> None:
    def is_taken() -> None:
        wish = {**STAY, "room": "cabin-luna", "guest": "A. Guest"}
        answer = guest.http.post("/reservations", json=wish, headers={"Idempotency-Key": uuid.uuid4().hex})
        assert (answer.status_code, "portal" in answer.text) == (409, True)

    wait_for("the calendar is read", is_taken)


@pytest.mark.parametrize("race_number", range(RACES))
def test_fifty_clients_race_for_one_room_and_one_of_them_wins(
    stack: ReferenceStack, race_number: int
) -> None:
    room, statuses = f"R-{uuid.uuid4().hex[:8]}", []
    start = threading.Barrier(RACERS)
    url = stack.url("api")

    def race(number: int) -> None:
        headers = {"Idempotency-Key": uuid.uuid4().hex, "X-Forwarded-For": f"192.0.2.{number}"}
        with httpx.Client(base_url=url, timeout=60) as client:
            start.wait(timeout=30)
            wish = {**STAY, "room": room, "guest": f"Racer {number}"}
            statuses.append(client.post("/reservations", json=wish, headers=headers).status_code)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(statuses) == [201] + [409] * (RACERS - 1)
    held = rows(stack, "SELECT room, count(*) FROM reservations GROUP BY 1")
    assert f"{room}|1" in held.splitlines()


def _follows(stack: ReferenceStack) -> None:
    assert 0 <= series(stack, "replica_exporter", "pg_replication_lag_seconds ") < 10


def test_the_exporters_show_the_servers_and_the_lag_of_the_replica(stack: ReferenceStack) -> None:
    assert series(stack, "postgres_exporter", "pg_up ") == 1
    wait_for("the replica follows", lambda: _follows(stack))

    def is_scraped() -> None:
        query = {"query": 'count(pg_up{job="postgres", server=~"postgres|replica"})'}
        found = httpx.get(f"{stack.url('prometheus')}/api/v1/query", params=query, timeout=10).json()
        assert [each["value"][1] for each in found["data"]["result"]] == ["2"]

    wait_for("Prometheus finds both exporters by name", is_scraped, seconds=60)


def test_the_container_has_limits_and_the_api_shows_them(stack: ReferenceStack) -> None:
    assert series(stack, "api", "container_spec_memory_limit_bytes ") == 256 * 2**20
    assert 0 < series(stack, "api", "container_memory_working_set_bytes ") < 0.8 * 256 * 2**20
    assert series(stack, "api", "container_fs_limit_bytes ") == 16 * 2**20


@pytest.mark.parametrize(
    ("order", "witness"),
    [
        ({"mode": "leak", "megabytes_per_second": 100, "up_to_megabytes": 200}, ("memory", "160")),
        ({"mode": "burn", "share": 0.95}, ("cpu", "0.3")),  # other tests may use the cores as well
        ({"mode": "errors", "share": 0.25}, ("errors", "0.1")),
    ],
)
def test_a_fault_of_the_api_shows_to_its_witness_and_ends(
    stack: ReferenceStack, guest: Guest, order: dict[str, object], witness: tuple[str, str]
) -> None:
    def shows() -> bool:
        return stack.try_compose("exec", "-T", "api", "python", "witness.py", *witness).returncode == 0

    def wait_until(value: bool) -> None:
        def condition() -> None:
            assert shows() is value

        wait_for(f"the witness says {value}", condition, seconds=30)

    wait_until(False)
    assert guest.http.post("/admin/faults", json=order, headers=OPERATOR).status_code == 200
    try:
        wait_until(True)
    finally:
        assert guest.http.delete("/admin/faults", headers=OPERATOR).json() == {"mode": "none"}
    wait_until(False)


def test_the_structure_that_a_backup_must_have_is_the_one_of_the_running_database(
    stack: ReferenceStack,
) -> None:
    """All of it: what the examiner does not know of, it does not miss in a backup."""
    found = set(rows(stack, (BACKUP / "examiner" / "structure.sql").read_text()).splitlines())
    assert found == set((BACKUP / "expected" / "structure.txt").read_text().splitlines())
