"""Which container engine a command of gameday uses: resolved once, and then passed on as a value.

address     one frozen value: where the engine is, its TLS files, the setting that named it
resolution  from the environment and the configuration folder to that value, as the ``docker`` command does it
locality    which engines may be broken: those of this computer
"""

from chaos.engine.address import DEFAULT_HOST, EngineAddress, EngineSource, TlsFiles
from chaos.engine.locality import ALLOW_REMOTE, is_remote, refuse_remote
from chaos.engine.resolution import local_engine, resolve_engine

__all__ = [
    "ALLOW_REMOTE",
    "DEFAULT_HOST",
    "EngineAddress",
    "EngineSource",
    "TlsFiles",
    "is_remote",
    "local_engine",
    "refuse_remote",
    "resolve_engine",
]
