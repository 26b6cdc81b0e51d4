"""One event in every shape of RDF/XML; and what is refused, with line and sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from lxml import etree

from cim import rdf, xml
from cim.parse import parse
from cim.profiles.end_device_events import EndDeviceEvents
from cim.violation import Refusal, Violation

CASES = Path(__file__).parents[1] / "cases" / "rdf"


def folders(kind: str) -> list[Path]:
    return sorted(p for p in (CASES / kind).iterdir() if p.is_dir())


@pytest.mark.parametrize("case", folders("forms"), ids=lambda case: case.name)
def test_every_shape_says_the_same(case: Path) -> None:
    data = (case / "input.xml").read_bytes()
    expected = etree.tostring(parse((case / "expected.xml").read_bytes()), method="c14n")
    for payload in (
        rdf.decode(parse(data), EndDeviceEvents),
        rdf.decode_general(data, EndDeviceEvents),
    ):
        element = xml.encode(payload)
        etree.indent(element)
        assert etree.tostring(element, method="c14n") == expected


@pytest.mark.parametrize("case", folders("refused"), ids=lambda case: case.name)
def test_a_refusal_names_class_subject_and_property(case: Path) -> None:
    params = tomllib.loads((case / "params.toml").read_text())
    with pytest.raises(Refusal) as refusal:
        rdf.decode(parse((case / "input.xml").read_bytes()), EndDeviceEvents)
    [violation] = refusal.value.violations
    assert violation == Violation(value=violation.value, line=params.pop("line", None), **params)
