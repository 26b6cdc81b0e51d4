"""`gridbus feed try --compare`: what a file would change, with nothing accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.cis import CisAdapter, native
from adapters.cis.model import identifier
from hub.dispatch import Hub
from hub.journal import Journal
from tests.hub.cli.conftest import Run

EQUIPMENT = "11111111-1111-4111-8111-111111111111"
MODEL = identifier("model", "CIS", "service points")


def row(name: str, **values: str) -> dict[str, str]:
    empty = dict.fromkeys(native.COLUMNS, "")
    return empty | {"service_point_id": name, "equipment_mrid": EQUIPMENT} | values


def snapshot(path: Path, *rows: dict[str, str]) -> Path:
    path.write_bytes(native.write(rows))
    return path


@pytest.fixture
def held(tmp_path: Path) -> None:
    """A hub that holds the service points SP-1 to SP-3."""
    (tmp_path / "var").mkdir()
    journal = Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}")
    adapter = CisAdapter()
    data = native.write([row("SP-1", phase="A"), row("SP-2"), row("SP-3")])
    Hub(journal, {}).take("cis", adapter, adapter.records("a.csv", data))
    journal.close()


@pytest.mark.usefixtures("held")
def test_it_says_what_would_be_new_changed_and_gone(run: Run, tmp_path: Path) -> None:
    file = snapshot(tmp_path / "b.csv", row("SP-1", phase="AB"), row("SP-2"), row("SP-4"))
    code, out, _ = run("feed", "try", file, "--adapter", "cis", "--compare", "--show", "0")
    assert code == 0
    gone, new, same = (identifier("usage-point", "CIS", f"SP-{n}") for n in (3, 4, 1))
    assert out.splitlines() == [
        f"{file}: 1 accepted",
        f"  Model {MODEL} beside version 1.1: 1 UsagePoint new; 1 UsagePoint changed;"
        " 1 UsagePoint gone.",
        f"  UsagePoint SP-3 ({gone}) would be gone.",
        f"  UsagePoint SP-4 ({new}) would be new.",
        f"  UsagePoint.phaseCode of UsagePoint SP-1 ({same}): PhaseCode.A -> PhaseCode.AB.",
    ]


@pytest.mark.usefixtures("held")
def test_a_snapshot_that_lacks_too_much_would_be_refused(run: Run, tmp_path: Path) -> None:
    file = snapshot(tmp_path / "b.csv", row("SP-1", phase="A"))
    code, out, _ = run("feed", "try", file, "--adapter", "cis", "--compare", "--show", "0")
    first, why, *changes = out.splitlines()
    assert (code, first) == (1, f"{file}: 1 quarantined")
    assert "would take 2 of 3 UsagePoint out of the model" in why
    assert changes[0].endswith("2 UsagePoint gone.")
    code, out, _ = run("feed", "try", file, "--adapter", "cis")
    assert (code, out.splitlines()[:2]) == (1, [first, why])
    mapping = tmp_path / "counted.toml"
    mapping.write_text('trailer = "END"\n')
    file.write_bytes(file.read_bytes() + b"END;1\r\n")
    options = ("--adapter", "cis", "--compare", "--mapping", mapping)
    code, out, _ = run("feed", "try", file, *options)
    assert (code, out.splitlines()[0]) == (0, f"{file}: 1 accepted")


@pytest.mark.usefixtures("held")
def test_twenty_are_named_and_the_others_counted(run: Run, tmp_path: Path) -> None:
    file = snapshot(tmp_path / "b.csv", *(row(f"SP-{n}") for n in range(2, 29)))
    _, out, _ = run("feed", "try", file, "--adapter", "cis", "--compare", "--json")
    [shown] = json.loads(out)
    assert shown["changes"][0].endswith("25 UsagePoint new; 1 UsagePoint gone.")
    assert sum("would be new" in line for line in shown["changes"]) == 20
    assert shown["changes"][-1] == "And 5 more of this sort."


@pytest.mark.usefixtures("held")
def test_a_model_that_the_hub_has_not_is_all_new(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "other.toml"
    mapping.write_text('system = "CIS-2"\n')
    file = snapshot(tmp_path / "b.csv", row("SP-1"))
    options = ("--adapter", "cis", "--mapping", mapping, "--compare")
    _, out, _ = run("feed", "try", file, *options)
    assert "in force; all of it would be new." in out


def test_without_a_hub_there_is_nothing_to_compare_with(run: Run, tmp_path: Path) -> None:
    file = snapshot(tmp_path / "b.csv", row("SP-1"))
    code, _, err = run("feed", "try", file, "--adapter", "cis", "--compare")
    assert code == 2
    assert "there is no hub in" in err
