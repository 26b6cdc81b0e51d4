"""kill -9 of a hub in the middle of load flows: the next one tells the state of all that was
accepted, and no violation is told to begin or to end twice."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from cim.message import Message, Verb
from cim.profile import Profile, RdfXml
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.state_variables import StateVariables
from hub.dispatch import Hub
from hub.journal.canonical import decode
from hub.journal.tables import DELIVERED, delivery, wake
from hub.journal.tables import message as table
from tests import fakes
from tests.adapters.rtus import REPOSITORY
from tests.dms_apps.load_flow.playing import MORNING, operated
from tests.faults.analysis_process import APP, opened
from tests.faults.test_kill_embedded import wait_for

KILLS = 5
SEED = 20261127


def modelled(shared: Path) -> NetworkModels:
    """The 8500-node feeder, whose load flow takes long enough to be killed in it."""
    with zipfile.ZipFile(shared / "data" / "cim" / "feeders" / "ieee8500_opendss.zip") as archive:
        document = archive.read(archive.namelist()[0])
    model = NetworkModel(
        mrid="11111111-0000-4000-8000-000000000000",
        profile=("http://iec.ch/TC57/CIM100",),
        document=RdfXml(document),
    )
    return NetworkModels(network_model=(model,))


@contextmanager
def process(database: str) -> Iterator[subprocess.Popen[bytes]]:
    module = "tests.faults.analysis_process"
    child = subprocess.Popen(
        [sys.executable, "-m", module, database], stdout=subprocess.PIPE, cwd=REPOSITORY
    )
    try:
        assert child.stdout
        assert child.stdout.readline() == b"runs\n"
        yield child
    finally:
        child.kill()
        child.communicate()


def tell(hub: Hub, payload: Profile, identity: str) -> Message:
    said = fakes.message(
        payload, Verb.CREATED, message_id=identity, noun=type(payload).__name__, source="x"
    )
    hub.accept([fakes.Handed.of(said)], "test")
    return said


def told(hub: Hub) -> list[Message]:
    """What the app has told, the first first."""
    mine = sa.select(table.c.body).where(table.c.source == APP).order_by(table.c.seq)
    with hub.journal.reading() as connection:
        return [decode(body) for body in connection.scalars(mine)]


def has_rested(hub: Hub) -> bool:
    """Whether everything is handled, and nothing is left to be solved."""
    open_ = sa.select(sa.func.count()).where(delivery.c.state != DELIVERED)
    due = sa.select(sa.func.count()).select_from(wake)
    with hub.journal.reading() as connection:
        return not any(connection.execute(query).scalar_one() for query in (open_, due))


def voltages(messages: list[Message]) -> dict[tuple[str, str], tuple[float, float]]:
    """Node and phase -> kV and degrees, as all of them together tell."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for one in messages:
        if isinstance(one.payload, StateVariables):
            for sv in one.payload.sv_voltage:
                found[str(sv.topological_node), str(sv.phase or "")] = (sv.v, sv.angle)
    return found


def switches(document: bytes) -> list[str]:
    """Some of its switches, each to be opened."""
    tagged = rb'<cim:LoadBreakSwitch rdf:about="urn:uuid:([^"]+)"'
    found = sorted({one.decode().lower() for one in re.findall(tagged, document)})
    return random.Random(SEED).sample(found, KILLS * 3)  # noqa: S311


def without_kills(folder: Path, said: list[Message]) -> list[Message]:
    """What a hub tells of the same messages that nobody kills."""
    with closing((hub := opened(f"sqlite:///{folder / 'calm.db'}")).journal):
        hub.run()
        hub.accept([fakes.Handed.of(one) for one in said], "test")
        wait_for(lambda: has_rested(hub), "the state without kills")
        hub.stop()
        return told(hub)


def violations(messages: list[Message]) -> set[str]:
    """Those that last; each begins and ends by turns."""
    lasting: set[str] = set()
    for one in messages:
        if isinstance(one.payload, LimitViolations):
            named = {str(v.mrid) for v in one.payload.limit_violation}
            if one.header.verb is Verb.CREATED:
                assert not named & lasting
                lasting |= named
            elif one.header.verb is Verb.CLOSED:
                assert named <= lasting
                lasting -= named
    return lasting


@pytest.mark.fault
def test_every_change_is_solved_and_told_once(
    tmp_path: Path, shared: Path, postgres_url: str
) -> None:
    model = modelled(shared)
    document = model.network_model[0].document
    assert isinstance(document, RdfXml)
    chosen = switches(document)
    moments = random.Random(SEED)  # noqa: S311
    in_time = 0
    with closing((hub := opened(postgres_url)).journal):
        said = [tell(hub, model, "model")]
        for kill in range(KILLS):
            with process(postgres_url) as child:
                for number, switch in enumerate(chosen[3 * kill : 3 * kill + 3]):
                    at = MORNING + timedelta(minutes=10 * kill + number)
                    event = operated(switch, closed=False, at=at)
                    said.append(tell(hub, event, f"switch {kill} {number}"))
                    time.sleep(moments.uniform(0.5, 4))
                child.send_signal(signal.SIGKILL)
                child.wait()
                in_time += not has_rested(hub)
        with process(postgres_url):
            wait_for(lambda: has_rested(hub), "the rest")
        found = told(hub)
    calm = without_kills(tmp_path, said)
    whole = [m for m in found if isinstance(m.payload, StateVariables)]
    verbs = [m.header.verb for m in whole]
    assert verbs.count(Verb.CREATED) == 1
    assert Verb.CHANGED in verbs
    assert in_time, "every kill came after the work"
    assert violations(found) == violations(calm)
    expected, state = voltages(calm), voltages(found)
    assert state.keys() == expected.keys()
    for key, (volts, _) in expected.items():
        assert state[key][0] == pytest.approx(volts, rel=1e-5, abs=1e-6), key
