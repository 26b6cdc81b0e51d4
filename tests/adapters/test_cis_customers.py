"""Customers, agreements and linkage out of the files of a CIS: one case folder for each format."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.cis import CisAdapter, native
from adapters.cis.adapter import Entry, Snapshot
from adapters.cis.model import identifier
from cim import xml
from cim.message import Outgoing
from cim.profile import Profile
from cim.profiles.customer_agreements import CustomerAgreements
from cim.profiles.master_data_linkage_config import MasterDataLinkageConfig
from cim.profiles.usage_point_config import UsagePointConfig
from hub.dispatch.translated import Translation
from hub.rows import Dialect, rows
from tests.fakes import START

CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "cis_customers").iterdir())


def adapter_of(case: Path) -> CisAdapter:
    return CisAdapter(**tomllib.loads((case / "params.toml").read_text(encoding="utf-8")))


def input_of(case: Path) -> Path:
    [found] = case.glob("input*")
    return found


def leaves(element: etree._Element, path: str = "") -> Iterator[tuple[str, str]]:
    """What a payload says, without mRIDs and types of names."""
    for child in element:
        name = etree.QName(child).localname
        if name in ("mRID", "NameType"):
            continue
        if len(child):
            yield from leaves(child, f"{path}{name}/")
        elif child.text:
            yield f"{path}{name}", child.text


def told(outgoing: Outgoing) -> dict[str, Any]:
    assert isinstance(outgoing.payload, Profile)
    [root] = xml.encode(outgoing.payload)
    return {
        "says": f"{outgoing.verb} {type(outgoing.payload).__name__}",
        "values": [f"{path} {value}" for path, value in leaves(root)],
    }


def outcome(case: Path) -> list[Any]:
    """What each record of the input becomes: messages, or a sentence."""
    adapter, file = adapter_of(case), input_of(case)
    found: list[Any] = []
    for record in adapter.records(file.name, file.read_bytes()):
        try:
            said = list(adapter.to_cim(record))
        except ValueError as error:
            found.append(str(error))
            continue
        found.append("the model" if isinstance(record, Snapshot) else [told(one) for one in said])
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    assert outcome(case) == json.loads((case / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_what_is_said_is_valid(case: Path) -> None:
    adapter, file = adapter_of(case), input_of(case)
    for record in adapter.records(file.name, file.read_bytes()):
        if isinstance(record, Snapshot) or case.name == "refused":
            continue
        assert Translation("cis", adapter, START).messages(record)


def case_of(name: str) -> Path:
    return next(case for case in CASES if case.name == name)


def ids(adapter: CisAdapter, name: str, data: bytes) -> list[str | None]:
    return [
        one.external_id for record in adapter.records(name, data) for one in adapter.to_cim(record)
    ]


def test_objects_have_the_mrids_of_the_model() -> None:
    case = case_of("full_cp1252")
    adapter = adapter_of(case)
    _, entry, _ = adapter.records("a.csv", input_of(case).read_bytes())
    point, agreement, link = (one.payload for one in adapter.to_cim(entry))
    usage = identifier("usage-point", "CIS", "AT-1")
    assert isinstance(point, UsagePointConfig)
    assert isinstance(agreement, CustomerAgreements)
    assert isinstance(link, MasterDataLinkageConfig)
    assert point.usage_point[0].mrid == usage
    assert point.usage_point[0].equipments[0].mrid == "11111111-1111-4111-8111-111111111111"
    assert agreement.customer_agreement[0].usage_points[0].mrid == usage
    [linked] = link.master_data_linkage
    assert linked.usage_point is not None
    assert linked.meter is not None
    assert (linked.usage_point.mrid, linked.meter.mrid) == (
        usage,
        identifier("meter", "CIS", "Z-1"),
    )


def test_a_fact_is_known_by_its_time_whatever_file_it_is_in() -> None:
    case = case_of("delta")
    adapter, data = adapter_of(case), input_of(case).read_bytes()
    assert ids(adapter, "a-delta.csv", data) == ids(adapter, "b-delta.csv", data)


HEADER = b"change,service_point_id,customer_id\n"


def changes() -> CisAdapter:
    return CisAdapter(nouns=("CustomerAgreements",), delimiter=",")


def test_without_a_time_a_fact_is_known_by_its_place() -> None:
    data = HEADER + b"U,SP,C-1\nU,SP,C-2\nU,SP,C-1\n"
    found = ids(changes(), "a.csv", data)
    assert len(set(found)) == 3, "back to C-1 is no duplicate"
    assert ids(changes(), "a.csv", data) == found, "after a crash it is"


def test_a_fact_read_by_a_corrected_mapping_is_another() -> None:
    data = HEADER + b"U,SP,C-1\n"
    mended = replace(changes(), columns={"account_number": "customer_id"})
    assert ids(changes(), "a.csv", data) != ids(mended, "a.csv", data)


def test_what_was_refused_is_read_again_in_its_place() -> None:
    adapter = changes()
    _, bad = adapter.records("my file.csv", HEADER + b"U,SP-1,C\nX,SP-2,C\n")
    assert isinstance(bad, Entry)
    with pytest.raises(ValueError, match="known are I, U, D"):
        list(adapter.to_cim(bad))
    [mended] = adapter.again(bad.origin, bad.alone.replace(b"\nX", b"\nU"))
    assert mended.origin == "my file.csv line 3"
    assert [one.verb for one in adapter.to_cim(mended)] == ["changed"]


ONLY_MODEL = {
    "nouns": ("NetworkModels",),
    "columns": {"change": "op", "equipment_mrid": "state"},
}


@pytest.mark.parametrize(
    ("name", "changed", "sentence"),
    [
        ("fixed_width", {"trailer": "X"}, "its last line is not the trailer 'X'"),
        ("fixed_width", {"at_least": 3}, "it has 2 rows, a whole snapshot at least 3"),
        ("full_cp1252", {"trailer": "END"}, "its last row is not the trailer 'END'"),
        ("full_cp1252", {"encoding": "utf-8"}, "line 1 is not utf-8 text"),
        ("utf_16_tab", {"encoding": "utf-16-le", "delimiter": ";"}, "no column service_point_id"),
        ("idoc", {"idoc_types": ("ISUPOD",)}, "MESTYP 'ZSERVICEPOINT' is not in idoc_types"),
        ("idoc", {"idoc_segment": ""}, "the setting idoc_segment must say which segment"),
        ("delta", ONLY_MODEL, "a model is made of all service points"),
    ],
)
def test_a_file_is_refused_as_a_whole(name: str, changed: dict[str, Any], sentence: str) -> None:
    case = case_of(name)
    file = input_of(case)
    adapter = replace(adapter_of(case), **changed)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        adapter.records(file.name, file.read_bytes())


def test_a_lost_line_is_noticed_by_the_trailer() -> None:
    case = case_of("fixed_width")
    lines = input_of(case).read_bytes().splitlines(keepends=True)
    with pytest.raises(ValueError, match="the trailer counts 2 rows, there are 1"):
        adapter_of(case).records("a.txt", b"".join(lines[1:]))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"nouns": ("Customers",)}, "nouns: 'Customers' is none of"),
        ({"changes": {"X": "closed"}}, "changes.X: 'closed' is none of"),
        ({"customer_kinds": {"H": "house"}}, "customer_kinds.H: 'house' is none of"),
        ({"zone": "Vienna"}, "zone 'Vienna' is no time zone"),
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        CisAdapter(**wrong)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text("aß漢😀 ;,|\t\"'\n", max_size=6), max_size=5),
    st.sampled_from([("utf-8", ";"), ("utf-8-sig", ","), ("utf-16", "\t"), ("utf-16-le", "|")]),
)
def test_any_dialect_says_the_same(values: list[str], dialect: tuple[str, str]) -> None:
    encoding, delimiter = dialect
    # Lines that look like rows are no free text: test_rows
    values = [value.replace(delimiter, "") if "\n" in value else value for value in values]
    columns = [f"c{n}" for n in range(len(values))]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["key", *columns], ["k", *values]])
    data = text.getvalue().encode(encoding)
    [row] = rows("a.csv", data, Dialect(delimiter=delimiter, encoding=encoding), ["key"])
    assert [row[column] for column in columns] == [value.strip() for value in values]
    [alone] = rows("a.csv", row.alone, Dialect(delimiter=delimiter, encoding=encoding), ["key"])
    assert alone.cells == row.cells


ROWS = [
    dict.fromkeys(native.ALL, "")
    | {
        "service_point_id": f"SP-{n}",
        "premise_id": f"SP-{n}",
        "customer_id": f"C-{n}",
        "last_name": "Öz, & <Sons>",
        "phone": "+4312345",
        "transformer": f"TX-{n}",
        "phase": "AC",
        "change": "New",
    }
    for n in range(3)
]


@pytest.mark.parametrize("form", ["table", "fixed", "idoc", "multispeak"])
def test_every_form_says_the_same(form: str) -> None:
    nouns = ("UsagePointConfig", "CustomerAgreements")
    if form == "table":
        adapter, name, data = CisAdapter(nouns=nouns), "a.csv", native.write(ROWS, native.ALL)
    elif form == "fixed":
        data, positions = native.write_fixed(ROWS)
        adapter, name = CisAdapter(nouns=nouns, positions=positions, trailer="END"), "a.txt"
    elif form == "idoc":
        adapter = CisAdapter(
            nouns=nouns,
            columns=native.IDOC_NAMES,
            idoc_types=(native.IDOC_TYPE,),
            idoc_segment=native.IDOC_SEGMENT,
        )
        name, data = "a.xml", native.write_idoc(ROWS)
    else:
        adapter, name, data = CisAdapter(nouns=nouns), "a.xml", native.write_multispeak(ROWS)
    records = adapter.records(name, data)
    said = [[told(one) for one in adapter.to_cim(record)] for record in records]
    assert [message["says"] for message in said[0]] == [f"created {noun}" for noun in nouns]
    assert said[2][0]["values"] == [
        "isSdp true",
        "phaseCode AC",
        "Equipments/Names/name TX-2",
        "Names/name SP-2",
    ]
    assert said[2][1]["values"] == [
        "Customer/Names/name C-2",
        "Customer/Person/lastName Öz, & <Sons>",
        "Customer/Person/landlinePhone/ituPhone +4312345",
        "ServiceLocations/Names/name SP-2",
        "UsagePoints/Names/name SP-2",
    ]
