"""Short circuits by IEC 60909: what must hold of any network, and of one with a spoilt value."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import Method, short_circuits
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_short_circuit import Objects, asynchronous, network, synchronous
from tests.dms_apps.solver.iec_60909_4 import objects as example
from tests.dms_apps.solver.test_iec60909 import QUIET, ROOT, at, cable, inverter

# -- what must hold of any network


def meshed(data: st.DataObject) -> Objects:
    """A tree with some more lines, with a network at its root."""
    count = data.draw(st.integers(2, 8))
    km = st.floats(0.1, 20)
    found = network()
    for i in range(1, count):
        above = f"n{data.draw(st.integers(0, i - 1))}"
        found |= cable(f"l{i}", above.replace("n0", "n"), f"n{i}", km=data.draw(km))
    for i in range(data.draw(st.integers(0, 3))):
        one, two = (data.draw(st.integers(1, count)) % count for _ in range(2))
        if one != two:
            ends = (f"n{k}".replace("n0", "n") for k in (one, two))
            found |= cable(f"m{i}", *ends, km=data.draw(km))  # type: ignore[arg-type]
    return found


@settings(max_examples=15)
@given(st.data())
def test_two_phases_far_from_machines(data: st.DataObject) -> None:
    """Z2 is Z1, so that the current of two phases is the square root of 3/4 of that of three."""
    faults = short_circuits(viewed(meshed(data))).faults
    assert faults.two == pytest.approx(faults.three * ROOT / 2)
    assert (faults.peak >= faults.three * math.sqrt(2) * 1.02 - 1e-6).all()
    assert (faults.steady == faults.three).all()
    assert (faults.thermal >= faults.three).all()


@settings(max_examples=15)
@given(st.data())
def test_more_sources_never_lower_the_largest_currents(data: st.DataObject) -> None:
    plain = meshed(data)
    before = short_circuits(viewed(plain))
    node = data.draw(st.sampled_from(sorted(before.circuit.buses.number)))
    more = data.draw(st.sampled_from([synchronous(**QUIET), asynchronous(), inverter()]))
    [equipment] = [key.split()[1] for key in more if key.split()[0].endswith(("ine", "tion"))]
    moved = {**more, **terminals(equipment, node), "ConnectivityNode m": {}}
    after = short_circuits(viewed({**plain, **moved}))
    for name in before.circuit.buses.number:
        for column in ("three", "two", "single"):
            assert at(after, name, column) >= at(before, name, column) * (1 - 1e-9)


def test_the_smallest_currents_of_the_example_are_smaller() -> None:
    view: View = viewed(example(), frequency=50.0)
    most, least = (short_circuits(view, method=Method(maximum=m)).faults for m in (True, False))
    for column in ("three", "two", "peak"):
        assert (getattr(least, column) < getattr(most, column)).all()


def test_method_b_is_on_the_safe_side_of_method_c() -> None:
    view = viewed(example(), frequency=50.0)
    b, c = (short_circuits(view, method=Method(peak=peak)).faults for peak in "BC")
    assert (b.peak > c.peak).all()
    assert (b.three == c.three).all()


def test_a_short_circuit_in_a_unit_is_of_its_own_factors() -> None:
    """K_G,S without the voltages of the network, and no factor of the transformer (7.2.3)."""
    view = viewed(example(), frequency=50.0)
    alone = short_circuits(view, Given(out=frozenset({"T1"})))
    factor = 1.1 / (1 + 0.14 * math.sin(math.acos(0.85)))
    z = factor * complex(0.002, 0.14 * 21**2 / 150)
    assert at(alone, "h1") == pytest.approx(1.1 * 21e3 / ROOT / abs(z))
    silent = replace(view.short_circuit, synchronous=())
    lone = short_circuits(replace(view, short_circuit=silent))
    assert any("no synchronous machine is at its low side" in r for r in lone.remarks)


# -- bad data


@pytest.mark.parametrize("word", ["nan", "word"])
def test_a_flag_that_is_none_is_named(word: str) -> None:
    """A unit would be computed as none otherwise, silently."""
    whole = example()
    spoilt = {**whole["PowerTransformer T1"], "isPartOfGeneratorUnit": word}
    problems = viewed({**whole, "PowerTransformer T1": spoilt}).short_circuit.problems
    said = f"has PowerTransformer.isPartOfGeneratorUnit {word!r}, which is neither true nor false."
    assert f"PowerTransformer T1 (T1) {said}" in problems


@settings(max_examples=30)
@given(st.data())
def test_one_spoilt_value_is_named_and_the_rest_is_computed(data: st.DataObject) -> None:
    """Nothing raises; what has no voltage is NaN, and nothing else is."""
    whole = example()
    key = data.draw(st.sampled_from(sorted(k for k, said in whole.items() if said)))
    name = data.draw(st.sampled_from(sorted(whole[key])))
    value = data.draw(st.sampled_from(("", "0", "-1", "nan", "1e30", "1e-30", "word", "#gone")))
    view = viewed({**whole, key: {**whole[key], name: value}}, frequency=50.0)
    found = short_circuits(view)
    known = ~np.isnan(found.circuit.nominal)
    for column in ("three", "two", "peak", "breaking", "thermal", "single"):
        assert np.isfinite(getattr(found.faults, column)[known]).all(), column
    plain = short_circuits(viewed(whole, frequency=50.0))
    same = [
        at(found, f"n{i}") == pytest.approx(at(plain, f"n{i}"), rel=1e-9)
        for i in range(1, 9)
        if f"n{i}" in found.circuit.buses.number
    ]
    identity = key.split()[1]
    named = any(identity in remark for remark in (*view.problems, *found.remarks))
    assert all(same) or named or value in ("0", "1e30", "1e-30", "-1", "") or "#" in value
