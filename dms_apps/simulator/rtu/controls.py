"""What a simulated Modbus device does when it is written to."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Collection, Sequence

from dms_apps.simulator.rtu import replies
from dms_apps.simulator.rtu.memory import Memory
from dms_apps.simulator.rtu.replies import Request
from dms_apps.simulator.rtu.script import Control, Device

WRITES = {5: "coil", 6: "holding", 16: "holding"}
"""Function -> table (MODBUS Application Protocol V1.1b3, 6.5, 6.6 and 6.12)."""
_ON = 0xFF00
_UNKNOWN, _WRONG, _FAILED = 2, 3, 4  # exceptions


class Controls:
    """The controls of one device; `executed` are those it has carried out: address and value."""

    def __init__(self, device: Device, memory: Memory) -> None:
        self._memory = memory
        self._operate = {(c.table, c.address): c for c in device.control}
        self._select = {(c.table, c.select): c for c in device.control if c.select is not None}
        self._selected: dict[Control, Sequence[int]] = {}
        self.executed: list[tuple[int, float]] = []

    def answer(self, request: Request, body: bytes, faults: Collection[str]) -> bytes:
        """The reply, once what was asked is done; b"" for none."""
        place, words = (WRITES[request.function], request.start), _words(request, body)
        if words is None:
            return replies.refusal(request, _WRONG)
        if place in self._select:
            if "no_select" in faults:
                return replies.refusal(request, _FAILED)
            self._selected[self._select[place]] = words
        elif place not in self._operate:
            return replies.refusal(request, _UNKNOWN)
        elif code := self._execute(self._operate[place], words, faults):
            return replies.refusal(request, code)
        else:
            if "mute" in faults:
                return b""
        echo = body[:5]
        if "wrong_echo" in faults:
            echo = echo[:3] + bytes(one ^ 0xFF for one in echo[3:4]) + echo[4:]
        return replies.frame(request, echo)

    def _execute(self, control: Control, words: Sequence[int], faults: Collection[str]) -> int:
        """0, or the code of an exception."""
        if control.select is not None and self._selected.pop(control, None) != words:
            return _WRONG
        if "refuses" in faults:
            return _FAILED
        self._memory.put(control.table, control.address, words)
        self.executed.append((control.address, words[0]))
        if "stuck" not in faults and control.indication is not None:
            asyncio.get_running_loop().call_later(control.after, self._move, control, words)
        return 0

    def _move(self, control: Control, words: Sequence[int]) -> None:
        assert control.indication is not None  # noqa: S101 - asked before
        if (moved := control.moved(words[0])) is None:
            return
        bits = control.indication_table in ("coil", "discrete_input")
        shown = [int(bool(moved))] if bits else [int(moved), *words[1:]]
        self._memory.put(control.indication_table, control.indication, shown)


def _words(request: Request, body: bytes) -> Sequence[int] | None:
    """What is written; None when it cannot be."""
    if request.function == 16:
        count = int.from_bytes(body[3:5])
        fits = len(body) == 6 + 2 * count and body[5] == 2 * count and count
        return struct.unpack(f">{count}H", body[6:]) if fits else None
    if request.function == 6:
        return (request.count,)
    return {_ON: (1,), 0: (0,)}.get(request.count)
