"""The profiles keep the rules of IEC 62361-100 and the structure of the published nouns."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from cim.parse import parse
from cim.profile import Attribute, Profile, RdfXml, Reference, attributes
from cim.profiles import NOUNS
from cim.schema import envelope_xsd
from cim.schema.xsd import SIMPLE, reachable
from tests.cim.test_queries import QUERIES

ROOTS = {root.__name__: root for root in (*NOUNS.values(), *QUERIES)}
CLASSES = sorted(
    {kind for root in ROOTS.values() for kind in reachable(root) if issubclass(kind, Profile)},
    key=lambda kind: (kind.__module__, kind.__name__),
)


def _id(kind: type[Profile]) -> str:
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


APPENDED = {"Work.Attachments"}  # the published schemas add it behind those of the standard

# An enumeration that the published noun holds by reference, though it stands where values do.
VALUES_BY_REFERENCE = {"ServiceMultiplier.kind"}


def _rank(a: Attribute, *, root: bool) -> tuple[int, str, str]:
    """mRID; simple attributes; compounds and associations; by name.

    Alternatives have the place of the association they stand for.
    """
    if a.tag == "mRID":
        return 0, "", ""
    if root:
        return 3, a.tag.lower(), ""
    if a.cim in APPENDED:
        return 4, a.tag.lower(), ""
    if a.choice:
        return 3, a.choice.lower(), a.tag.lower()
    simple = a.type in SIMPLE or issubclass(a.type, StrEnum) or a.cim in VALUES_BY_REFERENCE
    return (1 if simple else 3), a.tag.lower(), ""


@pytest.mark.parametrize("profile", CLASSES, ids=_id)
def test_attributes_are_in_the_order_of_the_standard(profile: type[Profile]) -> None:
    ranks = [_rank(a, root=bool(profile.namespace)) for a in attributes(profile)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("profile", CLASSES, ids=_id)
def test_python_names_follow_from_the_tags(profile: type[Profile]) -> None:
    for a in attributes(profile):
        expected = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", a.tag).lower()
        assert a.name == expected.replace("m_rid", "mrid")
        assert not keyword.iskeyword(a.name)


@pytest.mark.parametrize("profile", CLASSES, ids=_id)
def test_every_attribute_says_what_it_means(profile: type[Profile]) -> None:
    assert profile.__doc__
    for a in attributes(profile):
        assert re.fullmatch(r"[A-Z].*[.]", a.doc), a.cim
        assert re.fullmatch(r"\w+\.\w+", a.cim), a.cim


@pytest.mark.parametrize("noun", ROOTS.values(), ids=ROOTS)
def test_the_classes_of_a_noun_have_names_of_their_own(noun: type[Profile]) -> None:
    names = [kind.__name__ for kind in reachable(noun)]
    assert len(names) == len(set(names))


IN_ONE_ORDER = {"ConnectivityChanges", "StateVariables"}  # no object keeps their messages apart


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS)
def test_the_ordering_of_a_noun_leads_to_its_attributes(noun: type[Profile]) -> None:
    assert bool(noun.ordering) is (noun.__name__ not in IN_ONE_ORDER)
    for path in noun.ordering:
        kind: type[Any] = noun
        for step in path.split("."):
            [kind] = [a.type for a in attributes(kind) if a.name == step]
        assert kind is str


def test_only_known_types_are_declared() -> None:
    known = {*SIMPLE, Reference, RdfXml}
    for profile in CLASSES:
        for a in attributes(profile):
            assert a.type in known or issubclass(a.type, (Profile, StrEnum)), a.cim


Line = tuple[int, str, str]
PUBLISHED = [
    "CustomerMeterDataSet",
    "DERGroupDispatches",
    "DERGroupForecastQueries",
    "DERGroupForecasts",
    "DERGroupQueries",
    "DERGroupStatuses",
    "DERGroupStatusQueries",
    "DERGroups",
    "EndDeviceConfig",
    "EndDeviceControls",
    "EndDeviceEvents",
    "GetEndDeviceConfig",
    "GetEndDeviceControls",
    "GetEndDeviceEvents",
    "GetMaintenanceOrders",
    "GetMeterConfig",
    "GetMeterReadSchedule",
    "GetMeterReadings",
    "GetPricingStructureConfig",
    "GetServiceOrders",
    "GetWorkRequests",
    "MaintenanceOrders",
    "MeterConfig",
    "MeterReadSchedule",
    "MeterReadings",
    "MeterServiceRequests",
    "PricingStructureConfig",
    "ServiceOrders",
    "WorkRequests",
]
FLAVOURS = (".create", ".get", ".change", "")  # in that order: what is created is said in full
IN_THE_ENVELOPE = (1, "Header", "[1..1] HeaderType")  # which one noun repeats in its payload


def _ours(profile: type[Profile], depth: int = 1) -> Iterator[Line]:
    for a in attributes(profile):
        least = int(a.required or (a.choice is not None and not a.many))
        yield depth, a.tag, f"[{least}..{'*' if a.many else 1}] {_kind(a)}".strip()
        if issubclass(a.type, Profile):
            yield from _ours(a.type, depth + 1)


def _kind(a: Attribute) -> str:
    if issubclass(a.type, StrEnum):
        return f"{{{'|'.join(sorted(a.type))}}}"
    return "@ref" if a.type is Reference else SIMPLE.get(a.type, "").removeprefix("xs:")


def _published(text: str) -> Iterator[Line]:
    """The lines of an element tree; alternatives are lifted, references to types resolved."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")][1:]
    lifted = list(_lifted(lines))
    known: dict[str, list[Line]] = {}
    for index, (depth, name, rest) in enumerate(lifted):
        inner = []
        for below, tag, more in lifted[index + 1 :]:
            if below <= depth:
                break
            inner.append((below - depth, tag, more))
        kind = rest.partition(" : ")[2]
        if kind and inner:
            known.setdefault(kind, inner)
        yield depth, name, _plain(rest)
        if kind and not inner:
            yield from _resolved(depth, kind, known)


