"""The command line as a user meets it: what is printed where, and the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cim.dialect import Correction, Note
from hub.cli import main
from hub.journal import Journal, Transaction, queries
from hub.message_channel import Subscription
from hub.security import audit
from tests import fakes

Run = Callable[..., tuple[int, str, str]]
Capture = pytest.CaptureFixture[str]
CONFIG = Path(__file__).parents[3] / "config"

EVENT = """<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message">
  <Header><Verb>created</Verb><Noun>EndDeviceEvents</Noun></Header>
  <Payload>
    <EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">
      <EndDeviceEvent>
        <createdDateTime>{when}</createdDateTime>
        <EndDeviceEventType ref="3.26.0.85"/>
      </EndDeviceEvent>
    </EndDeviceEvents>
  </Payload>
</EventMessage>
"""


@pytest.fixture
def gridbus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--config", str(CONFIG), "--data", str(tmp_path / "var"), *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    (tmp_path / "var").mkdir()
    return run


def test_config_check_names_the_files(gridbus: Run) -> None:
    code, out, _ = gridbus("config", "check")
    assert code == 0
    assert str(CONFIG / "hub.toml") in out.splitlines()
    assert str(CONFIG / "apps" / "outage.toml") in out.splitlines()


def test_an_unknown_key_stops_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hub.toml").write_text("nmae = 'x'")
    assert main(["--config", str(tmp_path), "status"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{tmp_path / 'hub.toml'}: unknown nmae; known: " in printed.err


def test_a_folder_of_settings_that_is_not_there_is_named(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "elsewhere"
    assert main(["--config", str(folder), "config", "check"]) == 2
    said = capsys.readouterr().err
    assert f"there is no folder {folder}: --config names the one with the settings" in said


def test_status_of_a_new_hub(gridbus: Run) -> None:
    code, out, _ = gridbus("status", "--json")
    assert code == 0
    assert json.loads(out) == {
        "counts": {"messages": 0, "accepted": 0, "dead": 0, "quarantined": 0},
        "backlog": [],
        "corrected": [],
        "active": [],
        "clocks": [],
    }


def test_validate_says_line_path_and_rule(gridbus: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(EVENT.format(when="2026-01-15T08:03:10Z"))
    bad.write_text(EVENT.format(when="yesterday"))
    code, out, _ = gridbus("validate", str(good), str(bad))
    assert code == 1
    first, *rest = out.splitlines()
    assert first == f"{good}: valid, EventMessage created EndDeviceEvents"
    assert rest[0].startswith(f"{bad}: 1.8 ")
    assert "line 6" in rest[0]
    assert "createdDateTime" in rest[0]
    assert "yesterday" in rest[0]


def test_validate_says_what_is_tolerated_and_of_whom(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "hub.toml").write_text('[dialects.hes]\ntolerances = ["verb-case"]')
    dirty = tmp_path / "dirty.xml"
    dirty.write_text(EVENT.format(when="2026-01-15T08:03:10Z").replace(">created<", ">Created<"))
    validate = ["--config", str(tmp_path), "validate", str(dirty)]
    assert main([*validate, "--system", "hes"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{dirty}: valid, EventMessage created EndDeviceEvents",
        f"{dirty}: verb-case: line 2, /EventMessage/Header/Verb: 'Created' became 'created'",
    ]
    assert main(validate) == 1
    assert main([*validate, "--system", "hes", "--strict"]) == 1


def test_validate_reads_events_of_the_first_edition_with_the_codes_of_the_system(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "hub.toml").write_text(
        '[dialects.hes]\ntolerances = ["soap-envelope", "first-edition-events", "time-format"]\n'
        'time_format = "%d.%m.%Y %H:%M"\nzone = "Europe/Berlin"\n[codes.hes]\n"17" = "3.26.0.85"\n'
    )
    body = EVENT.format(when="15.01.2026 09:03").replace(
        '<EndDeviceEventType ref="3.26.0.85"/>',
        "<Assets><mRID>m1</mRID></Assets><category>17</category>",
    )
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    path = tmp_path / "soap.xml"
    path.write_text(f'<s:Envelope xmlns:s="{soap}"><s:Body>{body}</s:Body></s:Envelope>')
    validate = ["--config", str(tmp_path), "validate", str(path)]
    assert main([*validate, "--system", "hes"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: valid, EventMessage created EndDeviceEvents",
        f"{path}: soap-envelope: line 1, /Envelope: 'Envelope of {soap}' became 'EventMessage'",
        f"{path}: first-edition-events: line 7, /Envelope/Body/EventMessage/Payload"
        "/EndDeviceEvents/EndDeviceEvent/category: 'category 17' became"
        " 'EndDeviceEventType 3.26.0.85'",
        f"{path}: time-format: line 6, /Envelope/Body/EventMessage/Payload"
        "/EndDeviceEvents/EndDeviceEvent/createdDateTime: '15.01.2026 09:03' became"
        " '2026-01-15T09:03:00+01:00'",
    ]
    assert main(validate) == 1
    assert (
        "the tolerances soap-envelope, first-edition-events and time-format"
        in capsys.readouterr().out
    )


def test_a_message_shows_what_was_corrected_in_it(gridbus: Run, tmp_path: Path) -> None:
    note = Note("/EventMessage/Header/Verb", 2, "Created", "created")
    entry = replace(
        fakes.entry(fakes.message(fakes.last_gasp("a"))),
        corrections=(Correction("verb-case", 1, (note,)),),
    )
    opened = Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}")
    with closing(opened) as journal, journal.transaction() as transaction:
        transaction.accept([entry])
    _, out, _ = gridbus("message", "show", "1")
    assert "verb-case  2     /EventMessage/Header/Verb  Created  created" in out.splitlines()
    _, out, _ = gridbus("message", "show", "1", "--json")
    assert json.loads(out)["message"]["corrections"][0]["notes"][0]["before"] == "Created"
    _, out, _ = gridbus("status")
    assert "ami     verb-case  1         1" in out.splitlines()


def test_validate_of_a_missing_file_is_two(gridbus: Run) -> None:
    code, out, err = gridbus("validate", "nowhere.xml")
    assert (code, out) == (2, "")
    assert "nowhere.xml" in err


def test_messages_that_are_not_there(gridbus: Run) -> None:
    assert gridbus("message", "list", "--json")[:2] == (0, "[]\n")
    code, out, err = gridbus("message", "show", "17")
    assert (code, out, err) == (2, "", "There is no message 17.\n")
    code, out, err = gridbus("message", "replay", "17", "--reason", "test")
    assert (code, out) == (2, "")
    assert "is no dead letter" in err


@pytest.fixture
def dead_letter(gridbus: Run, tmp_path: Path) -> Callable[[], Journal]:
    """Message 1, dead at `erp`; opens the journal it is in."""
    subscriptions = [Subscription("erp", frozenset())]

    def opened() -> Journal:
        return Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}", subscriptions)

    with closing(opened()) as journal, journal.transaction() as transaction:
        transaction.accept([fakes.entry(fakes.message(fakes.last_gasp("a")))])
        transaction.failed("erp", 1, "unreachable")
    return opened


def test_a_replay_is_audited_as_the_console_does(
    gridbus: Run, dead_letter: Callable[[], Journal]
) -> None:
    code, out, err = gridbus("message", "replay", "1", "--reason", "mended")
    assert (code, out, err) == (0, "", "Message 1 goes to erp again.\n")
    with closing(dead_letter()) as journal, journal.reading() as connection:
        [entry] = audit.newest(connection, 1)
        assert queries.counts(connection).dead == 0
    assert (entry.action, entry.subject, entry.outcome) == ("delivery.replay", "erp", "ok")
    assert entry.detail == '{"messages":[1],"reason":"mended"}'


def test_a_replay_that_somebody_else_made_first_is_not_called_done(
    gridbus: Run, dead_letter: Callable[[], Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = Transaction.replay

    def late(transaction: Transaction, subscriber: str, seq: int) -> bool:
        assert replay(transaction, subscriber, seq)
        return replay(transaction, subscriber, seq)

    monkeypatch.setattr(Transaction, "replay", late)
    code, out, err = gridbus("message", "replay", "1", "--reason", "mended")
    assert (code, out, err) == (2, "", "Message 1 is no dead letter of erp any more.\n")
    with closing(dead_letter()) as journal, journal.reading() as connection:
        [entry] = audit.newest(connection, 1)
    assert (entry.outcome, entry.detail) == ("refused", '{"messages":[],"reason":"mended"}')


def test_accounts_and_the_audit_of_them(gridbus: Run) -> None:
    code, password, _ = gridbus("user", "add", "anna", "--role", "OPERATOR")
    assert code == 0
    assert len(password.strip()) >= 12
    code, token, _ = gridbus("system", "add", "ami", "--source", "AMI-HES-1")
    assert code == 0
    assert len(token.strip()) >= 32
    code, out, _ = gridbus("system", "list")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["name", "certificate", "sources", "nouns", "roles"],
        ["ami", "-", "AMI-HES-1", "-", "VIEWER"],
    ]
    code, out, err = gridbus("audit", "verify")
    assert (code, out) == (0, "")
    assert err.startswith("head: 2:")


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        (["KING"], "KING"),
        (["OPERATOR", "SECADM"], "OPERATOR"),
    ],
)
def test_roles_that_cannot_be(gridbus: Run, roles: list[str], says: str) -> None:
    given = [part for role in roles for part in ("--role", role)]
    code, out, err = gridbus("user", "add", "anna", *given)
    assert (code, out) == (2, "")
    assert says in err


def test_doctor_finds_nothing_wrong(gridbus: Run) -> None:
    code, out, _ = gridbus("doctor", "--json")
    findings = {finding["check"]: finding for finding in json.loads(out)}
    assert findings["python"]["ok"]
    assert findings["data folder"]["ok"]
    assert findings["database"]["ok"]
    assert code in (0, 1)  # whether the port is free is not the test's to decide


def test_doctor_tells_a_database_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hub.toml").write_text('database = "sqlite:////nowhere/at/all.db"')
    assert main(["--config", str(tmp_path), "--data", str(tmp_path), "doctor"]) == 1
    assert "unable to open database file" in capsys.readouterr().out


def test_doctor_tells_settings_with_which_there_is_no_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hub.toml").write_text('adapters = ["north"]')
    (tmp_path / "roles.toml").write_bytes((CONFIG / "roles.toml").read_bytes())
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "north.toml").write_text('kind = "amy"')
    assert main(["--config", str(tmp_path), "--data", str(tmp_path), "doctor"]) == 1
    assert "north.toml: kind is 'amy'; installed are ami, " in capsys.readouterr().out


def test_who_reads_no_further_hears_no_complaint() -> None:
    program = "import sys; from hub.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "--config", CONFIG, "contracts", "list", "--json"]
    with subprocess.Popen(
        command,  # type: ignore[arg-type]
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=CONFIG.parent,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
