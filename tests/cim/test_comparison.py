"""Each change of a schema is told in exactly its sentence, and none where nothing is changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from cim.parse import parse
from cim.profiles import NOUNS
from cim.schema import noun_xsd
from cim.schema.build import maker
from cim.schema.comparison import Difference, Kind, differences
from cim.schema.library import Library, SchemaError
from cim.schema.names import XS

xs = maker(XS, {"xs": XS})
Change = Callable[["Schema"], None]
EVENT = "EndDeviceEvents/EndDeviceEvent"


class Schema:
    """Our schema of a noun, to be changed."""

    def __init__(self, noun: str) -> None:
        self.root = parse(noun_xsd(NOUNS[noun]))

    def type(self, name: str) -> etree._Element:
        """The global type of that name."""
        [found] = (e for e in self.root if e.get("name") == name and "Type" in e.tag)
        return found

    def element(self, kind: str, name: str) -> etree._Element:
        """An element within a global type."""
        [found] = (e for e in self.type(kind).iter(f"{{{XS}}}element") if e.get("name") == name)
        return found

    def values(self, kind: str) -> list[etree._Element]:
        return list(self.type(kind).iter(f"{{{XS}}}enumeration"))

    def told(self, noun: str) -> list[Difference]:
        data = etree.tostring(self.root)
        library = Library.of({"theirs.xsd": data})
        library.compile(noun)  # it is a schema
        return differences(noun, library)


def drop(kind: str, name: str) -> Change:
    def change(schema: Schema) -> None:
        element = schema.element(kind, name)
        element.getparent().remove(element)

    return change


def put(kind: str, *members: etree._Element) -> Change:
    def change(schema: Schema) -> None:
        sequence = next(schema.type(kind).iter(f"{{{XS}}}sequence"))
        sequence.extend(copy.deepcopy(member) for member in members)

    return change


def said(kind: str, name: str, **attributes: str | None) -> Change:
    def change(schema: Schema) -> None:
        element = schema.element(kind, name)
        for key, value in attributes.items():
            element.attrib.pop(key, None) if value is None else element.set(key, value)

    return change


def move(kind: str, name: str, before: str) -> Change:
    def change(schema: Schema) -> None:
        schema.element(kind, before).addprevious(schema.element(kind, name))

    return change


def nested(kind: str, name: str, inner: etree._Element) -> Change:
    """The type of an element, said within it."""

    def change(schema: Schema) -> None:
        element = schema.element(kind, name)
        element.attrib.pop("type", None)
        for child in element.iterchildren(f"{{{XS}}}complexType", f"{{{XS}}}simpleType"):
            element.remove(child)
        element.append(copy.deepcopy(inner))

    return change


def enumerated(*values: str) -> etree._Element:
    restriction = xs("restriction", *(xs("enumeration", value=v) for v in values), base="xs:string")
    return xs("simpleType", restriction)


def namespace(schema: Schema) -> None:
    old = schema.root.get("targetNamespace", "")
    text = etree.tostring(schema.root).replace(old.encode(), b"urn:theirs")
    schema.root = parse(text)


def value(schema: Schema) -> None:
    schema.values("PhaseCode")[-1].addnext(xs("enumeration", value="ABCDE"))


def no_value(schema: Schema) -> None:
    one = schema.values("TagActionKind")[0]
    one.getparent().remove(one)


def chosen(schema: Schema) -> None:
    """reason or severity."""
    reason = schema.element("EndDeviceEvent", "reason")
    choice = xs("choice", minOccurs="0")
    reason.addprevious(choice)
    choice.extend([reason, schema.element("EndDeviceEvent", "severity")])
    for one in choice:
        del one.attrib["minOccurs"]


FACET = xs("simpleType", xs("restriction", xs("maxLength", value="64"), base="xs:string"))
PARTS = xs("complexType", xs("sequence", xs("element", name="a")))
OPTIONAL = xs("complexType", xs("attribute", name="ref", type="xs:string"))

CASES: list[tuple[str, Change, Kind, str]] = [
    (
        "EndDeviceEvents",
        drop("EndDeviceEvent", "reason"),
        Kind.MISSING,
        f"{EVENT}/reason is here, but not there.",
    ),
    (
        "EndDeviceEvents",
        put("EndDeviceEvent", xs("element", name="weather", type="xs:string")),
        Kind.ADDED,
        f"{EVENT}/weather is there, but not here.",
    ),
    (
        "EndDeviceEvents",
        put("EndDeviceEvent", xs("any", namespace="##other", minOccurs="0")),
        Kind.ADDED,
        f"{EVENT}/* stands for any element there, but not here.",
    ),
    (
        "EndDeviceEvents",
        said("EndDeviceEvent", "createdDateTime", minOccurs="0"),
        Kind.CARDINALITY,
        f"{EVENT}/createdDateTime is optional there, required here.",
    ),
    (
        "EndDeviceEvents",
        said("EndDeviceEvent", "reason", minOccurs=None),
        Kind.CARDINALITY,
        f"{EVENT}/reason is required there, optional here.",
    ),
    (
        "EndDeviceEvents",
        said("EndDeviceEvent", "reason", maxOccurs="3"),
        Kind.CARDINALITY,
        f"{EVENT}/reason may occur 3 times there, once here.",
    ),
    (
        "EndDeviceEvents",
        said("EndDeviceEvents", "EndDeviceEvent", maxOccurs=None),
        Kind.CARDINALITY,
        f"{EVENT} may occur once there, any number of times here.",
    ),
    (
        "EndDeviceEvents",
        said("EndDeviceEvent", "reason", type="xs:integer"),
        Kind.TYPE,
        f"{EVENT}/reason is of type integer there, string here.",
    ),
    (
        "EndDeviceEvents",
        nested("EndDeviceEvent", "reason", FACET),
        Kind.TYPE,
        f"{EVENT}/reason has maxLength 64 there, no maxLength here.",
    ),
    (
        "EndDeviceEvents",
        nested(
            "EndDeviceEvent", "reason", xs("complexType", xs("sequence", xs("element", name="a")))
        ),
        Kind.TYPE,
        f"{EVENT}/reason holds elements there, holds text of type string here.",
    ),
    (
        "EndDeviceEvents",
        nested("EndDeviceEvent", "EndDeviceEventType", OPTIONAL),
        Kind.CARDINALITY,
        f"{EVENT}/EndDeviceEventType/@ref is optional there, required here.",
    ),
    (
        "EndDeviceEvents",
        nested("EndDeviceEvent", "reason", enumerated("wind", "snow")),
        Kind.VALUES,
        f"{EVENT}/reason must be one of wind, snow there, and may be any here.",
    ),
    (
        "EndDeviceEvents",
        move("EndDeviceEvent", "severity", "issuerID"),
        Kind.ORDER,
        f"{EVENT}/severity comes after createdDateTime there, after reason here.",
    ),
    (
        "EndDeviceEvents",
        move("EndDeviceEvent", "userID", "mRID"),
        Kind.ORDER,
        f"{EVENT}/userID comes first there, after severity here.",
    ),
    (
        "EndDeviceEvents",
        chosen,
        Kind.CHOICE,
        f"{EVENT} holds only one of reason, severity there, but any of them here.",
    ),
    (
        "EndDeviceEvents",
        namespace,
        Kind.NAMESPACE,
        "EndDeviceEvents is in the namespace 'urn:theirs' there,"
        " in 'http://iec.ch/TC57/2011/EndDeviceEvents#' here.",
    ),
    ("SwitchingEvents", value, Kind.VALUES, "may be ABCDE there, but not here."),
    ("SwitchingEvents", no_value, Kind.VALUES, "may be place here, but not there."),
]


@pytest.mark.parametrize(("noun", "change", "kind", "sentence"), CASES)
def test_a_change_is_one_sentence(noun: str, change: Change, kind: Kind, sentence: str) -> None:
    schema = Schema(noun)
    change(schema)
    [one] = schema.told(noun)
    assert (one.noun, one.kind) == (noun, kind)
    assert str(one) == sentence or str(one) == f"{one.where} {sentence}"


def test_two_changes_are_two_sentences() -> None:
    schema = Schema("EndDeviceEvents")
    drop("EndDeviceEvent", "severity")(schema)
    said("EndDeviceEvent", "reason", minOccurs=None)(schema)
    assert [one.kind for one in schema.told("EndDeviceEvents")] == [Kind.MISSING, Kind.CARDINALITY]


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_our_own_schema_does_not_differ(noun: str) -> None:
    assert Schema(noun).told(noun) == []


def russian_doll(schema: Schema) -> None:
    """Every global complex type said where it is used, as far as none is within itself."""
    prefix = "m:"
    kinds = {e.get("name"): e for e in schema.root if e.tag == f"{{{XS}}}complexType"}

    def fold(element: etree._Element) -> None:
        name = element.get("type", "")
        if name.startswith(prefix) and name.removeprefix(prefix) in kinds:
            del element.attrib["type"]
            inner = copy.deepcopy(kinds[name.removeprefix(prefix)])
            del inner.attrib["name"]
            element.append(inner)
            for below in inner.iter(f"{{{XS}}}element"):
                fold(below)

    fold(next(schema.root.iterchildren(f"{{{XS}}}element")))
    for kind in kinds.values():
        schema.root.remove(kind)


def test_types_may_be_named_or_nested() -> None:
    schema = Schema("EndDeviceEvents")
    russian_doll(schema)
    assert schema.told("EndDeviceEvents") == []


def grouped(schema: Schema) -> None:
    """The content of a type in a group, its reference in an attribute group."""
    kind = schema.type("EndDeviceEvent")
    [sequence] = kind.iterchildren(f"{{{XS}}}sequence")
    kind.replace(sequence, xs("group", ref="m:Rest"))
    schema.root.append(xs("group", sequence, name="Rest"))
    [reference] = (e for e in sequence if e.get("name") == "EndDeviceEventType")
    [inner] = reference.iterchildren(f"{{{XS}}}complexType")
    [attribute] = inner.iterchildren(f"{{{XS}}}attribute")
    inner.replace(attribute, xs("attributeGroup", ref="m:Ref"))
    schema.root.append(xs("attributeGroup", attribute, name="Ref"))


def extended(schema: Schema) -> None:
    """A type as an extension of another one that has the first two of its elements."""
    kind = schema.type("EndDeviceEvent")
    [sequence] = kind.iterchildren(f"{{{XS}}}sequence")
    first = list(sequence)[:2]
    schema.root.append(xs("complexType", xs("sequence", *first), name="Base"))
    extension = xs("extension", base="m:Base")
    kind.replace(sequence, xs("complexContent", extension))
    extension.append(sequence)


@pytest.mark.parametrize("change", [grouped, extended])
def test_groups_and_extensions_are_unfolded(change: Change) -> None:
    schema = Schema("EndDeviceEvents")
    change(schema)
    assert schema.told("EndDeviceEvents") == []


def test_a_type_in_another_file_is_found() -> None:
    schema = Schema("EndDeviceEvents")
    kind = schema.type("EndDeviceEvent")
    schema.root.remove(kind)
    schema.root.insert(0, xs("include", schemaLocation="common/types.xsd"))
    types = xs("schema", kind, elementFormDefault="qualified")
    target = schema.root.get("targetNamespace", "")
    types.set("targetNamespace", target)
    data = {
        "theirs.xsd": etree.tostring(schema.root),
        "common/types.xsd": etree.tostring(types).replace(
            b"<xs:schema ", f'<xs:schema xmlns:m="{target}" '.encode(), 1
        ),
    }
    # The other way round as well: the included type names one that the including file declares.
    data["common/types.xsd"] = data["common/types.xsd"].replace(
        b"><xs:complexType", b'><xs:include schemaLocation="../theirs.xsd"/><xs:complexType', 1
    )
    library = Library.of(data)
    library.compile("EndDeviceEvents")
    assert differences("EndDeviceEvents", library) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<a>", "x.xsd, line 1: The document is not well-formed XML"),
        (b"\n<a/>", "x.xsd, line 2: the root must be xs:schema"),
        (b"<!DOCTYPE a><a/>", "x.xsd, line 1: A document type definition (DTD) is not accepted"),
        (
            b'<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema">\n'
            b'<s:import namespace="urn:b" schemaLocation="http://www.iec.ch/b.xsd"/></s:schema>',
            "x.xsd, line 2: import of http://www.iec.ch/b.xsd: no file of this name lies in the"
            " folder, and nothing is fetched.",
        ),
        (
            b'<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema">\n'
            b'<s:include schemaLocation="../../etc/passwd"/></s:schema>',
            "x.xsd, line 2: include of ../../etc/passwd: no file of this name",
        ),
    ],
)
def test_a_broken_file_is_named_with_line_and_rule(data: bytes, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        Library.of({"x.xsd": data})
    assert str(caught.value).startswith(sentence)


def test_a_rule_of_xml_schema_is_named_too() -> None:
    schema = Schema("EndDeviceEvents")
    said("EndDeviceEvent", "reason", type="xs:strin")(schema)
    data = etree.tostring(schema.root)
    library = Library.of({"x.xsd": data}, "iec")
    line = 1 + data[: data.index(b'"xs:strin"')].count(b"\n")
    with pytest.raises(SchemaError, match=f"iec/x.xsd, line {line}: .*xs:strin"):
        library.compile("EndDeviceEvents")


def test_a_noun_is_declared_once() -> None:
    data = noun_xsd(NOUNS["EndDeviceEvents"])
    with pytest.raises(SchemaError, match=r"b\.xsd, line 4: EndDeviceEvents is declared in a\.xsd"):
        Library.of({"a.xsd": data, "b.xsd": data})


def test_a_folder_without_files(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="the folder holds no"):
        Library.read(tmp_path)
    with pytest.raises(SchemaError, match="there is no such folder"):
        Library.read(tmp_path / "none")


@pytest.mark.reference
def test_the_published_end_device_controls_differ_in_little(shared: Path) -> None:
    """The one XSD of IEC 61968-9 under a free licence, of the DLMS UA."""
    library = Library.read(shared / "data" / "iec61968" / "dlms-cim" / "src" / "xsd")
    library.compile("EndDeviceControls")
    assert [r.rpartition("/")[2] for r in library.remarks] == [
        "EndDeviceControlsMessage.xsd declares no noun of this hub."
    ]
    found = differences("EndDeviceControls", library)
    uuid = "has pattern [A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-"
    uuids = [one for one in found if uuid in str(one)]
    assert all(one.where.endswith("/mRID") for one in uuids)
    assert len(uuids) == 6
    assert [str(one) for one in found if one not in uuids] == [
        "EndDeviceControls/EndDeviceControl/EndDeviceControlType/@ref is optional there,"
        " required here."
    ]
