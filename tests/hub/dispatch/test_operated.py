"""`get` StateVariables: what is operated, as a document of state variables says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest
from lxml import etree

from cim import rdf, xml
from cim.message import Message, ObjectId, Reply, Request, Result, Verb
from cim.model.header import bare
from cim.model.read import read
from cim.model.state_variables import State, state
from cim.model.terms import key
from cim.profile import Profile
from cim.profiles.state_variables import StateVariables
from cim.validation import violations
from hub.dispatch import Hub
from hub.dispatch.operated import NAME, NetworkAnswers
from hub.history import operated
from hub.history.past import Past
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import fakes
from tests.cim.network.drawing import Drawing, model, moved
from tests.cim.network.plain import Plain

PLAIN = Plain({})  # only says what happens


def mrid(name: str) -> str:
    """As in real models, where mRIDs are UUIDs."""
    return str(uuid5(NAMESPACE_URL, name))


S1, A, B, C, D, X, Y, Z, L = map(mrid, ("S1", "a", "b", "c", "d", "x", "y", "z", "l"))


def feeder() -> Drawing:
    # S1 - a =[x]= b --l-- c =[y]= d =[z]= e        x has a pole for each phase
    drawing = Drawing().source(A, S1).switch(X, A, B, poles="ABC").line(L, B, C)
    return drawing.switch(Y, C, D).switch(Z, D, mrid("e"), opened=True)


class Asked:
    """A hub that answers from its network."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.hub = Hub(journal, {}, own={NAME: NetworkAnswers(Past(journal))})

    def tell(self, *messages: Message) -> None:
        for one in messages:
            assert isinstance(one.payload, Profile)
            told = fakes.message(one.payload, one.header.verb, noun=one.header.noun)
            assert self.hub.accept([fakes.Handed.of(told)], "test") != [None]

    def ask(self, *ids: str, **given: object) -> tuple[StateVariables | None, Reply]:
        content = fakes.message(None, Verb.GET, noun="StateVariables")
        request = Request(ids=tuple(ObjectId(value=one) for one in ids))
        content = replace(content, request=replace(request, **given))  # type: ignore[arg-type]
        [seq] = self.hub.accept([fakes.Handed.of(content)], "soap")
        assert seq
        self.hub.deliver(NAME)
        with self.journal.reading() as connection:
            [row] = queries.lineage(connection, seq).effects
            detail = queries.message(connection, row.seq)
        assert detail is not None
        answer = decode(detail.body)
        assert answer.reply is not None
        assert answer.payload is None or isinstance(answer.payload, StateVariables)
        return answer.payload, answer.reply

    def told(self, *ids: str, **given: object) -> StateVariables:
        """What it says when it has all that is asked for."""
        found, reply = self.ask(*ids, **given)
        assert reply.result is Result.OK, reply
        assert found is not None
        assert violations(xml.encode(found)) == ()
        return found


@pytest.fixture
def asked(journal: Journal) -> Asked:
    found = Asked(journal)
    found.tell(model(mrid("model"), feeder().document()))
    return found


def same(one: State) -> State:
    """With identities in one spelling."""

    def of(identity: str) -> str:
        return key(bare(identity))

    return State(
        {of(m): positions for m, positions in one.switches.items()},
        {of(m): value for m, value in one.in_service.items()},
        frozenset(
            replace(i, nodes=frozenset(map(of, i.nodes)), reference=of(i.reference))
            for i in one.islands
        ),
        {of(node): frozenset(map(of, parts)) for node, parts in one.nodes.items()},
    )


def as_document(said: StateVariables) -> State:
    """What others find in the noun as RDF, when they read it as a document of the profile."""
    return same(state(read(etree.tostring(rdf.encode(said)))))


def positions(said: StateVariables) -> Mapping[str, Sequence[tuple[str | None, bool]]]:
    found: dict[str, list[tuple[str | None, bool]]] = {}
    for one in said.sv_switch:
        found.setdefault(one.switch, []).append((one.phase, one.open))
    return found


