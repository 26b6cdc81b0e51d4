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
from adapters.gis.table import Ints, Shapes
from cim.model import LINK
from cim.violation import Refusal

CRS84 = "OGC:CRS84"
_URN = "urn:ogc:def:crs:OGC:1.3:CRS84"
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
    """Each as `simple`; None with a fault for what is not."""
    plain = shapely.get_type_id(shapes)
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    found = shapes.copy()
    for row in np.flatnonzero(~(finite & np.isin(plain, (0, 1, 3)))).tolist():
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
