"""Models: columns, lookups, merging, bytes."""

from __future__ import annotations

import numpy as np
import pytest

from cim.model import LINK, TEXT, TYPE, Model, merged
from cim.model.packing import packed, unpacked
from cim.model.read import read

CIM = "http://iec.ch/TC57/CIM100#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
UUID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
HEAD = (
    f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{CIM}"'
    ' xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#">'
)


def document(*objects: str) -> bytes:
    return f"{HEAD}{''.join(objects)}</rdf:RDF>".encode()


BREAKER = (
    f'<cim:Breaker rdf:ID="_{UUID}"><cim:IdentifiedObject.name>Q1</cim:IdentifiedObject.name>'
    "<cim:IdentifiedObject.mRID>other</cim:IdentifiedObject.mRID>"
    "<cim:Switch.open>false</cim:Switch.open></cim:Breaker>"
)
TERMINAL = (
    f'<cim:Terminal rdf:about="#_t"><cim:Terminal.ConductingEquipment rdf:resource="#_{UUID}"/>'
    f'<cim:Terminal.phases rdf:resource="{CIM}PhaseCode.A"/></cim:Terminal>'
)


def said(model: Model) -> set[tuple[str, str, int, str]]:
    return set(model.statements())


def test_every_statement_is_a_row() -> None:
    model = read(document(BREAKER, TERMINAL))
    breaker = f"#_{UUID}"
    assert list(model.statements()) == [
        (breaker, f"{RDF}type", TYPE, f"{CIM}Breaker"),
        (breaker, f"{CIM}IdentifiedObject.name", TEXT, "Q1"),
        (breaker, f"{CIM}IdentifiedObject.mRID", TEXT, "other"),
        (breaker, f"{CIM}Switch.open", TEXT, "false"),
        ("#_t", f"{RDF}type", TYPE, f"{CIM}Terminal"),
        ("#_t", f"{CIM}Terminal.ConductingEquipment", LINK, breaker),
        ("#_t", f"{CIM}Terminal.phases", LINK, f"{CIM}PhaseCode.A"),
    ]
    assert [model.ids[row] for row in np.flatnonzero(model.born).tolist()] == [breaker]


def test_columns_are_asked_by_local_name() -> None:
    model = read(document(BREAKER, TERMINAL))
    subjects, targets = model.links("Terminal.ConductingEquipment")
    assert [model.mrid(row) for row in subjects.tolist()] == ["t"]
    assert [model.class_name(row) for row in targets.tolist()] == ["Breaker"]
    subjects, texts = model.values("IdentifiedObject.name", "Switch.open")
    assert [model.text(row) for row in texts.tolist()] == ["Q1", "false"]
    assert model.of_class("Breaker", "Fuse").sum() == 1
    assert len(model.links("Nobody.knows")[0]) == 0


def test_numbers_are_read_lazily_and_what_is_none_is_nan() -> None:
    model = read(
        document(
            *(
                f'<cim:X rdf:ID="_{n}"><cim:X.v>{text}</cim:X.v></cim:X>'
                for n, text in enumerate(["5E9", "60.000000", "many"])
            )
        )
    )
    subjects, numbers = model.numbers("X.v")
    assert subjects.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(numbers, [5e9, 60.0, np.nan])


@pytest.mark.parametrize("spelled", [UUID, UUID.upper(), f"urn:uuid:{UUID}", f"#_{UUID}", "other"])
def test_an_object_is_found_by_every_spelling_and_by_its_mrid(spelled: str) -> None:
    model = read(document(TERMINAL, BREAKER))
    assert model.class_name(model.row(spelled)) == "Breaker"


def test_an_unknown_object_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read(document(BREAKER)).row("nobody")


def test_documents_are_put_together_in_any_order() -> None:
    about = (
        f'<cim:Breaker rdf:about="urn:uuid:{UUID.upper()}">'
        "<cim:Switch.open>true</cim:Switch.open></cim:Breaker>"
    )
    one, two = read(document(about)), read(document(BREAKER, TERMINAL))
    whole, other = merged([one, two]), merged([two, one])
    assert len(whole) == len(other) == 8
    assert whole.born.sum() == 1
    assert whole.class_name(whole.row(UUID)) == "Breaker"
    assert len(merged([])) == 0


def test_what_is_said_twice_counts_once_and_is_reported() -> None:
    values = "".join(f"<cim:X.v>{number}</cim:X.v>" for number in (1, 2, 1))
    model = read(document(f'<cim:X rdf:about="#_x">{values}</cim:X>'))
    assert [text for _, _, kind, text in model.statements() if kind == TEXT] == ["1", "2"]
    assert model.problems == ("1 statement is made more than once; once is kept.",)


def test_a_model_survives_as_bytes() -> None:
    header = (
        f'<md:FullModel rdf:about="urn:uuid:{UUID}">'
        "<md:Model.version>3</md:Model.version></md:FullModel>"
    )
    model = read(document(header, BREAKER, TERMINAL, TERMINAL))
    again = Model.from_bytes(model.to_bytes())
    assert list(again.statements()) == list(model.statements())
    assert again.header == model.header
    assert again.header is not None
    assert again.header.value("Model.version") == "3"
    assert again.problems == model.problems != ()
    assert again.row(UUID) == model.row(UUID)


def test_bytes_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="no columns"):
        Model.from_bytes(b"PK\x03\x04" + bytes(40))


def test_columns_pack_and_unpack() -> None:
    arrays = {"a": np.arange(7, dtype=np.int32).reshape(7, 1), "b": np.zeros(0, np.bool_)}
    again, words = unpacked(packed(arrays, {"x": [1, "ä"]}))
    assert words == {"x": [1, "ä"]}
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)
        assert again[name].dtype == array.dtype
