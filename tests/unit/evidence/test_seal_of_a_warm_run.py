"""The manifest of a run on a warm stack names the earlier runs. Other manifests keep their earlier form."""

from __future__ import annotations

from pathlib import Path

from chaos.evidence import Reason, Seal, read_manifest, reseal, seal, verify


def test_a_warm_run_is_named_by_the_runs_before_it(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    made = seal(tmp_path, Seal("1", 1.0), Reason.RUN, warm_after=("abc123",))
    assert (made.warm_after, made.schema_version) == (("abc123",), 3)
    assert verify(tmp_path).intact
    (tmp_path / "plan.json").write_text("{ }")
    again = reseal(tmp_path, Seal("1", 2.0), [tmp_path / "plan.json"])
    assert read_manifest(again.text().encode()).warm_after == ("abc123",)


def test_a_cold_run_is_sealed_in_the_form_that_an_earlier_gameday_reads(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    made = seal(tmp_path, Seal("1", 1.0), Reason.RUN)
    assert made.schema_version == 2
    assert "warm_after" not in made.text()
