"""Modbus TCP over real connections, to simulated RTUs in a process of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.scada.links import summary
from adapters.scada.quality import FINE, Flag
from adapters.scada.samples import Scan, Why
from cim.profiles.switching_events import SwitchingEvents
from dms_apps.simulator.rtu import read as read_script
from hub.dispatch import Hub
from hub.dispatch.stamp import stamp
from hub.journal import Journal
from hub.journal.canonical import encode_checked
from hub.main.parts import unreached
from tests.adapters.rtus import PATIENCE, Rtus, reading
from tests.installed import until

OLD = {Flag.OLD_DATA}


def analog(rtu: str, address: int = 0, name: str = "", **said: str) -> dict[str, str]:
    usual = {"kind": "Analog", "type": "holding", "data": "int16", "address": str(address)}
    return {**usual, "rtu": rtu, "name": name or f"{rtu}.{address}", **said}


def reached(rtus: Rtus, *names: str, **said: Any) -> dict[str, Any]:
    return {name: {"addresses": [rtus.where[name]], **said} for name in names}


SCRIPT = """
[[rtu]]
name = "p"
count = 12
value = [{ address = 0, start = 7 }]

[[rtu]]
name = "numbers"
value = [
    { table = "coil", address = 3, data = "bool", start = 1 },
    { table = "discrete_input", address = 900, data = "bool", start = 1 },
    { table = "holding", address = 10, data = "int16", start = -5 },
    { table = "holding", address = 11, data = "float32", start = 1.5 },
    { table = "holding", address = 13, data = "int32", start = -70000, big = false },
    { table = "holding", address = 15, data = "float64", start = 0.1 },
    { table = "input", address = 0, data = "uint16", start = 0b100 },
    { table = "input", address = 1, data = "uint64", start = 5000000000 },
]

[[rtu]]
name = "small"
size = 50
value = [{ address = 0, start = 7 }]

[[rtu]]
name = "timed"
clock = 100
value = [{ address = 0, start = 1, stamp = 4 }]

[[rtu]]
name = "tls"
certificate = "CERTIFICATE"
value = [{ address = 0, start = 7 }]

[[rtu]]
name = "ramp"
value = [{ address = 0, start = 5, slope = 1000, low = 5, high = 20, noise = 0.1 }]

[[rtu]]
name = "m"
count = 50

