"""`gridbus quarantine` as a user meets it."""

from __future__ import annotations

import io
import json
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hub.dispatch import Hub
from hub.dispatch.mending import content
from hub.journal import Journal
from hub.journal.canonical import encode
from hub.security import audit, systems
from hub.security.roles import Role, Roles
from tests import fakes
from tests.hub.cli.conftest import CONFIG, Run

RIGHT = encode(fakes.message(fakes.last_gasp("a"), message_id="m-1"))
WRONG = RIGHT.replace(b">created<", b">CREATED<")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    (tmp_path / "var").mkdir()
    return Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}")


@pytest.fixture
def item(journal: Journal) -> int:
    """A message of a registered system with its verb in capitals."""
    with closing(journal):
        with journal.transaction() as transaction:
            roles = Roles.read(CONFIG / "roles.toml")
            ami = systems.named("ami", roles=(Role.VIEWER,))
            systems.add(transaction.connection, "test", ami, roles, transaction.now)
        Hub(journal, {}).accept([fakes.Handed(content(WRONG)[0], WRONG)], "soap")
    return 1


def test_it_shows_why_where_and_what_was_done(run: Run, item: int, tmp_path: Path) -> None:
    code, out, _ = run("quarantine", "show", item)
    assert code == 0
    assert "principal  ami" in out
    column = WRONG.splitlines()[1].index(b"<Verb>") + 1
    why = "The verb is 'CREATED'; verbs are lower case: write created."
    assert f"  2.9  line 2, column {column}, /EventMessage/Header/Verb: {why}" in out
    (tmp_path / "worse.xml").write_bytes(b"<a>")
    assert run("quarantine", "correct", item, tmp_path / "worse.xml", "--remark", "oops")[0] == 1
    _, out, _ = run("quarantine", "show", item)
    assert "at the command line: correct: oops" in out
    assert "  1.8  line 1, column 4: The document is not well-formed XML" in out
    code, out, _ = run("quarantine", "show", item, "--json")
    shown = json.loads(out)
    assert shown["item"]["received"] == WRONG.decode()
    assert [a["number"] for a in shown["attempts"]] == [1]


def test_the_bytes_come_out_and_go_in_again_corrected(run: Run, item: int, tmp_path: Path) -> None:
    assert run("quarantine", "show", item, "--body")[1] == WRONG.decode()
    file = tmp_path / "right.xml"
    file.write_bytes(RIGHT)
    code, out, err = run("quarantine", "correct", item, file)
    assert (code, out, err) == (0, "", f"Item {item} is corrected: message 1.\n")
    code, out, _ = run("message", "show", "1")
    assert f"from quarantine item {item}, corrected by " in out
    assert json.loads(run("message", "show", "1", "--json")[1])["quarantine"][0]["item"] == item
    assert "is in the journal as message 1" in run("quarantine", "show", item)[1]
    code, out, err = run("quarantine", "correct", item, file)
    assert (code, out) == (2, "")
    assert err.startswith(f"Item {item} is not open any more: corrected by ")
    assert json.loads(run("quarantine", "list", "--json")[1]) == []
    assert "corrected" in run("quarantine", "list", "--all")[1]


def test_correct_reads_stdin_and_says_json(
    run: Run, item: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG)))
    code, out, _ = run("quarantine", "correct", item, "-", "--json")
    assert code == 1
    said = json.loads(out)
    assert (said["state"], said["messages"]) == ("open", [])
    assert said["violations"][0]["xpath"] == "/EventMessage/Header/Verb"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RIGHT)))
    code, out, _ = run("quarantine", "correct", item, "-", "--json")
    assert json.loads(out) == {
        "item": item,
        "state": "corrected",
        "messages": [1],
        "violations": [],
    }


def test_resend_and_reject(run: Run, item: int, tmp_path: Path) -> None:
    code, _, err = run("quarantine", "resend", item)
    assert code == 1
    assert err.startswith(f"Item {item} stays in quarantine: line 2, column ")
    code, out, err = run("quarantine", "reject", item, "--reason", "test data")
    assert (code, out, err) == (0, "", f"Item {item} is rejected.\n")
    assert run("quarantine", "reject", item, "--reason", "again")[0] == 2
    assert run("quarantine", "resend", item)[0] == 2
    url = f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}"
    with closing(Journal.open(url)) as journal, journal.reading() as connection:
        newest = audit.newest(connection, 2)
    assert [(e.action, e.outcome) for e in newest] == [
        ("quarantine.reject", "ok"),
        ("quarantine.resend", "refused"),
    ]


@pytest.mark.parametrize(
    "command", [("show", 9), ("resend", 9), ("reject", 9, "--reason", "none"), ("correct", 9, "-")]
)
def test_an_item_that_is_not_there(
    run: Run, item: int, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RIGHT)))
    assert run("quarantine", *command) == (2, "", "There is no item 9 in quarantine.\n")


def test_a_row_of_an_adapter(run: Run, tmp_path: Path, journal: Journal) -> None:
    """A row of the configured AMI adapter, kept under its header."""
    from hub.config import load
    from hub.main import components

    with closing(journal):
        config = load(CONFIG, {})
        ami = components.adapters(config, {})["ami"]
        file = b"meter_number,event_time,event_code\nM1,yesterday,3.26.0.85\n"
        Hub(journal, {}).take("ami", ami, ami.records("a.csv", file))  # type: ignore[attr-defined]
    out = run("quarantine", "show", "1")[1]
    assert "a.csv line 2: event_time 'yesterday' is no ISO 8601 date and time" in out
    right = tmp_path / "right.csv"
    right.write_bytes(file.replace(b"yesterday", b"2026-01-15T08:03:10Z"))
    assert run("quarantine", "correct", 1, right)[0] == 0
    assert "EndDeviceEvents" in run("message", "list")[1]
