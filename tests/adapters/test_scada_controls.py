"""Controls over loopback, to simulated RTUs in a process of their own: each is carried out once,
confirmed by its indication, or reported with its reason."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.scada import ScadaAdapter, table
from adapters.scada.controls import Order
from adapters.scada.samples import Told
from cim.message import Message, Verb
from cim.profiles.controls import Command, Controls, SetPoint
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.units import UnitSymbol
from cim.violation import Refusal
from hub.handover import Mark
from hub.settings import build
from tests import fakes
from tests.adapters.rtus import Reading, Rtus, reading, simulated
from tests.installed import until

NAMES = [f"m-{number}" for number in range(1, 8)]
SCRIPT = (
    "".join(
        f"""
[[rtu]]
name = "{name}"
size = 60
value = [
    {{ table = "discrete_input", address = 0, start = 0 }},
    {{ table = "discrete_input", address = 1, start = 1 }},
    {{ table = "holding", address = 20, data = "float32", start = 1.5 }},
]
control = [
    {{ address = 10, indication = 0 }},
    {{ address = 11, select = 12, indication = 1 }},
    {{ table = "holding", address = 30, indication_table = "holding", indication = 20 }},
]
"""
        for name in NAMES
    )
    + """
[[rtu]]
name = "i"
protocol = "iec104"
common = 47
wire = true
value = [
    { table = "M_SP_TB_1", address = 1, start = 0 },
    { table = "M_DP_TB_1", address = 2, start = 1 },
    { table = "M_ME_TF_1", address = 3, start = 1.5 },
    { table = "M_SP_NA_1", address = 4, start = 0 },
]
control = [
    { table = "C_SC_NA_1", address = 101, indication = 1 },
    { table = "C_DC_NA_1", address = 102, select = 1, indication = 2 },
    { table = "C_SE_NC_1", address = 103, indication = 3 },
]
"""
)
SWITCH = {"kind": "Discrete", "state0": "open", "state1": "closed"}
CONTROL = {"kind": "Control", "within": "3"}
rtus = simulated(SCRIPT)


def points(rtu: str, **within: str) -> list[dict[str, str]]:
    """Two switches, the second with a select coil, and a set point in kW."""
    of = {"rtu": rtu, "data": ""}
    control = {**CONTROL, **within, **of}
    inputs = {**of, "type": "discrete_input"}
    value = {"rtu": rtu, "data": "float32", "type": "holding", "gain": "10", "unit": "W"}
    return [
        {**inputs, **SWITCH, "name": "s1", "address": "0", "equipment": "_s1"},
        {**inputs, **SWITCH, "name": "s2", "address": "1", "equipment": "_s2"},
        {**value, "name": "p", "kind": "Analog", "address": "20", "equipment": "_p"},
        {**control, "name": "c1", "type": "coil", "address": "10", "indication": "s1"}
        | {"equipment": "_s1"},
        {**control, "name": "c2", "type": "coil", "address": "11", "indication": "s2"}
        | {"equipment": "_s2", "select": "12"},
        {**control, **value, "name": "sp", "address": "30", "indication": "p", "high": "500"}
        | {"equipment": "_p", "kind": "Control"},
    ]


def points_104(**within: str) -> list[dict[str, str]]:
    of = {"rtu": "i", "data": ""}
    control = {**CONTROL, **within, **of}
    double = {"kind": "Discrete", "state1": "open", "state2": "closed"}
    return [
        {**of, **SWITCH, "name": "s1", "type": "M_SP_NA_1", "address": "1", "equipment": "_s1"},
        {**of, **double, "name": "s2", "type": "M_DP_NA_1", "address": "2", "equipment": "_s2"},
        {**of, "name": "p", "kind": "Analog", "type": "M_ME_NC_1", "address": "3"},
        {**of, **SWITCH, "name": "s4", "type": "M_SP_NA_1", "address": "4", "equipment": "_s4"},
        {**control, "name": "c1", "type": "C_SC_NA_1", "address": "101", "indication": "s1"}
        | {"equipment": "_s1"},
        {**control, "name": "c2", "type": "C_DC_NA_1", "address": "102", "indication": "s2"}
        | {"equipment": "_s2", "select": "yes"},
        {**control, "name": "sp", "type": "C_SE_NC_1", "address": "103", "indication": "p"}
        | {"equipment": "_p"},
        # The RTU has no such command: it is refused when it is selected.
        {**control, "name": "c4", "type": "C_SC_NA_1", "address": "104", "indication": "s4"}
        | {"equipment": "_s4", "select": "yes"},
    ]


def asked(control: Command | SetPoint, message_id: str, age: float = 0.0) -> Message:
    payload = (
        Controls(command=(control,))
        if isinstance(control, Command)
        else Controls(set_point=(control,))
    )
    made = fakes.message(payload, Verb.CREATE, message_id=message_id, noun="Controls", source="oms")
    at = datetime.now(UTC) - timedelta(seconds=age)
    return replace(made, header=replace(made.header, timestamp=at))


def command(value: int, device: str, message_id: str = "C-1", **said: Any) -> Message:
    age = said.pop("age", 0.0)
    resource = PowerSystemResource(mrid=device)
    return asked(Command(value=value, power_system_resource=resource, **said), message_id, age)


def set_point(value: float, message_id: str = "C-1", **said: Any) -> Message:
    resource = PowerSystemResource(mrid="_p")
    return asked(SetPoint(value=value, power_system_resource=resource, **said), message_id)


class Operated:
    """An adapter that is read in a thread, and asked for controls."""

    def __init__(self, read: Reading) -> None:
        self.adapter = read.adapter
        self._read = read
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            self._read.step()

    def outcome(self, message: Message, write: str = "write") -> str:
        """ "OK", or why not."""
        [order] = self.adapter.from_cim(message)
        try:
            getattr(self.adapter, write)(order)
        except Refusal as refusal:
            return f"{refusal.violations[0].code}: {refusal.violations[0].rule}"
        return "OK"

    def end(self) -> None:
        self._over.set()
        self._thread.join()


def _is_good(told: Told | None) -> bool:
    return told is not None and not told.flags


@contextmanager
def operated(
    rtus: Rtus,
    folder: Path,
    rtu: str,
    rows: Sequence[Mapping[str, str]],
    **given: Any,
) -> Iterator[Operated]:
    protocol = {"protocol": "iec104", "common": 47} if rtu == "i" else {}
    said = {"addresses": [rtus.where[rtu]], "timeout": 0.5, "misses": 1, **protocol}
    with reading(folder, {rtu: said}, rows, **given) as read:
        shown = [row["name"] for row in rows if row["kind"] != "Control"]
        read.until(lambda: all(map(_is_good, map(read.last, shown))), "the points")
        found = Operated(read)
        try:
            yield found
        finally:
            found.end()


def executed(rtus: Rtus, rtu: str, before: int = 0) -> list[list[float]]:
    return rtus.executed(rtu)[before:]


def test_a_control_is_carried_out_once_and_confirmed(rtus: Rtus, tmp_path: Path) -> None:
    with operated(rtus, tmp_path, "m-1", points("m-1")) as field:
        assert field.outcome(command(1, "_s1")) == "OK"
        assert field.outcome(command(1, "_s1")) == "OK"  # again: it is known, and not repeated
        assert field.outcome(command(0, "_s2", "C-2")) == "OK"
        assert field.outcome(set_point(25.0, "C-3")) == "OK"
        already = field.outcome(command(1, "_s1", "C-4"))
        assert already == "5.2: nothing was sent: its indication s1 shows closed already"
        assert field.outcome(command(0, "_s1", "C-5")) == "OK"
    # 25 W at a gain of 10 is 2.5, whose first register is 0x4020.
    assert executed(rtus, "m-1") == [[10, 1], [11, 0], [30, 0x4020], [10, 0]]


def test_a_selection_that_is_refused_carries_out_nothing(rtus: Rtus, tmp_path: Path) -> None:
    with operated(rtus, tmp_path, "m-4", points("m-4")) as field:
        rtus.happen("m-4", do="control", faults=["no_select"])
        why = field.outcome(command(0, "_s2"))
        assert why == (
            "5.3: c2 = open was not carried out, it could not be selected: exception 4"
            " (server device failure)"
        )
    assert executed(rtus, "m-4") == []


def test_without_a_trusted_indication_nothing_is_sent(rtus: Rtus, tmp_path: Path) -> None:
    with operated(rtus, tmp_path, "m-5", points("m-5", within="0.4")) as field:
        rtus.happen("m-5", do="refuse")
        until(lambda: not field.adapter.links()["m-5"].is_reached, "m-5 is lost", pace=0.005)
        why = field.outcome(command(1, "_s1"))
        assert why == "5.2: nothing was sent: the RTU m-5 is not reached"
        rtus.happen("m-5", do="normal")
        assert "it is 31 s old, of at most 30 s" in field.outcome(command(1, "_s1", "C-2", age=31))
        assert "6 s ahead of the clock" in field.outcome(command(1, "_s1", "C-3", age=-6.4))
        until(lambda: field.adapter._live["m-5"].shown, "m-5 is read again", pace=0.005)
    assert executed(rtus, "m-5") == []


def test_the_front_end_that_goes_on_tells_what_became_of_it_and_sends_nothing(
    rtus: Rtus, tmp_path: Path
) -> None:
    notes = fakes.Noted()
    rtus.happen("m-7", do="set", table="discrete_input", address=1, value=1)
    with operated(rtus, tmp_path, "m-7", points("m-7", within="0.4"), notes=notes) as field:

        def recalled(value: int, device: str, name: str, begun: str = "") -> str:
            if begun:  # by the other one, which was killed then
                notes.note(name, Mark.BEGUN, begun)
            return field.outcome(command(value, device, name), "recall")

        why = recalled(1, "_s1", "C-1")
        assert why.startswith("5.3: c1 = closed was not carried out: it was asked for before this")
        # Neither here nor by the other one, which may only stand still.
        assert field.outcome(command(1, "_s1", "C-1")) == why
        assert not notes.note("C-1", Mark.BEGUN)
        assert recalled(1, "_s2", "C-2", "s2 = closed") == "OK"
        why = recalled(0, "_s2", "C-3", "s2 = open")
        assert "UNKNOWN whether c2 = open was carried out: the hub ended while" in why
        assert "after 0.4 s s2 shows closed; it is not sent again" in why
        why = recalled(1, "_s2", "C-4", "s1 = closed")
        assert "the table of points said that s1 = closed confirms it" in why
        for name in ("C-1", "C-2", "C-3", "C-4"):
            assert field.outcome(command(1, "_s2", name)) == field.outcome(
                command(1, "_s2", name), "recall"
            )
    assert executed(rtus, "m-7") == []
    marks = {name: note.mark for name, note in notes.known.items()}
    assert marks == dict.fromkeys(("C-1", "C-3", "C-4"), Mark.FAILED) | {"C-2": Mark.SENT}


class Unreliable(fakes.Noted):
    """Notes in a database that fails for a while, or needs `late` seconds to begin one."""

    lost: frozenset[Mark] = frozenset()
    late = passed = 0.0

    def note(self, identity: str, mark: Mark, said: str = "") -> bool:
        if mark in self.lost:
            raise ConnectionError("no database")
        self.passed += self.late
        return super().note(identity, mark, said)


def test_without_the_database_nothing_is_sent_and_nothing_guessed(
    rtus: Rtus, tmp_path: Path
) -> None:
    notes = Unreliable()
    with operated(rtus, tmp_path, "m-3", points("m-3", within="3"), notes=notes) as field:
        field.adapter._operator._now = lambda: datetime.now(UTC) + timedelta(seconds=notes.passed)
        notes.lost = frozenset({Mark.BEGUN})
        with pytest.raises(ConnectionError):
            field.outcome(command(1, "_s1"))
        assert executed(rtus, "m-3") == []
        notes.lost = frozenset({Mark.SENT})
        with pytest.raises(ConnectionError):
            field.outcome(command(1, "_s1"))
        assert executed(rtus, "m-3") == [[10, 1]]
        # What it shows since is no matter: it was confirmed.
        rtus.happen("m-3", do="set", table="discrete_input", address=0, value=0)
        notes.lost = frozenset()
        assert field.outcome(command(1, "_s1")) == "OK"
        notes.late = 60.0
        why = field.outcome(command(0, "_s2", "C-2"))
        assert "c2 = open was not carried out, nothing was sent: it is 60 s old" in why
    assert executed(rtus, "m-3") == [[10, 1]]


def test_a_second_control_of_a_point_waits_for_nothing_and_is_refused(
    rtus: Rtus, tmp_path: Path
) -> None:
    said: list[str] = []
    notes = fakes.Noted()
    with operated(rtus, tmp_path, "m-6", points("m-6", within="0.8"), notes=notes) as field:
        rtus.happen("m-6", do="control", faults=["stuck"])
        first = threading.Thread(target=lambda: said.append(field.outcome(command(1, "_s1"))))
        first.start()
        until(lambda: "C-1" in notes.known, "it is noted", pace=0.005)
        why = field.outcome(command(1, "_s1", "C-2"))
        assert why == "5.2: nothing was sent: another control of s1 is in progress"
        assert field.outcome(set_point(30.0, "C-3")).startswith("5.3: sp = 30 is not confirmed")
        first.join()
    assert "c1 = closed is not confirmed" in said[0]
    assert executed(rtus, "m-6") == [[10, 1], [30, 0x4040]]


def test_commands_of_iec_60870_5_104(rtus: Rtus, tmp_path: Path) -> None:
    with operated(rtus, tmp_path, "i", points_104()) as field:
        assert field.outcome(command(1, "_s1")) == "OK"
        assert field.outcome(command(1, "_s2", "C-2")) == "OK"
        assert field.outcome(set_point(-2.5, "C-3")) == "OK"
        why = field.outcome(command(1, "_s4", "C-4"))
        assert why == (
            "5.3: c4 = closed was not carried out, it could not be selected: negative confirmation"
        )
        rtus.happen("i", do="control", faults=["refuses"])
        why = field.outcome(command(0, "_s1", "C-5"))
        assert why.endswith("the RTU refuses it: negative confirmation")
        rtus.happen("i", do="control", faults=["cuts"])
        assert field.outcome(command(0, "_s1", "C-6")) == "OK"
    assert executed(rtus, "i") == [[101, 1], [102, 2], [103, -2.5], [101, 0]]


def adapter(folder: Path, rows: Sequence[Mapping[str, str]], **given: Any) -> ScadaAdapter:
    path = folder / "points.csv"
    path.write_bytes(table.write(rows))
    rtu = {"addresses": ["127.0.0.1:9"]}
    settings = {"points": path, "folder": folder, "rtus": {"m-1": rtu}, **given}
    return build(ScadaAdapter, settings, path)


def test_what_the_table_does_not_allow_is_refused_in_words(tmp_path: Path) -> None:
    scada = adapter(tmp_path, points("m-1"))

    def refused(message: Message) -> str:
        try:
            list(scada.from_cim(message))
        except ValueError as error:
            return str(error)
        return ""

    assert "no control for a Command of _nowhere" in refused(command(1, "_nowhere"))
    assert "no control for a Command of _p" in refused(command(1, "_p"))
    assert "c1: 0 opens and 1 closes a switch, not 2" in refused(command(2, "_s1"))
    other = command(1, "_s1", names=(Name(name="c2"),))
    assert "no control for a Command of _s1" in refused(other)
    assert "sp = 600 is beyond low and high of the table" in refused(set_point(600))
    assert "sp = 30 is beyond its own limits" in refused(set_point(30, max_value=20.0))
    assert "sp is in W, the control says A" in refused(set_point(30, unit_symbol=UnitSymbol("A")))
    nobody = Command(value=1, power_system_resource=PowerSystemResource())
    assert "by its mRID only" in refused(asked(nobody, "C-1"))
    unsaid = command(1, "_s1")
    unsaid = replace(unsaid, header=replace(unsaid.header, timestamp=None))
    assert "says in its Header when it was asked for" in refused(unsaid)
    local = replace(unsaid, header=replace(unsaid.header, timestamp=datetime(2026, 7, 14)))
    assert "2026-07-14 00:00:00 has no offset from UTC" in refused(local)
    assert (scada.serves(command(2, "_s1")), scada.serves(command(1, "_nowhere"))) == (True, False)
    [order] = scada.from_cim(command(1, "_s1"))
    assert isinstance(order, Order)
    assert (order.output.raw, order.said) == (1, "c1 = closed")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"indication": "x"}, "point c1: indication 'x' is no point that is read"),
        ({"equipment": ""}, "point c1: equipment is empty: of which device is it?"),
        ({"equipment": "_s2"}, "point c1: indication s1 is of _s1, not _s2"),
        (
            {"indication": "p", "equipment": "_p", "state0": "open", "state1": "closed"},
            "its indication none that are",
        ),
        ({"type": "input", "data": "int16"}, "type 'input' cannot be operated; known: coil"),
        ({"within": "0"}, "within '0' is not above 0 and up to 300 seconds"),
        ({"select": "70000"}, "select '70000' is not from 0 to 65535"),
        ({"indication": ""}, "within '3' is of a Control with an indication only"),
    ],
)
def test_a_control_that_cannot_be_stops_the_start(
    tmp_path: Path, changed: dict[str, str], rule: str
) -> None:
    rows = [row | changed if row["name"] == "c1" else row for row in points("m-1")]
    with pytest.raises(ValueError, match=rule):
        adapter(tmp_path, rows)
