"""Does a registry answer? gameday asks through the engine, because the engine would pull the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaos.engine import EngineAddress
from chaos.errors import describe_error

PROBE_LIMIT = 4.0  # seconds; a refused connection and an unknown host fail at once


@dataclass(frozen=True)
class RegistryAnswer:
    """``why``: why the registry cannot be used, in a few words; "" if it answers."""

    answers: bool
    why: str = ""


class Probe(Protocol):
    """Asks the registry of the image ``name`` whether it has that image. Never raises."""

    def __call__(self, name: str) -> RegistryAnswer: ...


def engine_probe(engine: EngineAddress, limit: float = PROBE_LIMIT) -> Probe:
    """A probe through ``engine``. ``limit``: seconds for each of its calls to the engine."""

    def probe(name: str) -> RegistryAnswer:
        # Slow to import, and needed only when an image is missing.
        import docker.errors
        from requests import RequestException

        from chaos.engine.client import open_client

        try:
            client = open_client(engine, limit).api
            try:
                client.inspect_distribution(name)
            finally:
                client.close()
        # Must come before RequestException, its base class.
        except docker.errors.APIError as problem:
            return RegistryAnswer(False, str(problem.explanation or problem).strip().rsplit(": ", 1)[-1])
        except RequestException:
            return RegistryAnswer(False, f"no answer within {limit:g} s")
        except Exception as problem:  # any other error of the SDK: the registry cannot be used
            return RegistryAnswer(False, describe_error(problem))
        return RegistryAnswer(True)

    return probe
