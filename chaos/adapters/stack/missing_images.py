"""The message for images that are missing on this machine, with one fix for each kind of image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chaos.adapters.stack.prepared import Prepared

_CHECKOUT = Path(__file__).resolve().parents[3]


def missing_images(prepared: Prepared, missing: list[str], folder: Path, checkout: Path = _CHECKOUT) -> str:
    """The images that are missing, and one line of advice for each way to get them.

    ``folder``: the folder of stack.yaml. Below gameday's own ``checkout``, ``make setup`` gets everything
    that a stack needs.
    """
    lines = [f"images are missing: {', '.join(missing)}"]
    shipped = (checkout / "Makefile").is_file() and folder.resolve().is_relative_to(checkout)
    advice = ["make setup"] if shipped else _own_stack(prepared, missing, folder)
    return "\n".join([*lines, *(f"  try: {one}" for one in advice)])


def _own_stack(prepared: Prepared, missing: list[str], folder: Path) -> Iterator[str]:
    services = prepared.compose.services
    lacking = [name for name, image in prepared.images().items() if image in missing]
    named = [name for name in lacking if name in services and not services[name].built]
    built = [name for name in lacking if name in services and services[name].built]
    compose = prepared.plain_command
    images = f"gameday images {folder}"
    if named:
        yield f"{compose} pull {' '.join(named)}"
    if built:
        yield f"{compose} build {' '.join(built)} (or: {images})"
    if set(lacking) - set(services):
        yield f"{images} (also gets gameday's own images)"
