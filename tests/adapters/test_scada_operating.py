"""Controls through a whole hub: over SOAP with rights, interlock and audit; and a kill between."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.scada import table
from cim.message import Message
from cim.violation import Refusal
from hub.channels.soap.partner import Partner, PartnerClient
from hub.config import Config, Http
from hub.dispatch import Hub
from hub.journal import Journal
from hub.journal.handed_over import HandedOver
from hub.main import Running
from hub.security import audit, systems
from hub.security.roles import Role
from tests import fakes
from tests.adapters.rtus import PATIENCE, REPOSITORY, Rtus, simulated
from tests.adapters.scada_hub import opened
from tests.adapters.test_scada_controls import SCRIPT, command, points, points_104
from tests.cim.network.drawing import Drawing, model
from tests.cim.network.plain import tagged
from tests.installed import until

rtus = simulated(SCRIPT)


def settings(folder: Path, rtus: Rtus, rtu: str) -> dict[str, Any]:
    """Of the adapter; its table of points is written."""
    path = folder / "points.csv"
    is_104 = rtu == "i"
    path.write_bytes(table.write((points_104 if is_104 else partial(points, rtu))(within="1")))
    reached = {"addresses": [rtus.where[rtu]], "first": 0.02, "longest": 0.05}
    if is_104:
        reached |= {"protocol": "iec104", "common": 47}
    return {
        "points": str(path),
        "folder": str(folder / "feeds" / "scada"),
        "rtus": {rtu: reached},
        "scan": 0.02,
        "gather": 0.01,
    }


def street() -> Message:
    # source - a =[_s1, open]= b      a =[_s2]= c
    drawing = Drawing().source("a").switch("_s1", "a", "b", opened=True).switch("_s2", "a", "c")
    loaded = model("street", drawing.document())
    header = replace(loaded.header, source="gis", message_id="M-1", timestamp=fakes.START)
    return replace(loaded, header=header)


def knows(hub: Hub) -> bool:
    """Whether both positions have been told, and the model is there."""
    told = [hub.network.overlay.measured.get(name) for name in ("s1", "s2")]
    return hub.network.knows("_s1") and all(one and not one.flags for one in told)


def test_from_who_asks_to_the_device_and_back(rtus: Rtus, tmp_path: Path) -> None:
    given = {"scada": settings(tmp_path, rtus, "m-1")}
    config = Config(
        data=tmp_path, adapters=("scada",), apps=(), http=Http(port=0), folder=REPOSITORY / "config"
    )
    with Running(config, {}, given) as running:
        oms, gis = asking(running, "oms", Role.OPERATOR), asking(running, "gis")
        gis.send([street()])
        until(lambda: knows(running.hub), "the street is known", pace=0.01)
        oms.send([command(1, "_s1")])  # returns when it has a reply that says OK
        until(lambda: running.hub.network.switch_closed("_s1"), "_s1 shows closed", pace=0.01)
        with pytest.raises(Refusal, match="the system gis may not ask for controls"):
            gis.send([_of("gis", command(0, "_s1", "C-2"))])
        tag = tagged("t-1", "_s2")
        header = replace(tag.header, source="oms", message_id="T-1", timestamp=fakes.START)
        oms.send([replace(tag, header=header)])
        with pytest.raises(Refusal, match="_s2 must not be operated: the tag t-1"):
            oms.send([command(0, "_s2", "C-3")])
        with pytest.raises(Refusal, match="its indication s1 shows closed already"):
            oms.send([command(1, "_s1", "C-4")])
        oms.close()
        gis.close()
        with running.journal.reading() as connection:
            assert audit.verify(connection) == []
            acts = [
                (e.actor, e.action, e.outcome)
                for e in audit.entries(connection)
                if e.subject == "create Controls"
            ]
    assert rtus.executed("m-1") == [[10, 1]]
    assert acts == [
        ("oms", "control.accept", "ok"),
        ("oms", "control.send", "ok"),
        ("gis", "message.send", "refused"),
        ("oms", "control.accept", "refused"),
        ("oms", "control.accept", "ok"),
        ("oms", "control.send", "refused"),
    ]


def _of(source: str, message: Message) -> Message:
    return replace(message, header=replace(message.header, source=source))


def asking(hub: Running, name: str, *roles: Role) -> PartnerClient:
    with hub.journal.transaction() as transaction:
        system = systems.named(name, roles=roles)
        token = systems.add(transaction.connection, "test", system, hub.roles, transaction.now)
    schemas = REPOSITORY / "schemas"
    where = f"{hub.url}/soap"
    return PartnerClient(Partner(name=name, address=where, schemas=schemas, token=token))


@contextmanager
def killed(folder: Path, given: dict[str, Any]) -> Iterator[Hub]:
    """A hub in a process of its own, which is killed at the end; and one that only takes what is
    asked, on the same database."""
    (folder / "settings.json").write_text(json.dumps(given))
    asker = opened(folder, given)
    asker.accept([fakes.Handed.of(street())], "test")
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.scada_hub", str(folder)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    try:
        until(lambda: asker.live.catch_up() and knows(asker), "the street is known", pace=0.01)
        yield asker
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
        asker.journal.close()


def replies(folder: Path, given: dict[str, Any], *names: str) -> dict[str, str]:
    """What a hub says that is started after the kill: result and reasons."""
    hub = opened(folder, given)
    hub.run()
    try:
        found = {name: hub.answer(name, PATIENCE) for name in names}
    finally:
        hub.stop()
        hub.journal.close()
    return {
        name: " ".join([m.reply.result, *(str(one.details) for one in m.reply.errors)])
        for name, m in found.items()
        if m and m.reply
    }


@pytest.mark.fault
def test_after_a_kill_no_control_is_repeated_and_each_is_reported(
    rtus: Rtus, tmp_path: Path
) -> None:
    given = settings(tmp_path, rtus, "m-2")
    rtus.happen("m-2", do="control", faults=["stuck", "mute"])
    with killed(tmp_path, given) as asker:
        both = [command(1, "_s1", "C-1"), command(0, "_s2", "C-2")]
        asker.accept([fakes.Handed.of(one) for one in both], "test")
        until(lambda: len(rtus.executed("m-2")) == 1, "one is carried out", pace=0.01)
    [[address, _]] = rtus.executed("m-2")
    rtus.happen("m-2", do="control")
    # What was carried out shows itself after the hub is gone.
    done, shown = ("C-1", (0, 1)) if address == 10 else ("C-2", (1, 0))
    rtus.happen("m-2", do="set", table="discrete_input", address=shown[0], value=shown[1])
    [not_done] = {"C-1", "C-2"} - {done}
    with closing(Journal.open(f"sqlite:///{tmp_path / 'hub.db'}")) as journal:
        is_begun = HandedOver(journal, "scada").of(not_done)
    said = replies(tmp_path, given, "C-1", "C-2")
    assert said.pop(done) == "OK"
    [other] = said.values()
    assert other.startswith("FAILED")
    assert ("UNKNOWN whether" if is_begun else "nobody has begun it") in other
    assert len(rtus.executed("m-2")) == 1


@pytest.mark.fault
@pytest.mark.parametrize("rtu", ["m-3", "i"])
@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.1])
def test_whenever_the_kill_comes_the_reply_says_whether_it_was_carried_out(
    rtus: Rtus, tmp_path: Path, rtu: str, after: float
) -> None:
    given = settings(tmp_path, rtus, rtu)
    if rtu == "i":
        rtus.happen(rtu, do="set", address=1, value=0)
    else:
        rtus.happen(rtu, do="set", table="discrete_input", address=0, value=0)
    before = len(rtus.executed(rtu))
    with killed(tmp_path, given) as asker:
        asker.accept([fakes.Handed.of(command(1, "_s1"))], "test")
        time.sleep(after)
    rtus.executed(rtu)  # what is on its way arrives
    executed = len(rtus.executed(rtu)) - before
    said = replies(tmp_path, given, "C-1")["C-1"]
    assert len(rtus.executed(rtu)) - before == executed
    assert (executed, said.split()[0]) in ((0, "FAILED"), (1, "OK"))
