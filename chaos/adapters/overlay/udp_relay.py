"""The service of a UDP relay: socat in the network namespace of a Toxiproxy container. Pure."""

from __future__ import annotations

from chaos.adapters.overlay.override import Value
from chaos.adapters.overlay.topology import UdpRelay
from chaos.adapters.overlay.wiring import Wiring

IDLE = 5  # seconds without a datagram after which a sender is forgotten; its next one makes it known again
MOST_SENDERS = 200  # at the same time; socat has a process for each


def udp_relay(relay: UdpRelay, wiring: Wiring) -> Value:
    """Its body in the override. It resolves the target for each new sender, as the target may be a new
    container then.
    """
    listen = f"UDP4-LISTEN:{relay.port},reuseaddr,fork,max-children={MOST_SENDERS}"
    return {
        "image": wiring.udp_image,
        "entrypoint": ["socat", "-T", str(IDLE)],
        "command": [listen, f"UDP4:{relay.target}:{relay.port}"],
        "restart": "no",
        "labels": dict(wiring.labels),
        "network_mode": f"service:{relay.beside}",
        "depends_on": {relay.beside: {"condition": "service_started"}},
    }
