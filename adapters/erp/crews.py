"""Crews and their shifts from CSV, as the noun Crews (IEC 61968-6, from the UML)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.erp.fields import moment, needed
from adapters.erp.identity import digest, identifier, named
from adapters.erp.terms import Terms, listed
from cim.message import Outgoing, Verb
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.crews import Capability, Crew, Crews, CrewType, ShiftPattern
from hub.rows import Row, Together


class CrewRows(Together):
    """All rows of one crew: a row for each of its shifts or capabilities, at least one."""

    def __getitem__(self, column: str) -> str:
        """What the rows say of the crew.  Raises: ValueError when they disagree."""
        found = ""
        for row in self.rows:
            if (value := row[column]) and found and value != found:
                raise row.wrong(column, f"contradicts {found!r} in another row of this crew")
            found = found or value
        return found

    def wrong(self, column: str, rule: str) -> ValueError:
        row = next((row for row in self.rows if row[column]), self.rows[0])
        return row.wrong(column, rule)


def by_crew(rows: Sequence[Row]) -> list[CrewRows]:
    """The rows of each crew, in the order in which the crews come.

    Raises: ValueError for a row of no crew: whose shift would be missing?
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(needed(row, "crew"), []).append(row)
    return [CrewRows(tuple(ones)) for ones in found.values()]


def outgoing(crew: CrewRows, terms: Terms) -> Outgoing:
    """The whole crew; it takes the place of what was said of it before.

    Raises: ValueError naming file, line, column, value and rule.
    """
    name, kind = crew["crew"], crew["crew_type"]
    # Tells a crew that is again as it was from one that is told once more.
    since = moment(crew, "as_of", terms.zone, local=terms.local)
    payload = Crews(
        crew=(
            Crew(
                mrid=identifier("crew", terms.system, name),
                description=crew["description"] or None,
                capabilities=tuple(
                    Capability(type=one)
                    for one in dict.fromkeys(row["capability"] for row in crew.rows)
                    if one
                ),
                crew_type=CrewType(names=named(kind, "CrewType", terms.system)) if kind else None,
                names=named(name, "CrewName", terms.system),
                shift_patterns=tuple(_shifts(crew, terms)),
                status=_status(crew, terms),
            ),
        )
    )
    content = digest(crew.origin, payload)
    said = identifier("crew said", terms.system, name, since.isoformat() if since else "", content)
    return Outgoing(Verb.CREATED, payload, external_id=said)


def _status(crew: CrewRows, terms: Terms) -> Status | None:
    """Always with its time: free again is not free as before."""
    if not (status := crew["status"]):
        return None
    if status not in terms.crew_statuses:
        known = listed(terms.crew_statuses)
        raise crew.wrong("status", f"is not in the table crew_statuses; known are {known}")
    if (since := moment(crew, "status_time", terms.zone, local=terms.local)) is None:
        raise crew.wrong("status_time", "is empty: since when is the status so?")
    return Status(date_time=since, value=terms.crew_statuses[status])


def _shifts(crew: CrewRows, terms: Terms) -> Iterator[ShiftPattern]:
    for row in crew.rows:
        start = moment(row, "shift_start", terms.zone, local=terms.local)
        end = moment(row, "shift_end", terms.zone, local=terms.local)
        name, kind = row["shift"], row["shift_type"]
        if not (start or end or name or kind):
            continue
        if start is None or end is None:
            missing = "shift_end" if end is None else "shift_start"
            raise row.wrong(missing, "is empty: a shift has a start and an end")
        if end <= start:
            raise row.wrong("shift_end", f"is not after {row['shift_start']}, when it begins")
        yield ShiftPattern(
            assignment_type=kind or None,
            names=named(name, "ShiftName", terms.system) if name else (),
            validity_interval=DateTimeInterval(start=start, end=end),
        )
