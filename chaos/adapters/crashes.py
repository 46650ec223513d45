"""Kills the main process of a container without going through the engine, so that it looks like a crash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaos.adapters.labels import ONE_OFF_LABEL, RUN_LABEL
from chaos.errors import ToolProblem

SECONDS = 8.0  # real, for the helper container; it takes 0.5 s


def crash(api: Any, run_id: str, service: str, described: Mapping[str, Any]) -> None:
    """Kill the main process of a container with this description from the engine. Blocking.

    Raises ``ToolProblem`` without a restart policy, without ``sh`` in its image, and if the engine allows no
    container to see the processes of its machine.
    """
    policy = (described["HostConfig"].get("RestartPolicy") or {}).get("Name")
    if policy in (None, "", "no"):
        raise ToolProblem(
            f"{service} has no restart policy, so the engine would not restart it: "
            "add restart: in the compose file, or remove restart: engine"
        )
    pid = int(described["State"]["Pid"])
    if not pid:
        return  # it has already ended
    helper = api.create_container(
        described["Image"],
        entrypoint=["sh", "-c", f"kill -9 {pid}"],
        user="0",
        labels={RUN_LABEL: run_id, ONE_OFF_LABEL: "True"},
        healthcheck={"test": ["NONE"]},
        host_config=api.create_host_config(pid_mode="host", network_mode="none"),
    )["Id"]
    try:
        api.start(helper)
        code = api.wait(helper, timeout=SECONDS)["StatusCode"]
        said = api.logs(helper).decode(errors="replace").strip() if code else ""
    finally:
        api.remove_container(helper, force=True, v=True)
    if code and "No such process" not in said:
        raise ToolProblem(f"cannot kill the process of {service} from a helper container: {said}")
