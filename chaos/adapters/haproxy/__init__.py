"""HAProxy as the HTTP proxy of a link: ``haproxy.cfg`` and ``faults.lua``, and the files that it reads."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from chaos.adapters.overlay.http_proxy import CONFIG, HTTP_FOLDER
from chaos.adapters.overlay.topology import HttpProxy
from chaos.errors import foreign_errors
from chaos.ports import HttpEffect

SCRIPT = "faults.lua"


def map_file(effect: HttpEffect) -> str:
    """The name of the HAProxy map for one effect."""
    return f"{effect.value}.map"


def map_path(effect: HttpEffect) -> str:
    """The path of that map in the container."""
    return f"{HTTP_FOLDER}/{map_file(effect)}"


def proxy_files(proxy: HttpProxy) -> dict[str, str]:
    """Name -> text of the files in ``HTTP_FOLDER``. The maps are empty, so the link is unchanged."""
    home = files(__package__)
    with foreign_errors("the configuration of HAProxy cannot be read"):
        config = Template((home / CONFIG).read_text(encoding="utf-8")).substitute(
            port=proxy.port, api_port=proxy.api_port, target=f"{proxy.target}:{proxy.port}"
        )
        script = (home / SCRIPT).read_text(encoding="utf-8")
    return {CONFIG: config, SCRIPT: script} | {map_file(effect): "" for effect in HttpEffect}
