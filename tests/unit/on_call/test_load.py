"""An on-call file: each mistake is one clear problem at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.on_call import Duty, on_duty, read_instant, read_rota

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "fixtures" / "on-call.yaml"


def changed(folder: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text()
    assert old in text
    path = folder / "on-call.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_shipped_file_says_who_is_on_duty() -> None:
    rota = read_rota(SHIPPED)
    assert rota.shown(on_duty(rota, read_instant("2026-01-05 09:00", rota.zone))[Duty.PRIMARY]) == "Alba"
    assert on_duty(rota, read_instant("2026-12-25 03:00", rota.zone))[Duty.COMMANDER] == "emil"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Europe/Rome", "Europe/Rom", "unknown time zone"),
        ("Monday 09:00", "Mondy 09:00", "expected a weekday and a time"),
        ("Monday 09:00", "9", "expected a weekday and a time"),
        ("starts: 2026-01-05", "starts: 2026-01-06", "2026-01-06 is a Tuesday"),
        ("starts: 2026-01-05", "starts: soon", "expected a day"),
        ("[dora, emil]", "[dora, emli]", "did you mean 'emil'?"),
        ("[dora, emil]", "[]", "expected 1 to 52 people as commander, got 0"),
        ("  commander: [dora, emil]\n", "", "expected 1 to 52 people as commander, got 0"),
        ("[bruno, chidi, alba]", "[bruno, alba, chidi]", "chidi is primary and secondary in week 3"),
        ("[bruno, chidi, alba]", "[bruno, chidi]", "bruno is primary and secondary in week 5"),
        ("until: 2026-12-28 09:00", "until: 2026-12-23 09:00", "expected an instant after from"),
        ("from: 2026-12-24 09:00", "from: 2026-10-25 02:30", "occurs twice in Europe/Rome"),
        ("from: 2026-12-24 09:00", "from: tomorrow", "expected an instant such as"),
        (
            "duty: commander, person: emil",
            "duty: primary, person: alba",
            "alba would be primary and secondary",
        ),
        ("reason: holidays", "resaon: holidays", "resaon"),
    ],
)
def test_each_mistake_is_named_at_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_rota(changed(tmp_path, old, new))
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert problem.placed
