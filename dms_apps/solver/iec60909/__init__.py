"""Short-circuit currents by IEC 60909-0:2016: the equivalent voltage source at the fault.

`short_circuits` gives the largest or smallest currents of three-phase, two-phase and earth faults
at every bus of a view.  The sequence networks are made of the primitives that load flows use, with
rated taps, without loads and without the capacitances of the positive sequence (5.2).
"""

from dms_apps.solver.iec60909.currents import Faults, ShortCircuits, short_circuits
from dms_apps.solver.iec60909.curves import Curve
from dms_apps.solver.iec60909.method import Method

__all__ = ["Curve", "Faults", "Method", "ShortCircuits", "short_circuits"]
