"""MeterReadings out of the bytes of the journal, column by column: no object for each reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from cim.gate import MODEL
from cim.plain import LOADED, Elements, elements_of
from cim.profiles.meter_readings import MeterReadings
from cim.xml.columns import WRONG, Columns, Places, shifted
from cim.xml.plan import Field, Plan, plan_of
from hub.historian.blocks import Found, Said, add_block, add_readings

_BLOCKS, _READINGS = "interval_blocks", "interval_readings"


def found_in(body: bytes) -> Found | None:
    """As `blocks` of the payload of a MeterReadings in the journal; None, when it takes the way
    over objects."""
    elements = elements_of(body, MODEL) if LOADED.done() else None
    if elements is None:
        return None
    with suppress(*WRONG):  # the objects will tell what it is
        return _Reader(elements).found()
    return None


class _Reader:
    def __init__(self, elements: Elements) -> None:
        self._columns = Columns(elements)
        self._found = Found()

    def found(self) -> Found:
        plan = plan_of(MeterReadings, MeterReadings.namespace)
        for field, at in self._parts(self._noun(), plan):
            if field.name == "meter_reading" and field.plan is not None:
                self._meter(at, field.plan)
        return self._found

    def _noun(self) -> int:
        """Where the payload stands.  Raises: ValueError, when it is another one."""
        columns = self._columns
        at, stop = 1, columns.stops[0]
        while at < stop:
            if self._name(at) == "Payload" and self._name(at + 1) == MeterReadings.__name__:
                return at + 1
            at = columns.stops[at]
        raise ValueError("no MeterReadings")

    def _name(self, at: int) -> str:
        return self._columns.names[self._columns.rows[at]]

    def _parts(self, at: int, plan: Plan) -> Iterator[tuple[Field, int]]:
        """The attributes in an element, and where they stand, in the order of the document."""
        columns = self._columns
        child, stop = at + 1, columns.stops[at]
        while child < stop:
            yield plan.by_local[self._name(child)], child
            child = columns.stops[child]

    def _object(self, at: int, plan: Plan, later: str) -> tuple[Any, Plan, list[int]]:
        """The object at `at` without the attribute `later`; the plan of that, and where it is."""
        held, put_off, left = plan.blank.copy(), plan, list[int]()
        for field, offsets in self._columns.children(at, plan).items():
            places = [at + offset for offset in offsets]
            if field.name == later and field.plan is not None:
                put_off, left = field.plan, places
                continue
            values = self._columns.column(places, field)
            held[field.name] = tuple(values) if field.many else values[0]
        return plan.made_of(held), put_off, left

    def _meter(self, at: int, plan: Plan) -> None:
        reading, blocks, places = self._object(at, plan, _BLOCKS)
        add_readings(reading, self._found)
        for place in places:
            block, readings, inner = self._object(place, blocks, _READINGS)
            said = self._said(inner, readings) if inner else Said()
            add_block(reading, block, said, self._found)

    def _said(self, places: Places, plan: Plan) -> Said:
        """What readings say, in their order."""
        groups = [
            (group, self._alike(alike, plan)) for group, alike in self._columns.groups(places)
        ]
        if len(groups) == 1:
            return groups[0][1]
        order = [n for group, _ in groups for n in group]
        return Said.joined([said for _, said in groups]).taken(
            sorted(range(len(order)), key=order.__getitem__)
        )

    def _alike(self, places: Places, plan: Plan) -> Said:
        """The same of elements of one shape."""
        times, values = (self._leaf(places, plan, name) for name in ("time_stamp", "value"))
        starts = ends = qualities = None
        for field, offsets in self._columns.children(places[0], plan).items():
            if field.name == "time_period" and field.plan is not None:
                within = shifted(places, offsets)
                starts, ends = (self._leaf(within, field.plan, name) for name in ("start", "end"))
            elif field.name == "reading_qualities" and field.plan is not None:
                each = [shifted(places, [offset]) for offset in offsets]
                codes = (self._leaf(one, field.plan, "reading_quality_type") for one in each)
                given = [one for one in codes if one is not None]
                qualities = [" ".join(one) for one in zip(*given, strict=True)]
        return Said(
            times or ends or [None] * len(places),
            values or [None] * len(places),
            qualities or [""] * len(places),
            starts,
        )

    def _leaf(self, places: Places, plan: Plan, name: str) -> list[Any] | None:
        """What a single attribute says in elements of one shape; None where it is left out."""
        for field, offsets in self._columns.children(places[0], plan).items():
            if field.name == name:
                return self._columns.column(shifted(places, offsets), field)
        return None
