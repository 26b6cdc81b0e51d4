"""The steps of the demonstration; all of it is seen from outside, through the front door."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from threading import Event

from dms_apps.simulator.asking import Asking, Outage
from dms_apps.simulator.feeders import cache_folder, feeder
from dms_apps.simulator.files import Writers, drop, writer
from dms_apps.simulator.utility import Utility
from hub.config import Config
from hub.main import Running
from hub.security import systems
from hub.security.roles import Role

SYSTEM = "demo"  # the system that asks over SOAP and REST
HOLD_OFF = 5.0  # seconds; a real utility waits longer
PATIENCE = 120.0  # seconds for a step, on a slow machine
QUICK = {"settle": 0.3, "interval": 0.3}


class Story:
    """The steps of the demonstration; each is seen from outside or the story ends."""

    def __init__(self, config: Config, name: str, seed: int, stack: ExitStack) -> None:
        self._config = config
        say(f"building a utility on {name} ...")
        self._utility = Utility.build(name, feeder(name, cache_folder(os.environ)), seed)
        self._folders = {kind: config.data / "feeds" / kind for kind in ("gis", "cis", "ami")}
        settings = {kind: dict(QUICK) for kind in self._folders}
        settings["outage"] = {"hold_off": HOLD_OFF}
        self._running = stack.enter_context(Running(config, os.environ, settings))
        self._token = self._register()
        self._asking = stack.enter_context(Asking(self._running.url, self._token))
        self._writers = Writers(**{kind: writer(kind) for kind in self._folders})

    def tell(self) -> None:
        """Everything up to the printed answer.  Raises: TimeoutError naming the step."""
        self._load()
        outage = next(iter(self._asking.outages()), None) or self._trip()
        self._report(outage)

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
        self._until(self._is_loaded, "the network and its customers did not arrive")

    def _is_loaded(self) -> bool:
        network = self._running.hub.network
        return len(network.usage_points) == len(self._utility.customers) and all(
            network.is_energised(point) for point in network.usage_points
        )

    def _trip(self) -> Outage:
        """A switch opens; the head-end reports, some of it late, twice or malformed."""
        device = self._utility.device()
        storm = self._utility.trip(device, datetime.now(UTC))
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
        found: list[Outage] = []

        def seen() -> bool:
            found[:] = [o for o in self._asking.outages() if o.device == device]
            return bool(found) and len(self._asking.quarantine()) > held

        self._until(seen, f"no outage was predicted at {equipment.name}")
        return found[0]

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
        url, bearer = self._running.url, f"-H 'Authorization: Bearer {self._token}'"
        lines = [
            ("console", f"{url}  (log in as admin; {self._password()})"),
            ("outage", f"{outage.name}: {outage.customers:,} customers without supply"),
            ("why", outage.why),
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

    def _password(self) -> str:
        if self._running.first_password is not None:
            return f"one-time password {self._running.first_password}"
        return f"forgotten? gridbus --data {self._config.data} user reset admin"


def say(text: str) -> None:
    """Progress, for people."""
    print(text, file=sys.stderr, flush=True)
