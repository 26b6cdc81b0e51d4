"""A database from before the ledger: open outages go on, by the mRIDs by which they were told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from cim.codes import Codes
from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from dms_apps.outage import OutageApp, store
from dms_apps.outage.modes import NORMAL, STORM, Mode, Modes, timeline
from dms_apps.outage.moves import OPEN, Move, moved
from dms_apps.outage.tables import metadata
from hub.columns import Moment
from hub.journal import Journal, migration
from tests.dms_apps.outage.conftest import (
    MORNING,
    ON,
    RESTORED,
    Run,
    event_message,
    mrid,
    rdf,
)
from tests.dms_apps.outage.test_app import DEVICES

OLD = sa.MetaData()
REPORT = sa.Table(
    "outage_report",
    OLD,
    *(sa.Column(n, sa.String(200), primary_key=True) for n in ("meter", "point", "kind")),
    sa.Column("at", Moment, primary_key=True),
    sa.Column("arrived_at", Moment, nullable=False),
    sa.Index("outage_report_kind", "kind", "at"),
)
SWITCHING = sa.Table(
    "outage_switching",
    OLD,
    *(sa.Column(n, sa.String(200), primary_key=True) for n in ("device", "kind")),
    sa.Column("at", Moment, primary_key=True),
    sa.Column("arrived_at", Moment, nullable=False),
)
OUTAGE = sa.Table(
    "outage_outage",
    OLD,
    sa.Column("mrid", sa.String(36), primary_key=True),
    *(sa.Column(n, sa.String(200)) for n in ("device", "state", "poles", "comment")),
    *(
        sa.Column(n, Moment)
        for n in ("opened_at", "started_at", "ended_at", "created_at", "modified_at")
    ),
    sa.Column("placed", sa.Boolean),
    *(sa.Column(n, sa.Integer) for n in ("served", "affected")),
    *(sa.Column(n, sa.JSON) for n in ("dark", "points", "concerned")),
    sa.Index("outage_outage_state", "state"),
)
CRITICAL = sa.Table(
    "outage_critical",
    OLD,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("point", sa.String(200), primary_key=True),
)
MODE = sa.Table(
    "outage_mode",
    OLD,
    sa.Column("region", sa.String(200), primary_key=True),
    *(sa.Column(n, sa.String(1000), nullable=False) for n in ("name", "why", "ordered")),
    sa.Column("since", Moment, nullable=False),
    sa.Column("high_at", Moment),
)
NOW_AT = MORNING + timedelta(hours=1)


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def _outage(name: str, device: str | None, dark: list[str], points: list[str], **more: Any) -> Any:
    row = {
        "mrid": mrid(name), "device": device and mrid(device), "state": "predicted", "poles": "",
        "comment": f"{name} is told.", "opened_at": None, "started_at": at(0), "ended_at": None,
        "created_at": at(1), "modified_at": at(1), "placed": True, "served": len(points),
        "affected": len(points), "dark": [mrid(p) for p in dark],
        "points": [mrid(p) for p in points], "concerned": [mrid(p) for p in points],
    }  # fmt: skip
    return row | more


@pytest.fixture
def journal(empty_database_url: str) -> Iterator[Journal]:
    """T3 predicted by M7 and M8, R1 open by telemetry, one meter nobody knows, one outage over."""
    engine = sa.create_engine(empty_database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migration.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        OLD.create_all(connection)
        said = [("MTR-M7", "", "dark"), ("MTR-M8", mrid("M8"), "dark"), ("MTR-X", "", "dark"),
                ("", mrid("M10"), "alive")]  # fmt: skip
        reports = [
            {"meter": meter, "point": point, "kind": kind, "at": at(0), "arrived_at": at(0)}
            for meter, point, kind in said
        ]
        connection.execute(sa.insert(REPORT), reports)
        moves = [("R1", "open", at(-600)), ("R1", "close", at(-590)), ("R1", "open", at(2))]
        switching = [
            {"device": mrid(device), "kind": kind, "at": moment, "arrived_at": moment}
            for device, kind, moment in moves
        ]
        connection.execute(sa.insert(SWITCHING), switching)
        opened = {"state": "confirmed", "opened_at": at(2), "started_at": at(2)}
        over = {"state": "closed", "started_at": at(-600), "ended_at": at(-590)}
        outages = [
            _outage("of T3", "T3", ["M7", "M8"], ["M7", "M8", "M9"]),
            _outage("of R1", "R1", [], ["M1", "M2", "M3", "M4", "M5", "M6"], **opened),
            _outage("of X", None, [], [], placed=False)
            | {key: ["MTR-X"] for key in ("dark", "points", "concerned")},
            _outage("over", "R1", [], [], concerned=[mrid("M1")], affected=6, **over),
        ]  # fmt: skip
        connection.execute(sa.insert(OUTAGE), outages)
        busy = {"name": "storm", "since": at(-30), "why": "Much.", "high_at": at(-10)}
        modes = [busy | {"region": "", "ordered": ""},
                 busy | {"region": "coast", "ordered": "storm desk"}]  # fmt: skip
        connection.execute(sa.insert(MODE), modes)
        connection.execute(sa.insert(CRITICAL).values(model="m", point=mrid("M1")))
    engine.dispose()
    found = Journal.open(empty_database_url)
    found.create_tables(metadata)
    yield found
    found.close()


def test_the_tables_are_those_that_the_app_declares(journal: Journal) -> None:
    with journal.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, metadata)
    ours = [one for one in found if "outage_" in repr(one)]
    assert ours == []


def test_open_outages_go_on(journal: Journal) -> None:
    app = OutageApp(codes=Codes({"*": {ON: "power-on"}}))
    model = NetworkModel(
        mrid=mrid("model"),
        profile=("urn:test:UsagePoint",),
        document=RdfXml(rdf(DEVICES, "SS1")),  # type: ignore[arg-type]
    )
    with journal.transaction() as transaction:
        assert transaction.take_wake("outage", transaction.now) is not None
        network = Network.empty().after(event_message(NetworkModels(network_model=(model,))))
        network = moved(network, Move(mrid("R1"), at(0), OPEN, "", at(0), fresh=False))
        run = Run(app, transaction.connection, network, at=NOW_AT, due=NOW_AT)
        run.until(NOW_AT)
        told = {one.mrid: one for one in store.open_outages(run.connection)}
        assert told.keys() == {mrid("of T3"), mrid("of R1"), mrid("of X")}
        assert {verb for verb, _ in run.told} <= {"changed"}
        assert told[mrid("of T3")].device == mrid("T3")
        assert (told[mrid("of T3")].started_at, told[mrid("of T3")].without) == (at(0), 3)
        assert (told[mrid("of R1")].opened_at, told[mrid("of R1")].without) == (at(2), 6)
        [over] = store.named_outages(run.connection, [mrid("over")])
        assert (over.state, over.affected, over.closed_at) == ("closed", 6, at(1))
        assert {(name, start, end) for name, start, end, _ in run.ledger()} == {
            *((name, at(0), None) for name in ("M7", "M8", "M9", "MTR-X")),
            *((name, at(2), None) for name in ("M1", "M2", "M3", "M4", "M5", "M6")),
        }
        run.switch("R1", "close", at(70))
        run.meters([("M7", RESTORED, at(70)), ("M8", RESTORED, at(70))])
        run.settle()
        left = [one.mrid for one in store.open_outages(run.connection)]
        assert left == [mrid("of X")]


def test_storms_and_who_asked_for_rules_are_kept(journal: Journal) -> None:
    modes = Modes(regions={"f": "coast"})
    with journal.reading() as connection:
        found = timeline(connection, modes, {})
    assert found.at("", at(-30)) == Mode("", STORM, at(-30), "Much.")
    assert found.at("", at(20)).name == NORMAL
    assert found.at("coast", at(20)) == Mode("coast", STORM, at(-30), "Asked for by desk.")
