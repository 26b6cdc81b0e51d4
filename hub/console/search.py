"""A search for messages, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from hub.instant import instant
from hub.journal.queries import Filter

FIELDS = ("noun", "verb", "source", "mrid", "correlation_id", "text", "state", "since", "until")
STATES = ("accepted", "delivered", "dead")
PAGE = 50


@dataclass(frozen=True)
class Search:
    """What somebody looks for; the address of the page is the search and can be passed on.

    given:  the fields as written, those left empty left out.
    before: `seq` of the last row of the page before.
    """

    given: Mapping[str, str]
    before: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Search:
        """Read a query string; unknown fields are passed over.

        Raises: ValueError naming the field and what was expected.
        """
        given = {name: query[name].strip() for name in FIELDS if query.get(name, "").strip()}
        if given.get("state", STATES[0]) not in STATES:
            raise ValueError(f"state: one of {', '.join(STATES)} was expected")
        before = query.get("before", "")
        if before and not (before.isdecimal() and len(before) < 19):
            raise ValueError("before: the number of a message was expected")
        search = cls(given, int(before) if before else None)
        search.filter()
        return search

    def filter(self) -> Filter:
        """The same for the journal."""
        texts = {k: v.replace("\0", "") for k, v in self.given.items()}
        return Filter(
            noun=texts.get("noun"),
            verb=texts.get("verb"),
            source=texts.get("source"),
            mrid=texts.get("mrid"),
            correlation_id=texts.get("correlation_id"),
            text=texts.get("text"),
            state=texts.get("state"),
            since=instant("since", texts.get("since")),
            until=instant("until", texts.get("until")),
        )

    def window(self) -> str:
        """The time window in words."""
        since, until = self.given.get("since"), self.given.get("until")
        if not since and not until:
            return "of all time"
        return " ".join(
            word
            for word in (
                f"accepted from {_words(since)} UTC" if since else "accepted",
                f"before {_words(until)} UTC" if until else "until now",
            )
        )

    def older(self, last_seq: int) -> str:
        """The query string of the next page."""
        return urlencode({**self.given, "before": last_seq})

    def newest(self) -> str:
        """The query string of the first page."""
        return urlencode(self.given)


def _words(text: str | None) -> str:
    return (text or "").replace("T", " ")
