"""Builds one image with the settings that builds on this machine need.

Behind a company proxy a build needs the company's CA bundle. gameday passes it as a build secret named
``ca``, so it is in no layer of the image.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.setup.commands import CommandRunner, must
from chaos.setup.fingerprint import CONTENT_LABEL
from chaos.setup.machine import Machine, debian_mirror, find_ca_bundle

# Settings of package clients and proxies that a build copies from this machine, if they are set.
PASSED_ON = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST"),
    *("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE"),
)
BUILD_DEADLINE = 900.0  # seconds; the longest build, Toxiproxy's, takes 40 s on two cores
BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}


@dataclass(frozen=True)
class Surroundings:
    """The settings of a build. ``arguments``: build arguments by name. ``ca``: the CA bundle, or None."""

    arguments: Mapping[str, str]
    ca: Path | None


def surroundings(machine: Machine, run: CommandRunner, env: Mapping[str, str] = os.environ) -> Surroundings:
    """The package mirror, the proxies and the CA bundle that builds on this machine need."""
    arguments = {name: env[name] for name in PASSED_ON if env.get(name)}
    mirror = debian_mirror(machine, run)
    if mirror:
        arguments["APT_MIRROR"] = mirror
    bundle = find_ca_bundle(env)
    return Surroundings(arguments, bundle.path if bundle and not bundle.problem() else None)


def build_image(name: str, context: Path, content: str, around: Surroundings, run: CommandRunner) -> None:
    """Builds the folder ``context`` as the image ``name`` and labels it with ``content``, a fingerprint.

    Raises ToolProblem with the last lines of the build.
    """
    argv = ["docker", "build", "--tag", name, "--label", f"{CONTENT_LABEL}={content}"]
    for key, value in around.arguments.items():
        argv += ["--build-arg", f"{key}={value}"]
    if around.ca is not None:
        argv += ["--secret", f"id=ca,src={around.ca}"]
    must(run([*argv, str(context)], timeout=BUILD_DEADLINE, env=BUILDKIT), f"building {name}")
