"""The interruptions that the hub has recorded give what the same give as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from dms_apps.outage.reliability import ledger, recording
from dms_apps.outage.reliability.analysis import Analysis, Question
from dms_apps.outage.reliability.connected import Connected
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import Interruption, Interruptions, micros
from dms_apps.outage.reliability.recording import Recorder
from dms_apps.outage.reliability.served import Served, Supply
from dms_apps.outage.reliability.tables import served, served_of
from dms_apps.outage.tables import interruption, metadata, outage
from tests.dms_apps.outage.conftest import event_message, mrid, rdf
from tests.dms_apps.outage.reliability.brute import interruptions
from tests.dms_apps.outage.reliability.definitions import Rules
from tests.dms_apps.outage.reliability.test_definitions import (
    asked,
    check,
    ledgers,
    questions,
    rules,
)

DEVICES = (
    {"id": "B1", "parent": "SS1", "kind": "breaker"},
    {"id": "F1", "parent": "B1", "kind": "fuse", "premises": ["p0", "p1", "p2"]},
    {"id": "F2", "parent": "B1", "kind": "fuse", "premises": ["p3", "p4", "p5"]},
)
MORNING = datetime(2025, 5, 1, 6, tzinfo=UTC)
BY = Conventions(counts=(0, 1, 2), single=(1,), total=(4,))
BLANKS: dict[str, Any] = {
    "Boolean": False, "Integer": 0, "JSON": [], "Moment": MORNING, "String": "", "Text": ""
}  # fmt: skip
NORTH = """
<cim:Substation rdf:about="urn:uuid:{station}"><cim:Substation.Region
 rdf:resource="urn:uuid:{region}"/></cim:Substation>
<cim:SubGeographicalRegion rdf:about="urn:uuid:{region}">
<cim:IdentifiedObject.name>North</cim:IdentifiedObject.name></cim:SubGeographicalRegion>
<cim:Feeder rdf:about="urn:uuid:{feeder}"><cim:Feeder.NormalEnergizingSubstation
 rdf:resource="urn:uuid:{station}"/></cim:Feeder>
