"""Against OpenDSS: what has no voltage there is not supplied here, by bus and phase."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from cim.model import sets
from cim.model.archive import Archive
from cim.model.read import read_files
from cim.model.write import full
from cim.network import Network
from tests.cim.network.drawing import model, moved

pytestmark = pytest.mark.reference
CASES = ["ieee123_open1", "ieee8500u_open1"]


@cache
def loaded(folder: Path, name: str) -> Network:
    [file] = [
        f for f in folder.iterdir() if f.stem == name and f.suffix in (".xml", ".zip", ".rdf")
    ]
    [member] = Archive(file.read_bytes(), file.name).members()
    return Network.empty().after(model(name, member.document))


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


@pytest.mark.parametrize("name", CASES)
def test_as_operated_the_base_states_the_positions_of_the_open_model(
    shared: Path, name: str
) -> None:
    """The rest that differs OpenDSS has solved and exported anew: taps, sections, normalOpen."""
    folder = shared / "data" / "cim" / "as_operated" / name
    opened = (folder / f"{name}_opened.txt").read_text().split()
    base, published = loaded(folder, f"{name}_base"), loaded(folder, name).model(name)
    operated = base.after(moved("open", *opened)).as_operated(f"{name}_base")
    changed = sets.minus(operated, base.model(f"{name}_base"))
    assert len(changed) >= len(opened)
    assert len(sets.common(changed, published)) == len(changed)
    for one, other in ((operated, published), (published, operated)):
        properties = {p.rpartition("#")[2] for _, p, *_ in sets.minus(one, other).statements()}
        assert not properties & {"Switch.open", "SwitchPhase.closed", "Equipment.inService"}


@pytest.mark.parametrize(
    "feeder", ["ieee13", "ieee34", "ieee37", "ieee123", "ieee8500", "lvtest_eu"]
)
def test_what_has_voltage_in_opendss_is_supplied(shared: Path, feeder: str) -> None:
    folder = shared / "data" / "cim"
    check(loaded(folder / "feeders", f"{feeder}_opendss"), voltages(folder / "solved", feeder))


@pytest.mark.parametrize(
    "feeder",
    ["acep_psil", "gmdm_cim18", "ieee123_cimhub", "ieee123_pv", "ieee13", "ieee13_assets",
     "ieee37_cimhub", "lvtest_cimhub"],
)  # fmt: skip
def test_all_of_a_feeder_is_supplied(shared: Path, feeder: str) -> None:
    network = Network.empty()
    [place] = (p for p in (shared / "data" / "cim" / "feeders").iterdir() if p.stem == feeder)
    files = [place] if place.is_file() else sorted(place.glob("*.xml"))
    for number, one in enumerate(read_files(files).models):
        network = network.after(model(str(number), full(one)))
    assert network.problems == ()
    assert network.nodes
    assert all(network.energised_phases(node) for node in network.nodes)


def test_without_a_source_nothing_of_a_feeder_is_supplied(shared: Path) -> None:
    network = loaded(shared / "data" / "cim" / "feeders", "swiss_lv_demo_cim17")
    assert not any(network.energised_phases(node) for node in network.nodes)
    assert network.problems == (
        "No model describes a source of supply: everything counts as de-energised.",
    )


def test_a_large_feeder_comes_back_from_its_bytes(shared: Path) -> None:
    folder = shared / "data" / "cim" / "as_operated" / "ieee8500u_open1"
    opened = (folder / "ieee8500u_open1_opened.txt").read_text().split()
    network = loaded(folder, "ieee8500u_open1_base").after(moved("open", *opened))
    again = Network.from_bytes(network.to_bytes(with_models=False))
    for point in network.usage_points or sorted(network.nodes)[:500]:
        assert again.upstream(point) == network.upstream(point)
        assert again.energised_phases(point) == network.energised_phases(point)
