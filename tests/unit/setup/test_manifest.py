from __future__ import annotations

from pathlib import Path

import pytest

from chaos.adapters.overlay.wiring import Wiring
from chaos.errors import BadInput
from chaos.setup.manifest import Image, own_images, read_manifest, stack_images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "Dockerfile").write_text("FROM scratch\n")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "images.yaml"
    path.write_text(text)
    return path


def test_images_are_read_with_the_folder_that_builds_them(folder: Path) -> None:
    path = write(folder, 'images:\n  - {name: "redis:8", context: redis}\n')
    assert read_manifest(path) == (Image("redis:8", folder / "redis"),)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "file: Input should be"),
        ("images: []", "images: "),
        ('images: [{name: "redis:8", contxt: redis}]', "images.0.contxt: Extra inputs"),
        ("images: [{name: redis, context: redis}]", "images.0.name: String should match"),
        ('images: [{name: "redis:8", context: ../../etc}]', "images.0.context: String should match"),
        ('images: [{name: "redis:8", context: nowhere}]', "redis:8: no Dockerfile in"),
        ("images: [", "images.yaml:1:10: not valid YAML"),
    ],
)
def test_a_wrong_manifest_is_refused_with_its_place(folder: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_manifest(write(folder, text))
    assert complaint in str(refused.value)
    assert str(folder / "images.yaml") in str(refused.value)


def test_a_missing_manifest_is_refused_but_a_stack_needs_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_manifest(tmp_path / "images.yaml")
    assert stack_images(tmp_path) == ()


def test_the_harness_itself_needs_its_proxies_alone() -> None:
    toxiproxy, haproxy, socat = own_images()
    assert toxiproxy.name == "ghcr.io/shopify/toxiproxy:2.12.0" == Wiring.proxy_image
    assert haproxy.name == "haproxy:3.0" == Wiring.http_image
    assert socat.name == "alpine/socat:1.8.0.3" == Wiring.udp_image


def test_the_module_that_is_compiled_is_the_version_in_the_images_name_and_has_checksums() -> None:
    toxiproxy = own_images()[0]
    tag = toxiproxy.name.rpartition(":")[2]
    assert f"github.com/Shopify/toxiproxy/v2 v{tag}\n" in (toxiproxy.context / "go.mod").read_text()
    assert f"github.com/Shopify/toxiproxy/v2 v{tag} h1:" in (toxiproxy.context / "go.sum").read_text()
