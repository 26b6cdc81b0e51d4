"""A change set becomes a difference model that fits the snapshot before it, again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.gis import GisAdapter
from cim.message import Header, Kind, Message, Verb
from cim.network import Network
from cim.profiles.network_models import NetworkModels
from cim.violation import Refusal
from hub.dispatch import Hub
from hub.history.past import Past
from hub.journal import Journal
from hub.model_file import ModelFile
from tests.adapters.gis_layers import geojson, said, taken, zipped

CODES = {"I": "insert", "D": "delete", "B": "before", "A": "after"}
STEPS = {"column": "OP", "codes": CODES}
PLAN = {
    "lines": {
        "identity": "ID",
        "cim_class": "ACLineSegment",
        "nodes": ["FR", "T"],
        "node_layer": "nodes",
        "columns": {
            "ID": "IdentifiedObject.name",
            "LEN": {"to": "Conductor.length", "unit": "km"},
        },
        "steps": STEPS,
    },
    "nodes": {
        "identity": "ID",
        "cim_class": "ConnectivityNode",
        "columns": {"ID": "IdentifiedObject.name"},
        "steps": STEPS,
    },
}
NODES = [{"ID": n} for n in range(1, 5)]
ONE = {"ID": "l1", "FR": 1, "T": 2, "LEN": 1.5}
TWO = {"ID": "l2", "FR": 2, "T": 3, "LEN": 2.0}
THREE = {"ID": "l3", "FR": 2, "T": 4, "LEN": None}
LONGER = {**TWO, "LEN": 2.5}


def file(name: str, lines: Sequence[Any], nodes: Sequence[Any]) -> ModelFile:
    parts = {"lines": lines, "nodes": nodes}
    listed = {f"{n}.json": geojson(r, name=n) for n, r in parts.items() if r}
    return taken(name, zipped(listed), layers=PLAN, model="district")


def row(operation: str, of: dict[str, Any]) -> dict[str, Any]:
    return {**of, "OP": operation}


def network(*files: ModelFile) -> Network:
    found = Network.empty()
    for one in files:
        payload = NetworkModels(network_model=one.models)
        header = Header(verb=Verb.CREATED, noun=NetworkModels.__name__)
        found = found.after(Message(header=header, kind=Kind.EVENT, payload=payload))
    return found


def problems(found: Network) -> list[str]:
    """But for the district's having no source."""
    return [one for one in found.problems if not one.startswith("No model describes a source")]


def statements(found: Network) -> set[tuple[str, str, str]]:
    [mrid] = found.version
    return said(found.model(mrid))


SNAPSHOT = file("monday.zip", [ONE, TWO], NODES[:3])
CHANGES = file(
    "tuesday.zip",
    [row("B", TWO), row("A", LONGER), row("D", ONE), row("I", THREE)],
    [row("I", NODES[3]), row("D", NODES[0])],
)


def test_a_change_set_leads_to_the_next_snapshot() -> None:
    after = network(SNAPSHOT, CHANGES)
    assert problems(after) == []
    assert statements(after) == statements(network(file("w.zip", [LONGER, THREE], NODES[1:])))


def test_only_what_changed_is_in_the_difference() -> None:
    [model] = file("t.zip", [row("B", TWO), row("A", LONGER)], []).models
    assert model.document.count(b"Conductor.length") == 4  # two elements, each opened and closed
    assert b"Terminal" not in model.document
    assert b">2000.0<" in model.document
    assert b">2500.0<" in model.document


def test_change_sets_follow_one_another_and_a_snapshot_follows_them() -> None:
    back = file("wednesday.zip", [row("B", LONGER), row("A", TWO)], [])
    again = file("thursday.zip", [row("B", TWO), row("A", LONGER)], [])
    once = file("tuesday.zip", [row("B", TWO), row("A", LONGER)], [])
    assert once.outgoing().external_id != again.outgoing().external_id
    days = (SNAPSHOT, once, back, again)
    assert problems(network(*days)) == []
    expected = statements(network(file("w.zip", [ONE, LONGER], NODES[:3])))
    assert statements(network(*days)) == expected
    friday = file("friday.zip", [ONE], NODES[:3])
    assert statements(network(*days, friday)) == statements(network(friday))


def test_the_hub_knows_each_day_afterwards(sqlite_url: str) -> None:
    journal = Journal.open(sqlite_url)
    hub, adapter = Hub(journal, {}), GisAdapter()
    back = file("wednesday.zip", [row("B", LONGER), row("A", TWO)], [])
    for day in (SNAPSHOT, file("tuesday.zip", [row("B", TWO), row("A", LONGER)], []), back):
        assert not hub.take("gis", adapter, [day]).refused
    assert statements(hub.network) == statements(network(SNAPSHOT))
    past = Past(journal)
    days = [statements(past.as_of(day)) for day in (1, 2, 3)]
    assert days[0] == days[2]
    assert sorted(value for _, _, value in days[1] - days[0]) == ["2500.0"]
    journal.close()


def test_a_change_of_what_is_not_so_is_left_out_with_the_reason() -> None:
    wrong = file("t.zip", [row("B", {**TWO, "LEN": 9}), row("A", LONGER)], [])
    found = network(SNAPSHOT, wrong)
    assert statements(found) == statements(network(SNAPSHOT))
    [problem] = problems(found)
    assert "removes what the model does not say: Conductor.length" in problem
    assert "is '9000.0'; the model has '2000.0'" in problem


@pytest.mark.parametrize(
    ("lines", "nodes", "rule"),
    [
        ([row("A", TWO)], [], "lines ID l2: the change set lacks this row as it was"),
        ([row("B", TWO)], [], "lines ID l2: the change set lacks this row as it is"),
        ([row("U", TWO)], [], "lines ID l2: OP 'U' is none of the codes known, I, D, B, A"),
        ([row("", TWO)], [row("I", NODES[0])], "OP is empty; it tells what became of the row"),
        ([row("I", TWO), row("I", TWO)], [], "is in the change set more than once"),
        ([row("I", TWO)], NODES, "some layers tell what became of their rows, and others do"),
        ([row("B", TWO), row("A", TWO)], [], "changes nothing"),
    ],
)
def test_a_change_set_that_does_not_tell_all_is_refused(
    lines: list[Any], nodes: list[Any], rule: str
) -> None:
    with pytest.raises(Refusal, match=rule):
        file("t.zip", lines, nodes)
