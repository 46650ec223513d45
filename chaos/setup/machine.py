"""What set-up must know about this computer."""

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
    """``family`` is the ID of os-release (``debian``, ``ubuntu``, ``fedora``), or ``darwin``; "" if
    unknown.
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
    """The assignments of an os-release file, unquoted (freedesktop.org, os-release(5))."""
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            pairs[key.strip()] = " ".join(shlex.split(value))
    return pairs


def this_machine(os_release: Path = Path("/etc/os-release")) -> Machine:
    """The machine this process runs on."""
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

    ``named_by`` is the variable that says so, "" for a usual place.
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
    """The bundle that the environment names, else one of the usual places; None if there is neither."""
    for variable in CA_VARIABLES:
        if env.get(variable):
            return CaBundle(Path(env[variable]), variable)
    return next((CaBundle(Path(place)) for place in places if Path(place).is_file()), None)


def debian_mirror(machine: Machine, run: CommandRunner) -> str | None:
    """Address of the mirror that this machine's own enabled Debian source names; None if it has none.

    Security and update archives hold no whole release, so only the source of the release itself counts.
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
