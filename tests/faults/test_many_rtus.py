"""500 RTUs in two processes, of which one is killed: what they show is right, and what the lost
ones showed is old, theirs alone, until they are back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.scada.quality import FINE, Flag
from tests.adapters.rtus import Reading, Rtus, reading

COUNT, LOST, POINTS = 500, 50, 10
PATIENCE = 180.0  # seconds; of two cores 500 RTUs take a few
OLD = {Flag.OLD_DATA}
KINDS = {"modbus": "holding", "iec104": "M_ME_NC_1"}
NAMES = [f"r{number}" for number in range(COUNT)]
ONES = [NAMES[number * (COUNT // LOST)] for number in range(LOST)]
"""Those that are lost."""


def value(rtu: str, address: int) -> int:
    """Of each point another one, so that none can pass for another's."""
    return int(rtu[1:]) * POINTS + address


def script(protocol: str, names: Sequence[str], ports: Mapping[str, str]) -> str:
    """Each RTU by itself; at its port of before, where it had one."""
    return "".join(
        f'[[rtu]]\nname = "{name}"\nprotocol = "{protocol}"\n'
        f"port = {ports.get(name, ':0').rpartition(':')[2]}\nvalue = [{values(protocol, name)}]\n"
        for name in names
    )


def values(protocol: str, rtu: str) -> str:
    table = KINDS[protocol]
    return ", ".join(
        f'{{ table = "{table}", address = {address}, start = {value(rtu, address)} }}'
        for address in range(1, POINTS + 1)
    )


@contextmanager
def played(
    folder: Path, protocol: str, names: Sequence[str], ports: Mapping[str, str]
) -> Iterator[Rtus]:
    folder.mkdir(exist_ok=True)
    with Rtus(folder, script(protocol, names, ports)) as found:
        yield found


def rows(protocol: str) -> list[dict[str, str]]:
    usual = {"kind": "Analog", "type": KINDS[protocol]}
    if protocol == "modbus":
        usual["data"] = "uint16"
    return [
        {**usual, "name": f"{name}.{address}", "rtu": name, "address": str(address)}
        for name in NAMES
        for address in range(1, POINTS + 1)
    ]


def reached(protocol: str, where: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"protocol": protocol, "addresses": [where[name]]} for name in NAMES}


def told(read: Reading) -> dict[str, tuple[float | None, frozenset[Flag]]]:
    return {name: (found[-1].value, found[-1].flags) for name, found in read.told.items()}


def expected(old: Sequence[str]) -> dict[str, tuple[float, frozenset[Flag]]]:
    """All points have their values, those of the RTUs `old` as old ones."""
    flags = {name: frozenset(OLD) if name in old else FINE for name in NAMES}
    return {
        f"{name}.{address}": (value(name, address), flags[name])
        for name in NAMES
        for address in range(1, POINTS + 1)
    }


def until_told(read: Reading, old: Sequence[str], what: str) -> None:
    wanted = expected(old)
    read.until(lambda: told(read) == wanted, what, patience=PATIENCE)


@pytest.mark.fault
@pytest.mark.parametrize("protocol", ["modbus", "iec104"])
def test_of_500_rtus_50_are_lost_and_come_back(tmp_path: Path, protocol: str) -> None:
    others = [name for name in NAMES if name not in ONES]
    with played(tmp_path / "others", protocol, others, {}) as kept:
        lost = Rtus(tmp_path, script(protocol, ONES, {}))
        where = {**kept.where, **lost.where}
        given = reached(protocol, where)
        with reading(tmp_path, given, rows(protocol), scan=1.0, gather=0.05) as read:
            until_told(read, (), "all values")
            lost.kill()
            until_told(read, ONES, "the loss of 50")
            assert sorted(read.adapter.unreached()) == sorted(ONES)
            with played(tmp_path, protocol, ONES, lost.where):
                until_told(read, (), "their return")
                assert read.adapter.unreached() == {}
                links = read.adapter.links()
                assert {name: links[name].losses for name in NAMES} == {
                    name: int(name in ONES) for name in NAMES
                }
                assert all(not link.malformed for link in links.values())
        # Of the others nothing was told but their first values.
        for name in NAMES:
            flags = [FINE, OLD, FINE] if name in ONES else [FINE]
            for address in range(1, POINTS + 1):
                assert [one.flags for one in read.told[f"{name}.{address}"]] == flags
