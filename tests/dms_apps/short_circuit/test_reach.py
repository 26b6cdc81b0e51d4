"""Zones of protective devices, and the lowest fault currents in them."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical.protection import Pickup
from cim.electrical.view import View
from dms_apps.short_circuit.reach import Reach, reaches
from dms_apps.short_circuit.seen import Through, in_phase
from dms_apps.short_circuit.zones import Zones
from dms_apps.solver import fault_levels, faults
from dms_apps.solver.faults import Before
from dms_apps.solver.given import Given
from dms_apps.solver.infeed import Infeed
from dms_apps.solver.layout import Layout
from tests.cim.electrical.documents import line
from tests.dms_apps.short_circuit.protected import LINE, device, inverter, protected
from tests.dms_apps.solver.feeder import VOLTS, Objects

V = VOLTS / np.sqrt(3)
SOURCE, ONE, ZERO = 0.001 + 0.01j, 1 + 2j, 3 + 6j


def divided(of: View, given: Given | None = None) -> Zones:
    before = Before.of(Layout.of(of), given)
    return Zones.of(before.layout, before.given, before.nodal.island)


def reached(of: View, *, der: bool = True) -> dict[str, Reach]:
    layout = Layout.of(of)
    before = Before.of(layout, assumed=None if der else Infeed.none())
    without = Before.of(layout, assumed=Infeed.none())
    zones = Zones.of(layout, before.given, before.nodal.island)
    lowest = Through(before, fault_levels.everywhere(before))
    bare = Through(without, fault_levels.everywhere(without))
    return {one.device.mrid: one for one in reaches(zones, lowest, bare)}


def test_each_device_feeds_the_zone_behind_it() -> None:
    zones = divided(protected())
    places = zones.layout.places
    nodes = {
        one.mrid: {places[i][0] for i in np.flatnonzero(zones.zone == one.into)}
        for one in zones.devices
        if one.into >= 0
    }
    assert nodes == {"b": {"n2", "n3", "n5"}, "r": {"n4", "n6"}, "f": {"n7", "n8"}}
    by_name = {one.mrid: one for one in zones.devices}
    assert zones.beyond(by_name["b"]) == (by_name["r"].into,)
    assert zones.beyond(by_name["f"]) == ()
    assert not by_name["z"].closed
    assert zones.remarks == ()


def test_zones_follow_the_network_as_operated() -> None:
    """The recloser open, the tie closed on a line from n9 to n6: the fuse is fed from there."""
    more: list[Objects] = [line("p", LINE, "", ("n9", "n6"))]
    given = Given(poles={"r": frozenset(), "z": frozenset("ABC")})
    zones = divided(protected(*more), given)
    by_name = {one.mrid: one for one in zones.devices}
    assert by_name["f"].out_of == by_name["z"].into
    assert by_name["r"].into == -1


def test_a_zone_fed_from_two_sides_is_said_to_be_so() -> None:
    zones = divided(
        protected(line("p", LINE, "", ("n9", "n6"))), Given(poles={"z": frozenset("ABC")})
    )
    assert any("feed one zone" in one for one in zones.remarks)


def test_the_lowest_fault_is_at_the_end_of_the_zone() -> None:
    found = reached(protected())
    own = found["f"].own
    assert own is not None
    assert (own.node, own.fault[:9]) == ("n8", "1ph-earth")
    z1, z0 = SOURCE + 3 * ONE + 2e-4, SOURCE + 3 * ZERO + 2e-4
    assert own.amperes == pytest.approx(3 * V / abs(2 * z1 + z0), rel=1e-3)
    assert own.residual == pytest.approx(own.amperes, rel=1e-6)
    assert found["f"].beyond is None
    assert found["f"].backup is None


def test_a_fault_behind_a_transformer_is_seen_by_its_ratio() -> None:
    """Delta-star: two poles carry 1/sqrt(3) of what one phase to earth draws behind it."""
    found = reached(protected())["b"]
    assert found.own is not None and found.own.node == "n3"  # noqa: PT018
    assert found.beyond is not None
    assert found.beyond.node == "n5"
    assert found.beyond.amperes < found.own.amperes
    ratio = VOLTS / 400
    assert found.beyond.fault.startswith(("1ph-earth", "2ph"))
    at = found.beyond.at_fault / ratio
    assert found.beyond.amperes == pytest.approx(at / np.sqrt(3), rel=0.02) or (
        found.beyond.amperes == pytest.approx(at, rel=0.02)
    )


def test_the_breaker_is_back_up_for_the_zone_of_the_recloser() -> None:
    backup = reached(protected())["b"].backup
    assert backup is not None
    assert backup.node == "n6"
    z1, z0 = SOURCE + 2 * ONE + 2e-4, SOURCE + 2 * ZERO + 2e-4
    assert backup.amperes == pytest.approx(3 * V / abs(2 * z1 + z0), rel=1e-3)


def relay(current: float, switch: str = "r") -> Objects:
    return {
        f"CurrentRelay y_{switch}": {
            "currentLimit1": f"{current}",
            "currentLimit2": f"{10 * current}",
            "ProtectionEquipment.ProtectedSwitches": f"#{switch}",
        }
    }


def test_settings_of_relays_and_data_sheets_are_read() -> None:
    sheet: Objects = {
        "RecloserInfo w": {"phaseTripRating": "280", "groundTripRating": "140"},
    }
    of = protected(relay(400, "b"), sheet, r={"PowerSystemResource.AssetDatasheet": "#w"})
    assert of.pickups == (
        Pickup("b", 400.0, False, "CurrentRelay.currentLimit1 of CurrentRelay y_b"),
        Pickup("r", 280.0, False, "RecloserInfo.phaseTripRating of RecloserInfo w"),
        Pickup("r", 140.0, True, "RecloserInfo.groundTripRating of RecloserInfo w"),
    )


def test_the_high_limit_of_protection_equipment_is_a_setting_in_amperes() -> None:
    """Behind the currentLimits of a relay; of a quantity that is no current it is none."""

    def of(**said: str) -> tuple[Pickup, ...]:
        own = {"ProtectionEquipment.highLimit": "0.4", **said}
        own["ProtectionEquipment.ProtectedSwitches"] = "#r"
        return protected({"ProtectionEquipment p": own}).pickups

    amperes = {
        "ProtectionEquipment.unitSymbol": "~UnitSymbol.A",
        "ProtectionEquipment.unitMultiplier": "~UnitMultiplier.k",
    }
    source = "ProtectionEquipment.highLimit of ProtectionEquipment p"
    assert of(**amperes) == (Pickup("r", 400.0, False, source),)
    assert of(**{"ProtectionEquipment.unitSymbol": "~UnitSymbol.V"}) == ()
    assert of() == ()
    set_twice = relay(300) | {}
    set_twice["CurrentRelay y_r"] |= {"ProtectionEquipment.highLimit": "9", **amperes}
    [pickup] = protected(set_twice).pickups
    assert pickup.current == 300
    [first, *_] = reached(protected(relay(300)))["r"].sentences({})
    assert "setting of 300 A" in first


def test_a_relay_without_a_limit_or_a_switch_is_named() -> None:
    bare: Objects = {"CurrentRelay y": {}, "CurrentRelay x": {"currentLimit1": "5"}}
    problems = " ".join(protected(bare).problems)
    assert "CurrentRelay y has no currentLimit above 0" in problems
    assert "CurrentRelay x opens no switch" in problems


def test_a_device_that_does_not_see_the_end_of_its_zone_is_named() -> None:
    found = reached(protected(relay(900)))["r"]
    [first, *_] = found.sentences({"n6": "N6"})
    assert first.startswith("Recloser r cannot see the end of its zone: ")
    assert "for a 1ph-earth " in first
    assert "fault at N6, below its setting of 900 A (CurrentRelay.currentLimit1" in first
    found = reached(protected(relay(300)))["r"]
    [first, *others] = found.sentences({})
    assert first.startswith("Recloser r sees all of its zone: at least ")
    assert others == []
    margin = found.own.share if found.own else 0.0
    [first, *_] = found.sentences({}, margin=margin + 0.1)
    assert first.startswith("Recloser r sees its zone just so")


def test_an_earth_setting_sees_what_the_phases_do_not() -> None:
    sheet: Objects = {"RecloserInfo w": {"phaseTripRating": "900", "groundTripRating": "100"}}
    found = reached(protected(sheet, r={"PowerSystemResource.AssetDatasheet": "#w"}))["r"]
    assert found.own is not None
    assert found.own.share > 1
    assert not found.own.fault.startswith("1ph-earth")  # the lowest is one without earth now


def test_without_settings_it_is_beside_the_rated_current() -> None:
    found = reached(protected(r={"Switch.ratedCurrent": "100"}))["r"]
    [said] = found.sentences({})
    assert found.own is not None
    assert f"{found.own.amperes / 100:.1f} times its rated current" in said
    [said] = reached(protected())["r"].sentences({})
    assert "states neither a setting nor a rated current" in said


def test_generation_takes_from_what_a_device_sees() -> None:
    """An inverter of 20 MVA at n3 feeds faults behind it, and the breaker sees less of them."""
    found = reached(protected(inverter("n3", "20e6")))
    without = reached(protected(inverter("n3", "20e6")), der=False)
    assert without["b"].lost_share == pytest.approx(0, abs=1e-9)
    assert found["b"].lost_share > 0.1
    assert found["r"].lost_share < 0.05  # what it feeds goes through the recloser
    said = " ".join(found["b"].sentences({}))
    assert "Distributed generation takes" in said


def test_a_device_sees_the_less_of_with_and_without_generation() -> None:
    """An inverter before the recloser adds to what that sees; by night it does not."""
    alone = reached(protected())["r"].own
    more = reached(protected(inverter("n3", "20e6")))["r"].own
    assert alone is not None
    assert more is not None
    assert more.amperes == pytest.approx(alone.amperes, rel=1e-9)


def test_what_goes_through_a_device_is_what_the_whole_network_says() -> None:
    """One transposed solution a pole, beside the whole network solved fault by fault."""
    before = Before.of(Layout.of(protected(inverter())))
    levels = fault_levels.everywhere(before)
    through = Through(before, levels)
    rows = np.arange(len(levels.node))
    for name in "brf":
        found = through.of(name, rows)
        for row in rows:
            whole = faults.during(before, levels.fault(int(row))).of(name)[1][:3]
            assert found[row] == pytest.approx(whole, rel=1e-6, abs=1e-3)
    assert in_phase(found).shape == rows.shape


def test_a_fuse_of_one_phase_protects_that_phase() -> None:
    more = [
        device("Fuse", "g", ("n4", "k1"), **{"Switch.name": "G"}),
        line("q", LINE, "B", ("k1", "k2")),
    ]
    for terminal in ("g_t1", "g_t2"):
        more[0][f"Terminal {terminal}"]["phases"] = "~PhaseCode.B"
    found = reached(protected(*more))["g"]
    assert found.own is not None
    assert (found.own.node, found.own.fault) == ("k2", "1ph-earth B")