def _lifted(lines: list[str]) -> Iterator[Line]:
    """Every line but those of choices; what repeats with its choice is many itself."""
    choices: list[tuple[int, str]] = []
    for line in lines:
        depth = (len(line) - len(line.lstrip())) // 2
        while choices and depth <= choices[-1][0]:
            choices.pop()
        name, _, rest = line.strip().partition(" ")
        if name == "<choice>":
            choices.append((depth, rest))
            continue
        if choices and depth == choices[-1][0] + 1 and choices[-1][1].endswith("*]"):
            rest = rest.replace("[1..1]", choices[-1][1], 1)
        yield depth - len(choices), name, rest


def _resolved(depth: int, kind: str, known: dict[str, list[Line]]) -> Iterator[Line]:
    inner = known[kind]
    for index, (below, name, rest) in enumerate(inner):
        yield depth + below, name, _plain(rest)
        deeper = rest.partition(" : ")[2]
        closed = index + 1 == len(inner) or inner[index + 1][0] <= below
        if deeper and closed:
            yield from _resolved(depth + below, deeper, known)


def _plain(rest: str) -> str:
    """Cardinality and simple type, e.g. "[0..1] float" of "[0..1] Minutes=float"."""
    cardinality, _, kind = rest.partition(" ")
    if kind.startswith(": "):
        return cardinality
    if "{" in kind:
        values = sorted(kind[kind.index("{") + 1 : -1].split("|"))
        return f"{cardinality} {{{'|'.join(values)}}}"
    kind = kind.replace("UUIDType", "string").rpartition("=")[2]
    return f"{cardinality} {kind}".strip()


@pytest.mark.reference
@pytest.mark.parametrize("noun", PUBLISHED)
def test_published_nouns_have_the_published_structure(noun: str, shared: Path) -> None:
    trees = [shared / "research/element-trees" / f"{noun}{flavour}.txt" for flavour in FLAVOURS]
    text = next(tree for tree in trees if tree.exists()).read_text("utf-8")

    published = [line for line in _published(text) if line != IN_THE_ENVELOPE]
    assert list(_ours(ROOTS[noun])) == published


@pytest.mark.reference
def test_the_messages_of_the_envelope_have_the_structure_of_others(shared: Path) -> None:
    """Every type both schemas name has the same elements in the same order."""
    theirs = parse((shared / "data/iec61968/dlms-cim/src/xsd/Message.xsd").read_bytes())
    ours = parse(envelope_xsd())

    compared = 0
    for name, elements in _types(ours).items():
        if name in _types(theirs):
            assert elements == _types(theirs)[name], name
            compared += 1
    assert compared > 10


def _types(schema: etree._Element) -> dict[str, list[str | None]]:
    space = {"xs": "http://www.w3.org/2001/XMLSchema"}
    return {
        str(kind.get("name")): [
            e.get("name") or e.get("ref") or etree.QName(e).localname
            for e in kind.iter("{*}element", "{*}any")
        ]
        for kind in schema.iterfind("xs:complexType", space)
    }