"""


def network(*devices: dict[str, Any], more: str = "") -> Network:
    body = rdf(devices or DEVICES, "SS1").replace(b"</rdf:RDF>", more.encode() + b"</rdf:RDF>")
    model = NetworkModel(mrid=mrid("model"), document=RdfXml(body))
    return Network.empty().after(event_message(NetworkModels(network_model=(model,))))


@pytest.fixture(scope="module")
def operated() -> Network:
    regions = {"station": mrid("station"), "region": mrid("region"), "feeder": mrid("feeder")}
    return network(more=NORTH.format(**regions))


@pytest.fixture
def connection(empty_database_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(empty_database_url)
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield connection
    engine.dispose()


def told(connection: sa.Connection, mrid_: str, **more: Any) -> None:
    """An outage, with whatever else its table wants."""
    given_: dict[str, Any] = {"mrid": mrid_, "planned": False, "device": None, **more}
    for column in outage.columns:
        if not column.nullable and column.name not in given_:
            given_[column.name] = BLANKS[type(column.type).__name__]
    connection.execute(sa.insert(outage).values(given_))


def serves(connection: sa.Connection, operated: Network, at: datetime) -> None:
    """It is recorded what a network serves."""
    recorder = Recorder(BY)
    while not recorder.record(connection, operated, at):
        recorder.prepare(operated)


def recorded(connection: sa.Connection, some: list[Interruption]) -> None:
    connection.execute(sa.delete(interruption))
    rows = [
        {"point": mrid(one.point), "started_at": one.started, "ended_at": one.ended,
         "outage": one.outage or None}
        for one in some
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(interruption), rows)


def test_what_is_served_is_kept_from_the_day_on_which_it_changes(
    connection: sa.Connection, operated: Network
) -> None:
    recorder = Recorder(BY)
    for hours in (0, 1, 24, 48):
        recorder.record(connection, operated, MORNING + timedelta(hours=hours))
    [one] = recording.told(connection)
    assert one == Supply(
        day=MORNING.date(), customers=6, feeder=mrid("feeder"), region="North", va=None
    )
    smaller = network({"id": "B1", "parent": "SS1", "kind": "breaker", "premises": ["p0"]})
    for hours in (72, 73):
        recorder.record(connection, smaller, MORNING + timedelta(hours=hours))
    served = Served(recording.told(connection))
    assert served.daily(MORNING.date(), 5) == [6, 6, 6, 1, 1]
    assert recorder.record(connection, Network.empty(), MORNING + timedelta(days=9))
    assert len(recording.told(connection)) == 2


def test_what_was_rolled_back_is_written_the_next_time(
    connection: sa.Connection, operated: Network
) -> None:
    recorder = Recorder(BY)
    connection.commit()
    assert not recorder.record(connection, operated, MORNING)
    recorder.prepare(operated)
    assert recorder.record(connection, operated, MORNING)
    connection.rollback()
    assert recording.told(connection) == []
    assert recorder.record(connection, operated, MORNING)
    connection.commit()
    assert recorder.record(connection, operated, MORNING)
    assert len(recording.told(connection)) == 1


def test_a_hub_that_begins_with_models_it_has_recorded_reads_none(
    connection: sa.Connection, operated: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    serves(connection, operated, MORNING)

    def read(_: Network) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(Connected, "of", read)
    again = Recorder(BY)
    again.prepare(operated)
    assert again.record(connection, operated, MORNING + timedelta(days=1))


def test_a_feeder_that_is_gone_serves_nothing(connection: sa.Connection) -> None:
    day = MORNING.date()
    one, other = (Supply(day=day, customers=n, va=n, feeder=f"F{n}") for n in (3, 4))
    assert recording.write(connection, day, [one, other])
    assert not recording.write(connection, day + timedelta(days=1), [one, other])
    assert recording.write(connection, day + timedelta(days=2), [other])
    assert Served(recording.told(connection)).daily(day, 4) == [7, 7, 4, 4]
    assert recording.write(connection, day + timedelta(days=2), [one, other])
    assert Served(recording.told(connection)).daily(day, 4) == [7, 7, 7, 7]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(some=interruptions(), year=st.sampled_from([2025, 2026]))
def test_it_is_what_the_values_give(
    connection: sa.Connection, operated: Network, some: list[Interruption], year: int
) -> None:
    """Also as years before another one, which the database sums up."""
    some = [replace(one, customers=1, va=None, feeder="FDR-1", cause="") for one in some]
    recorded(connection, some)
    connection.execute(sa.delete(outage))
    for name in ("o1", "o2", "o3"):
        told(connection, name, planned=name == "o3", device=mrid("B1"))
    connection.execute(sa.delete(served))
    connection.execute(sa.delete(served_of))
    serves(connection, operated, datetime(2025, 1, 1, tzinfo=UTC))
    now = datetime(2026, 12, 1, tzinfo=UTC)
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = ledger.analysis(connection, operated, BY, first, last, now)
    values = Analysis(
        first=first,
        last=last,
        some=Interruptions.of([replace(one, planned=one.outage == "o3") for one in some]),
        served=Served([Supply(day=date(2025, 1, 1), customers=6, feeder="FDR-1")]),
        by=BY,
        now=micros(now),
    )
    for question in (
        Question(by="feeder", each="month"),
        Question(by="outage"),
        Question(planned="unplanned"),
        Question(days="major", each="day"),
    ):
        ours, theirs = found.ask(question), values.ask(question)
        assert [(a.group, a.span, a.whole.tally, a.own.saidi) for a in ours] == [
            (b.group, b.span, b.whole.tally, b.own.saidi) for b in theirs
        ]
    assert found.daily == values.daily
    assert found.major.thresholds == values.major.thresholds or not some


def test_feeder_region_device_and_cause(connection: sa.Connection, operated: Network) -> None:
    some = [
        Interruption(started=MORNING, ended=MORNING + timedelta(hours=1), point=point, outage="o1")
        for point in ("p0", "nobody")
    ]
    recorded(connection, [*some, replace(some[0], point="p1", outage="", ended=None)])
    told(connection, "o1", device=mrid("B1"), cause="squirrel", cause_kind="animal")
    serves(connection, operated, MORNING)
    now = MORNING + timedelta(hours=2)
    for regions, region in (({}, "North"), ({"FDR-1": "South"}, "South")):
        by = replace(BY, regions=regions)
        found = ledger.analysis(connection, operated, by, date(2025, 5, 1), date(2025, 5, 1), now)
        lines = {by: {line.group for line in found.ask(Question(by=by))}
                 for by in ("feeder", "region", "device", "cause", "outage")}  # fmt: skip
        assert lines["feeder"] == {"FDR-1", ""}
        assert "1 usage points with an interruption are not in the network" in found.notes[0]
        assert region in lines["region"]
        assert lines["device"] == {"B1", ""}
        assert lines["cause"] == {"animal", ""}
        assert lines["outage"] == {"o1", ""}


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=ledgers(), by=rules, question=questions, on=st.data())
def test_it_is_what_the_definitions_give(
    connection: sa.Connection, operated: Network, some: list[Interruption], by: Rules,
    question: Question, on: st.DataObject,
) -> None:  # fmt: skip
    """Also of what goes on over midnight of the first day or the last one, or is not over."""
    some = [
        replace(
            one, customers=1, va=None, feeder="FDR-1", region="North", cause="",
            device="B1" if one.outage else "",
        )
        for one in some
        if one.ended != one.started
    ]  # fmt: skip
    now, first, last = asked(some, on)
    recorded(connection, some)
    connection.execute(sa.delete(outage))
    for name, planned in {one.outage: one.planned for one in some if one.outage}.items():
        told(connection, name, planned=planned, device=mrid("B1"))
    supply = Supply(day=date(2025, 1, 1), customers=6, feeder="FDR-1", region="North")
    connection.execute(sa.delete(served))
    recording.write(connection, supply.day, [replace(supply, feeder=mrid("feeder"))])
    found = ledger.analysis(connection, operated, Conventions(**by), first, last, now)
    check(found, question, some, [supply], by, now)


def test_what_follows_after_the_last_day_tells_what_began_on_it(
    connection: sa.Connection, operated: Network
) -> None:
    """One minute before midnight of an interruption that goes on in another outage, and one that is
    followed by a sustained one at once: neither is momentary."""
    midnight = datetime(2025, 5, 2, tzinfo=UTC)

    def out(point: str, since: int, until: int, outage: str) -> Interruption:
        begin, end = (midnight + timedelta(minutes=one) for one in (since, until))
        return Interruption(started=begin, ended=end, point=point, outage=outage)

    some = [out("p0", -1, 1, "o1"), out("p0", 1, 90, "o2"),
            out("p1", -1, 0, ""), out("p1", 1, 90, "o2")]  # fmt: skip
    recorded(connection, some)
    serves(connection, operated, MORNING)
    now, day = midnight + timedelta(days=9), MORNING.date()
    found = ledger.analysis(connection, operated, BY, day, day, now)
    [line] = found.ask(Question())
    assert (line.own.tally.sustained, line.own.minutes) == (1, 91)
    assert (line.own.tally.momentary, line.own.tally.event) == (1, 0)


def test_parts_of_a_rating_add_up_to_it(operated: Network) -> None:
    from dms_apps.outage.reliability import connected

    found = connected._divided(np.array([1, 0, -1, 1, 1]), np.array([7, 100_001]))
    assert found.tolist() == [33_334, 7, -1, 33_334, 33_333]
    assert Connected.of(operated).va.tolist() == [-1] * 6
