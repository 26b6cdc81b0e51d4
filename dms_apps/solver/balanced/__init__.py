"""Balanced load flow: the positive sequence, solved by pandapower.

`solve` refuses what three phases alike cannot stand for, object by object, unless it is asked for
an equivalent.  What pandapower then says is taken when it is finite and power balances.
"""

from dms_apps.solver.balanced.solving import solve

__all__ = ["solve"]
