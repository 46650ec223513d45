"""What stack.yaml declares of the ledger is what the API, the table and the PMS really say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import httpx
import yaml
from agente import limiter, reservations
from api_fakes import ApiUnderTest, make_api
from starlette.requests import Request

ROOT = Path(__file__).parents[3]
LEDGER: dict[str, Any] = yaml.safe_load((ROOT / "stack" / "stack.yaml").read_text())["ledgers"][
    "reservations"
]
STORES: dict[str, Any] = LEDGER["stores"]
PREFIX = "gd-0a1b2c-reservations-"


def values(number: int, **changes: str) -> dict[str, str]:
    plain = {"id": f"{PREFIX}{number}", "seq": str(number), "slot": str(number)}
    return {**plain, "from": "2032-01-01", "to": "2032-01-03", "prefix": PREFIX, **changes}


def filled(template: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, str]:
    return {name: Template(text).substitute(words) for name, text in template.items()}


async def write(api: ApiUnderTest, words: Mapping[str, str]) -> httpx.Response:
    declared = LEDGER["write"]
    method, path = declared["request"].split(" ")
    headers = filled(declared["headers"], words)
    return await api.client.request(method, path, headers=headers, json=filled(declared["json"], words))


async def observe(api: ApiUnderTest, words: Mapping[str, str]) -> int:
    path = Template(LEDGER["observe"]["request"].removeprefix("GET ")).substitute(words)
    return (await api.client.get(path, headers=filled(LEDGER["observe"]["headers"], words))).status_code


def as_declared(store: str, row: Mapping[str, Any]) -> dict[str, str]:
    declared = STORES[store]
    fields = {name: row[field] for name, field in declared["fields"].items() if name in LEDGER["fields"]}
    return {"id": row[declared["id"]], **fields}


async def test_a_write_is_acknowledged_observed_and_read_back_alike_from_api_and_pms() -> None:
    api, words = await make_api(), values(7)
    assert await observe(api, words) == 404
    assert [(await write(api, words)).status_code for _ in range(2)] == [201, 200]
    assert await observe(api, words) == 200
    written = {"id": words["id"], **filled(LEDGER["fields"], words)}
    answer = await api.client.get(Template(STORES["api"]["http"]["path"]).substitute(words))
    assert [as_declared("api", row) for row in answer.json()[STORES["api"]["rows"]]] == [written]
    assert as_declared("pms", json.loads(api.pms.bodies[0])) == written


async def test_a_conflict_is_refused_with_a_status_that_means_refused() -> None:
    api = await make_api()
    await write(api, values(7))
    rival = await write(api, values(8, slot="7"))
    assert rival.status_code == 409


def test_what_makes_two_stays_exclude_each_other_is_read_from_the_authority() -> None:
    exclusive = LEDGER["exclusive"]
    authority = next(iter(STORES.values()))
    named = {exclusive[key] for key in ("resource", "from", "to")} | set(exclusive["when"])
    assert named <= set(authority["fields"])


def test_the_statement_selects_what_is_declared_and_only_columns_that_there_are() -> None:
    statement = STORES["postgres"]["command"]["argv"][-1]
    columns = statement.split("SELECT ")[1].split(" FROM ")[0].split(", ")
    assert {STORES["postgres"]["id"], *STORES["postgres"]["fields"].values()} == set(columns)
    assert all(column in reservations.INSERT for column in columns)
    assert PREFIX.startswith(statement.split("LIKE '")[1].rstrip("%'"))


def test_no_writer_counts_towards_the_limit_of_another_client() -> None:
    def client(words: Mapping[str, str]) -> str:
        headers = [
            (b"x-forwarded-for", filled(LEDGER["write"]["headers"], words)["X-Forwarded-For"].encode())
        ]
        return limiter.client_of(Request({"type": "http", "headers": headers}))

    clients = {client(values(number)) for number in range(500)}
    assert len(clients) == 500
