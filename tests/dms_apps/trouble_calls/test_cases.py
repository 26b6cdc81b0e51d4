"""Stories of calls and outages: one case folder for each thing that can happen."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Outgoing
from cim.profiles.customer_notifications import CustomerNotifications
from dms_apps.trouble_calls import TroubleCallsApp, app
from dms_apps.trouble_calls.tables import metadata, out
from hub.settings import build, read
from tests.dms_apps.trouble_calls.playing import DAY, Run, minutes, plain

ROOT = Path(__file__).parents[3]
CASES = sorted((ROOT / "tests" / "cases" / "apps" / "trouble_calls").iterdir())
SETTINGS = ROOT / "config" / "apps" / "trouble_calls.toml"


@pytest.fixture(scope="module")
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def begun(connection: sa.Connection, **changed: Any) -> Run:
    metadata.drop_all(connection)
    metadata.create_all(connection)
    return Run(build(TroubleCallsApp, read(SETTINGS, {}) | changed, SETTINGS), connection)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, connection: sa.Connection) -> None:
    story = tomllib.loads((case / "story.toml").read_text(encoding="utf-8"))
    run = begun(connection, **story.get("settings", {}))
    told = [(step["at"], run.play(step)) for step in story["happens"]]
    assert told == [(step["at"], step.get("said", [])) for step in story["happens"]]


def test_many_are_called_a_part_at_a_time(
    connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_AT_ONCE", 2)
    run = begun(connection)
    for number in range(5):
        wants = {"phone": f"55{number}", "wants": ["powerRestored"]}
        run.play({"at": "10:00", "call": {"id": f"C-{number}", "point": "sp-1", **wants}})
    run.play({"at": "10:01", "outage": {"id": "O-1", "verb": "created", "points": ["sp-1"]}})
    run.play({"at": "10:02", "outage": {"id": "O-1", "verb": "closed"}})
    told = run.play({"at": "10:05"})
    assert told == [f"call 55{number} of C-{number}: powerRestored" for number in range(5)]


def test_what_became_part_of_another_is_told_twice(connection: sa.Connection) -> None:
    """The second telling does not move when its usage points had supply again."""
    run = begun(connection)
    first = {"id": "O-1", "verb": "created", "points": ["sp-1", "sp-2"]}
    run.play({"at": "10:00", "outage": first})
    run.play({"at": "10:03", "outage": first | {"verb": "changed", "points": ["sp-2"]}})
    over = {"id": "O-1", "verb": "closed", "into": "O-2", "were": ["sp-1", "sp-2"]}
    kept = sa.select(out.c.point, out.c.outage, out.c.until).order_by(out.c.point)
    run.play({"at": "10:04", "outage": over})
    before = connection.execute(kept).all()
    assert ("sp-1", "O-2") in [row[:2] for row in before]
    run.play({"at": "10:09", "outage": over})
    assert connection.execute(kept).all() == before


def calls_of(said: list[Outgoing]) -> list[str]:
    made = [one for one in said if isinstance(one.payload, CustomerNotifications)]
    return [line for one in made for line in plain(one)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["down", "up", "fewer", "old", "again"]), max_size=8))
def test_nobody_is_called_twice_for_one_call(connection: sa.Connection, happens: list[str]) -> None:
    run, made, as_of = begun(connection), [], "00:00"
    newest, was_out = ("", False), False  # what counts: the newest, and of the same age the end
    first = {"id": "C-1", "point": "sp-1", "phone": "555", "wants": ["powerRestored"]}
    run.play({"at": "00:00", "call": first})
    for number, what in enumerate(happens, 1):
        at = (DAY + minutes(number)).strftime("%H:%M")
        as_of = as_of if what in ("old", "again") else at
        verb = "closed" if what == "up" else "changed"
        points = [] if what in ("fewer", "up") else ["sp-1"]
        if (as_of, verb == "closed") >= newest:
            newest, was_out = (as_of, verb == "closed"), was_out or bool(points)
        told = {"id": "O-1", "verb": verb, "points": points, "as_of": as_of}
        run.play({"at": at, "outage": told})
        made += calls_of(run.said)
    run.play({"at": "12:00", "outage": {"id": "O-1", "verb": "closed"}})
    made += calls_of(run.said)
    run.play({"at": "13:00"})
    made += calls_of(run.said)
    assert len(made) == was_out
