"""Many load flows of one network at once, by power-grid-model: loads, generation, switches differ.

`Batch.of` makes the network once and refuses what that engine has no component for; `solve` takes
what is given in each scenario.
"""

from dms_apps.solver.batch.grid import Unrepresentable
from dms_apps.solver.batch.solving import Batch, Results

__all__ = ["Batch", "Results", "Unrepresentable"]
