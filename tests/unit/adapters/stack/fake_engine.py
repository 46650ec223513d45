"""An engine in memory that knows containers, networks and volumes by label, for removing."""

from __future__ import annotations

from typing import Any

import docker.errors
import requests


class _Answer(requests.Response):
    def __init__(self, code: int) -> None:
        super().__init__()
        self.status_code = code


def refusal(code: int) -> docker.errors.APIError:
    return docker.errors.APIError("refused", response=_Answer(code))


class FakeEngine:
    """A run of each name, with the label of its owner.

    ``latecomers``: containers that appear at the n-th look, as of a start that was under way.
    """

    def __init__(self, **runs: str) -> None:
        self.owners = runs
        self.labels: dict[str, dict[str, str]] = {}  # of one object, in place of what its run gives it
        self.held = {
            run: {"containers": {f"{run}-a", f"{run}-b"}, "networks": {f"{run}_n"}, "volumes": {f"{run}_v"}}
            for run in runs
        }
        self.looks = 0
        self.latecomers: dict[int, tuple[str, str]] = {}
        self.refuses: dict[str, list[Exception]] = {}
        self.removed: list[str] = []
        self.api = self

    def containers(
        self, all: bool = False, filters: dict[str, str | list[str]] | None = None
    ) -> list[dict[str, Any]]:
        assert all, "stopped containers count too"
        self.looks += 1
        if self.looks in self.latecomers:
            run, name = self.latecomers[self.looks]
            self.held[run]["containers"].add(name)
        return [
            {"Names": [f"/{name}"], "Id": name, "Labels": labels}
            for name, labels in self._of("containers", filters)
        ]

    def networks(self, filters: dict[str, str | list[str]] | None = None) -> list[dict[str, Any]]:
        return [{"Name": name, "Labels": labels} for name, labels in self._of("networks", filters)]

    def volumes(self, filters: dict[str, str | list[str]] | None = None) -> dict[str, Any]:
        return {
            "Volumes": [{"Name": name, "Labels": labels} for name, labels in self._of("volumes", filters)]
            or None
        }

    def remove_container(self, name: str, v: bool, force: bool) -> None:
        assert v, "anonymous volumes go with their container"
        assert force
        self._remove("containers", name)

    def remove_network(self, name: str) -> None:
        self._remove("networks", name)

    def remove_volume(self, name: str, force: bool) -> None:
        self._remove("volumes", name)

    def _of(self, kind: str, filters: dict[str, str | list[str]] | None) -> list[tuple[str, dict[str, str]]]:
        assert filters, "never everything on the engine"
        given = filters["label"]  # the engine takes one label, or a list of them
        (wanted,) = [given] if isinstance(given, str) else given
        label, _, run = wanted.partition("=")
        assert label == "gameday.run"
        return [
            (name, {"gameday.run": r, "gameday.owner": self.owners[r]} | self.labels.get(name, {}))
            for r, held in self.held.items()
            if run in ("", r)
            for name in sorted(held[kind])
        ]

    def _remove(self, kind: str, name: str) -> None:
        if waiting := self.refuses.get(name):
            raise waiting.pop()
        for held in self.held.values():
            if name in held[kind]:
                held[kind].discard(name)
                self.removed.append(name)
                return
        raise refusal(404)
