"""What the IVR is told of outages: a case folder for each kind of news, and the list of all."""

from __future__ import annotations

import csv
import io
import tomllib
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ivr import IvrAdapter
from adapters.ivr.status import StatusList, Told, said_time, told
from cim import envelope
from cim.message import Message, Topic, Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.unplanned_outages import (
    EstimatedRestorationTime,
    OutageStatusKind,
    UnplannedOutage,
    UnplannedOutages,
)
from hub.dispatch import Hub
from hub.journal import Journal
from hub.settings import build, read
from tests import fakes
from tests.head_end import listening
from tests.installed import until

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "cases" / "adapters" / "ivr_status").iterdir())
SETTINGS = ROOT / "config" / "adapters" / "ivr.toml"


def adapter(folder: Path = Path("unused"), **out: Any) -> IvrAdapter:
    made = build(IvrAdapter, {"out": {"ways": ["files"], **out}}, SETTINGS)
    return replace(made, folder=folder)


def outage(mrid: str | None, *points: str) -> UnplannedOutage:
    return UnplannedOutage(
        mrid=mrid,
        original_customers_served=10,
        meters_affected=len(points),
        outage_kind=OutageStatusKind.CONFIRMED,
        reported_start_time=fakes.START,
        estimated_restoration_time=EstimatedRestorationTime(ert=fakes.START + timedelta(hours=2)),
        de_energized_usage_point=tuple(
            UsagePoint(mrid=point, names=(Name(name=point.upper()),)) for point in points
        ),
    )


def news(verb: Verb, *outages: UnplannedOutage, message_id: str = "N-1") -> Message:
    payload = UnplannedOutages(unplanned_outage=outages)
    noun = "UnplannedOutages"
    return fakes.message(payload, verb, message_id=message_id, noun=noun, source="outage")


def test_as_configured_nothing_is_written() -> None:
    assert build(IvrAdapter, read(SETTINGS, {}), SETTINGS).topics == frozenset()


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_a_message_becomes_news(case: Path) -> None:
    params = tomllib.loads((case / "params.toml").read_text())
    message = envelope.read((case / "message.xml").read_bytes())
    assert isinstance(message, Message)
    ivr = adapter(**params["out"])
    made = list(ivr.from_cim(message))
    expected = sorted(path for path in case.iterdir() if path.stem.startswith("N-"))
    assert [(p.name, p.raw.decode()) for p in made] == [
        (path.name, path.read_bytes().decode()) for path in expected
    ]
    assert list(ivr.from_cim(message)) == made  # pure


def test_an_outage_without_identity_is_refused() -> None:
    with pytest.raises(ValueError, match="neither mRID nor name"):
        list(adapter().from_cim(news(Verb.CREATED, outage(None))))


@settings(max_examples=25)
@given(st.lists(st.text(min_size=1, max_size=12), max_size=5, unique=True))
def test_each_usage_point_is_a_row_of_its_own(points: list[str]) -> None:
    named = [UsagePoint(mrid=p, names=(Name(name=p),)) for p in points]
    one = replace(outage("o-1"), de_energized_usage_point=tuple(named))
    [made] = told(news(Verb.CHANGED, one), StatusList(ways=("files",)))
    lines = csv.DictReader(io.StringIO(made.raw.decode(), newline=""))
    assert [line["usage_point"] for line in lines] == (points or [""])


def test_the_files_of_all_outages_are_the_whole_list(tmp_path: Path) -> None:
    ivr = adapter(tmp_path)
    ivr.note_in(fakes.Noted())
    said = (
        news(Verb.CREATED, outage("o-1", "a", "b"), outage("o-2", "c"), message_id="N-1"),
        news(Verb.CHANGED, outage("o-1", "b"), message_id="N-2"),
        news(Verb.CLOSED, outage("o-2"), message_id="N-3"),
    )
    for message in said:
        for one in ivr.from_cim(message):
            ivr.write(one)
            ivr.write(one)  # the hub delivers at least once
    [current] = (tmp_path / "current").iterdir()
    assert current.name == "o-1.csv"
    rows = list(csv.DictReader(current.read_text().splitlines()))
    assert [(line["usage_point"], line["status"]) for line in rows] == [("b", "confirmed")]
    names = sorted(path.name for path in (tmp_path / "outbox").iterdir())
    assert names == ["N-1-1.csv", "N-1-2.csv", "N-2-1.csv", "N-3-1.csv"]


def test_what_is_replayed_late_is_no_news(tmp_path: Path) -> None:
    def at(minute: int, verb: Verb, *points: str) -> Message:
        when = fakes.START + timedelta(minutes=minute)
        one = replace(outage("o-1", *points), last_modified_date_time=when)
        return news(verb, one, message_id=f"{verb}-{minute}")

    notes = fakes.Noted()

    def told_now(*messages: Message) -> list[str]:
        ivr = adapter(tmp_path)  # started anew
        ivr.note_in(notes)
        for message in messages:
            for one in ivr.from_cim(message):
                ivr.write(one)
        found = (tmp_path / "current").iterdir()
        return [
            row["usage_point"] for p in found for row in csv.DictReader(p.read_text().splitlines())
        ]

    assert told_now(at(1, Verb.CREATED, "a", "b"), at(3, Verb.CHANGED, "b")) == ["b"]
    assert told_now(at(2, Verb.CHANGED, "a")) == ["b"]
    assert told_now(at(5, Verb.CLOSED)) == []
    assert told_now(at(4, Verb.CHANGED, "b"), at(5, Verb.CHANGED, "b")) == []
    assert told_now(at(6, Verb.CHANGED, "a")) == ["a"]


