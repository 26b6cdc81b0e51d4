"""The demo utility: the same for the same seed, and what its files say is what is true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.ami import AmiAdapter
from adapters.ami import native as ami
from adapters.cis import CisAdapter
from adapters.cis import native as cis
from adapters.gis import GisAdapter
from adapters.gis import native as gis
from cim.message import Header, Kind, Message, Outgoing, Verb
from cim.network import Network
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.network_models import NetworkModels
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import metadata
from dms_apps.simulator import feeders
from dms_apps.simulator.feeders import feeder
from dms_apps.simulator.files import Writers, drop
from dms_apps.simulator.utility import Utility

WRITERS = Writers(gis=gis.write, cis=cis.write, ami=ami.write)
AT = datetime(2025, 11, 20, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def utility(tmp_path_factory: pytest.TempPathFactory) -> Utility:
    return Utility.build("ieee123", feeder("ieee123", tmp_path_factory.mktemp("cache")), 7)


def test_the_same_seed_makes_the_same_utility(utility: Utility) -> None:
    again = Utility.build("ieee123", utility.document, 7)
    assert again.customers == utility.customers
    assert again.device() == utility.device()
    assert again.trip(again.device(), AT) == utility.trip(utility.device(), AT)
    other = Utility.build("ieee123", utility.document, 8)
    assert other.customers != utility.customers


def test_every_customer_has_power_and_a_meter_of_their_own(utility: Utility) -> None:
    assert all(utility.network.is_energised(customer.mrid) for customer in utility.customers)
    assert len({customer.meter for customer in utility.customers}) == len(utility.customers)
    assert any(customer.life_support for customer in utility.customers)


def test_the_tripped_device_feeds_a_fair_part(utility: Utility) -> None:
    dead = utility.dead(utility.device())
    assert 0.05 <= len(dead) / len(utility.customers) <= 0.5


def test_work_elsewhere_concerns_nobody_below_the_tripped_device(utility: Utility) -> None:
    tripped = utility.device()
    elsewhere = {customer.mrid for customer in utility.dead(utility.elsewhere(tripped))}
    assert elsewhere
    assert elsewhere.isdisjoint(customer.mrid for customer in utility.dead(tripped))


def test_a_storm_is_late_doubled_and_malformed_as_in_life(utility: Utility) -> None:
    storm = utility.trip(utility.device(), AT)
    assert len(storm.heard) == pytest.approx(0.9 * len(storm.dead), abs=1)
    assert storm.late
    sound = [row for row in storm.prompt if row["event_time"].startswith("2025")]
    assert [row["meter_number"] for row in storm.prompt if row not in sound] == [storm.malformed]
    facts = [(row["meter_number"], row["event_time"]) for row in (*sound, *storm.late)]
    assert len(facts) > len(set(facts)) == len(storm.heard)


def test_a_trip_that_hurts_nobody_is_refused(utility: Utility) -> None:
    device = next(d for d in sorted(utility.network.devices) if not utility.dead(d))
    with pytest.raises(ValueError, match="Nobody loses power"):
        utility.trip(device, AT)


class Hub:
    """The adapters, the network and the outage app, with nothing between them."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection, self.network = connection, Network.empty()
        self.app = OutageApp(hold_off=5.0)
        self.now, self.due = AT, AT
        self.refused: list[str] = []
        self.told: list[tuple[Verb, UnplannedOutage]] = []

    def wake_at(self, when: datetime) -> None:
        self.due = when

    def take(self, adapter: AmiAdapter | CisAdapter | GisAdapter, name: str, data: bytes) -> None:
        for record in adapter.records(name, data):
            try:
                for outgoing in adapter.to_cim(record):  # type: ignore[arg-type]
                    self.accept(outgoing)
            except ValueError as error:
                self.refused.append(str(error))

    def accept(self, outgoing: Outgoing) -> None:
        assert isinstance(outgoing.payload, EndDeviceEvents | NetworkModels)
        header = Header(verb=outgoing.verb, noun=type(outgoing.payload).__name__)
        message = Message(header=header, kind=Kind.EVENT, payload=outgoing.payload)
        self.network = self.network.after(message)
        self.keep(self.app.handle(message, self))  # type: ignore[arg-type]

    def wait(self) -> None:
        self.now += timedelta(minutes=2)
        self.keep(self.app.wake(self))  # type: ignore[arg-type]

    def keep(self, outgoing: Iterable[Outgoing]) -> None:
        for one in outgoing:
            assert isinstance(one.payload, UnplannedOutages)
            self.told += [(one.verb, outage) for outage in one.payload.unplanned_outage]


def test_the_files_lead_to_the_outage_that_is_true(utility: Utility) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        hub = Hub(connection)
        hub.take(GisAdapter(), *WRITERS.network(utility))
        hub.take(CisAdapter(), *WRITERS.customers(utility))
        hub.wait()
        assert len(hub.network.usage_points) == len(utility.customers)
        device = utility.device()
        storm = utility.trip(device, AT)
        for name, data in WRITERS.storm(storm, "storm"):
            hub.take(AmiAdapter(), name, data)
        hub.wait()
        [(verb, outage)] = hub.told
        [isolating] = outage.outage_isolation_equipment
        assert (verb, isolating.mrid) == (Verb.CREATED, device)
        assert outage.meters_affected == len(storm.dead)
        assert f"{len(storm.heard)} of {len(storm.dead)} meters" in (outage.comment or "")
        assert len(hub.refused) == 1
        assert "'20.11. 25:61' is no ISO 8601" in hub.refused[0]
        rows = utility.restore(device, AT + timedelta(hours=1))
        hub.take(AmiAdapter(), *WRITERS.restoration(rows, "storm"))
        hub.wait()
        assert [v for v, o in hub.told if o.mrid == outage.mrid] == [Verb.CREATED, Verb.CLOSED]
    engine.dispose()


def test_a_file_is_dropped_under_another_name_first(tmp_path: Path) -> None:
    path = drop(tmp_path / "in", "a.csv", b"1")
    assert path.read_bytes() == b"1"
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["a.csv"]


def test_an_export_is_kept_and_made_anew_when_damaged(tmp_path: Path) -> None:
    master = tmp_path / "two.dss"
    master.write_text(
        "clear\nnew circuit.two bus1=a basekv=12.47\nnew line.one bus1=a bus2=b length=1\n"
        "new load.some bus1=b kw=40\nset voltagebases=[12.47]\ncalcvoltagebases\nsolve\n"
    )
    path = tmp_path / "two.xml"
    first = feeders._cached(master, path)
    assert b"<rdf:RDF" in first
    assert feeders._cached(master, path) == first
    path.write_bytes(first[:100])
    assert len(feeders._cached(master, path)) == len(first)


def test_a_failed_export_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"OpenDSS could not export none\.dss"):
        feeders._cached(tmp_path / "none.dss", tmp_path / "none.xml")


def test_an_unknown_feeder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no feeder ieee8; there are ieee123, ieee9500"):
        feeder("ieee8", tmp_path)


def test_the_cache_lies_where_the_user_wants_it() -> None:
    assert feeders.cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/gridbus")
    assert feeders.cache_folder({"HOME": "/h"}) == Path("/h/.cache/gridbus")
