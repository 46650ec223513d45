"""A client of the Docker SDK for one engine address."""

from __future__ import annotations

import docker
from docker.constants import MINIMUM_DOCKER_API_VERSION
from docker.tls import TLSConfig

from chaos.engine.address import EngineAddress


def open_client(engine: EngineAddress, timeout: float) -> docker.DockerClient:
    """A client of that engine and no other: nothing is read from the environment. ``timeout``: real seconds
    for one call. It asks the engine for its version, so it raises ``docker.errors.DockerException`` or an
    exception of ``requests`` when none answers.
    """
    tls: TLSConfig | bool = False
    if engine.tls is not None:
        own = (str(engine.tls.cert), str(engine.tls.key)) if engine.tls.client else None
        tls = TLSConfig(client_cert=own, ca_cert=str(engine.tls.ca), verify=engine.tls.verify)
    first = docker.APIClient(
        base_url=engine.host, timeout=timeout, tls=tls, version=MINIMUM_DOCKER_API_VERSION
    )
    first.trust_env = False
    try:
        version = str(first.version(api_version=False)["ApiVersion"])
    finally:
        first.close()
    client = docker.DockerClient(base_url=engine.host, timeout=timeout, tls=tls, version=version)
    # Else requests sends it through a proxy of the environment, and lets REQUESTS_CA_BUNDLE overrule ``tls``.
    # That is why the version was asked beforehand: the SDK's own "auto" asks in the constructor.
    client.api.trust_env = False
    return client
