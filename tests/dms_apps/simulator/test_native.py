"""Files of all systems of a demo utility: the hub takes them through its front door, and knows the
feeder and its customers as they are."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from cim.model import Model
from cim.model.read import read
from cim.model.terms import key
from cim.network import Network
from cim.profiles.asset_catalogue import AssetCatalogue
from cim.profiles.asset_list import AssetList
from cim.profiles.customer_agreements import CustomerAgreements
from dms_apps.simulator import files
from dms_apps.simulator.feeders import cache_folder, feeder
from dms_apps.simulator.native import people
from dms_apps.simulator.native.day import Day
from dms_apps.simulator.native.files import ADAPTERS, Estate, estate, write
from dms_apps.simulator.utility import Utility
from hub.config import Http, load
from hub.dispatch.handed_in import hand_in
from hub.journal import queries
from hub.journal.canonical import decode
from hub.journal.queries import Filter
from hub.main import Running
from tests.adapters.test_gis_native import primitives, statements

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def day(name: str) -> Day:
    return Day(Utility.build(name, feeder(name, cache_folder(os.environ)), 7), AT, metered=50)


def installed(group: str) -> EntryPoints:
    """Those of this tree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    given = project["entry-points"][group].items()
    return EntryPoints(EntryPoint(name, value, group) for name, value in given)


@pytest.fixture(scope="module", autouse=True)
def writers() -> Iterator[None]:
    """Those of this tree: what is installed may be older."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "entry_points", installed)
        yield


@pytest.fixture(scope="module")
def utility() -> tuple[Day, Estate]:
    of_day = day("ieee123")
    return of_day, estate(of_day)


def check(of_day: Day, found: Estate, folder: Path) -> None:
    """Handed in one after the other, through a whole hub with the settings that were written."""
    write(folder, ROOT / "config", found)
    document = of_day.utility.document
    config = replace(load(folder / "config", {}), data=folder / "var", http=Http(port=0))
    with Running(config, {}) as hub:
        handed_in = [(f.name, hand_in(hub.hub, f.adapter, f.name, f.data)) for f in found.files]
        taken = {name: one.file for name, one in handed_in}
        hub.hub.live.catch_up()
        network = hub.hub.network
        told = {noun: bodies(hub, noun) for noun in ("UsagePointConfig", "CustomerAgreements")}
        assets = [decode(body).payload for body in bodies(hub, "AssetList")]
        products = {model_of(decode(body).payload) for body in bodies(hub, "AssetCatalogue")}
        volts = [decode(body) for body in bodies(hub, "MeterReadings") if b".29.0" in body]
    refused = {name: list(one.refused) for name, one in handed_in if one.refused}
    assert refused.keys() == {"events.csv"}, refused
    [why] = refused["events.csv"]
    assert "event_time" in why  # the row that cannot be read
    assert all(one.ended_at and not one.refused for one in taken.values())
    storm = of_day.storm()
    assert taken["events.csv"].accepted + taken["events.csv"].late == len(storm.heard)
    metered = min(50, len(of_day.utility.customers))
    for name, count in {"readings.csv": metered, "registers.csv": metered, "usage.xml": 10}.items():
        assert taken[name].accepted == count, name
    assert taken["voltages.xml"].accepted == metered == len(volts)
    check_assets(of_day.utility, assets, products)  # type: ignore[arg-type]
    brought = [network.model(mrid) for mrid in network.version]
    [same] = [model for model in brought if statements(model) == statements(read(document))]
    expected, found_there = dict(primitives(read(document))), dict(primitives(same))
    assert found_there.keys() == expected.keys()
    for mrid, one in expected.items():
        assert abs(found_there[mrid].y - one.y).max() <= 1e-9 * abs(one.y).max()
    check_customers(of_day.utility, network, brought)
    assert len(told["UsagePointConfig"]) == len(of_day.utility.customers)
    agreed = [decode(body).payload for body in told["CustomerAgreements"]]
    assert sorted(map(agreement, agreed)) == sorted(map(row, people.customers(of_day.utility)))


def check_customers(utility: Utility, network: Network, brought: list[Model]) -> None:
    """Each is on the equipment on which it was put."""
    on = {
        key(subject): key(value)
        for model in brought
        for subject, name, _, value in model.statements()
        if name.endswith("UsagePoint.Equipments")
    }
    points = {c.meter: network.usage_point_of(c.meter) or "" for c in utility.customers}
    assert set(points.values()) == network.usage_points
    assert {c.meter: on[key(points[c.meter])] for c in utility.customers} == {
        c.meter: key(c.equipment) for c in utility.customers
    }


def check_assets(utility: Utility, found: list[object], products: set[str | None]) -> None:
    """One of each switch and transformer, of a product that the catalogue has."""
    network = utility.network
    stands_for = {}
    for one in found:
        assert isinstance(one, AssetList)
        [asset] = one.asset
        [resource] = asset.power_system_resources
        assert asset.product_asset_model is not None
        assert asset.product_asset_model.mrid in products
        stands_for[key(resource.mrid or "")] = asset.utc_number
    assert len(stands_for) == len(found)
    assert stands_for == {key(d): network.equipment(d).name for d in network.devices}


def model_of(payload: object) -> str | None:
    assert isinstance(payload, AssetCatalogue)
    [product] = payload.product_asset_model
    return product.mrid


def bodies(hub: Running, noun: str) -> list[bytes]:
    with hub.journal.reading() as connection:
        rows = queries.search(connection, Filter(noun=noun), limit=50_000)
        found = [queries.message(connection, row.seq) for row in rows]
    return [one.body for one in found if one is not None]


def agreement(payload: object) -> tuple[str, ...]:
    """Who is supplied where, by which contract, and how to reach them."""
    assert isinstance(payload, CustomerAgreements)
    [one] = payload.customer_agreement
    assert one.customer is not None
    assert one.customer_account is not None
    [point] = one.usage_points
    named = (point, one.customer, one.customer_account, one)
    return tuple(called.names[0].name for called in named)


def row(of: dict[str, str]) -> tuple[str, ...]:
    return (of["service_point_id"], of["customer_id"], of["account_number"], of["agreement_id"])


def test_they_come_through_the_front_door(utility: tuple[Day, Estate], tmp_path: Path) -> None:
    check(*utility, tmp_path)


OTHERWISE = {"gis", "cis"}
"""Writers of the demo alone; their systems have a richer file here."""


def test_the_same_seed_makes_the_same_files_of_every_native_format(
    utility: tuple[Day, Estate], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_day, found = utility
    used: list[str] = []

    def asked(name: str) -> Any:
        used.append(name)
        return files.writer(name)

    monkeypatch.setattr("dms_apps.simulator.native.files.writer", asked)
    again = estate(of_day)
    assert [f.name for f in again.files] == [f.name for f in found.files]
    assert all(one.data == other.data for one, other in zip(again.files, found.files, strict=True))
    assert {f.adapter for f in found.files} == set(ADAPTERS)
    assert set(used) == installed("gridbus.native").names - OTHERWISE


@pytest.mark.fault
def test_the_9500_node_feeder_comes_through_the_front_door(tmp_path: Path) -> None:
    of_day = day("ieee9500")
    check(of_day, estate(of_day), tmp_path)
