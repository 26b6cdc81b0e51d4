"""Maintenance orders and notifications of SAP PM, as its IDocs IORDER01 and INOTIF01 carry them.

That SAP sends orders in IORDER01 and notifications in INOTIF01 is from its public documentation
(R/3 4.6C, Computer-aided Scheduling & Dispatch); the segments E1ORHDR and E1NTHDR and their fields
are as two or more programs in public repositories read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lxml import etree

from hub.idoc import CONTROL, Segment, idocs, kind, segments

ORDER, NOTIFICATION = "order", "notification"
TYPES: Mapping[str, str] = {"IORDER01": ORDER, "INOTIF01": NOTIFICATION}
HEADS: Mapping[str, str] = {ORDER: "E1ORHDR", NOTIFICATION: "E1NTHDR"}
NUMBERS: Mapping[str, str] = {ORDER: "", NOTIFICATION: "NotificationNumber"}

_SENT = f"{CONTROL}.CREDAT {CONTROL}.CRETIM"
FIELDS: Mapping[str, Mapping[str, str]] = {
    ORDER: {
        "siteid": "WERKS",
        "wonum": "AUFNR",
        "description": "KTEXT",
        "status": "STTXT",
        "worktype": "AUART",
        "wopriority": "PRIOK",
        "assetnum": "EQUNR",
        "location": "STRNO",
        "crew": "ARBPL",
        "targstartdate": "GSTRP GSUZP",
        "targcompdate": "GLTRP GLUZP",
        "schedstart": "GSTRS GSUZS",
        "schedfinish": "GLTRS GLUZS",
        "sent": _SENT,
    },
    NOTIFICATION: {
        "siteid": "SWERK",
        "wonum": "QMNUM",
        "description": "QMTXT",
        "status": "STTXT",
        "worktype": "QMART",
        "wopriority": "PRIOK",
        "assetnum": "EQUNR",
        "location": "STRNO",
        "crew": "ARBPLE",
        "reportdate": "QMDAT MZEIT",
        "targstartdate": "STRMN STRUR",
        "targcompdate": "LTRMN LTRUR",
        "sent": _SENT,
    },
}
"""What it is -> our name -> field of its head, or SEGMENT.FIELD; of a time both, day and hour."""

_NEVER = "00000000"
_MIDNIGHT = "240000"  # the end of a day


@dataclass(frozen=True)
class IdocOrder:
    """One order or notification.

    raw:      its head alone in an IDoc.
    names:    our name -> SEGMENT.FIELD, two of a time.
    statuses: those that are known, the furthest last: a status line says several things.
    numbering: what its number is, where it is not that of an order.
    """

    origin: str
    segment: Segment
    names: Mapping[str, tuple[str, ...]]
    statuses: Sequence[str]
    numbering: str

    @property
    def raw(self) -> bytes:
        return self.segment.raw

    def __getitem__(self, column: str) -> str:
        said = [self._text(name) for name in self.names.get(column, ())]
        if len(said) > 1:
            return _moment(*said)
        return self._status(said[0]) if column == "status" and said else "".join(said)

    def wrong(self, column: str, rule: str) -> ValueError:
        name = " ".join(self.names.get(column, (column,)))
        return ValueError(f"{self.origin}: {name} {self[column]!r} {rule}")

    def _text(self, name: str) -> str:
        if name in self.segment.twice:
            raise ValueError(f"{self.origin}: {name} occurs more than once")
        return self.segment.values.get(name, "").strip()

    def _status(self, line: str) -> str:
        """The furthest status of a line such as "REL  PRC  SETC"; all of it when none is known."""
        said = line.split()
        return next((one for one in reversed(self.statuses) if one in said), line)


def orders(
    name: str,
    root: etree._Element,
    types: Mapping[str, str],
    fields: Mapping[str, Mapping[str, str]],
    statuses: Sequence[str],
) -> list[IdocOrder] | None:
    """The orders and notifications of a document; None when it is no IDoc.

    types:  IDOCTYP -> order or notification; IORDER01 and INOTIF01 need not be named.
    fields: of each, our name -> theirs where it is another one than in `FIELDS`.
    Raises: ValueError when the document is unusable as a whole.
    """
    if not (documents := idocs(root)):
        return None
    known = {**TYPES, **types}
    found = []
    for number, idoc in enumerate(documents, 1):
        what = known[kind(name, idoc, "IDOCTYP", known, "idoc_types")]
        heads = list(segments(idoc, HEADS[what], what))
        if not heads:
            raise ValueError(f"{name}: IDOC {number} has no {HEADS[what]}")
        found += heads
    return [
        IdocOrder(
            f"{name} {HEADS[one.type]} {number}",
            one,
            _names(one.type, fields.get(one.type, {})),
            statuses,
            NUMBERS[one.type],
        )
        for number, one in enumerate(found, 1)
    ]


def check(types: Mapping[str, str], fields: Mapping[str, Mapping[str, str]]) -> None:
    """Raises: ValueError for a kind that is none."""
    for key, what in (*types.items(), *((f"fields of {w}", w) for w in fields)):
        if what not in FIELDS:
            raise ValueError(f"idoc_types.{key}: {what!r} is none of {', '.join(FIELDS)}")


def _names(what: str, changed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    names = {**FIELDS[what], **changed}
    return {
        ours: tuple(one if "." in one else f"{HEADS[what]}.{one}" for one in theirs.split())
        for ours, theirs in names.items()
    }


def _moment(day: str, hour: str) -> str:
    """As ISO 8601; what is no date and time is left for whoever reads it to refuse."""
    if day in ("", _NEVER):
        return ""
    if not (day.isdigit() and hour.isdigit() and len(day) == len(_NEVER) and len(hour) == 6):
        return f"{day} {hour}".strip()
    try:
        if hour == _MIDNIGHT:
            return f"{date.fromisoformat(day) + timedelta(days=1)}T00:00:00"
        return f"{date.fromisoformat(day)}T{hour[:2]}:{hour[2:4]}:{hour[4:]}"
    except (ValueError, OverflowError):
        return f"{day} {hour}"
