"""One OpenDSS circuit in this process: commands, powers of loads, voltages."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.opendss.loading import engine
from dms_apps.solver.solution import Complex, Options

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SET = 0
_AVOID_FULL_RECALC = 2
"""Powers of loads change their currents only; the matrix keeps what they were drawn with."""
_FEW = 20
_TOO_MANY_CONTROL_ITERATIONS = 485


class Refused(RuntimeError):
    """OpenDSS refused a command or ended a solution; its words are in the text."""


_free: list[Any] = []
"""Contexts of circuits that are no more: OpenDSS keeps a context for good."""


def context() -> Any:
    """A context without a circuit.  It opens no windows, and stays in its folder."""
    try:
        return _free.pop()
    except IndexError:
        found = engine().NewContext()
        found.AllowForms = False
        found.AllowEditor = False
        found.AllowChangeDir = False
        return found


def _give_back(dss: Any) -> None:
    dss.Text.Command = "clearall"
    _free.append(dss)


def version() -> str:
    """Of the engine, e.g. "DSS C-API 0.14.5"."""
    said = str(engine().Version)
    number = re.search(r"version (\S+)", said)
    return f"DSS C-API {number[1]}" if number else said.partition("\n")[0]


class Circuit:
    """A circuit in a context of its own."""

    def __init__(self, commands: Iterable[str], places: Sequence[str], options: Options) -> None:
        """Raises: Refused.

        places: names of the nodes whose voltages are asked for.
        """
        self._dss = context()
        weakref.finalize(self, _give_back, self._dss).atexit = False
        self._api = self._dss._api_util
        self.run(commands)
        self.run(_settings(options))
        self._loads, self._count = self._all_loads()
        self._kw, self._kvar = self._numbers("kw", "kvar")
        self._places = places
        self._order: Ints | None = None

    def run(self, commands: Iterable[str]) -> None:
        """Raises: Refused, by the first command that OpenDSS does not take."""
        block = "\n".join(commands)
        if block:
            self._tried(lambda: self._dss.Text.Commands(block))

    def solve(self) -> str:
        """Why there is no solution; empty when there is one."""
        try:
            self._tried(self._dss.ActiveCircuit.Solution.Solve)
        except Refused as why:
            return str(why)
        solution = self._dss.ActiveCircuit.Solution
        if not solution.Converged:
            return f"OpenDSS did not converge within {solution.MaxIterations} iterations."
        return ""

    def volts(self) -> Complex:
        """To earth, by place."""
        if self._order is None:
            names = self._dss.ActiveCircuit.YNodeOrder
            number = {name.lower(): i for i, name in enumerate(names, 1)}
            self._order = np.array([number[place] for place in self._places], np.int64)
        lib, ffi = self._api.lib, self._api.ffi
        start = ffi.new("double**")
        lib.YMatrix_getVpointer(start)  # of earth, then of all nodes; it moves with new nodes
        size = 16 * (self._dss.ActiveCircuit.NumNodes + 1)
        every = np.frombuffer(ffi.buffer(start[0], size), np.complex128)
        return np.asarray(every[self._order])

    def draw_powers(self, loads: Ints, p: Floats, q: Floats) -> None:
        """Watts and var of some loads, by their numbers in the order as made."""
        lib, ffi = self._api.lib, self._api.ffi
        if len(loads) > _FEW:
            some = self._loads
            if len(loads) < self._count:
                some = ffi.new("void*[]", [self._loads[at] for at in loads.tolist()])
            self._powers(some, p, q)
        else:
            for at, kw, kvar in zip(
                loads.tolist(), (p / 1e3).tolist(), (q / 1e3).tolist(), strict=True
            ):
                lib.Obj_SetFloat64(self._loads[at], self._kw, kw, _AVOID_FULL_RECALC)
                lib.Obj_SetFloat64(self._loads[at], self._kvar, kvar, _AVOID_FULL_RECALC)
        self._tried(self._api._check_for_error)

    def _powers(self, loads: Any, p: Floats, q: Floats) -> None:
        """Of these loads, all by one call."""
        lib, ffi = self._api.lib, self._api.ffi
        for index, values in ((self._kw, p / 1e3), (self._kvar, q / 1e3)):
            kilo = ffi.from_buffer("double[]", values)
            lib.Batch_Float64Array(loads, len(p), index, _SET, kilo, _AVOID_FULL_RECALC)

    def ratio(self, unit: str, winding: int) -> float:
        """Present turns of a winding over rated ones."""
        found = self._dss.ActiveCircuit.Transformers
        found.Name = unit
        found.Wdg = winding
        return float(found.Tap)

    def states(self, capacitor: str) -> list[int]:
        """Which steps of a capacitor are in service, 1 or 0."""
        found = self._dss.ActiveCircuit.Capacitors
        found.Name = capacitor
        return [int(state) for state in found.States]

    def _all_loads(self) -> tuple[Any, int]:
        lib, ffi = self._api.lib, self._api.ffi
        found, sizes = ffi.new("void***"), ffi.new("int32_t[4]")
        lib.Batch_CreateByClassS(found, sizes, b"load")
        self._tried(self._api._check_for_error)
        batch = found[0]
        return ffi.gc(batch, lambda _: lib.Batch_Dispose(batch)), int(sizes[0])

    def _numbers(self, *names: str) -> list[int]:
        """Numbers of properties of loads."""
        if not self._count:
            return [0] * len(names)
        self._dss.ActiveCircuit.SetActiveElement("load.d0")
        known = [name.lower() for name in self._dss.ActiveCircuit.ActiveDSSElement.AllPropertyNames]
        return [known.index(name) + 1 for name in names]

    def _tried(self, work: Any) -> None:
        try:
            work()
        except Exception as why:
            if type(why).__name__ != "DSSException":
                raise
            raise Refused(_sentence(why)) from why


def _sentence(why: Exception) -> str:
    number, words = why.args
    if number == _TOO_MANY_CONTROL_ITERATIONS:
        return "OpenDSS ended with controls that still wanted to move."
    return f"OpenDSS says (#{number}): {' '.join(str(words).split())}"


def _settings(options: Options) -> list[str]:
    mode = "static" if options.controls == "local" else "off"
    return [
        "set mode=snapshot",
        f"set controlmode={mode} maxcontroliter={options.iterations}",
        f"set maxiterations={options.iterations} tolerance={options.tolerance!r}",
    ]
