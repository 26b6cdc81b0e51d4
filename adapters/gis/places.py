"""Where things are: layers in longitude and latitude, Location and PositionPoint."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import shapely

from adapters.gis import identities
from adapters.gis.faults import Faults
from adapters.gis.gathering import Gathering
from adapters.gis.mapping import Features
from adapters.gis.parts import Part
from adapters.gis.table import Bools, Floats, Ints, Shapes
from cim.model import LINK
from cim.violation import Refusal

CRS84 = "OGC:CRS84"
_URN = "urn:ogc:def:crs:OGC:1.3:CRS84"
_FAR = 10.0  # degrees that a network may lie beyond the area of its reference system
_BACK = 1.0  # of its units, mostly metres, that the way there and back may differ
_NAMED = re.compile(r"((urn:ogc:def:crs:)?(EPSG|ESRI|OGC)[\w:.]*:\w+|[A-Z_]+\[.*)\Z", re.DOTALL)


def degrees(part: Part) -> Shapes:
    """The geometries of a part's rows in longitude and latitude of WGS 84.

    Raises: Refusal, when nobody tells the reference system or it is unknown.
    """
    table = part.table
    if table.shapes is None:
        raise Refusal.of("1.8", f"{part.name}: {table.name} has no geometry.")
    shapes = table.shapes[part.rows]
    crs = table.crs or part.layer.crs
    if not crs:
        rule = f"{part.name}: {table.name} names no reference system, and its `crs` is not set."
        raise Refusal.of("1.8", rule)
    return shapes if crs == CRS84 else moved(shapes, crs, CRS84, part.name)


def moved(shapes: Shapes, crs: str, target: str, name: str) -> Shapes:
    """Geometries from one reference system into another.  Raises: Refusal."""
    import pyproj

    if not _NAMED.match(crs):
        raise Refusal.of("1.8", f"{name}: {crs[:80]!r} names no reference system.")
    try:
        change = pyproj.Transformer.from_crs(crs, target, always_xy=True)
        found: Shapes = shapely.transform(
            shapes, lambda xy: np.stack(change.transform(xy[:, 0], xy[:, 1]), axis=1)
        )
    except pyproj.exceptions.ProjError as error:
        raise Refusal.of("1.8", f"{name}: {crs[:80]}: {error}.") from None
    return found


def _limits(crs: str) -> tuple[bool, Floats]:
    """Whether coordinates are degrees; and west, south, east and north of where they may lie: in
    degrees of WGS 84 for a projected system, else in its own.

    Raises: pyproj's error.
    """
    import pyproj

    found = pyproj.CRS.from_user_input(crs)
    whole = np.array([-180.0, -90.0, 180.0, 90.0])
    if found.is_geographic or (area := found.area_of_use) is None:
        return found.is_geographic, whole
    if area.west > area.east:  # across the antimeridian
        return False, whole
    wide = np.array(area.bounds) + np.array([-_FAR, -_FAR, _FAR, _FAR])
    return False, np.stack([np.maximum(wide, whole)[:2], np.minimum(wide, whole)[2:]]).reshape(-1)


def _nowhere(part: Part, degrees: Shapes, faults: Faults) -> Bools:
    """Which rows lie where nothing can, with a fault for each.

    Of a geographic system the coordinates as written count: 910 degrees are no place, though they
    could be taken for 190.  Of a projected one those count that the way back leads to, too: far
    enough away it begins anew.
    """
    crs = part.table.crs or part.layer.crs
    is_geographic, limits = _limits(crs)
    assert part.table.shapes is not None  # noqa: S101 - asked before
    written, of = shapely.get_coordinates(part.table.shapes[part.rows], return_index=True)
    there = shapely.get_coordinates(degrees)
    seen = written if is_geographic else there
    wrong = ((seen < limits[:2]) | (seen > limits[2:])).any(axis=1)
    if not is_geographic:
        back = shapely.get_coordinates(moved(shapely.points(there), CRS84, crs, part.name))
        wrong |= (np.abs(back - written) > _BACK).any(axis=1)
    wrong &= ~np.isin(of, of[~np.isfinite(there).all(axis=1)])  # of those `simple` tells
    rows, first = np.unique(of[wrong], return_index=True)
    where = ", ".join(f"{one:g}" for one in limits.tolist())
    for row, (x, y) in zip(rows.tolist(), written[wrong][first].tolist(), strict=True):
        rule = f"lies at {x:.10g}, {y:.10g}, which no place of {crs[:40]} is ({where} degrees)"
        faults.say(f"{part.place(row)}: {rule}.")
    found = np.zeros(len(degrees), np.bool_)
    found[rows] = True
    return found


def simple(shape: Any) -> Any:
    """A point, a line or a polygon; the one part of several, or lines that follow one another.

    Raises: ValueError, when it is none.
    """
    if shape is None or shape.is_empty:
        raise ValueError("has no geometry")
    if hasattr(shape, "geoms"):
        shape = shapely.line_merge(shape) if len(shape.geoms) > 1 else shape.geoms[0]
    if shape.geom_type not in ("Point", "LineString", "Polygon"):
        raise ValueError(f"is a {shape.geom_type} of {len(shape.geoms)} parts")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError("lies where its reference system is not defined")
    return shape


def simplified(part: Part, shapes: Shapes, faults: Faults) -> Shapes:
    """Each as `simple`; None with a fault for what is not, and for what lies nowhere."""
    nowhere = _nowhere(part, shapes, faults)
    plain = shapely.get_type_id(shapes)
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    found = shapes.copy()
    found[nowhere] = None
    for row in np.flatnonzero(~(nowhere | (finite & np.isin(plain, (0, 1, 3))))).tolist():
        try:
            found[row] = simple(shapes[row])
        except ValueError as error:
            faults.say(f"{part.place(row)}: {error}.")
            found[row] = None
    return found


def locate(
    part: Part, shapes: Shapes, into: Gathering, plan: Features, *, whole: bool = True
) -> None:
    """Say where the objects of a part are; what has no geometry is nowhere.

    whole: whether the reference system is described, too, which a change set does not touch.
    """
    there = np.flatnonzero(~shapely.is_missing(shapes)).astype(np.int32)
    subjects = [part.subjects[row] for row in there.tolist()]
    spelled = [identities.made(subject, "Location") for subject in subjects]
    locations = into.identities(spelled)
    system = into.identities([identities.made(plan.system, "CoordinateSystem")])
    if whole:
        into.type(system, plan.iri("CoordinateSystem"))
        into.text(system, plan.iri("CoordinateSystem.crsUrn"), [_URN])
    into.type(locations, plan.iri("Location"))
    every = np.full(len(locations), system[0], np.int32)
    into.say(locations, plan.iri("Location.CoordinateSystem"), LINK, every)
    iri = plan.iri("PowerSystemResource.Location")
    into.say(into.identities(subjects), iri, LINK, locations)
    _points(spelled, locations, shapes[there], into, plan)


def _points(
    spelled: list[str], locations: Ints, shapes: Shapes, into: Gathering, plan: Features
) -> None:
    places, of = shapely.get_coordinates(shapes, return_index=True)
    first = np.searchsorted(of, np.arange(len(shapes)))
    numbers = (np.arange(len(of)) - first[of] + 1).tolist()
    names = [identities.made(spelled[o], str(n)) for o, n in zip(of.tolist(), numbers, strict=True)]
    points = into.identities(names)
    into.type(points, plan.iri("PositionPoint"))
    into.say(points, plan.iri("PositionPoint.Location"), LINK, locations[of])
    into.text(points, plan.iri("PositionPoint.sequenceNumber"), [str(n) for n in numbers])
    for axis, name in enumerate(("xPosition", "yPosition")):
        texts = [repr(value) for value in places[:, axis].tolist()]
        into.text(points, plan.iri(f"PositionPoint.{name}"), texts)
