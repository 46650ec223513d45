"""Facts about this computer that set-up needs."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.setup.commands import CommandRunner

CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CA_PLACES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/cert.pem",  # macOS, Alpine
)


@dataclass(frozen=True)
class Machine:
    """``family``: the ID of os-release (``debian``, ``ubuntu``, ``fedora``), or ``darwin``; "" if unknown.
    ``like``: its ID_LIKE.
    """

    family: str
    version: str
    is_root: bool
    like: tuple[str, ...] = ()

    @property
    def has_apt(self) -> bool:
        return bool({"debian", "ubuntu"} & {self.family, *self.like})

    @property
    def name(self) -> str:
        return f"{self.family or 'this system'} {self.version}".strip()


def read_os_release(text: str) -> Mapping[str, str]:
    """Name -> unquoted value of an os-release file (freedesktop.org, os-release(5)).

    Raises ValueError for an unbalanced quote.
    """
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            pairs[key.strip()] = " ".join(shlex.split(value))
    return pairs


def this_machine(os_release: Path = Path("/etc/os-release")) -> Machine:
    """The machine on which this process runs. Raises ValueError for an unreadable os-release file."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not os_release.exists():
        return Machine(platform.system().lower(), platform.release(), root)
    facts = read_os_release(os_release.read_text(encoding="utf-8"))
    return Machine(
        facts.get("ID", ""), facts.get("VERSION_ID", ""), root, tuple(facts.get("ID_LIKE", "").split())
    )


@dataclass(frozen=True)
class CaBundle:
    """The certificates that this machine trusts.

    ``named_by``: the environment variable that names the path; "" if the path is one of the usual ones.
    """

    path: Path
    named_by: str = ""

    def problem(self) -> str:
        """What is wrong with it, in a few words; "" if nothing."""
        if not self.path.is_file():
            return f"{self.named_by or 'it'} names {self.path}, which does not exist"
        if b"BEGIN CERTIFICATE" not in self.path.read_bytes():
            return f"{self.path} holds no certificate"
        return ""


def find_ca_bundle(
    env: Mapping[str, str] = os.environ, places: tuple[str, ...] = CA_PLACES
) -> CaBundle | None:
    """The bundle that the environment names, else the first of the usual ones; None if there is neither."""
    for variable in CA_VARIABLES:
        if env.get(variable):
            return CaBundle(Path(env[variable]), variable)
    return next((CaBundle(Path(place)) for place in places if Path(place).is_file()), None)


def debian_mirror(machine: Machine, run: CommandRunner) -> str | None:
    """URL of the Debian mirror in this machine's apt sources; None if this is not Debian or there is none.

    Only the source of the release itself counts: security and update archives are not complete releases.
    """
    if machine.family != "debian":
        return None
    listed = run(["apt-get", "indextargets", "--format", "$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"])
    for line in listed.out.splitlines():
        kind, _, rest = line.partition("|")
        address, _, rest = rest.partition("|")
        release, _, component = rest.partition("|")
        if kind == "Packages" and component == "main" and address and "-" not in release:
            return address
    return None
