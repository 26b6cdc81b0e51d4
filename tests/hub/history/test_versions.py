"""Versions of models: when each was in force, and what it said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from hub.dispatch import Hub
from hub.dispatch.recorder import Recorder
from hub.history import pieces, versions
from hub.history.tables import piece
from hub.history.versions import Version
from hub.journal import Journal
from tests import fakes
from tests.cim.network.drawing import model
from tests.hub.history import story
from tests.hub.history.story import happen


@pytest.fixture
def hub(journal: Journal) -> Hub:
    return Hub(journal, {})


@pytest.fixture
def recorder(journal: Journal, hub: Hub) -> Iterator[Recorder]:
    recorder = Recorder(journal, hub.live)
    yield recorder
    recorder.stop()


def listed(journal: Journal, **wanted: object) -> list[Version]:
    with journal.reading() as connection:
        return versions.listed(connection, **wanted)  # type: ignore[arg-type]


def found(journal: Journal, wanted: str) -> Version | None:
    with journal.reading() as connection:
        return versions.find(connection, wanted)


def test_a_version_is_in_force_until_it_is_replaced_or_deleted(
    journal: Journal, hub: Hub, recorder: Recorder, clock: fakes.Clock
) -> None:
    for message in (
        story.grid(),
        story.switched("open", "x"),
        story.grid(opened="y"),
        story.torn(),
        model("next", story.drawing().document(), supersedes=["grid"]),
        story.gone("next"),
    ):
        happen(journal, message)
        clock.forward(60)
        hub.live.catch_up()
        recorder.step()
    assert [(v.id, v.mrid, v.until) for v in listed(journal)] == [
        ("5.1", "next", 6),
        ("3.1", "grid", 5),
        ("1.1", "grid", 3),
    ]
    third = found(journal, "3")
    assert third
    assert third.ended
    assert (third.ended - third.since).total_seconds() == 120
    assert (third.source, third.statements > 10) == ("test", True)
    assert [v.id for v in listed(journal, at=4)] == ["3.1"]
    assert listed(journal, at=6) == []
    assert [v.id for v in listed(journal, mrid="grid", limit=1)] == ["3.1"]
    assert [v.id for v in listed(journal, before=5)] == ["3.1", "1.1"]


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        *((one, True) for one in ("1.1", "1", "grid")),
        *((one, False) for one in ("GRID", "1.2", "9", "", "1.x", "9" * 30, "1." + "9" * 30)),
    ],
)
def test_a_version_is_found_by_its_id_or_by_its_mrid(
    journal: Journal, hub: Hub, recorder: Recorder, wanted: str, is_found: bool
) -> None:
    happen(journal, story.grid())
    hub.live.catch_up()
    recorder.step()
    assert (found(journal, wanted) is not None) is is_found


def test_told_again_it_is_kept_once(journal: Journal, hub: Hub, recorder: Recorder) -> None:
    """As after a start without a snapshot."""
    happen(journal, story.grid(), story.grid(opened="x"))
    hub.live.catch_up()
    recorder.step()
    before = listed(journal)
    recorder.stop()
    again = Hub(journal, {})
    other = Recorder(journal, again.live)
    again.live.catch_up()
    other.step()
    other.stop()
    assert listed(journal) == before


def test_the_content_of_old_versions_is_dropped(
    journal: Journal, hub: Hub, recorder: Recorder
) -> None:
    happen(journal, story.grid(), story.grid(opened="x"))
    hub.live.catch_up()
    recorder.step()
    old, new = (found(journal, wanted) for wanted in "12")
    assert old
    assert new
    assert versions.drop_content(journal, 3) == 1
    pieces.sweep(journal)
    with journal.reading() as connection:
        assert versions.content(connection, old) is None
        kept = versions.content(connection, new)
    assert kept is not None
    assert len(kept) == new.statements


def test_a_damaged_version_is_made_again_and_that_is_said(
    journal: Journal, hub: Hub, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    happen(journal, story.grid())
    hub.live.catch_up()
    recorder.step()
    [version] = listed(journal)
    kept = versions.model(journal, version)
    assert "cannot be read" not in caplog.text
    with journal.transaction() as transaction:
        transaction.connection.execute(sa.update(piece).values(content=b"cut"))
    assert versions.model(journal, version).to_bytes() == kept.to_bytes()
    assert f"version {version.id} of model grid cannot be read" in caplog.text
