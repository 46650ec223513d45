"""Which names a proxy loses and gets back; the engine is a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest

from chaos.adapters.names import DockerNames, NamedProxy
from chaos.errors import ToolProblem
from chaos.model.stack import as_link
from chaos.ports import CommandOutput

LINK = as_link("web->db")
NETWORK, PROXY, IDENTITY = "run_link-web", "toxiproxy-web-2", "abcdef123456" + "0" * 52


class Engine:
    """One container, and its attachments as the engine describes them."""

    def __init__(self, aliases: Sequence[str]) -> None:
        self.networks: dict[str, dict[str, Any]] = {NETWORK: {"Aliases": list(aliases)}, "default": {}}
        self.calls: list[str] = []
        self.output = CommandOutput(0)

    @property
    def api(self) -> Engine:
        return self

    def disconnect_container_from_network(self, container: str, network: str) -> None:
        self.calls.append("disconnect")
        del self.networks[network]

    def connect_container_to_network(self, container: str, network: str, aliases: list[str]) -> None:
        self.calls.append("connect")
        self.networks[network] = {"Aliases": [*aliases, container[:12]]}

    async def inspect(self, service: str, verb: str, work: Callable[[Mapping[str, Any]], Any]) -> Any:
        assert service == PROXY
        return work({"Id": IDENTITY, "NetworkSettings": {"Networks": self.networks}})

    change = inspect

    async def execute(self, service: str, argv: Sequence[str], timeout: float) -> CommandOutput:
        return self.output


def names(engine: Engine) -> DockerNames:
    return DockerNames(cast(Any, engine), cast(Any, engine), lambda link: NamedProxy(PROXY, NETWORK))


async def test_every_name_of_the_target_goes_and_comes_back_and_no_other() -> None:
    engine = Engine([PROXY, "db", "the-db", IDENTITY[:12]])
    of_run = names(engine)
    await of_run.remove(LINK)
    assert engine.networks[NETWORK]["Aliases"] == [PROXY, IDENTITY[:12]]
    assert await of_run.removed(LINK)
    await of_run.restore(LINK)
    assert engine.networks[NETWORK]["Aliases"] == [PROXY, "db", "the-db", IDENTITY[:12]]
    assert not await of_run.removed(LINK)
    assert set(engine.networks) == {NETWORK, "default"}


async def test_a_second_time_changes_nothing() -> None:
    engine = Engine([PROXY, "db"])
    of_run = names(engine)
    await of_run.restore(LINK)
    assert engine.calls == []
    await of_run.remove(LINK)
    await of_run.remove(LINK)
    assert engine.calls == ["disconnect", "connect"]
    await of_run.restore(LINK)
    await of_run.restore(LINK)
    assert engine.calls == ["disconnect", "connect"] * 2


async def test_an_injection_that_was_cut_off_between_both_calls_is_undone() -> None:
    engine = Engine([PROXY, "db"])
    of_run = names(engine)
    await of_run.remove(LINK)
    del engine.networks[NETWORK]
    assert await of_run.removed(LINK)
    await of_run.restore(LINK)
    assert not await of_run.removed(LINK)


async def test_a_proxy_that_is_not_in_the_network_is_an_error() -> None:
    engine = Engine([])
    del engine.networks[NETWORK]
    with pytest.raises(ToolProblem, match="not on the network"):
        await names(engine).remove(LINK)


@pytest.mark.parametrize(
    ("output", "address"),
    [
        (CommandOutput(0, b"172.20.0.3      db\n"), "172.20.0.3"),
        (CommandOutput(2), ""),
        (CommandOutput(124), ""),
        (CommandOutput(143), ""),
    ],
)
async def test_no_answer_in_time_is_no_address(output: CommandOutput, address: str) -> None:
    engine = Engine([])
    engine.output = output
    assert await names(engine).resolve("web", "db", 2) == address


async def test_a_container_without_the_program_is_an_error_and_no_effect() -> None:
    engine = Engine([])
    engine.output = CommandOutput(127, printed=b"timeout: getent: not found")
    with pytest.raises(ToolProblem, match="`getent`"):
        await names(engine).resolve("web", "db", 2)
