"""Against OpenDSS: what has no voltage there is not supplied here, by bus and phase."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from cim.network import Network, read_model
from tests.cim.network.drawing import model, moved

pytestmark = pytest.mark.reference
CASES = ["ieee123_open1", "ieee8500u_open1"]


@cache
def loaded(folder: Path, name: str) -> Network:
    [file] = [f for f in folder.iterdir() if f.stem == name and f.suffix in (".xml", ".zip")]
    return Network.empty().after(model(name, read_model(file.read_bytes(), file.name)))


def voltages(folder: Path, name: str) -> dict[tuple[str, str], float]:
    """Volts by bus and OpenDSS phase number, solved by OpenDSS."""
    with (folder / f"{name}_v.csv").open() as rows:
        places = [(row["node"].split("."), float(row["V"])) for row in csv.DictReader(rows)]
    return {(bus.lower(), phase): volts for (bus, phase), volts in places}


def supplied(network: Network, buses: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these buses and phases are supplied; on secondaries 1 and 2 stand for s1 and s2."""
    by_name = {network.name(node).lower(): network.energised_phases(node) for node in network.nodes}
    live = set()
    for bus, phase in buses:
        phases = by_name[bus]
        secondary = phases & {"s1", "s2"} and phase in "12"
        if (f"s{phase}" if secondary else "ABC"[int(phase) - 1]) in phases:
            live.add((bus, phase))
    return live


def check(network: Network, volts: dict[tuple[str, str], float]) -> None:
    assert supplied(network, set(volts)) == {place for place, v in volts.items() if v > 1e-3}
    assert network.problems == ()


@pytest.mark.parametrize("name", CASES)
def test_dead_buses_are_those_without_voltage(shared: Path, name: str) -> None:
    folder = shared / "data" / "cim" / "as_operated" / name
    volts = voltages(folder, name)
    check(loaded(folder, name), volts)
    base = loaded(folder, f"{name}_base")
    assert all(base.energised_phases(node) for node in base.nodes)
    opened = (folder / f"{name}_opened.txt").read_text().split()
    operated = base.after(moved("open", *opened))
    check(operated, volts)
    closed_again = operated.after(moved("close", *opened))
    assert all(closed_again.energised_phases(node) for node in closed_again.nodes)


def test_every_transformer_of_the_8500_node_feeder_lies_on_its_own_way(shared: Path) -> None:
    folder = shared / "data" / "cim" / "as_operated" / "ieee8500u_open1"
    network = loaded(folder, "ieee8500u_open1_base")
    for device in network.devices:
        path = network.protective_path(device)
        assert path[0] == device
        if network.device_kind(device) == "PowerTransformer":
            regulator = "REG" in network.name(device)
            assert network.is_protective(device) is not regulator
