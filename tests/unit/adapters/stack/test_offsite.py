"""What stands for off-site storage: folders of the run folder, which outlive the volumes that show them."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any, cast

import pytest

from chaos.adapters.stack.offsite import discard, offsite_folders
from chaos.errors import BadInput, EnvironmentProblem
from tests.unit.adapters.overlay.specimens import read, service, shop, spliced, stack

LABELS = {"gameday.run": "abc123"}


def test_each_off_site_volume_gets_a_folder_that_every_user_may_write_to(tmp_path: Path) -> None:
    folders = offsite_folders(stack(offsite=["data"]), read(), tmp_path / "offsite")
    assert folders == {"data": str(tmp_path / "offsite" / "data")}
    assert stat.S_IMODE((tmp_path / "offsite" / "data").stat().st_mode) == 0o777


def test_a_stack_without_any_has_no_folder(tmp_path: Path) -> None:
    assert offsite_folders(stack(), read(), tmp_path / "offsite") == {}
    assert not (tmp_path / "offsite").exists()


def test_a_volume_that_the_compose_file_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no volume vault of its own") as caught:
        offsite_folders(stack(offsite=["vault", "data"]), read(), tmp_path)
    assert "there are: data" in str(caught.value)


def test_a_folder_that_cannot_be_made_is_an_environment_problem(tmp_path: Path) -> None:
    (tmp_path / "offsite").write_text("in the way")
    with pytest.raises(EnvironmentProblem, match="cannot be made"):
        offsite_folders(stack(offsite=["data"]), read(), tmp_path / "offsite")


def test_the_override_binds_the_volume_to_its_folder_and_leaves_the_others_alone() -> None:
    project = shop()
    project["volumes"]["vault"] = {"name": "shop_vault"}
    volumes = spliced(project, offsite={"vault": "/run/offsite/vault"})["volumes"]
    options = {"type": "none", "o": "bind", "device": "/run/offsite/vault"}
    assert (volumes["vault"]["driver"], volumes["vault"]["driver_opts"]) == ("local", options)
    assert volumes["vault"]["labels"] == LABELS
    assert "driver" not in volumes["data"]


class Engine:
    """Containers of it delete what we may not: ``works`` with these images only."""

    def __init__(self, home: Path, works: tuple[str, ...] = ()) -> None:
        self.home = home
        self.works = works
        self.made: list[str] = []
        self.gone: list[str] = []
        self.api = self

    def create_host_config(self, **values: Any) -> object:
        assert values["binds"] == {str(self.home): {"bind": "/offsite", "mode": "rw"}}
        return values

    def create_container(self, image: str, command: list[str], **values: Any) -> str:
        assert values["labels"] == LABELS
        assert values["network_disabled"] is True
        self.made.append(image)
        return image

    def start(self, container: str) -> None:
        if container in self.works:
            (self.home / "data" / "file").unlink()

    def wait(self, container: str, timeout: float) -> dict[str, int]:
        return {"StatusCode": 0 if container in self.works else 127}

    def remove_container(self, container: str, **values: object) -> None:
        self.gone.append(container)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "offsite" / "data").mkdir(parents=True)
    (tmp_path / "offsite" / "data" / "file").write_text("kept")
    return tmp_path / "offsite"


def two_that_mount_it() -> Any:
    project = shop()
    volume = {"type": "volume", "source": "data", "target": "/d"}
    project["services"]["web"] = service(image="bare", volumes=[volume])
    project["services"]["db"] = service(image="shell", volumes=[volume])
    return read(project)


def ours_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a folder with a file in it cannot be deleted by us."""
    remove = shutil.rmtree

    def refuse(home: Path, ignore_errors: bool) -> None:
        if not [path for path in home.rglob("*") if path.is_file()]:
            remove(home, ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", refuse)


def test_what_is_ours_is_deleted_by_us(home: Path) -> None:
    engine = Engine(home)
    assert discard(home, read(), LABELS, cast(Any, engine)) == ""
    assert not home.exists()
    assert engine.made == []


def test_what_users_of_containers_wrote_is_deleted_by_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours_no_more(monkeypatch)
    engine = Engine(home, works=("shell",))
    assert discard(home, two_that_mount_it(), LABELS, cast(Any, engine)) == ""
    assert not home.exists()
    assert engine.made == engine.gone == ["bare", "shell"]


def test_where_no_one_can_delete_it_it_is_reported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours_no_more(monkeypatch)
    said = discard(home, two_that_mount_it(), LABELS, cast(Any, Engine(home)))
    assert f"rm -r {home}" in said
    assert (home / "data" / "file").exists()
