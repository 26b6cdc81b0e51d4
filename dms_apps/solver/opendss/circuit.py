"""One OpenDSS circuit in this process: commands, powers of loads, voltages."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Sequence
from functools import cached_property
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
_FEW = 4
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

    def __init__(
        self,
        commands: Iterable[str],
        places: Sequence[str],
        options: Options,
        poles: Sequence[str] = (),
    ) -> None:
        """Raises: Refused.

        places: names of the nodes whose voltages are asked for.
        poles:  of the lines that open and close.
        """
        self._dss = context()
        weakref.finalize(self, _give_back, self._dss).atexit = False
        self._api = self._dss._api_util
        self._error = self._api.lib.Error_Get_NumberPtr()
        self._start = self._api.ffi.new("double**")
        self._known = 0, self._api.ffi.NULL
        self.run(commands)
        self.run(_settings(options))
        self._loads, self._count = self._all("load")
        self._kw, self._kvar = self._numbers("kw", "kvar")
        self._places, self._poles = places, poles
        self._every = np.empty(0, np.complex128)
        self._order: Ints | None = None

    def run(self, commands: Iterable[str]) -> None:
        """Raises: Refused, by the first command that OpenDSS does not take."""
        block = "\n".join(commands)
        if block:
            self._api.lib.Text_CommandBlock(block.encode(self._api.codec))
            self._checked()

    def solve(self) -> str:
        """Why there is no solution; empty when there is one."""
        lib = self._api.lib
        lib.Solution_Solve()
        try:
            self._checked()
        except Refused as why:
            return str(why)
        if not lib.Solution_Get_Converged():
            most = self._dss.ActiveCircuit.Solution.MaxIterations
            return f"OpenDSS did not converge within {most} iterations."
        return ""

    def volts(self) -> Complex:
        """To earth, by place."""
        if self._order is None:
            names = self._dss.ActiveCircuit.YNodeOrder
            number = {name.lower(): i for i, name in enumerate(names, 1)}
            self._order = np.array([number[place] for place in self._places], np.int64)
        lib = self._api.lib
        lib.YMatrix_getVpointer(self._start)  # of earth, then of all nodes; moves with new nodes
        place = lib.Circuit_Get_NumNodes() + 1, self._start[0]
        if place != self._known:
            self._known = place
            buffer = self._api.ffi.buffer(place[1], 16 * place[0])
            self._every = np.frombuffer(buffer, np.complex128)
        return np.asarray(self._every[self._order])

    def switch(self, poles: Ints, closed: NDArray[np.bool_]) -> None:
        """Open or close some poles, by number.

        closed: by pole.
        """
        lib = self._api.lib
        for at in poles.tolist():
            lib.Obj_Circuit_Set_ActiveCktElement(self._lines[at])
            (lib.CktElement_Close if closed[at] else lib.CktElement_Open)(1, 0)
        self._checked()

    def draw_powers(self, loads: Ints, p: Floats, q: Floats) -> None:
        """Watts and var of some loads, by their numbers in the order as made."""
        lib, ffi = self._api.lib, self._api.ffi
        if len(loads) > _FEW:
            some = self._loads
            if len(loads) < self._count:
                some = ffi.from_buffer("void*[]", self._pointers[loads])
            self._powers(some, p, q)
        else:
            for at, w, var in zip(loads.tolist(), p.tolist(), q.tolist(), strict=True):
                lib.Obj_SetFloat64(self._loads[at], self._kw, w / 1e3, _AVOID_FULL_RECALC)
                lib.Obj_SetFloat64(self._loads[at], self._kvar, var / 1e3, _AVOID_FULL_RECALC)
        self._checked()

    def _powers(self, loads: Any, p: Floats, q: Floats) -> None:
        """Of these loads, in one edit of all."""
        lib, ffi = self._api.lib, self._api.ffi
        count, flags = len(p), _AVOID_FULL_RECALC
        kw, kvar = p / 1e3, q / 1e3
        lib.Batch_BeginEdit(loads, count)
        lib.Batch_Float64Array(loads, count, self._kw, _SET, ffi.from_buffer("double[]", kw), flags)
        lib.Batch_Float64Array(
            loads, count, self._kvar, _SET, ffi.from_buffer("double[]", kvar), flags
        )
        lib.Batch_EndEdit(loads, count, 2)

    @cached_property
    def _pointers(self) -> NDArray[np.uintp]:
        ffi = self._api.ffi
        return np.frombuffer(ffi.buffer(self._loads, self._count * ffi.sizeof("void*")), np.uintp)

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

    @cached_property
    def _lines(self) -> list[Any]:
        """The line that each pole is."""
        lib, ffi = self._api.lib, self._api.ffi
        lines, count = self._all("line")
        names = (ffi.string(lib.Obj_GetName(lines[i])).decode() for i in range(count))
        known = {f"line.{name.lower()}": lines[i] for i, name in enumerate(names)}
        return [known[pole] for pole in self._poles]

    def _all(self, kind: str) -> tuple[Any, int]:
        """All objects of a class, and how many."""
        lib, ffi = self._api.lib, self._api.ffi
        found, sizes = ffi.new("void***"), ffi.new("int32_t[4]")
        lib.Batch_CreateByClassS(found, sizes, kind.encode())
        self._checked()
        batch = found[0]
        return ffi.gc(batch, lambda _: lib.Batch_Dispose(batch)), int(sizes[0])

    def _numbers(self, *names: str) -> list[int]:
        """Numbers of properties of loads."""
        if not self._count:
            return [0] * len(names)
        self._dss.ActiveCircuit.SetActiveElement("load.d0")
        known = [name.lower() for name in self._dss.ActiveCircuit.ActiveDSSElement.AllPropertyNames]
        return [known.index(name) + 1 for name in names]

    def _checked(self) -> None:
        if not self._error[0]:
            return
        try:
            self._api._check_for_error()
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
