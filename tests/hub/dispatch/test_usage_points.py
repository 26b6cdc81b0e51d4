"""A customer who is moved to another transformer is counted there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adapters.cis import CisAdapter, native
from cim.message import Verb
from cim.network import Network
from cim.profiles.identification import Name
from cim.profiles.usage_point_config import UsagePoint, UsagePointConfig
from cim.profiles.usage_points import TransformerTank
from hub import model_file
from hub.dispatch import Hub
from hub.dispatch.models import bring
from hub.dispatch.usage_points import NAME, UsagePoints
from hub.history.past import Past
from hub.journal import Journal, queries
from hub.journal.queries import Filter
from tests import fakes
from tests.cim.network.drawing import Drawing

ONE, OTHER, NEW = (f"{n}0000000-0000-4000-8000-000000000000" for n in "123")
COLUMNS = (*native.COLUMNS, "change")


def street(*loads: str) -> bytes:
    """m - load; behind a breaker of its own each."""
    # source - m =[x0]= a0 - load, m =[x1]= a1 - load ...
    drawing = Drawing().source("m")
    for number, load in enumerate(loads):
        drawing.switch(f"x{number}", "m", f"a{number}", kind="Breaker")
        drawing.consumer(load, f"a{number}")
    return drawing.document()


def rows(on: Mapping[str, str], change: str = "U") -> list[dict[str, str]]:
    return [
        dict.fromkeys(COLUMNS, "")
        | {"service_point_id": point, "meter_number": f"M{point}", "equipment_mrid": equipment}
        | {"change": change, "life_support": "N"}
        for point, equipment in on.items()
    ]


class Utility:
    """A hub with a GIS and a CIS."""

    def __init__(self, journal: Journal, clock: fakes.Clock) -> None:
        self.clock = clock
        self.hub = Hub(journal, {}, own={NAME: UsagePoints()})
        self.cis = CisAdapter(nouns=("NetworkModels", "UsagePointConfig"), flags={"N": False})

    def taken(self, name: str, data: bytes) -> None:
        self.hub.take("cis", self.cis, self.cis.records(name, data))

    def snapshot(self, on: Mapping[str, str]) -> None:
        self.taken("all.csv", native.write([{c: r[c] for c in native.COLUMNS} for r in rows(on)]))

    def changes(self, on: Mapping[str, str], name: str = "delta.csv") -> None:
        self.taken(name, native.write(rows(on), COLUMNS))

    def settle(self) -> Network:
        while self.hub.deliver(NAME) or self._woken():
            pass
        return self.hub.live.catch_up()

    def _woken(self) -> bool:
        self.clock.forward(1)
        return self.hub.wake(NAME)

    def counted(self) -> list[list[str]]:
        """The meters of those whom each breaker leaves without supply."""
        network = self.settle()
        points = {network.usage_point_of(f"MS{n}"): f"S{n}" for n in range(1, 4)}
        below = (network.usage_points_below(f"x{n}") for n in range(2))
        return [sorted(points[one] for one in found) for found in below]


@pytest.fixture
def journal(tmp_path: Path, clock: fakes.Clock) -> Iterator[Journal]:
    journal = Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}", clock=clock)
    yield journal
    journal.close()


@pytest.fixture
def utility(journal: Journal, clock: fakes.Clock) -> Utility:
    found = Utility(journal, clock)
    take_model(found.hub, street(ONE, OTHER))
    found.snapshot({"S1": ONE, "S2": ONE, "S3": OTHER})
    assert found.counted() == [["S1", "S2"], ["S3"]]
    return found


def take_model(hub: Hub, document: bytes) -> None:
    bring(hub, "gis", model_file.read("feeder.xml", document))


def test_they_are_counted_at_the_new_place(utility: Utility) -> None:
    utility.changes({"S1": OTHER})
    assert utility.counted() == [["S2"], ["S1", "S3"]]
    assert utility.hub.network.problems == ()
    utility.changes({"S1": ONE}, "back.csv")
    assert utility.counted() == [["S1", "S2"], ["S3"]]


def test_what_comes_together_is_one_difference_and_the_last_one_counts(utility: Utility) -> None:
    utility.changes({"S1": OTHER, "S2": OTHER})
    utility.changes({"S1": ONE, "S3": OTHER}, "later.csv")  # S3 is there already
    assert utility.counted() == [["S1"], ["S2", "S3"]]
    with utility.hub.journal.reading() as connection:
        [said] = queries.search(connection, Filter(noun="NetworkModels", verb="changed"))
        assert said.source == NAME
    # one after the other, each on what the one before has left
    for name, on in (("a.csv", OTHER), ("b.csv", ONE), ("c.csv", OTHER)):
        utility.changes({"S1": on}, name)
        utility.settle()
    assert utility.counted() == [[], ["S1", "S2", "S3"]]


def test_a_snapshot_takes_the_place_of_what_was_moved(utility: Utility) -> None:
    utility.changes({"S1": OTHER})
    utility.settle()
    utility.snapshot({"S1": ONE, "S2": OTHER, "S3": OTHER})
    assert utility.counted() == [["S1"], ["S2", "S3"]]
    assert len(utility.hub.network.version) == 2
    utility.changes({"S1": OTHER}, "again.csv")
    assert utility.counted() == [[], ["S1", "S2", "S3"]]


def test_unknown_equipment_is_refused_by_name_until_it_is_there(utility: Utility) -> None:
    utility.changes({"S1": NEW})
    assert utility.counted() == [["S1", "S2"], ["S3"]]
    with utility.hub.journal.reading() as connection:
        seq = utility.hub.live.at.seq
        [delivery] = queries.deliveries(connection, seq)
    point = utility.hub.network.usage_point_of("MS1")
    assert delivery.error == (
        f"Refusal: usage point {point} S1 cannot be put on {NEW}: no model describes it"
    )
    take_model(utility.hub, street(ONE, NEW))
    assert utility.counted() == [["S2"], ["S1"]]


def test_on_several_pieces_of_equipment_it_is_refused(utility: Utility) -> None:
    on = (TransformerTank(mrid=ONE), TransformerTank(names=(Name(name="T2"),)))
    point = utility.hub.network.usage_point_of("MS1")
    payload = UsagePointConfig(usage_point=(UsagePoint(mrid=point, equipments=on),))
    said = fakes.message(payload, Verb.CHANGED, noun="UsagePointConfig")
    [seq] = utility.hub.accept([fakes.Handed.of(said)], "test")
    assert seq is not None
    utility.settle()
    with utility.hub.journal.reading() as connection:
        [delivery] = queries.deliveries(connection, seq)
    assert str(delivery.error).endswith(
        f"{point} cannot be put on {ONE}, T2: it hangs on one piece of equipment"
    )


def test_it_is_so_after_a_restart_and_as_of_then(utility: Utility) -> None:
    before = utility.hub.live.at.seq
    utility.changes({"S1": OTHER})
    expected = utility.counted()
    again = Utility(utility.hub.journal, utility.clock)
    assert again.counted() == expected
    then = Past(utility.hub.journal).as_of(before)
    assert len(then.usage_points_below("x0")) == 2


def test_usage_points_in_the_network_s_own_model_move_too(
    journal: Journal, clock: fakes.Clock
) -> None:
    """From whichever side the link is stated."""
    hub = Hub(journal, {}, own={NAME: UsagePoints()})
    drawing = Drawing().source("m")
    for number in range(2):
        drawing.switch(f"x{number}", "m", f"a{number}", kind="Breaker")
    drawing.consumer("one", "a0").consumer("other", "a1")
    drawing.usage_point("S1").thing("EnergyConsumer", "one", Equipment__UsagePoints="#_S1")
    take_model(hub, drawing.document())
    point = UsagePoint(mrid="S1", equipments=(TransformerTank(mrid="other"),))
    said = fakes.message(
        UsagePointConfig(usage_point=(point,)), Verb.CHANGED, noun="UsagePointConfig"
    )
    hub.accept([fakes.Handed.of(said)], "test")
    hub.deliver(NAME)
    clock.forward(1)
    assert hub.wake(NAME)
    network = hub.live.catch_up()
    below = [set(network.usage_points_below(f"x{n}")) for n in range(2)]
    assert below == [set(), {"S1"}]