def test_what_was_operated_is_told_as_the_document_says_it(
    asked: Asked, clock: fakes.Clock
) -> None:
    asked.tell(moved("open", X, phases="B"), PLAIN.service(Y, on=False))
    said = asked.told()
    assert positions(said) == {
        X: [("A", False), ("B", True), ("C", False)],
        Y: [(None, False)],
        Z: [(None, True)],
    }
    assert [(one.conducting_equipment, one.in_service) for one in said.sv_status] == [(Y, False)]
    document = operated.state_variables(asked.hub.network, clock.now, clock.now)
    assert as_document(said) == same(state(document))
    assert document.header is not None
    assert said.model.mrid == document.header.mrid
    assert said.model.scenario_time == clock.now
    assert said.model.dependent_on == (mrid("model"),)
    [island] = said.topological_island
    assert len(island.topological_nodes) == 2


def test_an_opened_switch_takes_nodes_out_of_the_island(asked: Asked) -> None:
    [before] = asked.told().topological_island
    asked.tell(moved("open", X))
    said = asked.told()
    [after] = said.topological_island
    assert positions(said)[X] == [(None, True)]
    assert len(after.topological_nodes) < len(before.topological_nodes)
    assert {one.mrid for one in said.connectivity_node} == {A}


def test_equipment_is_asked_for_by_mrid_or_name_and_an_island_by_its_nodes(asked: Asked) -> None:
    asked.tell(moved("open", Y))
    said = asked.told(f"{Y} name", L.upper())
    assert positions(said) == {Y: [(None, True)]}
    served = {one.conducting_equipment: one.in_service for one in said.sv_status}
    assert served == {L: True, Y: True}
    assert said.topological_island == ()
    whole = asked.told()
    [island] = whole.topological_island
    node = whole.connectivity_node[0]
    for one in (island.mrid, node.mrid, node.topological_node, island.topological_nodes[-1].mrid):
        assert one is not None
        part = asked.told(one)
        assert (part.topological_island, part.sv_switch, part.sv_status) == ((island,), (), ())
        assert part.connectivity_node == whole.connectivity_node


def test_of_what_nothing_is_known_is_said(asked: Asked) -> None:
    asked.tell(moved("open", Y))
    said, reply = asked.ask(Y, "nobody", D)
    assert said is not None
    assert positions(said) == {Y: [(None, True)]}
    [error] = reply.errors
    assert (reply.result, error.code) == (Result.PARTIAL, "0.2")
    assert error.details == (
        "nobody is no equipment, and no node or island that is supplied;"
        f" {D} is no equipment, and no node or island that is supplied"
    )
    said, reply = asked.ask("nobody")
    assert (said, reply.result, reply.errors[0].code) == (None, Result.FAILED, "5.7")


def test_the_state_as_it_was_known_then(asked: Asked, clock: fakes.Clock) -> None:
    before = asked.told()
    clock.forward(60)
    asked.tell(moved("open", X))
    then = clock.now - timedelta(seconds=30)
    said = asked.told(end_time=then)
    assert said.model.scenario_time == then
    assert (said.sv_switch, said.topological_island) == (
        before.sv_switch,
        before.topological_island,
    )
    assert positions(asked.told(end_time=clock.now + timedelta(days=1)))[X] == [(None, True)]
    said_then, reply = asked.ask(end_time=then - timedelta(days=1))
    assert (said_then, reply.errors[0].code) == (None, "5.7")


def test_a_state_has_no_interval(asked: Asked, clock: fakes.Clock) -> None:
    said, reply = asked.ask(start_time=clock.now)
    assert (said, reply.result) == (None, Result.FAILED)
    [error] = reply.errors
    assert error.code == "1.8"
    assert error.details
    assert "StartTime" in error.details


def test_without_a_model_there_is_no_state(journal: Journal) -> None:
    said, reply = Asked(journal).ask()
    assert (said, reply.errors[0].code) == (None, "5.7")


def test_what_could_not_be_told_is_said(journal: Journal) -> None:
    drawing = feeder().thing("TopologicalNode", mrid("n"))
    for node in (A, B):
        drawing.thing("ConnectivityNode", node, ConnectivityNode__TopologicalNode=f"#_{mrid('n')}")
    asked = Asked(journal)
    asked.tell(
        model(mrid("model"), drawing.document()),
        moved("open", X),
        PLAIN.generator("diesel", B, there=True),
    )
    said, reply = asked.ask()
    assert said is not None
    assert (reply.result, reply.errors[0].code) == (Result.PARTIAL, "0.2")
    assert "is in 2 islands" in (reply.errors[0].details or "")
    assert asked.told(Y).topological_island == ()
