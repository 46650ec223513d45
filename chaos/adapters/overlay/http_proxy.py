"""The service of a link's HTTP proxy: HAProxy behind the link's Toxiproxy. Pure."""

from __future__ import annotations

from chaos.adapters.overlay.data import bind
from chaos.adapters.overlay.override import Value
from chaos.adapters.overlay.topology import HttpProxy
from chaos.adapters.overlay.wiring import Wiring

HTTP_FOLDER = "/gameday"
CONFIG = "haproxy.cfg"


def http_proxy(proxy: HttpProxy, wiring: Wiring, published: list[Value]) -> Value:
    """Its body in the override. The files that it reads are in ``HTTP_FOLDER``."""
    return {
        "image": wiring.http_image,
        "command": ["haproxy", "-db", "-f", f"{HTTP_FOLDER}/{CONFIG}"],
        "restart": "no",
        "labels": dict(wiring.labels),
        "volumes": [bind(source, target) for target, source in wiring.http_files[proxy.service].items()],
        "networks": dict.fromkeys(proxy.networks),
        "ports": published,
        "dns_opt": ["timeout:1", "attempts:1", "ndots:0"],
        "sysctls": {"net.ipv4.tcp_syn_retries": "1"},
    }
