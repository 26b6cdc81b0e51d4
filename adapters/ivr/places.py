"""Where a trouble is that is not at premises: address, corner, pole, position, as given."""

from __future__ import annotations

import re

from adapters.ivr.fields import text
from cim.profiles.identification import Name, NameType
from cim.profiles.premises import Location, StreetAddress, StreetDetail, TownDetail
from cim.profiles.work_locations import CoordinateSystem, PositionPoint
from hub.rows import Row

INTERSECTION = "intersection"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def location(row: Row, crs: str) -> Location | None:
    """The place a row names; None when it names none.

    crs: URN of the coordinate reference system of `longitude` (first axis) and `latitude`.
    Raises: ValueError for half a position, or one that is no number.
    """
    pole, positions = text(row, "pole_number"), _positions(row, crs)
    place = Location(
        direction=text(row, "location") or None,
        type=INTERSECTION if text(row, "cross_street") else None,
        coordinate_system=CoordinateSystem(crs_urn=crs) if positions else None,
        main_address=_address(row),
        names=(Name(name=pole, name_type=NameType(name="PoleNumber")),) if pole else (),
        position_points=positions,
    )
    return place if place != Location() else None


def _address(row: Row) -> StreetAddress | None:
    address = StreetAddress(
        postal_code=text(row, "postal_code") or None,
        street_detail=_street(row),
        town_detail=_town(row),
    )
    return address if address != StreetAddress() else None


def _street(row: Row) -> StreetDetail | None:
    street, cross, block = (text(row, c) for c in ("street", "cross_street", "block"))
    corner = " & ".join(one for one in (street, cross) if one)
    detail = StreetDetail(
        address_general=corner if cross else None,
        address_general2=f"block {block}" if block else None,
        name=street or None,
        number=text(row, "street_number") or None,
    )
    return detail if detail != StreetDetail() else None


def _town(row: Row) -> TownDetail | None:
    town = TownDetail(name=text(row, "city") or None, state_or_province=text(row, "state") or None)
    return town if town != TownDetail() else None


def _positions(row: Row, crs: str) -> tuple[PositionPoint, ...]:
    given = {column: text(row, column) for column in ("longitude", "latitude")}
    if not any(given.values()):
        return ()
    for column, value in given.items():
        if not _NUMBER.fullmatch(value):
            raise row.wrong(column, f"is no coordinate in {crs}, e.g. -93.2650")
    return (PositionPoint(x_position=given["longitude"], y_position=given["latitude"]),)
