"""Models in force: differences applied, what is operated exported, kept as bytes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cim.model import Model, sets, write
from cim.model.difference import between
from cim.model.header import MD, Header, Said
from cim.model.identity import header_of
from cim.model.read import read
from cim.network import Network
from cim.network.models import Models
from tests.cim.network.drawing import Drawing, model, moved
from tests.cim.network.plain import Plain

ABC = frozenset("ABC")
PLAIN = Plain({})


def grid(*, more: bool = False) -> Drawing:
    # source - a =[x]= b (--l-- c)
    drawing = Drawing().source("a").switch("x", "a", "b", "AB")
    return drawing.line("l", "b", "c") if more else drawing


def header(mrid: str, *supersedes: str) -> Header:
    said = (Said(f"{MD}Model.Supersedes", f"urn:uuid:{one}", True) for one in supersedes)
    return Header(f"urn:uuid:{mrid}", said=tuple(said))


def version(drawing: Drawing, mrid: str) -> Model:
    return replace(read(drawing.document()), header=header(mrid))


def difference(old: Model, new: Model) -> bytes:
    return write.difference(between(old, new))


@pytest.fixture
def old() -> Model:
    return version(grid(), "v1")


@pytest.fixture
def new() -> Model:
    return version(grid(more=True), "v2")


def test_a_difference_takes_the_place_of_what_it_supersedes(old: Model, new: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    changed = network.after(moved("open", "x")).after(model("v2", difference(old, new)))
    assert changed.problems == ()
    assert changed.version == ("v2",)
    assert changed.knows("l")
    assert changed.switch_closed("x") == frozenset()
    assert sets.same(changed.model("v2"), new)
    assert changed.models.keys() == {"v2"}


def test_the_header_says_what_it_supersedes_when_the_message_does_not(
    old: Model, new: Model
) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    without = model("v2", difference(old, new), supersedes=())
    assert network.after(without).version == ("v2",)


def test_a_difference_to_a_model_without_header(old: Model, new: Model) -> None:
    network = Network.empty().after(model("feeder", grid().document()))
    named = model("v2", difference(old, new), supersedes=["feeder"])
    assert network.after(named).problems == ()
    assert network.after(named).version == ("v2",)


def test_a_difference_may_name_a_model_without_header_by_what_it_says(new: Model) -> None:
    plain = read(grid().document())
    network = Network.empty().after(model("feeder", grid().document()))
    change = difference(replace(plain, header=header_of(plain)), new)
    made = network.after(model("v2", change, supersedes=[header_of(plain).mrid]))
    assert (made.problems, made.version) == ((), ("v2",))
    assert sets.same(made.model("v2"), new)
    other = Network.empty().after(model("feeder", grid(more=True).document()))
    assert "none of them is in force" in other.after(model("v2", change)).problems[0]


def test_a_difference_that_does_not_fit_changes_nothing(old: Model, new: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old))).after(moved("open", "x"))
    other = network.after(model("v3", difference(new, version(Drawing().source("q"), "v3"))))
    [problem] = other.problems
    assert problem == (
        "Model v3 was left out: It is a difference to v2, but none of them is in force."
    )
    assert other.switch_closed("x") == frozenset()
    assert other.model("v1") is network.model("v1")


def test_all_that_is_missing_is_told(old: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    base = version(grid(more=True), "v1")
    lost = network.after(model("v2", difference(base, version(Drawing().source("a"), "v2"))))
    [problem] = lost.problems
    assert problem.startswith("Model v2 was left out: ")
    assert "The difference removes what the model does not say" in problem
    assert lost.version == ("v1",)


def test_the_same_difference_again_changes_nothing(old: Model, new: Model) -> None:
    message = model("v2", difference(old, new))
    network = Network.empty().after(model("v1", write.full(old))).after(message)
    again = network.after(message)
    assert (again.version, again.problems) == (("v2",), ())


def test_a_model_that_describes_nothing_is_a_problem(old: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    empty = network.after(model("v1", Drawing().document()))
    assert empty.problems == ("Model v1 was left out: The document describes nothing.",)
    assert empty.knows("x")
    assert empty.after(model("v1", write.full(old))).problems == ()


def test_models_are_a_mapping_that_stays_the_same(old: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    assert isinstance(network.models, Models)
    assert network.after(moved("open", "x")).models is network.models
    assert network.models["urn:uuid:v1"] is network.model("v1")
    assert "v2" not in network.models
    with pytest.raises(KeyError):
        network.model("v2")


# -- as operated


def stated(found: Model, name: str) -> dict[str, str]:
    return {
        subject.removeprefix("#_"): text
        for subject, property_, _, text in found.statements()
        if property_.endswith(f"#{name}")
    }


def test_as_operated_is_the_model_with_the_positions_of_now(old: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    assert network.as_operated("v1") is network.model("v1")
    opened = network.after(moved("open", "x", phases="A")).as_operated("v1")
    assert stated(opened, "Switch.open") == {"x": "false"}
    assert stated(opened, "SwitchPhase.closed") == {"x-A": "false", "x-B": "true"}
    assert len(opened) == len(old)
    both = network.after(moved("open", "x")).as_operated("v1")
    assert stated(both, "Switch.open") == {"x": "true"}
    assert stated(old, "Switch.open") == {"x": "false"}
    back = network.after(moved("open", "x")).after(moved("close", "x"))
    assert sets.same(back.as_operated("v1"), old)


def test_what_the_model_does_not_state_is_put_in(old: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    out = network.after(PLAIN.service("x", on=False)).as_operated("v1")
    assert stated(out, "Equipment.inService") == {"x": "false"}
    assert len(out) == len(old) + 1
    again = Network.empty().after(model("v1", write.full(out)))
    assert again.energised_phases("b") == frozenset()


def test_what_another_model_states_is_left_to_it() -> None:
    state = (
        '<cim:Breaker rdf:about="#_x"><cim:Equipment.inService>True</cim:Equipment.inService>'
        "</cim:Breaker>"
    )
    other = Drawing()
    other.objects.append(state)
    network = Network.empty().after(model("eq", grid().document()))
    network = network.after(model("ssh", other.document())).after(PLAIN.service("x", on=False))
    assert stated(network.as_operated("eq"), "Equipment.inService") == {}
    assert stated(network.as_operated("ssh"), "Equipment.inService") == {"x": "False"}


def test_poles_without_a_place_in_the_model_are_a_problem() -> None:
    drawing = Drawing().source("a").switch("x", "a", "b")
    network = Network.empty().after(model("v1", drawing.document()))
    found = network.after(moved("open", "x", phases="A")).as_operated("v1")
    assert stated(found, "Switch.open") == {"x": "false"}
    assert found.problems[-1] == (
        "#_x is open on some phases only; the model has no SwitchPhase that could say so."
    )


# -- as bytes


def test_models_that_are_not_in_the_bytes_are_fetched_when_needed(old: Model, new: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old))).after(moved("open", "x"))
    data = network.to_bytes(with_models=False)
    assert len(data) < len(network.to_bytes())
    asked: list[str] = []

    def model_of(mrid: str) -> Model:
        asked.append(mrid)
        return old

    again = Network.from_bytes(data, model_of)
    assert again.switch_closed("x") == frozenset()
    assert asked == []
    changed = again.after(model("v2", difference(old, new)))
    assert asked == ["v1"]
    assert (changed.version, changed.problems) == (("v2",), ())
    assert changed.switch_closed("x") == frozenset()


def test_without_a_model_its_difference_is_a_problem(old: Model, new: Model) -> None:
    network = Network.empty().after(model("v1", write.full(old)))
    alone = Network.from_bytes(network.to_bytes(with_models=False))
    with pytest.raises(KeyError):
        alone.model("v1")
    [problem] = alone.after(model("v2", difference(old, new))).problems
    assert problem == "Model v2 was left out: The model v1 is not at hand."


@pytest.mark.parametrize("data", [b"", b"<rdf:RDF/>", b"GBCOL\x00\x00\x01" + bytes(40)])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"columns|Expecting|unpack"):
        Network.from_bytes(data)


def test_bytes_of_a_model_are_no_network(old: Model) -> None:
    with pytest.raises(ValueError, match="no network of this format"):
        Network.from_bytes(old.to_bytes())


def test_everything_survives_as_bytes() -> None:
    network = Network.empty().after(model("v1", grid(more=True).document()))
    network = network.after(model("bad", b"<broken"))
    network = network.after(moved("open", "ghost")).after(PLAIN.cut("l", "A", there=True))
    again = Network.from_bytes(network.to_bytes())
    assert again.problems == network.problems
    assert len(again.problems) == 2
    assert again.patches == network.patches
    assert again.energised_phases("c") == {"B"}
    assert sets.same(again.model("v1"), network.model("v1"))
