"""What compiled loops over bytes are made of: addresses, and the bytes that stand there.

An array handed from one compiled function to another is counted, with a locked instruction each
way; an address is a number.  So nothing here knows where an array ends: who hands out an address
keeps the array alive, and zeros behind it where a loop needs something to stop at.

Imported only by modules of such loops: numba takes half a second to load.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from cim.compiling import kept

_LOOPS = ("memory.py", "interning.py", "characters.py", "kernels.py")


def njit(loop: Any) -> Any:
    """The loop in machine code, as long as no file of such loops changes."""
    return kept(loop, map(Path(__file__).with_name, _LOOPS))


def _reader(bits: int, result: Any) -> Any:
    def read(_typing: Any, address: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kind = ir.IntType(bits)
            pointer = builder.inttoptr(arguments[0], kind.as_pointer())
            found = builder.load(pointer, align=1)
            return found if bits == 64 else builder.zext(found, ir.IntType(64))

        return result(address), code

    return intrinsic(read)


def _writer(bits: int) -> Any:
    def write(_typing: Any, address: Any, value: Any) -> Any:
        def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kind = ir.IntType(bits)
            pointer = builder.inttoptr(arguments[0], kind.as_pointer())
            number = arguments[1]
            builder.store(number if bits == 64 else builder.trunc(number, kind), pointer, align=1)
            return context.get_dummy_value()

        return types.none(address, value), code

    return intrinsic(write)


byte: Any = _reader(8, types.int64)
"""byte(address): the byte there, a signed number that is not negative."""

word: Any = _reader(64, types.uint64)
"""word(address): eight bytes, the first one lowest."""

number: Any = _reader(64, types.int64)
"""number(address): a signed number of eight bytes."""

put_byte: Any = _writer(8)
"""put_byte(address, number): write its lowest byte."""

put_word: Any = _writer(64)
"""put_word(address, number): write eight bytes."""
