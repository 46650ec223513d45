"""Private copies of toxiproxy-python: a process that makes many runs keeps none of them."""

from __future__ import annotations

import gc
import sys
import weakref

from chaos.adapters.toxiproxy_client import ToxiproxyServer


def test_a_copy_goes_with_its_server() -> None:
    ToxiproxyServer("http://127.0.0.1:9")  # what the first one imports for good is not its copy
    before = set(sys.modules)
    server = ToxiproxyServer("http://127.0.0.1:9")
    assert set(sys.modules) == before
    copy = weakref.ref(server._proxy_class)
    del server
    gc.collect()
    assert copy() is None
