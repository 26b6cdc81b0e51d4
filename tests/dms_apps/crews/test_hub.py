"""The app in a hub beside the ERP: crews come in, the order goes out, word of it comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.erp import ErpAdapter, native
from adapters.erp.identity import identifier
from cim.message import Message
from cim.profiles.trouble_orders import TroubleOrder, TroubleOrders
from cim.profiles.unplanned_outages import UnplannedOutages
from dms_apps.crews import CrewsApp
from hub.dispatch import Hub
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from hub.settings import build, read
from tests import fakes
from tests.dms_apps.crews import playing
from tests.installed import until

ROOT = Path(__file__).parents[3]
SETTINGS = ROOT / "config" / "adapters" / "erp.toml"
OWN = {"DISP": "dispatched", "ENRT": "enroute", "SITE": "onSite"}
TYPE = {"noun": "TroubleOrders", "kind": "repair", "task": "investigate"}


@dataclass
class House:
    """A hub with the app and an ERP that exchanges files."""

    hub: Hub
    journal: Journal
    feed: Path

    def take(self, message: Message) -> None:
        header = replace(message.header, message_id=str(uuid4()))
        self.hub.accept([fakes.Handed.of(replace(message, header=header))], "soap")

    def put(self, name: str, data: bytes) -> None:
        """The ERP drops a file."""
        (self.feed / f".{name}").write_bytes(data)
        (self.feed / f".{name}").rename(self.feed / name)

    def rows(self) -> list[dict[str, str]]:
        """What the ERP was sent, in its order."""
        found = []
        for path in sorted(
            (self.feed / "outbox").glob("*.csv"), key=lambda p: p.stat().st_mtime_ns
        ):
            [record] = adapter(self.feed).records(path.name, path.read_bytes())
            found.append({column: record[column] for column in native.ORDERS if record[column]})
        return found

    def said(self, verb: str, noun: str) -> list[Message]:
        """What the app said, the newest first."""
        with self.journal.reading() as connection:
            wanted = queries.Filter(verb=verb, noun=noun, source="crews")
            rows = queries.search(connection, wanted)
            bodies = [queries.message(connection, row.seq) for row in rows]
        return [decode(body.body) for body in bodies if body]

    def last(self) -> TroubleOrder:
        payload = self.said("changed", "TroubleOrders")[0].payload
        assert isinstance(payload, TroubleOrders)
        return payload.trouble_order[0]


def adapter(folder: Path) -> ErpAdapter:
    given = read(SETTINGS, {})
    given["statuses"] |= OWN
    given["verbs"] |= dict.fromkeys(OWN, "changed")
    given["work_types"]["TO"] = TYPE
    given |= {"settle": 0.05, "interval": 0.05}
    out = {"ways": ["files"], "site": "SOUTH", "format": "csv", "nouns": ["TroubleOrders"]}
    return replace(build(ErpAdapter, given | {"out": out}, SETTINGS), folder=folder)


@contextmanager
def housed(folder: Path, database: str) -> Iterator[House]:
    journal = Journal.open(database)
    feed = folder / "erp"
    feed.mkdir()
    with closing(journal):
        hub = Hub(journal, {"crews": CrewsApp(pace=0.05)})
        hub.attach_adapter("erp", adapter(feed))
        hub.run()
        yield House(hub, journal, feed)
        hub.stop()


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    with housed(tmp_path, database_url) as found:
        yield found


def test_an_order_goes_to_the_erp_and_its_completion_comes_back(house: House) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    shift = {"shift_start": (now - timedelta(hours=1)).isoformat()}
    shift |= {"shift_end": (now + timedelta(hours=7)).isoformat(), "as_of": now.isoformat()}
    house.put(
        "crews-1.csv", native.write_crews([{"crew": "Line 1", "capability": "live", **shift}])
    )
    house.take(playing.outage({"id": "O-1", "customers": 12, "says": "Fuse F1 is open."}, now))
    [first] = until(house.rows, "the order goes out", pace=0.05)
    assert (first["action"], first["status"], first["worktype"]) == ("Add", "APPR", "TO")
    assert first["description"] == "Fuse F1 is open."

    until(lambda: _crew_is_known(house), "the crew is known", pace=0.05)
    number = first["wonum"]
    asked = {"verb": "change", "number": number, "crews": [identifier("crew", "ERP", "Line 1")]}
    house.take(playing.asked(asked, datetime.now(UTC)))
    until(lambda: len(house.rows()) == 2, "the crew goes out", pace=0.05)
    sent = house.rows()[1]
    assert (sent["action"], sent["status"], sent["crew"]) == ("Change", "DISP", "Line 1")
    [told] = house.said("change", "UnplannedOutages")
    assert isinstance(told.payload, UnplannedOutages)
    assert told.payload.unplanned_outage[0].status_kind == "assigned"

    for status in ("ENRT", "COMP"):
        then = datetime.now(UTC).isoformat()
        done = sent | {"status": status, "action": "Change", "changedate": then}
        house.put(f"orders-{status}.csv", native.write_orders([done]))
        wanted = "enroute" if status == "ENRT" else "fieldComplete"
        until(lambda: _status(house.last()) == wanted, f"{wanted} comes back", pace=0.05)  # noqa: B023
    kinds = [
        m.payload.unplanned_outage[0].status_kind for m in house.said("change", "UnplannedOutages")
    ]
    assert kinds == ["fieldComplete", "enroute", "assigned"]

    closing_ = {"id": "O-1", "verb": "closed", "customers": 0}
    house.take(playing.outage(closing_, datetime.now(UTC)))
    until(lambda: house.said("closed", "TroubleOrders"), "the order is closed", pace=0.05)
    until(lambda: house.rows()[-1]["status"] == "CLOSE", "the ERP hears it", pace=0.05)
    with house.journal.reading() as connection:
        assert queries.counts(connection).dead == 0


def _status(one: TroubleOrder) -> str:
    return (one.status.value if one.status else None) or ""


def _crew_is_known(house: House) -> bool:
    with house.journal.reading() as connection:
        rows = queries.search(connection, queries.Filter(verb="created", noun="Crews"))
        return bool(rows) and not queries.counts(connection).accepted
