"""What lies together: ends of lines and points within a tolerance are one connectivity node.

Distances are in metres, on a plane that touches the earth in the middle of the layers (azimuthal
equidistant; 200 km away from there lengths are 0.02 % too long at most).

    line ----o          one node
             |  within `snap`
             o---- line
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from adapters.gis import identities
from adapters.gis.faults import Faults
from adapters.gis.findings import Finding
from adapters.gis.mapping import Features
from adapters.gis.parts import Part
from adapters.gis.places import CRS84, moved
from adapters.gis.table import Floats, Ints, Shapes
from cim.violation import Refusal

_CROWD = 256
"""So many different places within one tolerance are no network."""

_POINT, _LINE = 0, 1


@dataclass(eq=False)
class Snapped:
    """Where the ends of all parts lie.

    ends:     by the name of a part, of each of its terminals the node of each row.
    findings: gaps and ends at which nothing is.
    """

    ends: dict[str, list[list[str]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Ends:
    """The ends of all parts, one row each.

    part, row, number: which terminal of what it is.
    xy, degrees:       where, in metres and as longitude and latitude.
    """

    part: Ints
    row: Ints
    number: Ints
    xy: Floats
    degrees: Floats


def snapped(
    parts: Sequence[Part], shapes: Mapping[str, Shapes], plan: Features, faults: Faults
) -> Snapped:
    """Connect the parts with `ends`; their geometries are in longitude and latitude.

    Raises: Refusal, when too much lies within the tolerance.
    """
    found = Snapped()
    if not parts:
        return found
    plain = {part.name: shapes[part.name] for part in parts}
    metric = _metric(plain)
    ends = _ends(parts, plain, metric, faults)
    if not len(ends.xy):
        return found
    node = _clustered(ends, plan.topology.snap)
    names = _names(ends, node, plan)
    through = _through(parts, ends, node, faults)
    for place, part in enumerate(parts):
        here = np.flatnonzero(ends.part == place)
        columns = [[""] * len(part.rows) for _ in range(part.layer.ends)]
        for end in here.tolist():
            row, number = int(ends.row[end]), int(ends.number[end])
            columns[number][row] = through.get(end, names[node[end]])
        found.ends[part.name] = columns
        if part.layer.ends == 2:
            _put_through(part, place, ends, through, columns)
    found.findings += _loose(parts, ends, node, metric, plan)
    return found


def _metric(shapes: Mapping[str, Shapes]) -> dict[str, Shapes]:
    """The same in metres."""
    everything = np.concatenate([np.empty(0, np.object_), *shapes.values()])
    if shapely.is_missing(everything).all():
        return dict(shapes)
    west, south, east, north = shapely.total_bounds(everything).tolist()
    plane = _plane((west + east) / 2, (south + north) / 2)
    return {name: moved(one, CRS84, plane, name) for name, one in shapes.items()}


def _plane(lon: float, lat: float) -> str:
    return (
        'PROJCRS["plane",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",'
        'ELLIPSOID["WGS 84",6378137,298.257223563]]],CONVERSION["plane",'
        'METHOD["Azimuthal Equidistant",ID["EPSG",1125]],'
        f'PARAMETER["Latitude of natural origin",{lat}],'
        f'PARAMETER["Longitude of natural origin",{lon}],'
        'PARAMETER["False easting",0],PARAMETER["False northing",0]],'
        'CS[Cartesian,2],AXIS["east",east],AXIS["north",north],LENGTHUNIT["metre",1]]'
    )


def _ends(
    parts: Sequence[Part],
    degrees: Mapping[str, Shapes],
    metric: Mapping[str, Shapes],
    faults: Faults,
) -> _Ends:
    taken = [
        _of_part(place, part, degrees[part.name], metric[part.name], faults)
        for place, part in enumerate(parts)
    ]
    none, nowhere = np.empty(0, np.int32), np.empty((0, 2))
    empty = _Ends(none, none, none, nowhere, nowhere)
    every = [empty, *(one for ends in taken for one in ends)]
    columns = ("part", "row", "number", "xy", "degrees")
    return _Ends(*(np.concatenate([getattr(one, c) for one in every]) for c in columns))


def _of_part(
    place: int, part: Part, degrees: Shapes, metric: Shapes, faults: Faults
) -> Iterator[_Ends]:
    kinds = shapely.get_type_id(degrees)
    wanted = (_LINE, _POINT) if part.layer.ends == 2 else (_POINT,)
    for row in np.flatnonzero(~np.isin(kinds, wanted) & (kinds >= 0)).tolist():
        faults.say(f"{part.place(row)}: its geometry has not {part.layer.ends} ends.")
    for kind, picks in ((_LINE, (0, -1)), (_POINT, (0,))):
        rows = np.flatnonzero(kinds == kind).astype(np.int32)
        if kind not in wanted or not len(rows):
            continue
        for number, pick in enumerate(picks):
            ends = [
                shapely.get_coordinates(
                    shapely.get_point(s[rows], pick) if kind == _LINE else s[rows]
                )
                for s in (metric, degrees)
            ]
            every = np.full(len(rows), place, np.int32)
            yield _Ends(every, rows, np.full(len(rows), number, np.int32), *ends)


def _clustered(ends: _Ends, snap: float) -> Ints:
    """Of each end the number of its node."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    places, place = np.unique(ends.xy, axis=0, return_inverse=True)
    place = place.reshape(-1)
    _check_crowd(places, ends, place, snap)
    points = shapely.points(places)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=snap)
    near = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(len(places),) * 2)
    _, label = connected_components(near, directed=False)
    found: Ints = label[place].astype(np.int32)
    return found


