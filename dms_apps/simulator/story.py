"""The steps of the demonstration; all of it is seen from outside, through the front door."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TypeVar

from dms_apps.simulator.asking import DISPATCHER, SYSTEM, Asking, Outage
from dms_apps.simulator.dispatcher import Dispatcher
from dms_apps.simulator.feeders import cache_folder, feeder
from dms_apps.simulator.files import Writers, drop, writer
from dms_apps.simulator.native.day import Day
from dms_apps.simulator.utility import Utility
from hub.config import Config
from hub.main import Running
from hub.security import people, systems
from hub.security.roles import Role

HOLD_OFF = 5.0  # seconds; a real utility waits longer
PATIENCE = 120.0  # seconds for a step, on a slow machine
QUICK = {"settle": 0.3, "interval": 0.3}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REPAIR = timedelta(minutes=90)
PLANNED = "Pole 117"
FEEDS = ("gis", "cis", "ami", "ivr", "erp", "scada")

T = TypeVar("T")


class Story:
    """The steps of the demonstration; each is seen from outside or the story ends."""

    def __init__(self, config: Config, name: str, seed: int, stack: ExitStack) -> None:
        self._config = config
        say(f"building a utility on {name} ...")
        self._utility = Utility.build(name, feeder(name, cache_folder(os.environ)), seed)
        self._day = Day(self._utility, datetime.now(UTC))
        self._folders = {kind: config.data / "feeds" / kind for kind in FEEDS}
        settings: dict[str, dict[str, object]] = {kind: dict(QUICK) for kind in self._folders}
        settings["scada"]["points"] = str(self._points())
        settings["outage"] = {"hold_off": HOLD_OFF}
        config = replace(config, adapters=FEEDS)
        self._running = stack.enter_context(Running(config, os.environ, settings))
        self._token = self._register()
        self._asking = stack.enter_context(Asking(self._running.url, self._token))
        self._writers = Writers(**{kind: writer(kind) for kind in FEEDS[:3]})

    def tell(self) -> None:
        """Everything up to the printed answer.  Raises: TimeoutError naming the step."""
        self._load()
        outages = self._asking.outages()
        if not outages:
            outages = [self._restored_in_part(self._crewed(self._confirmed(self._trip())))]
            self._planned()
        self._report(outages[0])

    def _points(self) -> Path:
        """The table of SCADA points, which is there before the hub starts."""
        self._config.data.mkdir(parents=True, exist_ok=True)
        table = self._config.data / "points.csv"
        table.write_bytes(writer("scada-points")(self._day.points()))
        return table

    def _register(self) -> str:
        journal = self._running.journal
        system = systems.named(SYSTEM, roles=[Role.ENGINEER])
        with journal.transaction() as transaction:
            connection, now = transaction.connection, journal.clock()
            if systems.find(connection, SYSTEM) is None:
                return systems.add(connection, SYSTEM, system, self._running.roles, now)
            return systems.renew(connection, SYSTEM, SYSTEM, now)

    def _load(self) -> None:
        """The network from the GIS, then customers and meters from the CIS."""
        if self._is_loaded():
            return
        say("the GIS drops the network, the CIS its customers and meters ...")
        drop(self._folders["gis"], *self._writers.network(self._utility))
        drop(self._folders["cis"], *self._writers.customers(self._utility))
        drop(self._folders["erp"], "crews.csv", writer("erp-crews")(self._day.crews()))
        self._until(self._is_loaded, "the network and its customers did not arrive")

    def _is_loaded(self) -> bool:
        """Whether all are there, and have supply by design: of then, some may be without by now."""
        network = self._running.hub.network.normal
        return len(network.usage_points) == len(self._utility.customers) and all(
            network.is_energised(point) for point in network.usage_points
        )

    def _trip(self) -> Outage:
        """A switch opens; the head-end reports, some of it late, twice or malformed."""
        device = self._utility.device()
        storm = self._day.storm()
        equipment = self._utility.network.equipment(device)
        say(
            f"{equipment.cim_class} {equipment.name} trips: {len(storm.dead):,} customers without"
            f" supply, {len(storm.heard):,} last gasps get through ..."
        )
        held = len(self._asking.quarantine())
        files = self._writers.storm(storm, f"{datetime.now(UTC):%Y%m%dT%H%M%S}")
        for number, (name, data) in enumerate(files):
            if number:
                Event().wait(1.0)  # the late ones
            drop(self._folders["ami"], name, data)
        found = self._until_some(
            lambda: [o for o in self._asking.outages() if o.device == device],
            f"no outage was predicted at {equipment.name}",
        )
        self._until(
            lambda: len(self._asking.quarantine()) > held, "the malformed row is not in quarantine"
        )
        return found[0]

    def _confirmed(self, outage: Outage) -> Outage:
        """People call, one of a wire on the road; then the control centre sees the switch open."""
        say(f"predicted: {outage.why}")
        say("customers call; one has seen a wire down ...")
        drop(self._folders["ivr"], "calls.csv", writer("ivr")(self._day.calls()))
        calls = self._until_some(
            lambda: [c for c in self._asking.report("trouble_calls", "by-outage") if c["calls"]],
            "no call was tied to the outage",
        )
        say(f"{calls[0]['calls']} calls are of it; SCADA tells that {outage.name} is open ...")
        drop(self._folders["scada"], "positions.csv", writer("scada")(self._day.values()))
        return self._becomes(outage, "the switch did not confirm it", status="confirmed")

    def _crewed(self, outage: Outage) -> Outage:
        """A crew goes there, looks, and says when supply will be back."""
        act = Dispatcher(self._asking)
        [order] = self._until_some(
            lambda: [
                one
                for one in self._asking.report("crews", "work-queue")
                if one["outage"] == outage.mrid
            ],
            "no order was made for the outage",
        )
        crew = self._until_some(lambda: self._asking.report("crews", "crews"), "no crew is known")[
            0
        ]
        say(f"{crew['crew']} is sent with order {order['order']}, and looks at it ...")
        act.send(order["mRID"], crew["mRID"])
        act.take_over(order["zone"])
        for how_far in ("enroute", "arrived"):
            act.heard(order["mRID"], how_far)
        outage = self._becomes(outage, "the crew did not report", crew="arrived")
        act.expect(outage.mrid, datetime.now(UTC) + REPAIR)
        return self._becomes(outage, "no restoration time was told", source="crew")

    def _restored_in_part(self, outage: Outage) -> Outage:
        some = outage.points[: len(outage.points) // 3]
        say(f"{len(some):,} of {len(outage.points):,} customers are fed another way ...")
        Dispatcher(self._asking).back(outage.mrid, some)
        return self._becomes(outage, "nobody was restored", status="partiallyRestored")

    def _zones(self) -> Iterator[str]:
        """What the dispatcher looks after, and what there is to do."""
        for one in self._asking.report("crews", "dispatchers"):
            if one["dispatcher"] == DISPATCHER:
                orders = f"{one['orders']} order{'' if one['orders'] == 1 else 's'}"
                yield f"{one['zones']}, of {DISPATCHER}: {orders}, {one['work']} h of work"

    def _planned(self) -> None:
        """Tomorrow somebody works elsewhere."""
        device = self._utility.elsewhere(self._utility.device())
        noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + DAY
        say(f"an outage at {self._utility.network.equipment(device).name} is planned for tomorrow")
        Dispatcher(self._asking).plan(PLANNED, device, noon, noon + 2 * HOUR)

    def _becomes(self, outage: Outage, otherwise: str, **has: str) -> Outage:
        """The outage as soon as it is so."""
        return self._until_some(
            lambda: [
                one
                for one in self._asking.outages()
                if one.mrid == outage.mrid and all(getattr(one, k) == v for k, v in has.items())
            ],
            otherwise,
        )[0]

    def _until_some(self, look: Callable[[], list[T]], otherwise: str) -> list[T]:
        found: list[T] = []

        def seen() -> bool:
            found[:] = look()
            return bool(found)

        self._until(seen, otherwise)
        return found

    def _until(self, holds: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(otherwise)
            Event().wait(0.2)

    def _report(self, outage: Outage) -> None:
        """What a visitor needs, on stdout."""
        if outage.mrid not in self._asking.over_soap():
            raise TimeoutError("SOAP does not tell of the outage that REST tells of")
        request = self._config.data / "get-unplanned-outages.xml"
        request.write_bytes(Asking.soap_request)
        expected = [outage.expected] if outage.expected else []
        url, bearer = self._running.url, f"-H 'Authorization: Bearer {self._token}'"
        lines = [
            ("console", f"{url}  (log in as {DISPATCHER}; {self._dispatcher()})"),
            ("", f"(or as admin, who runs the hub; {self._password()})"),
            ("outage", f"{outage.name}: {outage.customers:,} customers without supply"),
            ("why", outage.why),
            ("crew", f"{', '.join(outage.crews)} {outage.crew}".strip() or "nobody is sent"),
            *(("expected", f"{at:%H:%M} UTC, as the {outage.source} says") for at in expected),
            *(("zone", one) for one in self._zones()),
            ("look at", f"{url}/outages  what is out, the most urgent first; what is planned"),
            ("", f"{url}/outages/{outage.mrid}  lead it: confirm, send, restore, tell a time"),
            ("", f"{url}/analysis/outage/unresolved  calls and dangers that nobody can place"),
            ("", f"{url}/analysis/crews/work-queue  whom to send where, and why"),
            ("", f"{url}/analysis/crews/dispatchers  whose zones have how much work"),
            *(("quarantine", held.reason) for held in self._asking.quarantine()),
            ("voltages", f"{url}/analysis/load_flow/map"),
            ("REST", f"curl -s {bearer} '{url}/api/v1/outages?active=true'"),
            (
                "SOAP",
                f"curl -s {bearer} -H 'Content-Type: text/xml'"
                f" -H 'SOAPAction: {Asking.action}' --data-binary @{request} {url}/soap",
            ),
        ]
        print("\n".join(f"{name:11} {text}" for name, text in lines), flush=True)

    def _dispatcher(self) -> str:
        """How the dispatcher logs in."""
        journal = self._running.journal
        with journal.transaction() as transaction:
            connection, now, roles = transaction.connection, transaction.now, self._running.roles
            if people.find(connection, DISPATCHER) is not None:
                return self._forgotten(DISPATCHER)
            held = [Role.OPERATOR]
            once = people.add(connection, SYSTEM, DISPATCHER, held, roles, now)
        return f"one-time password {once}"

    def _password(self) -> str:
        if self._running.first_password is not None:
            return f"one-time password {self._running.first_password}"
        return self._forgotten("admin")

    def _forgotten(self, name: str) -> str:
        return f"forgotten? gridbus --data {self._config.data} user reset {name}"


def say(text: str) -> None:
    """Progress, for people."""
    print(text, file=sys.stderr, flush=True)
