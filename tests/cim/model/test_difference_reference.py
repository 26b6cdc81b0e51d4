"""Differences between models that others made: OpenDSS pairs, and ENTSO-E's MicroGrid T1.

What holds in MicroGrid T1.  The folder has the last full models (EQ_3, TP_3, SSH_3) and what led to
them: EQ_DIFF_1 to 5, TP_DIFF_1 to 4, SSH_2.  It does not have the first full models
(urn:uuid:d400c631... of EQ, urn:uuid:f2f43818... of TP), so that they can only be had backwards.

* EQ_DIFF_3 says what EQ_DIFF_2 says, under another identity; TP_DIFF_3 and 4 say nothing.
* Going back from EQ_3 over 5, 4, 2, 1 every statement to be taken away is there and none to be
  brought back is.  Forwards from there, first + 1 + 2 + 4 + 5 = EQ_3; 3 can take the place of 2.
* None of them touches a statement of another, so that as sets they can come in any order.  As
  networks they cannot: 2 connects a terminal to a node that 1 creates.
* All name the same model in Supersedes, 3, 4 and 5 name 1 in DependentOn: by the letter of IEC
  61970-552 only one of them can be applied.  All in one difference can.
* The equipment after 1 has the terminals, machines and controls of SSH_2 exactly, and that of EQ_3
  those of SSH_3: version 2 and 3 of SSH are of these two versions of EQ.
* TP_3 less TP_DIFF_1 and 2 has the terminals of the first EQ and no connectivity node, which
  EQ_DIFF_1 was the first to create.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest

from cim.model import Header, Model, difference, write
from cim.model.difference import Difference, between, compose
from cim.model.read import content, read
from cim.model.sets import same
from cim.violation import Refusal
from tests.cim.model import triples
from tests.cim.model.triples import RDF, Triple

pytestmark = pytest.mark.reference
FIRST_EQ = "urn:uuid:d400c631-75a0-4c30-8aed-832b0d282e73"
FIRST_TP = "urn:uuid:f2f43818-09c8-4252-9611-7af80c398d20"
EQ_CHAIN = (1, 2, 4, 5)


# -- OpenDSS: the same network before and after some switches were opened


@cache
def pair(folder: Path, name: str) -> tuple[Model, Model]:
    """The network with all switches closed, and with some opened."""
    [base] = folder.glob(f"{name}_base.[xz]*")
    [opened] = folder.glob(f"{name}.[xz]*")
    return read(triples.document(base)), read(triples.document(opened))


@pytest.mark.parametrize(("name", "count"), [("ieee123_open1", 11), ("ieee8500u_open1", 18)])
def test_opening_switches_changes_so_many_statements(shared: Path, name: str, count: int) -> None:
    """The documented count is of statements that have another value.

    Each is one statement in reverse and one in forward: switches twice (normalOpen and open, or
    closed), and the taps and capacitor steps that OpenDSS moved in the solution.
    """
    base, opened = pair(shared / "data" / "cim" / "as_operated" / name, name)
    change = between(base, opened)
    assert (len(change.reverse), len(change.forward), len(change.changed())) == (count,) * 3
    assert all(len(one.old) == len(one.new) == 1 for one in change.changed())
    assert (change.added(), change.removed()) == ([], [])


@pytest.mark.parametrize("name", ["ieee123_open1", "ieee8500u_open1"])
def test_the_difference_turns_one_file_into_the_other(shared: Path, name: str) -> None:
    base, opened = pair(shared / "data" / "cim" / "as_operated" / name, name)
    change = between(base, opened)
    assert write.full(change.apply(base)) == write.full(opened)
    assert write.full(change.invert().apply(opened)) == write.full(base)
    sent = difference.of(content(write.difference(change)))
    result = sent.apply(base, supersedes=False)
    assert write.full(replace(result, header=None)) == write.full(opened)
    assert result.problems == ()


# -- ENTSO-E


class MicroGrid:
    """The files of MicroGrid T1, as read here and as read by rdflib."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def data(self, name: str) -> bytes:
        """A file by the end of its name, e.g. "EQ_3", or "differences/SSH_3"."""
        place, _, end = name.rpartition("/")
        [file] = (self.folder / f"microgrid_t1{place and '_'}{place}").glob(f"*_{end}.xml")
        return file.read_bytes()

    def model(self, name: str) -> Model:
        return read(self.data(name))

    def change(self, name: str) -> Difference:
        return difference.of(content(self.data(f"differences/{name}")))

    def eq(self, number: int) -> Difference:
        return self.change(f"EQ_DIFF_{number}")

    def parts(self, name: str) -> tuple[set[Triple], set[Triple], set[Triple]]:
        found = triples.parts(self.data(f"differences/{name}"))
        return found["preconditions"], found["reverseDifferences"], found["forwardDifferences"]

    def first_eq(self) -> Model:
        """The full model that all differences supersede, from the last one backwards."""
        model = self.model("EQ_3")
        for number in reversed(EQ_CHAIN):
            model = self.eq(number).invert().apply(model, supersedes=False)
            assert model.problems == ()
        return replace(model, header=Header(FIRST_EQ))

    def eq_triples(self, *taken_back: int) -> set[Triple]:
        """EQ_3 less these differences, by sets of rdflib's triples alone."""
        found = triples.statements(self.data("EQ_3"))
        for number in taken_back:
            _, reverse, forward = self.parts(f"EQ_DIFF_{number}")
            assert forward <= found
            assert not reverse & found
            found = (found - forward) | reverse
        return found


