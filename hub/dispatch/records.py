"""From the records of an adapter to the entries of the journal.

Of some adapters several facts make one message.  Each fact is known by itself nevertheless: one
that came before is left out, and one that is wrong is refused alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from cim.dialect import Correction
from cim.message import Message, Outgoing
from cim.ordering import key_of
from cim.profile import Profile, attributes
from cim.violation import Refusal
from hub.dispatch.taken import Refused
from hub.dispatch.translated import Told, Translation, refusing
from hub.interfaces import Excerpt, Gathering, Record
from hub.journal import Entry
from hub.journal.entry import Kept
from hub.journal.known import Before
from hub.journal.lanes import lane

STREAMS = 8
"""What is gathered goes in so many streams by what it is about.  Each is kept in order, and when
a message of one cannot be handled the others go on."""

Item = Entry | Refused | None
"""What becomes of a fact; None: it came before."""

Known = Callable[[Sequence[str]], Before]
"""External ids -> those of them that came before."""


class Fact(NamedTuple):
    """A fact that may be gathered, and the place of its record."""

    place: int
    record: Record
    told: Told


@dataclass
class Bundle:
    """Facts of one stream that make one message, in their order."""

    stream: int
    facts: list[Fact] = field(default_factory=list)

    def has_room(self, fact: Fact, most: int) -> bool:
        """Whether a fact may follow: nothing but its payload is its own."""
        first = self.facts[0].told
        corrected = bool(corrections(fact.record))  # told with the first one
        return len(self.facts) < most and not corrected and _header(first) == _header(fact.told)


@dataclass(frozen=True)
class Records(Translation):
    """What the records of an adapter become now.

    whole: refuses a snapshot that lacks too much.

    Of an adapter that gathers, `groups` has several facts in one message, `entries` never.
    """

    whole: Callable[[Message], None] = field(kw_only=True)

    def groups(self, records: Sequence[Record], known: Known) -> list[list[Item]]:
        """What each record becomes; a message of several facts stands at each of theirs."""
        together = self.adapter.together if isinstance(self.adapter, Gathering) else {}
        groups: list[list[Item]] = []
        facts: list[Fact] = []
        for record in records:
            told = self._told(record)
            if isinstance(told, list) and _are_gathered(told, together):
                facts.append(Fact(len(groups), record, told[0]))
                groups.append([])
            else:
                groups.append([*self._entries(record, told)])
        for fact, item in self._gathered(facts, known, together) if facts else ():
            groups[fact.place].append(item)
        return groups

    def entries(self, record: Record) -> list[Entry | Refused]:
        """All messages of one record or, when one of them is wrong, a refusal."""
        return self._entries(record, self._told(record))

    def _told(self, record: Record) -> list[Told] | Refused:
        try:
            with refusing(self.name, record):
                return self.read(record)
        except Refusal as refusal:
            return self._refused(record, refusal)

    def _entries(self, record: Record, told: list[Told] | Refused) -> list[Entry | Refused]:
        if isinstance(told, Refused):
            return [told]
        try:
            with refusing(self.name, record):
                found = [self.said(one) for one in told]
                if not getattr(record, "is_counted", False):  # of `Counted`, see `corrections`
                    for one in found:
                        self.whole(one.message)
        except Refusal as refusal:
            return [self._refused(record, refusal)]
        kept = Kept(record.origin, _alone(record)) if any(one.exact for one in found) else None
        return [
            Entry(
                one.message,
                one.body,
                self.name,
                self.name,
                record.raw,
                one.external_id,
                corrections=corrections(record),
                exact=kept if one.exact else None,
                state_of=one.state_of,
            )
            for one in found
        ]

    def _gathered(
        self, facts: Sequence[Fact], known: Known, together: Mapping[str, int]
    ) -> Iterator[tuple[Fact, Item]]:
        found = known([_id(fact) for fact in facts])
        before = set(found.facts)
        news = []
        for fact in facts:
            if _id(fact) in before:
                yield fact, None
            else:
                before.add(_id(fact))
                news.append(fact)
        for bundle in bundles(news, together):
            yield from zip(bundle.facts, self._made(bundle, found.upto), strict=True)

    def _made(self, bundle: Bundle, upto: int) -> list[Entry | Refused]:
        """The one message of facts, for each; when any is wrong, one for each that is right."""
        facts, first = bundle.facts, bundle.facts[0].record
        try:
            with refusing(self.name, first):
                return [self._entry(bundle, upto)] * len(facts)
        except Refusal as refusal:
            if len(facts) == 1:
                return [self._refused(first, refusal)]
        return [one for fact in facts for one in self._made(Bundle(bundle.stream, [fact]), upto)]

    def _entry(self, bundle: Bundle, upto: int) -> Entry:
        facts, first = bundle.facts, bundle.facts[0].told.outgoing
        payload = joined([_payload(fact.told.outgoing) for fact in facts])
        age = max(fact.told.age for fact in facts)
        one = self.said(Told(replace(first, payload=payload), age))
        return Entry(
            one.message,
            one.body,
            self.name,
            self.name,
            b"".join(fact.record.raw for fact in facts),
            corrections=corrections(facts[0].record),
            facts=tuple(map(_id, facts)),
            news_upto=upto,
            key=f"{one.message.header.noun} of {self.name}, {bundle.stream + 1} of {STREAMS}",
        )

    def _refused(self, record: Record, refusal: Refusal) -> Refused:
        return Refused(refusal, self.name, record.origin, _alone(record))


def bundles(facts: Iterable[Fact], together: Mapping[str, int]) -> list[Bundle]:
    """All facts, those of a stream in their order; the bundles by their first fact."""
    found: list[Bundle] = []
    last: dict[int, Bundle] = {}
    for fact in facts:
        payload = _payload(fact.told.outgoing)
        stream = lane(key_of(payload), STREAMS)
        bundle = last.get(stream)
        if bundle is None or not bundle.has_room(fact, together[type(payload).__name__]):
            bundle = last[stream] = Bundle(stream)
            found.append(bundle)
        bundle.facts.append(fact)
    return found


def joined(payloads: Sequence[Profile]) -> Profile:
    """One payload with all that is in these, which consist of lists; what several share once."""
    kind, lists = type(payloads[0]), {}
    for one in attributes(kind):
        found = chain.from_iterable(getattr(payload, one.name) for payload in payloads)
        lists[one.name] = tuple({id(thing): thing for thing in found}.values())
    return kind(**lists)


def _are_gathered(told: Sequence[Told], together: Mapping[str, int]) -> bool:
    """Whether a record says one fact that may be in one message with others."""
    if not together or len(told) != 1:
        return False
    one = told[0].outgoing
    return (
        type(one.payload).__name__ in together
        and one.external_id is not None
        and not one.exact
        and one.state_of is None
    )


def _header(told: Told) -> tuple[object, ...]:
    """What one message says once; how late it is, of the latest."""
    one = told.outgoing
    return (
        one.verb,
        type(one.payload),
        one.noun,
        one.correlation_id,
        one.properties,
        bool(told.age),
    )


def _payload(outgoing: Outgoing) -> Profile:
    assert isinstance(outgoing.payload, Profile)  # noqa: S101 - else it is not gathered
    return outgoing.payload


def _id(fact: Fact) -> str:
    return fact.told.outgoing.external_id or ""


def corrections(item: object) -> Sequence[Correction]:
    """What was corrected in a delivery or a record before it was read."""
    # Asked of every record: isinstance with a protocol takes twenty times as long.
    found: Sequence[Correction] = getattr(item, "corrections", ())
    return found


def _alone(record: Record) -> bytes:
    """The bytes to keep: those that can be read again without what stood around them."""
    return record.alone if isinstance(record, Excerpt) else record.raw
