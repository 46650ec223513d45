"""A recycled process id never passes for the owner of a run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from chaos.adapters.stack.owner import Lease, Owner, Ownership, current_owner, process_start

NEVER = 1e12  # seconds since the epoch: no lease ends so late


def test_we_are_alive() -> None:
    assert current_owner().pid == os.getpid()
    assert current_owner().state() is Ownership.ALIVE


def test_the_label_reads_back() -> None:
    assert Owner.parse(str(current_owner())) == current_owner()


@pytest.mark.parametrize(
    "text", ["", "12", "x:1:m", "12:3", "²:1:m", "1::m", "-1:1:m", "9" * 5000 + ":1:m", "1:1:"]
)
def test_a_label_that_is_none_of_ours(text: str) -> None:
    assert Owner.parse(text) is None


def test_the_same_id_started_at_another_time_is_dead() -> None:
    assert replace(current_owner(), started="1").state() is Ownership.DEAD


def test_before_the_last_boot_is_dead() -> None:
    ours = current_owner()
    host = ours.machine.partition("/")[0]
    assert replace(ours, machine=f"{host}/another").state() is Ownership.DEAD


def test_another_boot_is_another_machine_where_the_run_began_after_our_own_boot() -> None:
    ours = current_owner()
    host = ours.machine.partition("/")[0]
    theirs = replace(ours, machine=f"{host}/another/4026531836")
    assert theirs.state(Lease(psutil.boot_time() - 1, NEVER), 0.0) is Ownership.DEAD
    assert theirs.state(Lease(psutil.boot_time() + 1, NEVER), 0.0) is Ownership.ELSEWHERE


def test_the_same_id_in_another_process_namespace_is_another_process() -> None:
    ours = current_owner()
    theirs = replace(ours, machine=ours.machine.rpartition("/")[0] + "/1", started="1")
    assert theirs.state() is Ownership.ELSEWHERE


@pytest.mark.parametrize(("now", "state"), [(99.0, Ownership.ELSEWHERE), (101.0, Ownership.EXPIRED)])
def test_what_runs_elsewhere_is_over_with_its_lease(now: float, state: Ownership) -> None:
    theirs = replace(current_owner(), machine="elsewhere/1/1")
    assert theirs.state(Lease(0.0, 100.0), now) is state


def test_our_own_process_lives_whatever_its_lease_says() -> None:
    assert current_owner().state(Lease(0.0, 1.0), 1e12) is Ownership.ALIVE


def test_a_lease_reads_back_and_is_longer_than_the_plan() -> None:
    lease = Lease.of(600.0, 1_000_000.0)
    assert Lease.parse(str(lease)) == lease
    assert lease.ends - lease.began > 4 * 600


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "a-b", "1-2-3", "²-3", "1-" + "9" * 5000])
def test_what_is_no_lease(text: str) -> None:
    assert Lease.parse(text) is None


def test_another_machines_process_is_no_process_we_can_judge() -> None:
    assert replace(current_owner(), machine="elsewhere/1").state() is Ownership.ELSEWHERE


def test_a_process_that_ended_is_dead_even_before_it_is_waited_for() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner.of(process.pid)
    assert owner.state() is Ownership.ALIVE
    process.communicate(b"\n")
    assert owner.state() is Ownership.DEAD
    assert process_start(process.pid) is None
