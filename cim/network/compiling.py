"""How loops over arrays become machine code; imported only by modules of such loops.

Numba takes a third of a second to load, so what needs these loops imports them where it calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from cim.compiling import kept

_Loop = TypeVar("_Loop", bound=Callable[..., object])
_njit: Any = numba.njit
_LOOPS = [
    "assembly",
    "chains",
    "compiling",
    "components",
    "crossing",
    "cutting",
    "kernels",
    "ownership",
    "sorting",
    "spelling",
    "walks",
    "words",
]
_NUMBERS = ["masks", "pages", "phases", "topology"]  # modules whose numbers they use
_FILES = tuple(Path(__file__).with_name(f"{name}.py") for name in (*_LOOPS, *_NUMBERS))


def compiled(loop: _Loop) -> _Loop:
    """The loop in machine code, as long as no file of such loops changes."""
    return cast(_Loop, kept(loop, _FILES))


def declared(*kinds: str) -> Callable[[_Loop], _Loop]:
    """As `compiled`, but loaded with its module, and one for arrays that may be written to or not.

    kinds: of the arguments, see below.
    """
    blob = types.Array(types.uint8, 1, "C", readonly=True)
    ends = types.Array(types.int64, 1, "C", readonly=True)
    rows = types.Array(types.int32, 1, "C", readonly=True)
    hashes = types.Array(types.uint64, 1, "C", readonly=True)
    known = {"blob": blob, "ends": ends, "rows": rows, "hashes": hashes}
    known |= {"shift": types.uint64, "count": types.int64}
    signature = tuple(known[kind] for kind in kinds)

    def decorate(loop: _Loop) -> _Loop:
        return cast(_Loop, kept(loop, _FILES, [signature]))

    return decorate


def lean(loop: _Loop) -> _Loop:
    """As `compiled`, for loops that make no array.

    Without reference counts (`_nrt`): they cost several times what a step of a trace does, when an
    array is handed to a function in it.
    """
    return cast(_Loop, kept(loop, _FILES, _nrt=False))


def step(loop: _Loop) -> _Loop:
    """A part of a lean loop, put in where it is called."""
    return cast(_Loop, _njit(nogil=True, _nrt=False, forceinline=True)(loop))


def stage(loop: _Loop) -> _Loop:
    """A part of a lean loop that has loops of its own."""
    return cast(_Loop, _njit(nogil=True, _nrt=False)(loop))


def _soon(_typing: Any, array: Any, _place: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        byte, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(builder.gep(data, [given[1]]), byte)
        prefetch = builder.module.declare_intrinsic(
            "llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, whole, whole, whole])
        )
        builder.call(prefetch, [address, whole(0), whole(3), whole(1)])
        return context.get_dummy_value()

    return types.none(array, types.int64), code


soon: Any = intrinsic(_soon)
"""In a loop, `soon(array, place)`: ask for memory that will be wanted.

place: counted over all elements of the array in their order; it may lie behind the last one.
"""
