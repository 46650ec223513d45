"""The values that are specific to one run: its project, labels, ports and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos.adapters.overlay.override import EnvironmentValue


@dataclass(frozen=True)
class Wiring:
    """The values of one run. ``ports``: (service, container port) -> host port on 127.0.0.1.

    ``proxy_configs``: Toxiproxy container -> host path of its JSON. ``mounts``: service -> (container path ->
    host path) of files that replace the stack's own. ``http_files``: HTTP proxy -> (container path
    -> host path). ``offsite``: volume -> host folder that holds its data, so that these outlive the volume.
    """

    project: str
    labels: Mapping[str, str]
    ports: Mapping[tuple[str, int], int]
    proxy_configs: Mapping[str, str]
    proxy_image: str = "ghcr.io/shopify/toxiproxy:2.12.0"  # Shopify's own server
    environment: Mapping[str, Mapping[str, str | EnvironmentValue]] = field(default_factory=dict)
    mounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    offsite: Mapping[str, str] = field(default_factory=dict)
    http_image: str = "haproxy:3.0"
    http_files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    udp_image: str = "alpine/socat:1.8.0.3"
    as_is: frozenset[str] = frozenset()  # what stack.yaml lists under use_as_is; a bind by its host path
    empty: frozenset[str] = frozenset()  # host paths of binds where nothing exists