def _check_crowd(places: Floats, ends: _Ends, place: NDArray[np.intp], snap: float) -> None:
    """Among places within one tolerance every pair is looked at: there must not be many."""
    cells, cell, counts = np.unique(
        np.floor(places / snap), axis=0, return_inverse=True, return_counts=True
    )
    if not len(cells) or counts.max() <= _CROWD:
        return
    crowded = np.flatnonzero(cell.reshape(-1) == counts.argmax())[0]
    lon, lat = ends.degrees[np.flatnonzero(place == crowded)[0]]
    rule = f"More than {_CROWD} ends lie at different places within {snap:g} m at {lon:.6f}, "
    raise Refusal.of("3.1", f"{rule}{lat:.6f}: topology.snap does not fit these layers.")


def _names(ends: _Ends, node: Ints, plan: Features) -> list[str]:
    """The nodes' identities follow from where they are: the most western, then southern end."""
    order = np.lexsort((ends.degrees[:, 1], ends.degrees[:, 0]))
    first = np.zeros(node.max() + 1, np.int64)
    first[node[order[::-1]]] = order[::-1]
    return [
        identities.made(plan.system, "node", f"{lon:.7f}", f"{lat:.7f}")
        for lon, lat in ends.degrees[first].tolist()
    ]


def _doors(parts: Sequence[Part], ends: _Ends) -> NDArray[np.bool_]:
    """Which ends are points of things with two terminals, switches on the way of a line."""
    two = np.array([part.layer.ends == 2 for part in parts], np.bool_)
    objects = np.stack([ends.part, ends.row], axis=1)
    _, of, counts = np.unique(objects, axis=0, return_inverse=True, return_counts=True)
    found: NDArray[np.bool_] = two[ends.part] & (counts[of.reshape(-1)] == 1)
    return found


def _through(parts: Sequence[Part], ends: _Ends, node: Ints, faults: Faults) -> dict[int, str]:
    """The ends at a node that a switch parts in two, each with the half it is at.

    A point with two terminals has a line on either side, and nothing else: what else is there would
    be on a side that nobody tells.
    """
    doors = np.flatnonzero(_doors(parts, ends))
    found: dict[int, str] = {}
    if not len(doors):
        return found
    order = np.argsort(node, kind="stable")
    starts = np.searchsorted(node[order], np.arange(node.max() + 2))
    for door in doors.tolist():
        here = order[starts[node[door]] : starts[node[door] + 1]].tolist()
        others = sorted((e for e in here if e != door), key=lambda e: _called(parts, ends, e))
        subject = parts[int(ends.part[door])].subjects[int(ends.row[door])]
        if len(others) != 2:
            said = parts[int(ends.part[door])].place(int(ends.row[door]))
            faults.say(
                f"{said}: {len(others)} ends are at this point of two terminals, not 2: "
                "name its nodes by columns."
            )
            continue
        for side, end in enumerate(others, 1):
            found[end] = identities.made(subject, "side", str(side))
        found[door] = found[others[0]]
    return found


