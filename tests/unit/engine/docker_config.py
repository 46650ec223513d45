"""A configuration folder of the ``docker`` command, as its context store lays it out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def write_config(folder: Path, current: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"currentContext": current, "auths": {}}))
    return folder


def add_context(folder: Path, name: str, host: str, skip_verify: bool = False) -> Path:
    """The folder of its TLS files, which is not made."""
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / key
    meta.mkdir(parents=True)
    endpoint = {"Host": host, "SkipTLSVerify": skip_verify}
    body = {"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}
    (meta / "meta.json").write_text(json.dumps(body))
    return folder / "contexts" / "tls" / key / "docker"


def write_tls(folder: Path, client: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("ca.pem", "cert.pem", "key.pem") if client else ("ca.pem",):
        (folder / name).write_text("a certificate")
    return folder
