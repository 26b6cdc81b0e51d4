"""Limits and ratings: what they hold for, in which units, and which are not used."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cim.electrical import view
from cim.electrical.limits import Limit
from cim.electrical.reading import CGMES
from cim.model.merging import merged
from cim.model.read import read, read_files
from tests.cim.electrical.banks import bank, end, tank
from tests.cim.electrical.documents import Objects, line, model, terminals, viewed
from tests.cim.electrical.test_switches import switch
from tests.cim.electrical.test_wires import WIRE, hung

GIVEN = {"r": "1", "x": "1", "r0": "1", "x0": "1"}


def limited(
    limit: dict[str, str],
    of_class: str = "CurrentLimit",
    of: dict[str, str] | None = None,
    **of_type: str,
) -> dict[str, dict[str, str]]:
    """A line l whose first terminal has, or as `of` says, a set s with one limit of a type."""
    return {
        **line("l", GIVEN, "A"),
        "OperationalLimitSet s": {"Terminal": "#l_t1"} if of is None else of,
        f"{of_class} i": {
            "OperationalLimit.OperationalLimitSet": "#s",
            "OperationalLimit.OperationalLimitType": "#k",
            **limit,
        },
        "OperationalLimitType k": of_type,
    }


def found(objects: Objects, *problems: str) -> list[tuple[object, ...]]:
    seen = viewed(objects)
    assert seen.problems == problems
    return [facts(one) for one in seen.limits]


def facts(one: Limit) -> tuple[object, ...]:
    return one.of, one.kind, one.quantity, one.value, one.duration, one.direction


def test_a_limit_of_a_terminal() -> None:
    """Without a kind its duration says which it is; that of OpenDSS, 158 years, has no end."""
    absolute = "~OperationalLimitDirectionKind.absoluteValue"
    for duration, kind, seconds in (("5E9", "patl", None), ("7200", "tatl", 7200.0)):
        objects = limited({"value": "400"}, acceptableDuration=duration, direction=absolute)
        assert found(objects) == [("l_t1", kind, "A", 400.0, seconds, "absoluteValue")]
    [one] = viewed(objects).limits
    assert (one.mrid, one.source) == ("i", "CurrentLimit i")


@pytest.mark.parametrize(
    ("kind", "quantity", "factor"),
    [("CurrentLimit", "A", 1), ("ApparentPowerLimit", "VA", 1e6), ("ActivePowerLimit", "W", 1e6)],
)
def test_kinds_and_units_of_cgmes(kind: str, quantity: str, factor: float) -> None:
    """LimitTypeKind in 2.4, LimitKind in 3; megavolt-amperes are volt-amperes here."""
    for said in ({"kind": "~LimitKind.patl"}, {"limitType": "~LimitTypeKind.patl"}):
        objects = limited(
            {"normalValue": "9", "value": "8"},
            kind,
            isInfiniteDuration="true",
            **said,  # type: ignore[arg-type]
        )
        [one] = view.read(model(objects), unit=CGMES).limits
        assert facts(one) == ("l_t1", "patl", quantity, 8 * factor, None, "absoluteValue")
    del objects[f"{kind} i"]["value"]
    assert view.read(model(objects), unit=CGMES).limits[0].value == 9 * factor


def test_voltage_limits() -> None:
    high = limited({"value": "21"}, "VoltageLimit", kind="~LimitKind.highVoltage")
    [one] = view.read(model(high), unit=CGMES).limits
    assert facts(one) == ("l_t1", "highVoltage", "V", 21e3, None, "high")
    low = {"direction": "~OperationalLimitDirectionKind.low", "acceptableDuration": "86400"}
    node = {"OperationalLimitSet.ConnectivityNode": "#n1"}
    expected = [("n1", "lowVoltage", "V", 110.0, 86400.0, "low")]
    assert found(limited({"value": "110"}, "VoltageLimit", node, **low)) == expected


def test_one_set_for_many() -> None:
    objects = limited({"value": "400"}, of={"Equipment": "#l"}, isInfiniteDuration="true")
    objects["Terminal l_t1"]["ACDCTerminal.OperationalLimitSet"] = "#s"
    objects["Terminal l_t2"]["ACDCTerminal.OperationalLimitSet"] = "#s"
    assert [one[0] for one in found(objects)] == ["l_t1", "l_t2", "l"]


@pytest.mark.parametrize("value", ["0", "-5"])
def test_limits_of_nothing_are_named(value: str) -> None:
    problem = f"CurrentLimit i is left out: of CurrentLimit i CurrentLimit.value is {value}, and "
    objects = limited({"value": value}, isInfiniteDuration="true")
    assert found(objects, f"{problem}must be above 0.") == []


def test_what_limits_do_not_say_is_named() -> None:
    why = "is left out: "
    none = limited({})
    no_value = "of CurrentLimit i CurrentLimit.normalValue is missing."
    assert found(none, f"CurrentLimit i {why}{no_value}") == []
    free = limited({"value": "5"}, of={})
    loose = "OperationalLimitSet s is of no terminal, equipment or node; its limits are not used."
    assert found(free, loose) == []
    alone = limited({"value": "5", "OperationalLimit.OperationalLimitSet": ""})
    assert found(alone, f"CurrentLimit i {why}it is in no OperationalLimitSet.") == []
    untyped = limited({"value": "5", "OperationalLimit.OperationalLimitType": ""})
    assert found(
        untyped, "CurrentLimit i has no OperationalLimitType; it is taken to hold for good."
    ) == [("l_t1", "patl", "A", 5.0, None, "absoluteValue")]
    either = limited({"value": "5"}, "VoltageLimit")
    which = "its OperationalLimitType k does not say whether it is high or low."
    assert found(either, f"VoltageLimit i {why}{which}") == []
    before = limited({"value": "5"}, acceptableDuration="-1")
    odd = "OperationalLimitType k has the acceptableDuration -1 s, which is not used."
    assert [one[1] for one in found(before, odd)] == ["patl"]


def level(**said: str) -> dict[str, dict[str, str]]:
    """A voltage level with node n1, and n2 in one of its bays."""
    objects = {
        **line("l", GIVEN, "A"),
        "VoltageLevel v": {"highVoltageLimit": "440", "lowVoltageLimit": "360", **said},
        "Bay b": {"VoltageLevel": "#v"},
    }
    objects["ConnectivityNode n1"] = {"ConnectivityNodeContainer": "#v"}
    objects["ConnectivityNode n2"] = {"ConnectivityNodeContainer": "#b"}
    return objects


def test_limits_of_a_voltage_level_are_of_its_nodes() -> None:
    high, low = (("highVoltage", "V", 440.0, None, "high"), ("lowVoltage", "V", 360.0, None, "low"))
    both = [("n1", *high), ("n2", *high), ("n1", *low), ("n2", *low)]
    assert found(level()) == both
    objects = level(lowVoltageLimit="0")
    problem = (
        "VoltageLevel v has VoltageLevel.lowVoltageLimit 0, which must be above 0; it is not used."
    )
    assert found(objects, problem) == both[:2]


def test_an_operational_limit_prevails_over_that_of_a_level() -> None:
    given = limited({"value": "430"}, "VoltageLimit", kind="~LimitKind.highVoltage")
    values = [(one[0], one[3]) for one in found({**given, **level()})]
    assert values == [("l_t1", 430.0), ("n2", 440.0), ("n1", 360.0), ("n2", 360.0)]


# -- ratings


def test_a_line_carries_what_its_weakest_phase_wire_does() -> None:
    objects = hung("ABN")
    for amperes, phase in (("730", "A"), ("340", "B"), ("90", "N")):
        objects[f"OverheadWireInfo w{phase}"] = {**WIRE, "WireInfo.ratedCurrent": amperes}
        objects[f"ACLineSegmentPhase l_{phase}"]["WireInfo"] = f"#w{phase}"
    assert found(objects) == [("l", "patl", "A", 340.0, None, "absoluteValue")]
    objects["OverheadWireInfo wB"]["WireInfo.ratedCurrent"] = "-1"
    unused = "has WireInfo.ratedCurrent -1, which must be above 0; it is not used."
    assert [one[3] for one in found(objects, f"OverheadWireInfo wB {unused}")] == [730.0]


def test_a_line_whose_data_sheet_is_a_cable() -> None:
    objects = line("l", {**GIVEN, "PowerSystemResource.AssetDatasheet": "#c"}, "ABC")
    objects["CableInfo c"] = {"WireInfo.ratedCurrent": "250"}
    assert [one[:4] for one in found(objects)] == [("l", "patl", "A", 250.0)]
    del objects["ACLineSegment l"]["PowerSystemResource.AssetDatasheet"]
    objects["ACLineSegment l"]["PerLengthImpedance"] = "#z"
    objects["ACLineSegment l"]["Conductor.length"] = "10"
    objects["PerLengthSequenceImpedance z"] = {
        **GIVEN,
        "PerLengthLineParameter.WireAssemblyInfo": "#w",
    }
    objects["WirePhaseInfo p"] = {"WireAssemblyInfo": "#w", "WireInfo": "#c"}
    assert [one[:4] for one in found(objects)] == [("l", "patl", "A", 250.0)]


def test_a_bundle_carries_as_many_times_more() -> None:
    objects = hung(phaseWireCount="2", phaseWireSpacing="0.4")
    for key in objects:
        if key.startswith("OverheadWireInfo"):
            objects[key] = {**objects[key], "WireInfo.ratedCurrent": "100"}
    assert [one[3] for one in found(objects)] == [200.0]
    [one] = viewed(objects).limits
    assert one.source.endswith(", 2 of them")


def test_a_switch_carries_and_breaks() -> None:
    objects = switch("AB")
    key = next(key for key in objects if key.startswith("Breaker"))
    objects[key] = {
        "Switch.open": "false",
        "Switch.ratedCurrent": "630",
        "ProtectedSwitch.breakingCapacity": "20000",
    }
    name = key.split()[1]
    assert found(objects) == [
        (name, "patl", "A", 630.0, None, "absoluteValue"),
        (name, "breakingCapacity", "A", 20000.0, None, "absoluteValue"),
    ]
    objects[key] = {
        **objects[key],
        "Switch.ratedCurrent": "0",
        "ProtectedSwitch.breakingCapacity": "-1",
        "PowerSystemResource.AssetDatasheet": "#i",
    }
    objects["SwitchInfo i"] = {"ratedCurrent": "400", "breakingCapacity": "16000"}
    unused = "which must be above 0; it is not used."
    assert [
        one[3]
        for one in found(
            objects,
            f"Breaker {name} has Switch.ratedCurrent 0, {unused}",
            f"Breaker {name} has ProtectedSwitch.breakingCapacity -1, {unused}",
        )
    ] == [400.0, 16000.0]
    assert viewed(objects).switches[0].rated_current is None


def test_a_busbar_without_peak_current_is_named() -> None:
    objects = {"BusbarSection b": {"ipMax": "50000"}, **terminals("b", "n1")}
    assert found(objects) == [("b", "ipMax", "A", 50000.0, None, "absoluteValue")]
    objects["BusbarSection b"] = {"ipMax": "0"}
    problem = "BusbarSection b has BusbarSection.ipMax 0, which must be above 0; it is not used."
    assert found(objects, problem) == []


def test_transformer_ends() -> None:
    """By themselves or by their data sheets, which alone know of emergencies."""
    whole = {**end("D", 20e3), "r": "1", "x": "9"}
    objects = bank(whole, {**end("Yn", 400, 11), "ratedS": "0"})
    objects["TransformerMeshImpedance z"] = {
        "FromTransformerEnd": "#e1",
        "ToTransformerEnd": "#e2",
        "r": "1",
        "x": "9",
    }
    seen = viewed(objects)
    assert [facts(one) for one in seen.limits] == [("e1", "patl", "VA", 1e6, None, "absoluteValue")]
    unused = "has PowerTransformerEnd.ratedS 0, which must be above 0; it is not used."
    assert f"PowerTransformerEnd e2 {unused}" in seen.problems
    by_sheet = tank(
        {"phases": "AN", "ratedU": "7200", "emergencyS": "37500", "shortTermS": "27500"},
        {"phases": "s1N", "ratedU": "120"},
    )
    assert [facts(one)[:4] for one in viewed(by_sheet).limits] == [
        ("e1", "patl", "VA", 25e3),
        ("e1", "tatl", "VA", 37.5e3),
        ("e1", "tatl", "VA", 27.5e3),
        ("e2", "patl", "VA", 25e3),
    ]


# -- published models, counted by their text


def texts(path: Path) -> Iterator[str]:
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.suffix == ".zip":
            with zipfile.ZipFile(file) as archive:
                yield archive.read(archive.namelist()[0]).decode()
        else:
            yield file.read_text()


def counted(path: Path) -> Counter[str]:
    """How many limits there must be, of each class: references to its set, whoever states them."""
    text = "".join(texts(path))
    to = r'"(?:#_?|urn:uuid:)([^"]+)"'
    own = rf"<cim:(\w+) rdf:(?:ID|about)={to.replace('(?:#_?|urn:uuid:)', '(?:#?_|urn:uuid:)')}>"
    users: Counter[str] = Counter(
        re.findall(rf"(?:Terminal|Equipment|Node)\.OperationalLimitSet rdf:resource={to}", text)
    )
    blocks = re.findall(rf"{own}(.*?)</cim:\1>", text, re.DOTALL)
    for kind, mrid, inside in blocks:
        if kind == "OperationalLimitSet":
            users[mrid] += len(re.findall(r"Set\.(?:Terminal|Equipment) rdf:resource", inside))
    found: Counter[str] = Counter()
    for kind, _, inside in blocks:
        limit_set = re.search(rf"OperationalLimit\.OperationalLimitSet rdf:resource={to}", inside)
        if limit_set:
            found[kind] += users[limit_set[1]]
    return found


CLASSES = {
    "A": "CurrentLimit",
    "V": "VoltageLimit",
    "VA": "ApparentPowerLimit",
    "W": "ActivePowerLimit",
}
PUBLISHED = {
    "feeders/ieee13_assets.xml": (102, 42),
    "feeders/ieee13_opendss.xml": (102, 24),
    "feeders/ieee123_opendss.xml": (804, 56),
    "feeders/ieee8500_opendss.zip": (29302, 10743),
    "feeders/acep_psil.xml": (46, 7),
    "feeders/swiss_lv_demo_cim17.rdf": (0, 140),
    "feeders/gmdm_cim18/planning.xml": (0, 97),
    "cgmes/fullgrid_cgmes3": (167, 64),
    "cgmes/microgrid_t1": (100, 11),
    "cgmes/smallgrid_cgmes24": (784, 39),
}
"""How many operational limits hold for something, and how many ratings there are."""


@pytest.mark.reference
@pytest.mark.parametrize("name", PUBLISHED)
def test_limits_of_published_models(shared: Path, name: str) -> None:
    path = shared / "data" / "cim" / name
    models = (
        read_files(sorted(path.iterdir())).models
        if path.is_dir()
        else [read("".join(texts(path)).encode())]
    )
    seen = view.read(merged(models), frequency=60.0)
    operational = [one for one in seen.limits if "Limit" in one.source.partition(" ")[0]]
    stated = [one for one in operational if "VoltageLevel." not in one.source]
    assert Counter(CLASSES[one.quantity] for one in stated) == +counted(path)
    ratings = len(seen.limits) - len(operational)
    assert (len(stated), ratings) == PUBLISHED[name]
    assert len({(one.mrid, one.of, one.kind, one.source) for one in seen.limits}) == len(
        seen.limits
    )