@pytest.fixture(scope="module")
def grid(shared: Path) -> MicroGrid:
    return MicroGrid(shared / "data" / "cim" / "cgmes")


def in_order(grid: MicroGrid, base: Model, numbers: Iterable[int]) -> Model:
    """What comes of applying these differences one after the other."""
    for number in numbers:
        base = grid.eq(number).apply(base, supersedes=False)
        assert base.problems == ()
    return base


def as_triples(model: Model) -> set[Triple]:
    return triples.statements(write.full(model, Header("urn:uuid:m")))


@pytest.mark.parametrize("name", [*(f"EQ_DIFF_{n}" for n in range(1, 6)), "TP_DIFF_1", "TP_DIFF_2"])
def test_differences_are_read_as_rdflib_reads_their_parts(grid: MicroGrid, name: str) -> None:
    change = grid.change(name)
    found = (change.preconditions, change.reverse, change.forward)
    assert tuple(map(as_triples, found)) == grid.parts(name)


@pytest.mark.parametrize(
    ("taken_back", "count"), [((5,), 2315), ((5, 4), 2347), ((5, 4, 2), 2327), ((5, 4, 2, 1), 1930)]
)
def test_versions_of_the_equipment_before_the_last(
    grid: MicroGrid, taken_back: tuple[int, ...], count: int
) -> None:
    expected = grid.eq_triples(*taken_back)
    model = grid.model("EQ_3")
    for number in taken_back:
        model = grid.eq(number).invert().apply(model, supersedes=False)
    assert as_triples(model) == expected
    assert len(model) == len(expected) == count


def test_the_first_equipment_and_each_difference_give_the_last(grid: MicroGrid) -> None:
    last = grid.model("EQ_3")
    result = in_order(grid, grid.first_eq(), EQ_CHAIN)
    assert write.full(result, last.header) == write.full(last)
    assert same(in_order(grid, grid.first_eq(), (1, 3, 4, 5)), last)


def test_as_sets_they_can_come_in_any_order(grid: MicroGrid) -> None:
    last, first = grid.model("EQ_3"), grid.first_eq()
    for order in permutations(EQ_CHAIN):
        assert same(in_order(grid, first, order), last)


def test_as_networks_the_second_needs_the_first(grid: MicroGrid) -> None:
    first = grid.first_eq()
    assert len(dangling(in_order(grid, first, (2,))) - dangling(first)) == 1
    known: set[str] = dangling(grid.model("EQ_3"))
    for numbers in ((), (1,), (1, 2), (1, 2, 4), (1, 2, 4, 5)):
        assert dangling(in_order(grid, first, numbers)) <= known


def dangling(model: Model) -> set[str]:
    """What is referred to and not there; in EQ_3 it stands in the boundary model."""
    found = as_triples(model)
    there = {f"<{s}>" for s, _, _ in found}
    return {o for _, _, o in found if o.startswith(f"<{triples.BASE}#") and o not in there}


def test_the_third_says_what_the_second_says(grid: MicroGrid) -> None:
    second, third = grid.eq(2), grid.eq(3)
    assert grid.parts("EQ_DIFF_2") == grid.parts("EQ_DIFF_3")
    assert same(second.reverse, third.reverse)
    assert same(second.forward, third.forward)
    with pytest.raises(Refusal) as refused:
        in_order(grid, grid.first_eq(), (1, 2, 3))
    assert len(refused.value.violations) == 4
    assert "TransformerEnd.rground of #_664a19e1-1dc2-48d5-b265-c0630981e61c is '0e+000'" in str(
        refused.value
    )


def test_headers_say_that_all_follow_upon_the_first(grid: MicroGrid) -> None:
    headers = [grid.eq(number).header for number in range(1, 6)]
    assert {h.supersedes for h in headers if h} == {(FIRST_EQ.removeprefix("urn:uuid:"),)}
    after_first = headers[0].mrid if headers[0] else ""
    depend = [h.dependent_on for h in headers if h]
    assert depend == [(), (), (after_first,), (after_first,), (after_first,)]
    first = grid.first_eq()
    assert len(grid.eq(1).apply(first)) == 2327
    with pytest.raises(Refusal, match="supersedes d400c631-75a0-4c30-8aed-832b0d282e73, not 1fbbb"):
        grid.eq(2).apply(grid.eq(1).apply(first))


