"""Ask a running hub over REST and SOAP, as any other system would."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

import httpx

from cim import parse

_MESSAGE = "http://iec.ch/TC57/2011/schema/message"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SECONDS = 30.0


@dataclass(frozen=True)
class Outage:
    """An active outage; `device` is an mRID, `why` the hub's own sentence."""

    mrid: str
    device: str
    name: str
    customers: int
    why: str


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
        return [
            Outage(o["mrid"], o["device"], o["device_name"], o["customers"], o["why"])
            for o in answer.json()
        ]

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
