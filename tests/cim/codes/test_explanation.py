"""What the tables say of codes, and that they say nothing of what they do not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.codes import KINDS, Codes, Meaning, explain, listed
from cim.codes.tables import end_devices, reading_types
from cim.reply_codes import REPLY_CODES

ENERGY = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        ("3.26.0.85", "end device event", "The meter lost power (last gasp)."),
        ("3.31.0.23", "end device control", "Disconnect the meter."),
        ("1.0.0", "reading quality", "The end device declares the reading valid."),
        ("2.12", "reply code", "Invalid UsagePoint(s)."),
        (
            ENERGY,
            "reading type",
            "Energy, electricity, as the meter sees it (secondary), in kWh: bulk quantity, forward"
            " (delivered to the customer).",
        ),
        (
            "11.8.7.12.0.1.54.0.0.1.3.2.1.0.128.0.29.0",
            "reading type",
            "Voltage, electricity, as the meter sees it (secondary), in V: over a day, maximum,"
            " measured over 60 min, instantaneous, argument numerator 1, argument denominator 3,"
            " time-of-use bin 2, critical peak period 1, phase A.",
        ),
        (
            "0.0.0.0.0.0.46.0.0.0.0.0.0.0.0.-3.6.0",
            "reading type",
            "Temperature, in temperature, kelvin (milli, 10^-3).",
        ),
    ],
)
def test_a_code_is_explained_by_its_shape(code: str, kind: str, says: str) -> None:
    found = explain(code)
    assert (found.kind, found.says, found.known) == (kind, says, True)
    assert [part.number for part in found.parts] == code.split(".")


def test_the_fields_of_a_reading_type() -> None:
    parts = {part.name: part.says for part in explain(ENERGY).parts}
    assert len(parts) == 18
    assert parts["multiplier"] == "kilo, 10^3"
    assert parts["unit"] == "real energy, watt hour"
    assert parts["tou"] == "none"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "3.26.9.9999",
            "An event or control of an end device that no table here holds: type 3 is electric"
            " meter (inferred), domain 26 is power (inferred), subDomain 9 is unknown,"
            " eventOrAction 9999 is unknown.",
        ),
        (
            "0.0.0.1.1.1.999.0.0.0.0.0.0.0.0.3.72.0",
            "Electricity, as the meter sees it (secondary), in kWh: bulk quantity, forward"
            " (delivered to the customer); measurementKind 999 is unknown.",
        ),
        (
            "9.0.0",
            "A reading quality that no table here holds: systemId 9 is unknown, category 0 is"
            " valid, subCategory 0 is none.",
        ),
        ("9.99", "A reply code that the table does not hold."),
    ],
)
def test_the_unknown_is_said_to_be(code: str, says: str) -> None:
    found = explain(code)
    assert (found.says, found.known, found.meaning) == (says, False, None)
    assert any(part.says is None for part in found.parts)


@pytest.mark.parametrize("code", ["", "3", "a.b", "1.2.3.4.5", "3.26.0.85.", "3..26.0", "１.0.0"])
def test_what_has_no_shape_of_a_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"is no code: a reading type has 18 numbers"):
        explain(code)


@given(st.lists(st.integers(-20, 10_000), min_size=1, max_size=20))
def test_any_numbers_are_explained_or_refused_in_a_sentence(numbers: list[int]) -> None:
    code = ".".join(map(str, numbers))
    if len(numbers) in (2, 3, 4, 18):
        found = explain(code)
        assert found.says.endswith(".")
        assert len(found.parts) == len(numbers)
    else:
        with pytest.raises(ValueError, match="is no code"):
            explain(code)


def test_every_row_of_the_tables_is_in_order() -> None:
    data = end_devices()
    assert not data["events"].keys() & data["controls"].keys()
    for table in ("events", "controls"):
        for code in data[table]:
            assert explain(code).meaning in set(Meaning)
    assert len(reading_types()) == 18
    assert [one.code for one in listed("replies")] == list(REPLY_CODES)
    assert all(listed(kind) for kind in KINDS)


def test_a_source_has_codes_of_its_own() -> None:
    codes = Codes({"hes": {"17": "3.26.0.85", "3.26.0.47": "voltage"}, "*": {"3.1.1.1": "mode"}})
    found = explain("17", codes, "hes")
    assert (found.code, found.native, found.meaning) == ("3.26.0.85", "17", Meaning.POWER_OUT)
    assert explain("3.26.0.47", codes, "hes").meaning is Meaning.VOLTAGE
    assert explain("3.26.0.47", codes, "other").meaning is Meaning.POWER_OUT
    assert explain("3.1.1.1", codes, "other").meaning is Meaning.MODE
    assert [(one.native, one.code) for one in listed("events", codes, "hes")] == [
        ("3.1.1.1", "3.1.1.1"),
        ("17", "3.26.0.85"),
        ("3.26.0.47", "3.26.0.47"),
    ]
    with pytest.raises(ValueError, match="is no code"):
        explain("17", codes, "other")


def test_what_a_source_says_of_the_standard_code_holds_for_its_own() -> None:
    codes = Codes({"hes": {"17": "3.26.0.85", "3.26.0.85": "other"}})
    assert codes.meaning("hes", "17") is Meaning.OTHER
    assert codes.meaning(None, "3.26.0.85") is Meaning.POWER_OUT
    assert codes.meaning("hes", "none of this") is None


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"17": "power-lost"}, "codes.hes: '17' stands for 'power-lost', which is neither a code"),
        ({"17": "power-out"}, "only a code of four numbers can; write the standard's code"),
    ],
)
def test_a_table_that_cannot_be_is_refused(table: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Codes({"hes": table})
