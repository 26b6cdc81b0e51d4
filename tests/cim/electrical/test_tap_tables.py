"""RatioTapChangerTables: what points do to turns and impedances, and what is wrong in them."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.taps import NOMINAL, Tap
from cim.electrical.transformers import Transformer
from tests.cim.electrical.banks import bank, end, only
from tests.cim.electrical.documents import viewed
from tests.cim.electrical.test_regulators import regulated

Objects = dict[str, dict[str, str]]


def point(step: str, **said: str) -> dict[str, str]:
    values = {f"TapChangerTablePoint.{name}": value for name, value in said.items() if value}
    return {"RatioTapChangerTable": "#table", "TapChangerTablePoint.step": step, **values}


def tabled(*points: dict[str, str], **said: str) -> Objects:
    """The transformer of `regulated` at step 1 of 0 to 2, its tap changer with these points."""
    steps = {
        "TapChanger.lowStep": "0",
        "TapChanger.highStep": "2",
        "TapChanger.step": "1",
        "TapChanger.normalStep": "",
        "RatioTapChangerTable": "#table",
    }
    objects = regulated(**{**steps, **said})
    objects["RatioTapChangerTable table"] = {"IdentifiedObject.name": "T"}
    for number, values in enumerate(points):
        objects[f"RatioTapChangerTablePoint p{number}"] = dict(values)
    return objects


WHOLE = (
    point("0", ratio="1"),
    point("1", ratio="0.97", r="10", x="-5", g="4", b="8"),
    point("2", ratio="0.95"),
)


def test_ratio_and_deviations_of_the_present_step() -> None:
    found = viewed(tabled(*WHOLE))
    assert found.problems == ()
    [one] = found.regulators
    assert one.tap == Tap(0.97, r=10, x=-5, g=4, b=8)
    assert one.ratio == 0.97
    assert one.curve.at(2) == Tap(0.95)
    assert one.increment == pytest.approx(0.00625)
    assert [w.tap for w in found.transformers[0].windings] == [NOMINAL, one.tap]


def test_points_may_be_named_by_the_table() -> None:
    """The association from its other end; points without deviations have none."""
    objects = tabled(*WHOLE)
    for number in range(3):
        del objects[f"RatioTapChangerTablePoint p{number}"]["RatioTapChangerTable"]
    objects["RatioTapChangerTable table"]["RatioTapChangerTablePoint"] = "#p0|#p1|#p2"
    [one] = viewed(objects).regulators
    assert [one.curve.at(step).ratio for step in range(3)] == [1, 0.97, 0.95]


def test_a_table_needs_no_increment() -> None:
    found = viewed(tabled(*WHOLE, stepVoltageIncrement=""))
    assert found.problems == ()
    assert found.regulators[0].increment is None
    assert found.regulators[0].ratio == 0.97


# -- what is wrong


def problems(objects: Objects) -> tuple[str, ...]:
    """What is named; the tap changer is read nonetheless."""
    found = viewed(objects)
    assert [one.mrid for one in found.regulators] == ["r"]
    return found.problems


def test_missing_steps_are_named_and_taken_by_increment() -> None:
    objects = tabled(WHOLE[0], WHOLE[2], **{"TapChanger.highStep": "6"})
    assert problems(objects) == (
        "RatioTapChanger r has no point at step 1, 3 to 6 in RatioTapChangerTable T (table); "
        "its stepVoltageIncrement is taken there.",
    )
    [one] = viewed(objects).regulators
    assert one.ratio == pytest.approx(1.00625)
    assert one.curve.at(2).ratio == 0.95


def test_steps_that_contradict_one_another_are_named_and_not_taken() -> None:
    assert problems(tabled(*WHOLE, point("1", ratio="0.98"))) == (
        "RatioTapChangerTable T (table) has points that contradict one another at step 1; none of "
        "these is taken.",
        "RatioTapChanger r has no point at step 1 in RatioTapChangerTable T (table); its "
        "stepVoltageIncrement is taken there.",
    )
    assert problems(tabled(*WHOLE, WHOLE[1])) == ()


def test_points_outside_of_the_range_are_named() -> None:
    assert problems(tabled(*WHOLE, point("3", ratio="0.93"), point("-1", ratio="1.1"))) == (
        "RatioTapChanger r has points at step -1, 3 in RatioTapChangerTable T (table), outside of "
        "its range 0 to 2.",
    )


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (point("", ratio="0.97"), "of RatioTapChangerTablePoint p3 TapChangerTablePoint.step"),
        (point("1.5", ratio="0.97"), "its step 1.5 is not a whole number"),
        (point("2", ratio="0"), "its ratio is 0, and must be above 0"),
        (point("2", ratio="-1"), "its ratio is -1, and must be above 0"),
        (point("2", x="-100"), "its x is -100 per cent, and must be above -100"),
        (point("2", g="-250"), "its g is -250 per cent, and must be above -100"),
    ],
)
def test_points_that_cannot_be_are_named_and_left_out(wrong: dict[str, str], why: str) -> None:
    [problem] = problems(tabled(*WHOLE, wrong))
    assert problem.startswith(
        "RatioTapChangerTablePoint p3 is left out of RatioTapChangerTable T (table): "
    )
    assert why in problem


def test_values_that_are_no_numbers_are_named() -> None:
    wrong = (WHOLE[0], point("1", ratio="0.97", r="much"), WHOLE[2])
    [problem] = problems(tabled(*wrong))
    assert "p1 has TapChangerTablePoint.r 'much', which is not a number to compute with" in problem


def test_a_point_without_ratio_is_taken_by_increment() -> None:
    """Its attributes are optional in CGMES 3; deviations count all the same."""
    [one] = viewed(tabled(WHOLE[0], point("1", r="10"), WHOLE[2])).regulators
    assert one.tap == Tap(pytest.approx(1.00625), r=10)  # type: ignore[arg-type]


def test_a_table_that_is_not_there_is_named() -> None:
    objects = tabled()
    del objects["RatioTapChangerTable table"]
    found = viewed(objects)
    assert found.regulators == ()
    assert found.problems == (
        "RatioTapChanger r is left out: its table table is not in the model.",
    )
    assert found.transformers[0].windings[1].tap == NOMINAL


def test_neither_table_nor_increment_is_named() -> None:
    [problem] = viewed(regulated(stepVoltageIncrement="")).problems
    assert "stepVoltageIncrement is missing, and it has no table" in problem


def test_ranges_and_ratios_that_cannot_be() -> None:
    [turned] = viewed(regulated(**{"TapChanger.lowStep": "17"})).problems
    assert turned == "RatioTapChanger r is left out: its lowStep 17 is above its highStep 16."
    [none] = viewed(regulated(stepVoltageIncrement="-20")).problems
    assert "its ratio at step 5 is 0, and must be above 0" in none


def test_two_tap_changers_of_a_kind_at_one_end_are_named() -> None:
    objects = regulated()
    objects["RatioTapChanger q"] = {**objects["RatioTapChanger r"], "TapChanger.step": "0"}
    [problem] = viewed(objects).problems
    assert problem == (
        "PowerTransformerEnd e2 has 2 tap changers of the kind RatioTapChanger, where one may be; "
        "only RatioTapChanger r is taken."
    )


# -- impedances


def changed(transformer: Transformer, place: int, tap: Tap) -> np.ndarray:
    """Its admittance with one tap changer at this position."""
    taps = [tap if i == place else NOMINAL for i in range(len(transformer.windings))]
    return yprim.of_transformer(transformer, taps).y


def leakage(transformer: Transformer, place: int, tap: Tap) -> list[complex]:
    taps = [tap if i == place else NOMINAL for i in range(len(transformer.windings))]
    z = transformer.leakage.tapped(taps, [w.rated_u for w in transformer.windings]).z
    return [complex(each) for each in z[np.triu_indices(len(z), 1)]]


def test_of_two_ends_the_one_with_the_impedance_deviates() -> None:
    """As transmission models have it (IEC 61970-452): all of it at the first, wherever the tap."""
    found = only(bank(end("Yn", 110e3, r="1", x="20"), end("Yn", 20e3, r="0", x="0")))
    for place in (0, 1):
        assert leakage(found, place, Tap(r=10, x=-5)) == [pytest.approx(1.1 + 19j)]
    assert leakage(found, 1, Tap(0.97)) == [1 + 20j]


def test_of_two_ends_with_impedance_only_that_of_the_tap_changer_deviates() -> None:
    found = only(bank(end("Yn", 110e3, r="1", x="10"), end("Yn", 55e3, r="1", x="5")))
    assert leakage(found, 0, Tap(r=10, x=20)) == [pytest.approx(1.1 + 4 + 12j + 20j)]
    assert leakage(found, 1, Tap(r=10, x=20)) == [pytest.approx(1 + 4.4 + 10j + 24j)]


def test_one_leg_of_three_deviates() -> None:
    """By star, and by mesh, of which three ends are a star too."""
    star = ((0.5, 20), (0.02, 0.4), (0.01, 0.1))
    rated = (66e3, 11e3, 3300)
    by_end = bank(
        *(end("Yn", u, r=f"{r}", x=f"{x}") for u, (r, x) in zip(rated, star, strict=True))
    )
    by_mesh = bank(*(end("Yn", u) for u in rated))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        z = complex(*star[i]) + complex(*star[j]) * (rated[i] / rated[j]) ** 2
        by_mesh[f"TransformerMeshImpedance m{i}{j}"] = {
            "FromTransformerEnd": f"#e{i + 1}",
            "ToTransformerEnd": f"#e{j + 1}",
            **{"r": f"{z.real!r}", "x": f"{z.imag!r}"},
        }
    one, two, three = (complex(*leg) for leg in star)
    changed_leg = complex(two.real * 1.5, two.imag * 0.8)
    expected = [
        one + changed_leg * 36,
        one + three * 400,
        changed_leg + three * (11 / 3.3) ** 2,
    ]
    for objects in (by_end, by_mesh):
        found = leakage(only(objects), 1, Tap(r=50, x=-20))
        assert found == [pytest.approx(each) for each in expected]


def test_more_than_three_ends_without_a_star_are_named() -> None:
    objects = bank(*(end("Yn", 100.0) for _ in range(4)))
    for i, j in ((1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)):
        objects[f"TransformerMeshImpedance m{i}{j}"] = {
            "FromTransformerEnd": f"#e{i}",
            "ToTransformerEnd": f"#e{j}",
            "x": "2",
        }
    table = tabled(*WHOLE, TransformerEnd="#e2")
    objects |= {key: said for key, said in table.items() if key.startswith("RatioTapChanger")}
    [problem] = viewed(objects).problems
    assert problem == (
        "PowerTransformer t has a tap changer whose table deviates in r and x, and no star "
        "equivalent that these could be of; its impedances are taken as stated."
    )


def test_the_magnetising_branch_deviates() -> None:
    """It is at the other end than the tap changer; b below 0 stays below 0."""
    found = only(bank(end("Yn", 110e3, x="20", g="1e-6", b="-9e-6"), end("Yn", 20e3)))
    [core] = found.cores
    assert core.tapped([NOMINAL, Tap(g=10, b=-20)]).y == pytest.approx(1.1e-6 - 7.2e-6j)
    assert core.tapped([NOMINAL, Tap(g=10, b=-20)]).y0 == core.y0


def test_the_magnetising_branch_may_be_at_several_ends() -> None:
    """IEC 61970-301, PowerTransformerEnd: three ends may share it."""
    found = only(
        bank(
            end("Yn", 110e3, x="20", g="1e-6", b="-9e-6"),
            end("Yn", 20e3, x="0.1", b="-4e-5"),
            end("D", 10e3, 1, x="0.1"),
        )
    )
    assert [(core.place, core.y) for core in found.cores] == [(0, 1e-6 - 9e-6j), (1, -4e-5j)]
    y = yprim.of_transformer(found).y
    drawn = y[:3] @ _open_voltages(y)
    assert drawn[0] == pytest.approx(1e-6 - 9e-6j - 4e-5j * (20 / 110) ** 2, rel=1e-3)


def _open_voltages(y: np.ndarray) -> np.ndarray:
    """One volt at the first end, nothing connected to the others."""
    first = np.exp(-2j * np.pi / 3 * np.arange(3))
    rest = -np.linalg.lstsq(y[3:, 3:], y[3:, :3] @ first, rcond=1e-12)[0]
    return np.concatenate([first, rest])


def test_the_admittance_has_turns_and_impedance_of_the_step() -> None:
    """One volt more at the second end drives what the changed impedance lets through."""
    found = only(bank(end("Yn", 110e3, r="1", x="20"), end("Yn", 20e3, r="0", x="0")))
    y = changed(found, 1, Tap(0.97, r=10, x=-5))
    turns = 110e3 / (20e3 * 0.97)
    assert y[0, 0] == pytest.approx(1 / (1.1 + 19j))
    assert y[3, 0] == pytest.approx(-turns / (1.1 + 19j))
    assert y[3, 3] == pytest.approx(turns**2 / (1.1 + 19j))
