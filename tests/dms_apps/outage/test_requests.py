"""Outages in the dispatcher's hands: one case folder for each thing that may be asked."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cim.message import Header, Kind, Message, Verb
from cim.profiles.unplanned_outages import OutageStatusKind, UnplannedOutages
from tests.dms_apps.outage.asking import ask, called, outage
from tests.dms_apps.outage.conftest import OVER
from tests.dms_apps.outage.test_app import LOST
from tests.dms_apps.outage.test_cases import CODES
from tests.dms_apps.outage.test_crews_of_outages import TWO

CASES = sorted((Path(__file__).parents[2] / "cases" / "apps" / "outage_requests").iterdir())


def play(run: Any, events: Iterable[Mapping[str, Any]], morning: datetime) -> list[str]:
    """Hand over the events at their time; what of them was refused, in words."""
    refused = []
    for event in events:
        happened = morning + timedelta(seconds=event["at"])
        run.until(happened)
        if "meter" in event:
            for meter in event["meter"].split():
                run.meter(meter, CODES[event["says"]], happened)
        elif "call" in event:
            run.call(event["call"], happened, hazards=event.get("hazards", ()))
        elif "switch" in event:
            run.switch(event["switch"], event["to"], happened)
        else:
            refused += [e.details for e in ask(run, event, morning).errors if e.code != "0.0"]
    return refused


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, start: Callable[..., Any]) -> None:
    given = tomllib.loads((case / "input.toml").read_text(encoding="utf-8"))
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    run = start(given["device"], **given.get("settings", {}))
    morning = run.at
    refused = play(run, given["event"], morning)
    run.until(morning + timedelta(seconds=given["until"]))
    found = outcome(run, morning) | {"refused": refused}
    assert {"open", "told", "ledger"} <= expected.keys()
    assert {key: found[key] for key in expected} == expected
    assert refused == expected.get("refused", [])


def outcome(run: Any, morning: datetime) -> dict[str, Any]:
    """Open outages with all that is told of them, the verbs, and who was without when."""
    still: dict[str, Any] = {}
    for one in run.outages():
        said: dict[str, Any] = {
            "kind": one.outage_kind.value,
            "start": _seconds(one.reported_start_time, morning),
            "without": one.meters_affected,
        }
        if one.status:
            said["status"] = one.status.value
        if one.status_kind:
            said["crew"] = [one.status_kind.value, *(c.names[0].name for c in one.crew)]
        if expected := one.estimated_restoration_time:
            said["ert"] = [_seconds(expected.ert, morning), expected.ert_source]
        if one.cause:
            said["cause"] = one.cause
        if incidents := [i.mrid for i in one.incident if i.mrid]:
            said["incidents"] = incidents
        still[called(one)] = said
    named = {o.mrid: called(o) for verb, o in run.told if verb not in OVER}
    return {
        "open": still,
        "told": [verb.value for verb, _ in run.told],
        "ledger": sorted(
            [name, _seconds(began, morning), _seconds(ended, morning), named.get(of, of)]
            for name, began, ended, of in run.ledger()
        ),
        "comment": {called(o): o.comment for o in run.outages()},
    }


def _seconds(moment: datetime | None, morning: datetime) -> int | None:
    return None if moment is None else round((moment - morning).total_seconds())


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"zone": "FDR-9", "ert": 60}, "Option zone: there is no feeder or region 'FDR-9'."),
        ({"mode": "calm"}, "Option mode: 'calm' is none of auto, normal, storm."),
        ({"none": True}, "UnplannedOutages, UnplannedOutage: it names no outage"),
    ],
)
def test_what_was_refused_and_is_about_no_one_outage_is_seen_too(
    start: Callable[..., Any], event: dict[str, Any], why: str
) -> None:
    run = start(TWO)
    reply = ask(run, {"ask": "change", "at": 0} | event, run.at)
    assert [error.details for error in reply.errors] == [why]
    [row] = run.app.report("refused", {}, run).rows
    assert row[1:] == ("anna", "change", "", "", why)


def test_what_was_refused_is_seen_of_outages_that_nobody_knows_too(
    start: Callable[..., Any],
) -> None:
    run = start(TWO)
    run.meter("M1", LOST, run.at)
    run.meter("M2", LOST, run.at)
    run.settle()
    [known] = [one.mrid for one in run.outages()]
    for number, event in enumerate(
        (
            {"ask": "close", "of": "T1", "end": -3600},
            {"ask": "change", "of": "elsewhere", "cause": "a kite"},
            {"ask": "close", "of": "elsewhere"},
        )
    ):
        ask(run, event | {"at": number}, run.at)
    report = run.app.report("refused", {}, run)
    names = [column.name for column in report.columns]
    rows = [dict(zip(names, row, strict=True)) for row in report.rows]
    assert sorted((row["request"], row["outage"], row["unknown"]) for row in rows) == [
        ("change", "", "elsewhere"),
        ("close", "", "elsewhere"),
        ("close", known, ""),
    ]
    assert {row["why"] for row in rows if row["unknown"]} == {"There is no outage elsewhere."}
    assert {row["who"] for row in rows} == {"anna"}


def two_outages(start: Callable[..., Any]) -> Any:
    """Of T1, and of T3."""
    run = start(TWO)
    for meter in ("M1", "M2", "M5", "M6"):
        run.meter(meter, LOST, run.at)
    run.settle()
    return run


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"ask": "change", "of": "T1"}, "nothing is said that is to change."),
        (
            {"ask": "change", "of": "T1", "cause": "kite", "regroup": "x"},
            "Option regroup: change UnplannedOutages does not know it; known: merge-into, ungroup.",
        ),
        (
            {"ask": "close", "of": "T1", "ungroup": "x"},
            "Option ungroup: close UnplannedOutages does not know it; known: there is none.",
        ),
        (
            {"ask": "change", "of": "T1", "cause": "x" * 1_001},
            "UnplannedOutage, cause: 1001 characters; at most 1000 are kept.",
        ),
        (
            {"ask": "change", "of": "T1", "into": "T3", "cause": "kite"},
            "ends by it, nothing else can change.",
        ),
    ],
)
def test_what_would_do_nothing_is_refused(
    start: Callable[..., Any], asked: dict[str, Any], why: str
) -> None:
    run = two_outages(start)
    [error] = ask(run, {"at": 0} | asked, run.at).errors
    assert error.details.endswith(why)
    assert not {one.cause for one in run.outages()} - {None}


def test_outages_are_not_merged_in_a_circle(start: Callable[..., Any]) -> None:
    """Before the first word has been looked at."""
    run = two_outages(start)
    ask(run, {"ask": "change", "of": "T3", "into": "T1", "at": 0}, run.at)
    [error] = ask(run, {"ask": "change", "of": "T1", "into": "T3", "at": 0}, run.at).errors
    assert "another word about whom it consists of was said a moment ago" in error.details
    run.settle()
    assert [called(one) for one in run.outages()] == ["T1"]


def test_nobody_is_split_off_twice(start: Callable[..., Any]) -> None:
    """Before the first word has been looked at."""
    run = two_outages(start)
    event = {"ask": "create", "from": "T1", "out": ["M1"], "at": 0}
    assert not ask(run, event | {"new": "one"}, run.at).errors[1:]
    [error] = ask(run, event | {"new": "two"}, run.at).errors
    assert error.details.endswith("was made part of the new outage one a moment ago.")
    run.settle()
    assert {"one"} == {one.mrid for one in run.outages()} & {"one", "two"}


def test_what_one_message_says_of_two_outages_is_kept_however_long_its_id_is(
    start: Callable[..., Any],
) -> None:
    run = start(TWO)
    some = [outage(run, {"new": f"{n} {'x' * 150}", "out": [n]}, run.at) for n in ("M1", "M2")]
    header = Header(verb=Verb.CREATE, noun="UnplannedOutages", message_id="i" * 200)
    payload = UnplannedOutages(unplanned_outage=tuple(some))
    run.handle(Message(header=header, kind=Kind.REQUEST, payload=payload))
    run.settle()
    assert {one.mrid[:2] for one in run.outages()} == {"M1", "M2"}
    assert {one.outage_kind for one in run.outages()} == {OutageStatusKind.CONFIRMED}
