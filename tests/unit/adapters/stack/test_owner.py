"""A recycled process id never passes for the owner of a run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from chaos.adapters.stack.owner import Owner, Ownership, current_owner, process_start


def test_we_are_alive() -> None:
    assert current_owner().pid == os.getpid()
    assert current_owner().state() is Ownership.ALIVE


def test_the_label_reads_back() -> None:
    assert Owner.parse(str(current_owner())) == current_owner()


@pytest.mark.parametrize("text", ["", "12", "x:1:m", "12:3"])
def test_a_label_that_is_none_of_ours(text: str) -> None:
    assert Owner.parse(text) is None


def test_the_same_id_started_at_another_time_is_dead() -> None:
    assert replace(current_owner(), started="1").state() is Ownership.DEAD


def test_before_the_last_boot_is_dead() -> None:
    ours = current_owner()
    host = ours.machine.partition("/")[0]
    assert replace(ours, machine=f"{host}/another").state() is Ownership.DEAD


def test_another_machines_process_is_no_process_we_can_judge() -> None:
    assert replace(current_owner(), machine="elsewhere/1").state() is Ownership.ELSEWHERE


def test_a_process_that_ended_is_dead_even_before_it_is_waited_for() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner.of(process.pid)
    assert owner.state() is Ownership.ALIVE
    process.communicate(b"\n")
    assert owner.state() is Ownership.DEAD
    assert process_start(process.pid) is None
