"""Host ports: free, distinct, below what the kernel hands out itself; a fixed one must be free."""

from __future__ import annotations

import random
import socket
from contextlib import closing

import pytest

from chaos.adapters.stack.host_ports import choose_ports, chosen_ports, is_free, release_ports
from chaos.errors import EnvironmentProblem, ExitCode

WANTED = [("a", 1), ("a", 2), ("b", 1)]


class _Stuck(random.Random):
    """Draws the same port a few times before it draws others."""

    def __init__(self, first: int) -> None:
        super().__init__(7)
        self.first = [first] * 3

    def choice(self, seq):  # type: ignore[no-untyped-def]
        return self.first.pop() if self.first else super().choice(seq)


def test_each_gets_its_own_port_out_of_the_quiet_range() -> None:
    ports = choose_ports(WANTED, {})
    assert set(ports) == set(WANTED)
    assert len(set(ports.values())) == 3
    assert all(20000 <= port < 32000 for port in ports.values())


def test_an_occupied_port_is_passed_over() -> None:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        taken = held.getsockname()[1]
        assert not is_free(taken)
        assert taken not in choose_ports(WANTED, {}, _Stuck(taken)).values()
    assert is_free(taken)


def test_two_stacks_of_one_process_never_get_the_same_port() -> None:
    first = choose_ports(WANTED, {})[("a", 1)]
    assert is_free(first), "nothing listens there yet"
    assert first not in choose_ports(WANTED, {}, _Stuck(first)).values()


def a_free_port() -> int:
    ports = choose_ports([("x", 1)], {})
    release_ports(ports.values())
    return ports[("x", 1)]


def test_two_stacks_of_one_process_never_get_the_same_fixed_port() -> None:
    free = a_free_port()
    ports = choose_ports([("a", 1)], {("a", 1): free})
    with pytest.raises(EnvironmentProblem, match=f"port {free} .*is in use"):
        choose_ports([("b", 1)], {("b", 1): free})
    assert free not in choose_ports(WANTED, {}, _Stuck(free)).values()
    release_ports(ports.values())
    assert choose_ports([("b", 1)], {("b", 1): free}) == {("b", 1): free}


def test_a_fixed_port_that_a_starting_stack_has_drawn_is_refused() -> None:
    drawn = choose_ports([("a", 1)], {})[("a", 1)]
    with pytest.raises(EnvironmentProblem, match=str(drawn)):
        choose_ports([("b", 1)], {("b", 1): drawn})


def test_the_ports_of_a_preparation_that_fails_are_free_again() -> None:
    free = a_free_port()
    with pytest.raises(RuntimeError), chosen_ports([("a", 1)], {("a", 1): free}):
        raise RuntimeError
    assert choose_ports([("a", 1)], {("a", 1): free})


def test_a_fixed_port_is_taken_as_it_is() -> None:
    free = a_free_port()
    assert choose_ports(WANTED, {("b", 1): free})[("b", 1)] == free


def test_a_fixed_port_in_use_is_named_with_what_to_do_before_anything_starts() -> None:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        taken = held.getsockname()[1]
        with pytest.raises(EnvironmentProblem) as caught:
            choose_ports(WANTED, {("b", 1): taken})
    assert str(taken) in str(caught.value)
    assert "expose" in caught.value.fix
    assert caught.value.exit_code is ExitCode.HARNESS


def test_one_fixed_port_for_two_is_refused() -> None:
    free = a_free_port()
    with pytest.raises(EnvironmentProblem, match=str(free)):
        choose_ports(WANTED, {("a", 1): free, ("b", 1): free})
