"""The XML codec: bytes to values and back, validated, in one thread, beside others'."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from benchmarks import RUNS, Figures, Row, by_turns
from benchmarks.bindings import xsdata_of, zeep_of
from benchmarks.floor import IS, Bare
from benchmarks.messages import events, readings, written
from cim import envelope
from cim.gate import MESSAGE
from cim.message import Fault, Message
from cim.plain import LOADED, elements_of
from hub.journal import canonical

_EVENTS = 20  # of one event each, in one turn
_READINGS = 1_000
_TURNS = 41  # short ones: a machine that changes its pace does so between them
_UNIT = "ms/message"
Works = dict[str, Callable[[], object]]


def rows() -> list[Row]:
    elements_of(b"<a/>", MESSAGE)  # a hub has it loaded after its first megabytes
    LOADED.begin()
    while not LOADED.done():
        time.sleep(0.01)
    return [
        *_rows("one event", [written(message) for message in events(_EVENTS)]),
        *_rows(f"{_READINGS:,} readings", [written(readings(_READINGS))]),
    ]


def _rows(what: str, bodies: Sequence[bytes]) -> list[Row]:
    messages = [_read(body) for body in bodies]
    bare = Bare(messages[0].header.noun)
    xsdata, zeep = xsdata_of(messages[0]), zeep_of(messages[0])
    ours: Works = {
        "gate, parse, validate, decode": lambda: [envelope.read(body) for body in bodies],
        "encode, validate": lambda: [canonical.encode_checked(message) for message in messages],
    }
    theirs: Works = {
        "xsdata reads, not validated": lambda: [xsdata[0]() for _ in bodies],
        "xsdata writes, not validated": lambda: [xsdata[1]() for _ in bodies],
        "zeep reads, not validated": lambda: [zeep[0]() for _ in bodies],
        "zeep writes, not validated": lambda: [zeep[1]() for _ in bodies],
    }

    def beside(works: Works, turns: int) -> Iterator[Row]:
        each = [lambda: [bare.read(body) for body in bodies], *works.values()]
        floor, *others = by_turns(*(partial(_took, len(bodies), w) for w in each), runs=turns)
        for name, took in zip(works, others, strict=True):
            yield Row.of(f"XML, {what}: {name}", _UNIT, took, floor, IS)

    return [*beside(ours, _TURNS), *beside(theirs, RUNS)]


def _took(count: int, work: Callable[[], object]) -> Figures:
    """Milliseconds of the processor for each of `count` messages: others may want it, too."""
    begin = time.thread_time()
    work()
    return ((time.thread_time() - begin) * 1e3 / count,)


def _read(body: bytes) -> Message:
    message = envelope.read(body)
    assert not isinstance(message, Fault)
    return message