def test_all_in_one_follow_upon_the_first_and_give_the_last(grid: MicroGrid) -> None:
    first, last = grid.first_eq(), grid.model("EQ_3")
    whole = grid.eq(1)
    for number in EQ_CHAIN[1:]:
        whole = compose(whole, grid.eq(number), supersedes=False)
    result = whole.apply(first)
    assert write.full(result, last.header) == write.full(last)
    change = between(first, last)
    assert same(change.reverse, whole.reverse)
    assert same(change.forward, whole.forward)
    assert (len(whole.reverse), len(whole.forward)) == (56, 441)
    assert result.header is not None
    assert last.header is not None
    for name in ("Model.profile", "Model.Supersedes", "Model.modelingAuthoritySet"):
        assert sorted(result.header.values(name)) == sorted(last.header.values(name))


def test_what_the_differences_do(grid: MicroGrid) -> None:
    """1 makes a node-breaker model of a bus-branch model, 2 adds a coil, 4 replaces a machine."""
    first, second, fourth = grid.eq(1), grid.eq(2), grid.eq(4)
    classes = [kind for kind, _ in first.added()]
    counted = {kind: classes.count(kind) for kind in classes}
    assert counted == {"Breaker": 15, "ConnectivityNode": 21, "Terminal": 30}
    assert (len(first.changed()), first.removed()) == (46, [])
    assert [kind for kind, _ in second.added()] == ["PetersenCoil", "Terminal"]
    assert [kind for kind, _ in fourth.added()] == ["EnergySource"]
    gone = [kind for kind, _ in fourth.removed()]
    assert gone == ["GeneratingUnit", "RegulatingControl", "SynchronousMachine"]
    assert [(c.old, c.new) for c in grid.eq(5).changed()] == [
        (("200.000000",), ("250.000000",))
    ] * 2


def test_topology_before_the_differences(grid: MicroGrid) -> None:
    last = triples.statements(grid.data("TP_3"))
    model = grid.model("TP_3")
    for number in (2, 1):
        _, reverse, forward = grid.parts(f"TP_DIFF_{number}")
        assert (forward <= last, reverse) == (True, set())
        last -= forward
        model = grid.change(f"TP_DIFF_{number}").invert().apply(model, supersedes=False)
    assert as_triples(model) == last
    assert len(last) == 120
    assert by_class(last).keys() == {"Terminal", "TopologicalNode"}
    first = by_class(grid.eq_triples(5, 4, 2, 1))
    assert by_class(last)["Terminal"] == first["Terminal"]
    assert "ConnectivityNode" not in first
    again = replace(model, header=Header(FIRST_TP))
    for number in (1, 2):
        again = grid.change(f"TP_DIFF_{number}").apply(again, supersedes=number == 1)
    assert same(again, grid.model("TP_3"))
    for number in (3, 4):
        assert not grid.change(f"TP_DIFF_{number}")


@pytest.mark.parametrize(
    ("name", "taken_back"), [("differences/SSH_2", (5, 4, 2)), ("SSH_3", ()), ("SSH_3", (5,))]
)
def test_hypotheses_are_of_these_versions_of_the_equipment(
    grid: MicroGrid, name: str, taken_back: tuple[int, ...]
) -> None:
    """For every class in it, a steady state hypothesis speaks of all objects of that class."""
    hypothesis = by_class(triples.statements(grid.data(name)))
    equipment = by_class(grid.eq_triples(*taken_back))
    assert hypothesis == {kind: equipment[kind] for kind in hypothesis}


def test_from_hypothesis_to_hypothesis(grid: MicroGrid) -> None:
    """SSH_3 is there twice, with the same statements and the same identity as SSH_2."""
    old, new = grid.model("differences/SSH_2"), grid.model("SSH_3")
    assert same(new, grid.model("differences/SSH_3"))
    before, after = (triples.statements(grid.data(n)) for n in ("differences/SSH_2", "SSH_3"))
    change = between(old, new)
    assert as_triples(change.reverse) == before - after
    assert as_triples(change.forward) == after - before
    assert (len(change.reverse), len(change.forward)) == (24, 15)
    assert change.removed() == grid.eq(4).removed()
    assert change.added() == [*grid.eq(4).added(), grid.eq(2).added()[1]]
    with pytest.raises(Refusal, match="not 27048f37-4dc8-466f-99de-bca51106a0b0"):
        change.apply(old)  # nothing can supersede what has the same name
    result = change.apply(old, supersedes=False)
    assert write.full(result, new.header) == write.full(new)


def by_class(found: set[Triple]) -> dict[str, set[str]]:
    """Objects by the local name of their class."""
    objects: dict[str, set[str]] = {}
    for subject, name, value in found:
        if name == f"{RDF}type":
            objects.setdefault(value.rpartition("#")[2].rstrip(">"), set()).add(subject)
    return objects