[[event]]
at = 0.1
rtu = "ramp"
do = "set"
address = 1
value = 9
"""


@pytest.fixture(scope="module")
def rtus(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[Rtus]:
    folder = tmp_path_factory.mktemp("rtus")
    server = authority.issue_cert("127.0.0.1")
    server.private_key_and_cert_chain_pem.write_to_path(str(folder / "rtu.pem"))
    with Rtus(folder, SCRIPT.replace("CERTIFICATE", str(folder / "rtu.pem"))) as found:
        yield found


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def test_every_table_and_kind_of_number_is_read(rtus: Rtus, tmp_path: Path) -> None:
    bit = {"kind": "Discrete", "data": ""}
    rows = [
        analog("numbers", 3, "coil", type="coil", **bit),
        analog("numbers", 900, "discrete", type="discrete_input", **bit),
        analog("numbers", 10, "int16", gain="0.1", offset="100"),
        analog("numbers", 11, "float32", data="float32"),
        analog("numbers", 13, "int32", data="int32", word_order="little"),
        analog("numbers", 15, "float64", data="float64"),
        analog("numbers", 0, "bit2", type="input", bit="2", **bit),
        analog("numbers", 1, "uint64", type="input", data="uint64"),
    ]
    with reading(tmp_path, reached(rtus, "numbers"), rows) as read:
        read.until(lambda: len(read.told) == len(rows))
        link = read.link("numbers")
        assert {name: told[0].value for name, told in read.told.items()} == {
            "coil": 1,
            "discrete": 1,
            "int16": 99.5,
            "float32": 1.5,
            "int32": -70000,
            "float64": 0.1,
            "bit2": 1,
            "uint64": 5_000_000_000,
        }
        assert all(told[0].why is Why.FIRST for told in read.told.values())
        assert (link.timeouts, link.malformed, link.losses, link.why) == (0, 0, 0, "")
        assert link.percentile(0.5) > 0
        assert str(link).startswith("RTU numbers at 127.0.0.1")
        assert read.adapter.unreached() == {}
        for scan in read.scans:
            for outgoing in read.adapter.to_cim(scan):
                encode_checked(stamp(outgoing, "scada", scan.seen))


def test_changes_and_a_switch_that_moves_are_told_and_nothing_else(
    rtus: Rtus, tmp_path: Path
) -> None:
    rows = [
        analog("p-1", 0, "I", deadband="2"),
        analog("p-1", 1, "S", data="", kind="Discrete", state0="open", state1="closed")
        | {"equipment": "_s"},
    ]
    with reading(tmp_path, reached(rtus, "p-1"), rows) as read:
        read.until_told("I", 7, FINE)
        for value in (8, 9, 10):
            rtus.happen("p-1", do="set", address=0, value=value)
            read.for_polls("p-1", 2)
        rtus.happen("p-1", do="set", address=1, value=1)
        closed = read.until_told("S", 1, FINE)
        assert [told.value for told in read.told["I"]] == [7, 10]
        assert [(told.value, told.moves) for told in read.told["S"]] == [(0, True), (1, True)]
        _, event = read.adapter.to_cim(Scan("p-1", closed.at, [closed]))
        assert isinstance(event.payload, SwitchingEvents)
        action = event.payload.switching_event[0].switching_action
        assert action
        assert (action.kind, action.operated_switch.mrid) == ("close", "_s")


def test_all_points_are_told_again_by_an_integrity_scan(rtus: Rtus, tmp_path: Path) -> None:
    rows = [analog("p-2"), analog("p-2", 1)]
    with reading(tmp_path, reached(rtus, "p-2"), rows, integrity=0.1) as read:
        read.until(lambda: all(len(read.told.get(row["name"], ())) >= 3 for row in rows))
        assert {told.why for told in read.told["p-2.0"][1:]} == {Why.INTEGRITY}


def test_a_lost_connection_makes_all_points_old_once_and_their_return_is_told(
    rtus: Rtus, tmp_path: Path
) -> None:
    rows = [analog("p-3"), analog("p-3", 1)]
    with reading(tmp_path, reached(rtus, "p-3"), rows) as read:
        read.until_told("p-3.1", 0, FINE)
        rtus.happen("p-3", do="refuse")
        read.until_told("p-3.1", 0, OLD)
        link = read.link("p-3")
        read.until(lambda: "no connection" in link.why)
        [lost] = unreached({"scada": read.adapter})
        assert (lost.kind, lost.name, lost.state) == ("link", "scada p-3", "waiting")
        assert "no connection; " in lost.note
        assert "1 RTUs, 1 not reached (p-3)" in summary(read.adapter.links().values())
        rtus.happen("p-3", do="normal")
        read.until_told("p-3.1", 0, FINE)
        assert [[t.flags for t in read.told[row["name"]]] for row in rows] == [
            [FINE, OLD, FINE]
        ] * 2
        assert (link.losses, link.why) == (1, "")


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("wrong_function", "malformed answer: function 4, asked was 3"),
        ("too_few", "malformed answer: 2 bytes of values, 4 were asked for"),
        ("too_many", "malformed answer: 6 bytes of values, 4 were asked for"),
        ("odd", "malformed answer: 3 bytes of values, 4 were asked for"),
        ("byte_count", "malformed answer: byte count 2, 4 were asked for"),
        ("wrong_unit", "malformed answer: unit 2, asked was 1"),
        ("wrong_transaction", "malformed answer: transaction "),
        ("protocol", "malformed answer: protocol identifier 7, 0 is Modbus"),
        ("garbage", "malformed answer: "),
        ("trailing", "malformed answer: 1 bytes follow the reply"),
        ("truncated", "no answer in 0.25 s"),
        ("silence", "no answer in 0.25 s"),
        ("drop", "the connection was closed"),
    ],
)
def test_no_wrong_answer_becomes_a_value(
    rtus: Rtus, tmp_path: Path, behaviour: str, why: str
) -> None:
    rows = [analog("p-4"), analog("p-4", 1)]
    timeout = 0.25 if "no answer" in why else 10.0
    with reading(tmp_path, reached(rtus, "p-4", timeout=timeout), rows) as read:
        read.until_told("p-4.0", 7, FINE)
        rtus.happen("p-4", do=behaviour)
        read.until_told("p-4.0", 7, OLD)
        link = read.link("p-4")
        assert link.why.startswith(why)
        assert (link.losses, link.is_reached, list(read.adapter.unreached())) == (1, False, ["p-4"])
        assert {told.value for told in read.told["p-4.0"]} == {7}
        assert {told.value for told in read.told["p-4.1"]} == {0}
        rtus.happen("p-4", do="normal")
        read.until_told("p-4.0", 7, FINE)


def test_an_exception_fails_the_points_of_its_block_and_no_others(
    rtus: Rtus, tmp_path: Path
) -> None:
    rows = [analog("small"), analog("small", 60)]
    with reading(tmp_path, reached(rtus, "small"), rows) as read:
        read.for_polls("small", 6)
        link = read.link("small")
        assert [told.flags for told in read.told["small.0"]] == [FINE]
        assert [(told.value, told.flags) for told in read.told["small.60"]] == [
            (None, {Flag.FAILURE})
        ]
        assert link.refusals == {"holding 60 to 60: exception 2 (illegal data address)"}
        rtus.happen("small", do="exception", code=6)
        read.until_told("small.0", 7, {Flag.FAILURE})
        rtus.happen("small", do="exception", code=11)
        read.until_told("small.0", 7, {Flag.FAILURE, Flag.OLD_DATA})
        assert link.why == "gateway target device failed to respond"


def test_a_slow_rtu_keeps_no_other_waiting(rtus: Rtus, tmp_path: Path) -> None:
    rows = [analog("p-5"), analog("p-6")]
    with reading(tmp_path, reached(rtus, "p-5", "p-6"), rows) as read:
        read.until_told("p-6.0", 7, FINE)
        rtus.happen("p-6", do="slow", seconds=5.0)
        slow = read.link("p-6")
        before = slow.polls
        read.until(lambda: slow.polls > before)  # it is being asked
        read.for_polls("p-5", 5)
        assert slow.polls == before + 1
        assert (slow.timeouts, slow.why) == (0, "")


def test_the_other_address_is_taken_when_one_is_lost(rtus: Rtus, tmp_path: Path) -> None:
    rtus.happen("p-8", do="set", value=8)
    both = {"a": {"addresses": [rtus.where["p-7"], rtus.where["p-8"]]}}
    with reading(tmp_path, both, [analog("a")]) as read:
        read.until_told("a.0", 7, FINE)
        rtus.happen("p-7", do="refuse")
        read.until_told("a.0", 8, FINE)
        link = read.link("a")
        assert [(t.value, t.flags) for t in read.told["a.0"]] == [(7, FINE), (7, OLD), (8, FINE)]
        assert (link.failovers, link.address) == (1, rtus.where["p-8"])


def test_the_rtus_time_counts_until_its_clock_has_jumped(rtus: Rtus, tmp_path: Path) -> None:
    rows = [analog("timed", kind="Discrete", data="uint16", stamp="4")]
    with reading(tmp_path, reached(rtus, "timed", clock=100), rows) as read:
        read.until_told("timed.0", 1, FINE)
        time.sleep(0.002)  # a change in the millisecond of the first reading has its time
        rtus.happen("timed", do="set", value=2)
        event = read.until_told("timed.0", 2, FINE)
        assert event.at.microsecond % 1000 == 0  # the RTU counts milliseconds
        rtus.happen("timed", do="clock_jump", seconds=3600)
        link = read.link("timed")
        read.until(lambda: link.jumps == 1)
        rtus.happen("timed", do="set", value=3)
        received = read.until_told("timed.0", 3, FINE)
        assert any(received in s.told and received.at == s.seen for s in read.scans)


def test_a_point_that_flaps_is_held(rtus: Rtus, tmp_path: Path) -> None:
    rows = [analog("p-9", kind="Discrete", data="uint16")]
    with reading(tmp_path, reached(rtus, "p-9"), rows, flapping=2, flapping_seconds=0.5) as read:
        read.until_told("p-9.0", 7, FINE)
        value, end = 0, time.monotonic() + PATIENCE
        while read.told["p-9.0"][-1].flags != {Flag.OSCILLATORY}:
            assert time.monotonic() < end
            value += 1
            rtus.happen("p-9", do="set", value=value)
            read.for_polls("p-9", 2)
        held = read.told["p-9.0"][-1].value
        rtus.happen("p-9", do="set", value=value + 1)
        read.until_told("p-9.0", value + 1, FINE)
        assert [(t.value, t.flags) for t in read.told["p-9.0"][-2:]] == [
            *[(held, {Flag.OSCILLATORY}), (value + 1, FINE)]
        ]


def test_many_rtus_are_read_at_once_and_each_tells_its_own(rtus: Rtus, tmp_path: Path) -> None:
    names = [f"m-{number}" for number in range(1, 51)]
    for number, name in enumerate(names):
        rtus.happen(name, do="set", value=number)
    rows = [analog(name) for name in names]
    with reading(tmp_path, reached(rtus, *names), rows, scan=0.2) as read:
        read.until(lambda: len(read.told) == len(names))
        assert {name: read.told[f"{name}.0"][0].value for name in names} == {
            name: number for number, name in enumerate(names)
        }


def test_tls_wants_a_certificate_of_the_authority(
    rtus: Rtus, tmp_path: Path, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    where = [rtus.where["tls"]]
    two = {
        "a": {"addresses": where, "authority": tmp_path / "ca.pem"},
        "b": {"addresses": where, "authority": tmp_path / "other.pem"},
    }
    with reading(tmp_path, two, [analog("a"), analog("b")]) as read:
        read.until_told("a.0", 7, FINE)
        read.until(lambda: read.link("b").losses == 1)
        assert [told.value for told in read.told["a.0"]] == [7]
        assert [told.value for told in read.told["b.0"]] == [None]
        assert read.link("b").why == "no connection"


def test_a_script_plays_by_itself(rtus: Rtus, tmp_path: Path) -> None:
    rows = [analog("ramp", deadband="4"), analog("ramp", 1)]
    with reading(tmp_path, reached(rtus, "ramp"), rows) as read:
        read.until_told("ramp.1", 9, FINE)
        read.until(lambda: len(read.told["ramp.0"]) > 3)
        assert all(4 <= told.value <= 21 for told in read.told["ramp.0"])


def test_what_is_unknown_in_a_script_is_told(rtus: Rtus, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('[[event]]\ndo = "explode"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="event: do 'explode' is not known; known: normal, sil"):
        read_script(path)
    with pytest.raises(AssertionError, match="there is no RTU 'x'; there are p-1"):
        rtus.happen("x", do="normal")


def test_files_are_read_beside_the_rtus(rtus: Rtus, tmp_path: Path) -> None:
    rows = [analog("p-10"), {"name": "F", "kind": "Analog"}]
    (tmp_path / "feeds").mkdir()
    text = "point,time,value,status\nF,2026-07-14T10:00:00Z,4,\n"
    (tmp_path / "feeds" / "a.csv").write_text(text, encoding="utf-8")
    quickly = {"settle": 0.0, "interval": 0.01}
    with reading(tmp_path, reached(rtus, "p-10"), rows, **quickly) as read:  # type: ignore[arg-type]
        read.until(lambda: len({origin.split(" at ")[0] for origin in read.origins}) == 2)
        assert "a.csv line 2" in read.origins
    assert (tmp_path / "feeds" / "done" / "a.csv").exists()


def test_the_network_of_a_hub_follows_the_rtus(rtus: Rtus, tmp_path: Path) -> None:
    position = {"kind": "Discrete", "state0": "open", "state1": "closed", "equipment": "_s"}
    rows = [
        analog("p-11", 0, mrid="_i"),
        analog("p-11", 1, data="", **position),
    ]
    journal = Journal.open(f"sqlite:///{tmp_path / 'hub.db'}")
    hub = Hub(journal, {})
    with reading(tmp_path, reached(rtus, "p-11"), rows) as read:
        read.adapter.stop()
    adapter = replace(read.adapter)
    hub.attach_adapter("scada", adapter)
    hub.run()
    try:
        rtus.happen("p-11", do="set", address=1, value=1)
        overlay = until(
            lambda: hub.network.overlay if _closed(hub) else None, "_s shows closed", pace=0.01
        )
        assert overlay.measured.get("_i").value == 7
        assert overlay.measured.get("p-11.1").value == 1
        rtus.happen("p-11", do="refuse")
        flags = until(
            lambda: hub.network.overlay.measured.get("_i").flags, "_i is flagged", pace=0.01
        )
        assert flags == ("old_data",)
    finally:
        hub.stop()
        journal.close()


def _closed(hub: Hub) -> bool:
    found = hub.network.overlay.positions.get("_s")
    return found is not None and bool(found.closed)
