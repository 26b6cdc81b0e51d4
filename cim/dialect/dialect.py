"""Which tolerances are granted to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from cim.codes import Codes
from cim.dialect import (
    envelopes,
    first_edition,
    headers,
    meter_readings,
    namespaces,
    payloads,
    soap,
    times,
)
from cim.dialect.corrections import Tolerance
from cim.envelope.edition2 import Edition2

SOAP = "soap-envelope"

TOLERANCES: Mapping[str, Tolerance] = {
    SOAP: soap.soap_envelope,
    "older-namespace": namespaces.older_namespace,
    "noun-spelling": headers.noun_spelling,
    "verb-case": headers.verb_case,
    "verb-synonym": headers.verb_synonym,
    "event-as-create": envelopes.event_as_create,
    "result-synonym": headers.result_synonym,
    "message-id-any": headers.message_id_any,
    "wrapper-element": payloads.wrapper_element,
    "header-in-noun": payloads.header_in_noun,
    "first-edition-events": first_edition.first_edition_events,
    "first-edition-readings": meter_readings.first_edition_readings,
    "name-type-alone": meter_readings.name_type_alone,
    "unknown-element": payloads.unknown_element,
    "payload-order": payloads.payload_order,
    "padded-time": times.padded_time,
    "time-format": times.time_format,
    "time-without-zone": times.time_without_zone,
}
"""Every tolerance in the order in which they are applied; a later one sees what an earlier did."""

UNSEEN = ("older-namespace", "padded-time")
"""Of these the schema check would see nothing: who is not granted them is refused for them."""

USUAL = (*UNSEEN, "header-in-noun")
"""What is granted to everybody of whom nothing else is said."""

HINTED = (
    SOAP,
    "event-as-create",
    "wrapper-element",
    "first-edition-events",
    "first-edition-readings",
    "name-type-alone",
    "time-format",
)
"""A refusal names those of them that would put right what it is about."""


@dataclass(frozen=True)
class Dialect:
    """How strictly one sender is read.

    tolerances: names of those granted, in the order of TOLERANCES.
    zone:       of times that name none, for time-without-zone and time-format.
    edition2:   the envelope of the second edition; None: it is refused.
    time_format: of times that are not ISO 8601, as `datetime.strptime` has it, for time-format.
    codes:      its own event codes -> EndDeviceEventType, for first-edition-events.
    """

    tolerances: tuple[str, ...] = USUAL
    zone: tzinfo = UTC
    edition2: Edition2 | None = None
    time_format: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        strictness: str = "tolerant",
        tolerances: Iterable[str] | None = None,
        zone: str = "UTC",
        time_format: str = "",
        codes: Mapping[str, str] | None = None,
    ) -> Dialect:
        """The dialect that settings ask for; `tolerances` are exactly those granted.

        Raises: ValueError naming what cannot be and what is known.
        """
        granted = _granted(strictness, tolerances)
        if time_format:
            times.check_format(time_format)
        elif "time-format" in granted:
            raise ValueError("time-format needs time_format, e.g. %m/%d/%Y %I:%M:%S %p")
        return cls(granted, _zone(zone), time_format=time_format, codes=codes or {})


DEFAULT = Dialect()
STRICT = Dialect(())
"""Conformance: nothing is corrected."""


@dataclass(frozen=True)
class Dialects:
    """The dialect of each sender by name; "*" stands for everybody else.

    edition2: as all of them may speak.
    codes:    what the codes of each of them stand for.
    """

    by_name: Mapping[str, Dialect] = field(default_factory=dict)
    edition2: Edition2 | None = None
    codes: Codes = field(default_factory=Codes)

    def of(self, name: str) -> Dialect:
        found = self.by_name.get(name) or self.by_name.get("*", DEFAULT)
        if "first-edition-events" in found.tolerances:
            found = replace(found, codes={**found.codes, **self.codes.native(name)})
        return found if self.edition2 is None else replace(found, edition2=self.edition2)


def _granted(strictness: str, tolerances: Iterable[str] | None) -> tuple[str, ...]:
    if strictness not in ("strict", "tolerant"):
        raise ValueError(f'strictness is "strict" or "tolerant", not {strictness!r}')
    if strictness == "strict" and tolerances:
        raise ValueError("strict grants no tolerances; leave them out, or write tolerant")
    usual = USUAL if strictness == "tolerant" else ()
    granted = usual if tolerances is None else tuple(tolerances)
    if unknown := [name for name in granted if name not in TOLERANCES]:
        raise ValueError(f"there is no tolerance {unknown[0]!r}; known are {', '.join(TOLERANCES)}")
    return tuple(name for name in TOLERANCES if name in granted)


def _zone(name: str) -> tzinfo:
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write e.g. America/Chicago") from None
