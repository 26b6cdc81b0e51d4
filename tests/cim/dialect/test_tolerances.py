"""Each tolerance on a message that needs it: what becomes of it, and what is said of that.

A case is a folder: input.xml, expected.xml and notes.toml; the name is that of the tolerance, and
of the case behind a point.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from cim.dialect import STRICT, TOLERANCES, Dialect, Note, read
from cim.envelope.compression import pack
from cim.violation import Refusal

FOLDER = Path(__file__).parents[2] / "cases" / "dialect"


@dataclass(frozen=True)
class Case:
    """zone, format, codes: the sender's.

    refused: code and words without the tolerance; None: read otherwise.
    """

    name: str
    zone: str
    format: str
    codes: dict[str, str]
    notes: tuple[Note, ...]
    refused: tuple[str, str] | None

    @property
    def tolerance(self) -> str:
        return self.name.partition(".")[0]

    def bytes(self, name: str) -> bytes:
        return (FOLDER / self.name / f"{name}.xml").read_bytes()


def cases() -> list[Case]:
    found = []
    for folder in sorted(FOLDER.iterdir()):
        table = tomllib.loads((folder / "notes.toml").read_text())
        notes = tuple(Note(**note) for note in table["note"])
        refused = table.get("refused")
        found.append(
            Case(
                name=folder.name,
                zone=table.get("zone", "UTC"),
                format=table.get("time_format", ""),
                codes=table.get("codes", {}),
                notes=notes,
                refused=tuple(refused) if refused else None,
            )
        )
    return found


CASES = cases()
parametrized = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@parametrized
def test_what_is_tolerated_is_corrected_and_said(case: Case) -> None:
    dialect = Dialect.of("tolerant", [case.tolerance], case.zone, case.format, case.codes)
    message, [correction] = read(case.bytes("input"), dialect)
    assert message == read(case.bytes("expected"), STRICT).message
    assert correction.tolerance == case.tolerance
    assert correction.notes == case.notes
    assert correction.times == len(case.notes)


@parametrized
def test_without_the_tolerance_nothing_is_corrected(case: Case) -> None:
    if case.refused is None:
        message, corrections = read(case.bytes("input"), STRICT)
        assert corrections == ()
        assert message != read(case.bytes("expected"), STRICT).message
        return
    code, words = case.refused
    with pytest.raises(Refusal) as refusal:
        read(case.bytes("input"), STRICT)
    first = refusal.value.violations[0]
    assert (first.code, words in first.rule) == (code, True), first.rule
    assert first.xpath is not None


@parametrized
def test_what_is_right_is_left_alone_by_all_of_them(case: Case) -> None:
    everything = Dialect.of("tolerant", list(TOLERANCES), time_format="%m/%d/%Y %I:%M:%S %p")
    message, corrections = read(case.bytes("expected"), everything)
    assert corrections == ()
    assert message == read(case.bytes("expected"), STRICT).message


def test_every_tolerance_has_a_case() -> None:
    assert {case.tolerance for case in CASES} == set(TOLERANCES)


WORK = (FOLDER / "header-in-noun" / "input.xml").read_bytes()


@pytest.mark.parametrize("inner", ["Source>CIS", "Verb>create"])
def test_a_second_header_must_say_what_the_first_does(inner: str) -> None:
    name, _, text = inner.partition(">")
    second = f"<h:{name}>{text}<".encode()
    assert second in WORK
    with pytest.raises(Refusal) as refusal:
        read(WORK.replace(second, f"<h:{name}>change<".encode()))
    [broken] = refusal.value.violations
    assert (broken.code, broken.line) == ("1.8", 11 if name == "Verb" else 13)
    assert broken.xpath == f"/RequestMessage/Payload/MeterServiceRequests/Header/{name}"
    assert broken.rule == (
        f"The Header within the payload says {name} 'change', which that of the message does not"
        " say."
    )


def test_a_second_header_is_tolerated_of_everybody_and_in_compressed_payloads() -> None:
    expected = read((FOLDER / "header-in-noun" / "expected.xml").read_bytes()).message
    found, [correction] = read(WORK)
    assert (found, correction.tolerance) == (expected, "header-in-noun")
    before, _, rest = WORK.partition(b"    <MeterServiceRequests")
    inner, _, after = rest.partition(b"  </Payload>")
    packed = pack([b"<MeterServiceRequests" + inner]).encode()
    found, [correction] = read(
        before + b"<Compressed>" + packed + b"</Compressed></Payload>" + after
    )
    assert found == expected
    assert correction.notes[0].xpath.endswith("/Compressed/MeterServiceRequests/Header")


def test_other_nouns_have_no_header_of_their_own() -> None:
    events = (FOLDER / "padded-time" / "expected.xml").read_bytes()
    dirty = events.replace(b"<EndDeviceEvent>", b"<Header/><EndDeviceEvent>", 1)
    with pytest.raises(Refusal, match="no element Header"):
        read(dirty)
