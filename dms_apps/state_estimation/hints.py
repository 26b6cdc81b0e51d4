"""What residuals say of switches: bad measurements gather where a position is wrong.

A. Monticelli, Modeling circuit breakers in weighted least squares state estimation, IEEE Trans.
Power Systems 8 (1993) 1143.
"""

from __future__ import annotations

from cim.electrical.switches import Switch
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled
from dms_apps.state_estimation.bad_data import Cleaned
from dms_apps.state_estimation.measurements import Measurements, Origin

_MANY = 2


def contradictions(found: Cleaned, measurements: Measurements, layout: Layout) -> list[str]:
    """A sentence for each switch at whose ends several measurements are bad."""
    by_node: dict[str, list[int]] = {}
    for number in found.bad:
        if measurements.origin[number] == Origin.MEASURED:
            by_node.setdefault(measurements.node[number], []).append(number)
    return [
        sentence
        for switch in layout.view.switches
        if (sentence := _contradiction(switch, by_node, measurements))
    ]


def _contradiction(
    switch: Switch, by_node: dict[str, list[int]], measurements: Measurements
) -> str:
    numbers = [n for node in {end.node for end in switch.ends} for n in by_node.get(node, ())]
    if len(numbers) < _MANY:
        return ""
    names = ", ".join(sorted({measurements.name[n] for n in numbers}))
    return (
        f"Switch {titled(switch.name, switch.mrid)} may stand otherwise than is known: {names} at"
        " its ends do not fit."
    )
