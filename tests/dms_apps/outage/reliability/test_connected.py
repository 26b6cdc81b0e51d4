"""Connected volt-amperes of usage points, by the transformers that feed them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from cim.network import Network
from cim.profiles.network_models import NetworkModels
from dms_apps.outage.reliability import stated
from dms_apps.outage.reliability.connected import Connected
from dms_apps.outage.reliability.recording import supplies
from tests.dms_apps.load_flow.playing import modelled, operated
from tests.dms_apps.load_model.playing import point
from tests.dms_apps.load_model.test_estimates import transformer
from tests.dms_apps.outage.conftest import event_message
from tests.dms_apps.solver.feeder import Objects, balanced_line, load, source, switch

LOW = [load(1e3, 0, name=name, node="n4") for name in ("e", "f", "g")]


def connected(*points: Objects, rating: str = "100000") -> Connected:
    """Loads e, f and g at 400 V behind a transformer, d at 10 kV."""
    parts = [source(), balanced_line(), switch(), load(name="d"), transformer(rating), *LOW]
    model = modelled(*parts, *points)
    return Connected.of(Network.empty().after(event_message(model)))


def shares(of: Connected) -> dict[str, int]:
    return dict(zip(of.points, of.va.tolist(), strict=True))


def test_the_customers_of_a_transformer_share_its_rating_to_the_last_volt_ampere() -> None:
    found = connected(*(point(f"p-{name}", name) for name in ("e", "f", "g")))
    assert sorted(shares(found).values()) == [33_333, 33_333, 33_334]
    [supply] = supplies(found, {})
    assert (supply.customers, supply.va) == (3, 100_000)


def test_of_a_customer_at_medium_voltage_nothing_is_known() -> None:
    found = connected(point("p-d", "d"), point("p-e", "e"))
    assert shares(found) == {"p-d": -1, "p-e": 100_000}
    assert supplies(found, {})[0].va is None


def test_a_transformer_without_rating_rates_nothing() -> None:
    assert shares(connected(point("p-e", "e"), rating="0")) == {"p-e": -1}


def test_without_supply_a_customer_keeps_what_fed_it() -> None:
    parts = [source(), balanced_line(), switch(), load(name="d"), transformer(), *LOW]
    network = Network.empty().after(event_message(modelled(*parts, point("p-e", "e"))))
    dark = network.after(event_message(operated("w", closed=False)))
    assert dark.dead_usage_points
    assert shares(Connected.of(dark)) == {"p-e": 100_000}


def test_of_a_model_that_is_new_no_other_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what one model says of another's is joined."""
    parts = [source(), balanced_line(), switch(), transformer(), *LOW, point("p-e", "e")]
    network = Network.empty().after(event_message(modelled(*parts)))
    assert shares(Connected.of(network)) == {"p-e": 100_000}
    read: list[int] = []
    plain = stated._read

    def counted(model: Any) -> Any:
        read.append(1)
        return plain(model)

    monkeypatch.setattr(stated, "_read", counted)
    region = {
        "Feeder fd": {"Feeder.NormalEnergizingSubstation": "#st"},
        "Substation st": {"Substation.Region": "#re"},
        "SubGeographicalRegion re": {"IdentifiedObject.name": "North"},
    }
    [model] = modelled(region).network_model
    more = NetworkModels(network_model=(replace(model, mrid=str(uuid.uuid4())),))
    found = Connected.of(network.after(event_message(more)))
    assert len(read) == 1
    assert found.rated.regions["fd"] == "North"
    assert shares(found) == {"p-e": 100_000}


def test_a_bank_of_tanks_is_rated_by_their_data_sheets() -> None:
    said: Objects = {
        "PowerTransformer b": {},
        "TransformerTankInfo i": {},
        "TransformerEndInfo e1": {
            "TransformerTankInfo": "#i", "ratedS": "25000", "ratedU": "7200",
        },
        "TransformerEndInfo e2": {
            "TransformerTankInfo": "#i", "ratedS": "24000", "ratedU": "120",
        },
        "TransformerTank t1": {"PowerTransformer": "#b"},
        "TransformerTank t2": {"PowerTransformer": "#b", "TransformerTankInfo": "#i"},
        "TransformerTankInfo j": {"AssetInfo.PowerSystemResources": "#t1"},
        "TransformerEndInfo f1": {"TransformerTankInfo": "#j", "ratedS": "10000", "ratedU": "120"},
    }  # fmt: skip
    network = Network.empty().after(event_message(modelled(said)))
    assert stated.rated_of(network).va == {"b": 35_000}