def plan(mrid: str, kind: OutageStatusKind | None, **said: Any) -> PlannedOutage:
    """A planned outage of two usage points; under way when it has a kind."""
    one = PlannedOutage(
        mrid=mrid,
        reason="A pole is renewed",
        outage_kind=kind,
        meters_affected=2,
        estimated_period=DateTimeInterval(start=fakes.START, end=fakes.START + timedelta(hours=4)),
        actual_period=DateTimeInterval(start=fakes.START) if kind else None,
        de_energized_usage_point=tuple(UsagePoint(mrid=point) for point in "ab"),
    )
    return replace(one, **said)


def planned(verb: Verb, one: PlannedOutage) -> Message:
    payload = PlannedOutages(planned_outage=(one,))
    return fakes.message(payload, verb, message_id="P-1", noun="PlannedOutages", source="plans")


def test_a_planned_outage_is_in_the_list_while_it_is_under_way(tmp_path: Path) -> None:
    ivr = adapter(tmp_path, statuses={"planned": "WORK"})
    ivr.note_in(fakes.Noted())
    listed = []
    for minute, (verb, kind) in enumerate(
        (
            (Verb.CREATED, None),
            (Verb.CHANGED, OutageStatusKind.CONFIRMED),
            (Verb.CHANGED, OutageStatusKind.PARTIALLY_RESTORED),
            (Verb.CHANGED, OutageStatusKind.RESTORED),
            (Verb.CLOSED, OutageStatusKind.CLOSED),
        )
    ):
        at = fakes.START + timedelta(minutes=minute)
        message = planned(verb, plan("o-9", kind, last_modified_date_time=at))
        assert Topic(verb, "PlannedOutages") in ivr.topics
        for one in ivr.from_cim(message):
            ivr.write(one)
        current = tmp_path / "current"
        files = current.iterdir() if current.exists() else ()
        rows = [row for p in files for row in csv.DictReader(p.read_text().splitlines())]
        listed.append([(row["status"], row["usage_point"]) for row in rows])
    under_way = [("WORK", "a"), ("WORK", "b")]
    assert listed == [[], under_way, under_way, [("restored", "")], []]


def test_of_a_planned_outage_callers_hear_until_when_and_why() -> None:
    later = EstimatedRestorationTime(ert=fakes.START + timedelta(hours=6))
    for said, hours in ((None, 4), (later, 6)):
        one = plan("o-9", OutageStatusKind.CONFIRMED, estimated_restoration_time=said)
        [made] = adapter().from_cim(planned(Verb.CHANGED, one))
        assert isinstance(made, Told)
        row, _ = csv.DictReader(made.raw.decode().splitlines())
        assert row["cause"] == "A pole is renewed"
        assert row["start_time"] == said_time(fakes.START)
        assert row["estimated_restoration"] == said_time(fakes.START + timedelta(hours=hours))
        assert row["without_supply"] == "2"


@pytest.mark.parametrize("verb", [Verb.CLOSED, Verb.CANCELED, Verb.DELETED])
@pytest.mark.parametrize("began", [False, True])
def test_a_planned_outage_that_is_over_is_not_current_whether_or_not_it_is_said_that_it_began(
    tmp_path: Path, verb: Verb, *, began: bool
) -> None:
    ivr = adapter(tmp_path)
    ivr.note_in(fakes.Noted())
    kinds = [(Verb.CHANGED, OutageStatusKind.CONFIRMED)] if began else []
    listed = []
    for said, kind in [*kinds, (verb, None)]:
        for one in ivr.from_cim(planned(said, plan("o-9", kind))):
            ivr.write(one)
        listed.append(len([*(tmp_path / "current").glob("*")]))
    assert listed == [1] * began + [0]
    handed_over = [p for p in tmp_path.rglob("*.csv") if p.parent.name != "current"]
    assert len(handed_over) == began


def test_news_reach_the_ivr_through_a_hub(tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}")
    with closing(journal), listening() as ivr:
        hub = Hub(journal, {})
        way = {"ways": ["http"], "url": ivr.url, "format": "json", "current": ""}
        hub.attach_adapter("ivr", adapter(tmp_path, **way))
        hub.run()
        delivery = fakes.Handed.of(news(Verb.CREATED, outage("o-1", "a"), outage("o-2")))
        hub.accept([delivery], "soap")
        until(lambda: len(ivr.got) == 2, "two outages", pace=0.02)
        hub.stop()
    assert ivr.identities == ["N-1-1", "N-1-2"]
    assert b'"estimated_restoration": "2026-07-14T17:00:00Z"' in ivr.got[0][1]