def _called(parts: Sequence[Part], ends: _Ends, end: int) -> tuple[str, int]:
    return parts[int(ends.part[end])].subjects[int(ends.row[end])], int(ends.number[end])


def _put_through(
    part: Part,
    place: int,
    ends: _Ends,
    through: Mapping[int, str],
    columns: list[list[str]],
) -> None:
    """Give a point with two terminals its second node."""
    for end in np.flatnonzero(ends.part == place).tolist():
        row = int(ends.row[end])
        if not columns[1][row] and end in through:
            columns[1][row] = identities.made(part.subjects[row], "side", "2")


def _loose(
    parts: Sequence[Part], ends: _Ends, node: Ints, metric: Mapping[str, Shapes], plan: Features
) -> Iterator[Finding]:
    """Ends of lines at which nothing else is: gaps where something is near, else dangling."""
    lines = np.array([part.layer.ends == 2 for part in parts], np.bool_)[ends.part]
    alone = np.bincount(node)[node] == 1
    loose = np.flatnonzero(lines & alone)
    if not len(loose):
        return
    near = _nearest(ends, loose, plan.topology.near)
    meets = _met(parts, ends, loose, metric, plan.topology.snap)
    for at, end in enumerate(loose.tolist()):
        part, row = parts[int(ends.part[end])], int(ends.row[end])
        lon, lat = ends.degrees[end].tolist()
        who = part.place(row)
        if at in meets:
            said = f"{who} ends on {meets[at]} between its ends: they are not connected"
            yield Finding("gap", said, lon, lat)
        elif at in near:
            other, metres = near[at]
            name = parts[int(ends.part[other])].place(int(ends.row[other]))
            yield Finding("gap", f"{who} ends {metres:.2f} m from {name}", lon, lat)
        else:
            yield Finding("dangling", f"{who} ends where nothing else is", lon, lat)


def _nearest(ends: _Ends, loose: NDArray[np.intp], near: float) -> dict[int, tuple[int, float]]:
    """Of loose ends, by their place, the nearest end of anything else, and its distance."""
    points = shapely.points(ends.xy)
    (mine, others), metres = shapely.STRtree(points).query_nearest(
        points[loose], max_distance=near, exclusive=True, return_distance=True, all_matches=False
    )
    return {
        int(at): (int(other), float(distance))
        for at, other, distance in zip(mine, others, metres, strict=True)
        if (ends.part[other], ends.row[other]) != (ends.part[loose[at]], ends.row[loose[at]])
    }


def _met(
    parts: Sequence[Part],
    ends: _Ends,
    loose: NDArray[np.intp],
    metric: Mapping[str, Shapes],
    snap: float,
) -> dict[int, str]:
    """Of loose ends, by their place, the line between whose ends they lie."""
    found: dict[int, str] = {}
    for place, part in enumerate(parts):
        if part.layer.ends != 2:
            continue
        at, rows = _touching(shapely.STRtree(metric[part.name]), ends.xy[loose], snap)
        for one, row in zip(at.tolist(), rows.tolist(), strict=True):
            if (int(ends.part[loose[one]]), int(ends.row[loose[one]])) != (place, row):
                found.setdefault(one, part.place(row))
    return found


def _touching(tree: shapely.STRtree, places: Floats, snap: float) -> tuple[Ints, Ints]:
    """Places and lines within the tolerance; a few at once, so that a crowd is found in time."""
    found = [(np.empty(0, np.int32), np.empty(0, np.int32))]
    room = _CROWD * (len(places) + _CROWD)
    for start in range(0, len(places), _CROWD):
        points = shapely.points(places[start : start + _CROWD])
        at, rows = tree.query(points, predicate="dwithin", distance=snap)
        found.append((at.astype(np.int32) + np.int32(start), rows.astype(np.int32)))
        room -= len(at)
        if room < 0:
            raise Refusal.of("3.1", "Too many lines lie over one another where others end.")
    return np.concatenate([at for at, _ in found]), np.concatenate([rows for _, rows in found])
