from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from chaos.errors import BadInput, EnvironmentProblem, ToolProblem
from chaos.setup.base import BASE, DEBIAN
from chaos.setup.commands import ProgramResult
from chaos.setup.fingerprint import fingerprint
from chaos.setup.held import HeldImage, held_images
from chaos.setup.images import (
    ImageHost,
    ImageOutcome,
    ImageRequest,
    ImageSource,
    ensure_images,
    expected_content,
    is_settled,
    pull_name,
    read_image_request,
    remembered,
    state_file,
)
from chaos.setup.manifest import Image
from chaos.setup.registry_probe import RegistryAnswer
from tests.unit.setup.fakes import ENGINE, FEDORA, ROOT_DEBIAN, FakeProbe, FakePrograms, Said

YES = RegistryAnswer(True)
NO = RegistryAnswer(False, "no such host")


class Shop:
    """An engine that holds what was pulled, built, tagged or imported; labels included."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, str]] = {}
        self.identities: dict[str, str] = defaultdict(lambda: "pulled")
        self.run = FakePrograms(
            {
                "docker image inspect": self.inspect,
                "docker pull": self.pull,
                "docker tag": self.tag,
                "docker build": self.build,
                "docker import": self.imported,
                "apt-get indextargets": ProgramResult(
                    0, "Packages|http://mirror.example/debian/|bookworm|main\n"
                ),
                "debootstrap": ProgramResult(0),
                "tar": ProgramResult(0),
            }
        )

    def inspect(self, argv: list[str]) -> ProgramResult:
        there = [name for name in argv[3:] if name in self.held]
        images = [
            {"Id": self.identities[name], "RepoTags": [name], "Config": {"Labels": self.held[name] or None}}
            for name in there
        ]
        return ProgramResult(0 if len(there) == len(argv[3:]) else 1, json.dumps(images))

    def pull(self, argv: list[str]) -> ProgramResult:
        self.held[argv[-1]] = {}
        return ProgramResult(0)

    def tag(self, argv: list[str]) -> ProgramResult:
        self.held[argv[3]] = self.held[argv[2]]
        return ProgramResult(0)

    def build(self, argv: list[str]) -> ProgramResult:
        label = argv[argv.index("--label") + 1].partition("=")
        self.identities[argv[argv.index("--tag") + 1]] = f"built {len(self.run.asked)}"
        self.held[argv[argv.index("--tag") + 1]] = {"gameday.image-source": "build", label[0]: label[2]}
        return ProgramResult(0)

    def imported(self, argv: list[str]) -> ProgramResult:
        self.held[argv[-1]] = {"gameday.image-source": "build"}
        return ProgramResult(0)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def images(tmp_path: Path) -> tuple[Image, ...]:
    made = []
    for name in ("redis:8", "ghcr.io/shopify/toxiproxy:2.12.0"):
        context = tmp_path / "contexts" / name.rpartition("/")[2].partition(":")[0]
        context.mkdir(parents=True)
        (context / "Dockerfile").write_text(f"FROM gameday/base:trixie\n# {name}\n")
        made.append(Image(name, context))
    return tuple(made)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def outcomes(
    images: tuple[Image, ...],
    shop: Shop,
    request: ImageRequest,
    answer: RegistryAnswer,
    env: dict[str, str],
    said: Said | None = None,
) -> list[ImageOutcome]:
    probe = FakeProbe(answer)
    ready = ensure_images(
        images, request, ImageHost(ENGINE, ROOT_DEBIAN, shop.run, said or Said(), env), probe
    )
    assert [image.name for image in ready] == [image.name for image in images]
    return [image.outcome for image in ready]


def test_auto_pulls_where_the_registry_answers_and_does_nothing_the_second_time(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    assert outcomes(images, shop, ImageRequest(), YES, env) == [ImageOutcome.PULLED, ImageOutcome.PULLED]
    asked = len(shop.run.asked)
    assert outcomes(images, shop, ImageRequest(), NO, env) == [ImageOutcome.PRESENT, ImageOutcome.PRESENT]
    assert len(shop.run.asked) == asked + 1, "the second time costs one look"


def test_auto_builds_where_no_registry_answers_and_says_why(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    said = Said()
    assert outcomes(images, shop, ImageRequest(), NO, env, said) == [ImageOutcome.BUILT, ImageOutcome.BUILT]
    assert "no such host" in said.text
    assert {DEBIAN, BASE} <= set(shop.held)
    assert outcomes(images, shop, ImageRequest(), YES, env) == [ImageOutcome.PRESENT, ImageOutcome.PRESENT]


def test_the_choice_is_remembered_for_this_engine_and_asked_again_on_demand(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    outcomes(images, shop, ImageRequest(), NO, env)
    assert remembered(state_file(env), ENGINE) is ImageSource.BUILD
    del shop.held["redis:8"]
    assert outcomes(images, shop, ImageRequest(), YES, env) == [ImageOutcome.BUILT, ImageOutcome.PRESENT]
    del shop.held["redis:8"]
    assert outcomes(images, shop, ImageRequest(explicit=True), YES, env) == [
        ImageOutcome.PULLED,
        ImageOutcome.PRESENT,
    ]


def test_a_memory_that_is_damaged_is_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for text in ("", "[]", '{"ENGINE-A": "moon"}', '{"ENGINE-B": "build"}'):
        path.write_text(text)
        assert remembered(path, ENGINE) is None


def test_a_changed_folder_is_built_again_and_only_that_one(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    outcomes(images, shop, ImageRequest(), NO, env)
    (images[0].context / "entrypoint.sh").write_text("exec redis-server\n")
    assert outcomes(images, shop, ImageRequest(), NO, env) == [ImageOutcome.BUILT, ImageOutcome.PRESENT]


def test_the_source_that_is_asked_for_replaces_images_of_the_other(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    build, registry = ImageRequest(ImageSource.BUILD, True), ImageRequest(ImageSource.REGISTRY, True)
    assert outcomes(images, shop, build, YES, env) == [ImageOutcome.BUILT] * 2
    assert outcomes(images, shop, registry, NO, env) == [ImageOutcome.PULLED] * 2
    assert outcomes(images, shop, registry, NO, env) == [ImageOutcome.PRESENT] * 2
    assert outcomes(images, shop, build, YES, env) == [ImageOutcome.BUILT] * 2


def test_a_registry_of_ones_own_is_pulled_from_and_tagged_with_the_official_name(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    request = ImageRequest(ImageSource.REGISTRY, True, "127.0.0.1:5000")
    outcomes(images, shop, request, YES, env)
    assert shop.run.asked_for("docker pull") == [
        "docker pull -q 127.0.0.1:5000/redis:8",
        "docker pull -q 127.0.0.1:5000/shopify/toxiproxy:2.12.0",
    ]
    assert {"redis:8", "ghcr.io/shopify/toxiproxy:2.12.0"} <= set(shop.held)


def test_a_failed_pull_is_an_error_when_the_registry_was_asked_for(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    shop.run.replies["docker pull"] = ProgramResult(1, err="toomanyrequests")
    with pytest.raises(ToolProblem, match="toomanyrequests"):
        outcomes(images, shop, ImageRequest(ImageSource.REGISTRY), YES, env)


def test_a_failed_pull_is_built_instead_in_auto_and_said(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    shop.held[DEBIAN] = {}
    shop.run.replies["docker pull"] = ProgramResult(1, err="toomanyrequests")
    said = Said()
    assert outcomes(images, shop, ImageRequest(), YES, env, said) == [ImageOutcome.BUILT] * 2
    assert "toomanyrequests" in said.text


def test_a_build_that_fails_shows_its_last_lines(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    shop.held[DEBIAN] = {}
    shop.run.replies["docker build"] = ProgramResult(1, err="#9 ERROR: checksum mismatch")
    with pytest.raises(ToolProblem, match="checksum mismatch"):
        outcomes(images, shop, ImageRequest(ImageSource.BUILD), NO, env)


def test_without_registry_and_without_debian_it_says_what_to_do(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    with pytest.raises(EnvironmentProblem, match=r"gameday can build .* only on Debian") as problem:
        ensure_images(images, ImageRequest(), ImageHost(ENGINE, FEDORA, shop.run, Said(), env), FakeProbe(NO))
    assert "IMAGE_REGISTRY" in problem.value.fix


def test_a_build_gets_the_mirror_and_the_ca_and_only_settings_that_are_set(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str], tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----\n")
    env |= {"SSL_CERT_FILE": str(bundle), "GOPROXY": "http://modules.example", "PIP_INDEX_URL": ""}
    outcomes(images, shop, ImageRequest(ImageSource.BUILD), NO, env)
    for line in shop.run.asked_for("docker build"):
        assert "--build-arg APT_MIRROR=http://mirror.example/debian/" in line
        assert f"--secret id=ca,src={bundle}" in line
        assert "--build-arg GOPROXY=http://modules.example" in line
        assert "PIP_INDEX_URL" not in line


def test_what_a_build_replaced_is_removed_but_never_what_somebody_pulled(
    images: tuple[Image, ...], shop: Shop, env: dict[str, str]
) -> None:
    outcomes(images, shop, ImageRequest(), NO, env)
    assert shop.run.asked_for("docker image rm") == []
    old = shop.identities["redis:8"]
    (images[0].context / "entrypoint.sh").write_text("exec redis-server\n")
    outcomes(images, shop, ImageRequest(), NO, env)
    assert shop.run.asked_for("docker image rm") == [f"docker image rm {old}"]
    shop.held["redis:8"] = {}
    outcomes(images, shop, ImageRequest(ImageSource.BUILD, True), NO, env)
    assert len(shop.run.asked_for("docker image rm")) == 1


@pytest.mark.parametrize(
    ("held", "auto", "registry", "build"),
    [
        (None, False, False, False),
        (HeldImage("i", built=False, content=""), True, True, False),
        (HeldImage("i", built=True, content="now"), True, False, True),
        (HeldImage("i", built=True, content="before"), False, False, False),
    ],
)
def test_what_is_settled_depends_on_what_was_asked_for(
    held: HeldImage | None, auto: bool, registry: bool, build: bool
) -> None:
    assert is_settled(held, "now", ImageSource.AUTO) is auto
    assert is_settled(held, "now", ImageSource.REGISTRY) is registry
    assert is_settled(held, "now", ImageSource.BUILD) is build


def test_the_source_comes_from_the_option_then_the_environment() -> None:
    assert read_image_request("build", {"IMAGE_SOURCE": "registry"}) == ImageRequest(ImageSource.BUILD, True)
    assert read_image_request(
        None, {"IMAGE_SOURCE": "registry", "IMAGE_REGISTRY": "127.0.0.1:5000/"}
    ) == ImageRequest(ImageSource.REGISTRY, False, "127.0.0.1:5000")
    assert read_image_request(None, {}) == ImageRequest()


@pytest.mark.parametrize(("option", "env"), [("hub", {}), (None, {"IMAGE_SOURCE": "hub"})])
def test_another_source_is_bad_input(option: str | None, env: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="expected auto, registry or build, got 'hub'") as problem:
        read_image_request(option, env)
    assert problem.value.exit_code == 4


@pytest.mark.parametrize(
    ("name", "pulled"),
    [
        ("redis:8", "r.example/redis:8"),
        ("prom/prometheus:v2", "r.example/prom/prometheus:v2"),
        ("ghcr.io/shopify/toxiproxy:2.12.0", "r.example/shopify/toxiproxy:2.12.0"),
        ("127.0.0.1:5000/a/b:1", "r.example/a/b:1"),
    ],
)
def test_names_in_a_registry_of_ones_own(name: str, pulled: str) -> None:
    assert pull_name(name, "r.example") == pulled
    assert pull_name(name, "") == name


def test_a_fingerprint_sees_names_bytes_and_the_executable_bit(tmp_path: Path) -> None:
    file = tmp_path / "run.sh"
    file.write_text("a")
    seen = {fingerprint([tmp_path])}
    file.chmod(0o755)
    seen.add(fingerprint([tmp_path]))
    file.write_text("b")
    seen.add(fingerprint([tmp_path]))
    file.rename(tmp_path / "go.sh")
    seen.add(fingerprint([tmp_path]))
    seen.add(fingerprint([tmp_path], "word"))
    assert len(seen) == 5
    before = fingerprint([tmp_path])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("cache")
    assert fingerprint([tmp_path]) == before


def test_the_label_changes_with_the_base(images: tuple[Image, ...]) -> None:
    assert expected_content(images[0]) != fingerprint([images[0].context])


def test_nothing_held_is_no_question() -> None:
    run = FakePrograms()
    assert held_images([], run) == {}
    assert run.asked == []
