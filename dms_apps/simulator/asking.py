"""Ask a running hub over REST and SOAP, as any other system would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx

from cim import envelope, parse
from cim.message import Header, Kind, Message, Property, Request, Result, User, Verb
from cim.profile import Profile

SYSTEM = "demo"
"""The system that asks."""
DISPATCHER = "dispatcher"
"""The person in whose name it does."""

_MESSAGE = "http://iec.ch/TC57/2011/schema/message"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SECONDS = 30.0


@dataclass(frozen=True)
class Outage:
    """An active outage; `device` is an mRID, `why` the hub's own sentence.

    name:   that of its device, else of the first usage point.
    crew:   how far the crew is; points: mRIDs of usage points without supply.
    source: who has told when supply is expected back.
    """

    mrid: str
    device: str
    name: str
    status: str
    customers: int
    critical: int
    crew: str
    crews: tuple[str, ...]
    expected: datetime | None
    source: str
    points: tuple[str, ...]
    why: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Outage:
        return cls(
            mrid=told["mrid"],
            device=told["device"],
            name=told["device_name"] or told["place_name"],
            status=told["status"],
            customers=told["customers"],
            critical=told["critical"] or 0,
            crew=told["crew"],
            crews=tuple(told["crews"]),
            expected=datetime.fromisoformat(told["expected"]) if told["expected"] else None,
            source=told["expected_by"],
            points=tuple(told["usage_points"]),
            why=told["why"],
        )


@dataclass(frozen=True)
class Held:
    """Something in quarantine."""

    origin: str
    reason: str


class Asking:
    """A client with a token; also a context manager."""

    action = "urn:gridbus:61968-100:2013:Request"
    soap_request = (
        f'<s:Envelope xmlns:s="{_SOAP}"><s:Body><RequestMessage xmlns="{_MESSAGE}"><Header>'
        "<Verb>get</Verb><Noun>UnplannedOutages</Noun><Source>demo</Source>"
        "</Header></RequestMessage></s:Body></s:Envelope>\n"
    ).encode()

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_SECONDS,
            trust_env=False,
        )

    def outages(self) -> list[Outage]:
        """The active outages.  Raises: httpx.HTTPError."""
        answer = self._client.get("/api/v1/outages", params={"active": True}).raise_for_status()
        return [Outage.of(one) for one in answer.json()]

    def report(self, app: str, name: str) -> list[dict[str, Any]]:
        """Rows of a report, by heading.  Raises: httpx.HTTPError."""
        found = self._client.get(f"/api/v1/apps/{app}/reports/{name}").raise_for_status().json()
        headings = [column["name"] for column in found["columns"]]
        return [dict(zip(headings, row, strict=True)) for row in found["rows"]]

    def request(self, verb: Verb, payload: Profile, **options: str) -> None:
        """Ask for something as a dispatcher.

        Raises: RuntimeError with the sentences of who refuses it; httpx.HTTPError.
        """
        header = Header(
            verb=verb,
            noun=type(payload).__name__,
            source=SYSTEM,
            timestamp=datetime.now(UTC),
            user=User(user_id=DISPATCHER),
            message_id=str(uuid4()),
        )
        request = Request(options=tuple(Property(*one) for one in options.items()))
        asked = envelope.write(
            Message(header=header, kind=Kind.REQUEST, request=request, payload=payload)
        )
        reply = self._client.post("/api/v1/requests", content=asked).raise_for_status().json()
        if reply["result"] != Result.OK:
            why = " ".join(one["details"] or "" for one in reply["errors"])
            raise RuntimeError(f"{verb} {header.noun} was refused: {why}")

    def quarantine(self) -> list[Held]:
        """What was not accepted.  Raises: httpx.HTTPError."""
        answer = self._client.get("/api/v1/quarantine").raise_for_status()
        return [Held(item["origin"], item["reason"]) for item in answer.json()]

    def over_soap(self) -> set[str]:
        """The mRIDs of the outages that `get UnplannedOutages` answers.

        Raises: httpx.HTTPError.
        """
        headers = {"Content-Type": "text/xml", "SOAPAction": self.action}
        answer = self._client.post("/soap", content=self.soap_request, headers=headers)
        root = parse.parse(answer.raise_for_status().content)
        found = root.iterfind(".//{*}UnplannedOutage/{*}mRID")
        return {mrid.text for mrid in found if mrid.text}

    def __enter__(self) -> Asking:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client.close()
