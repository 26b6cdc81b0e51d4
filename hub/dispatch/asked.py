"""The hub's own answer to `get`, from the journal, for nouns that no app answers.

Of most nouns the journal tells what is: one object is its newest version, changes laid over what
was said before, and what is deleted is left out.  Of those that tell what happened (`get.series`)
every message counts.  What does not fit into one reply comes in further ones when the reply is sent
elsewhere (0.1); else the reply's Property `continue` is what to ask on with, as an Option.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, MetaData

from cim import xml
from cim.message import (
    Message,
    OperationSet,
    Outgoing,
    Property,
    Request,
    Topic,
    Verb,
)
from cim.objects import Object, Versions, identity, main_fields, names, objects, payload_of, times
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.query import Criteria
from cim.replies import done, failed, partial
from cim.times import zoned
from cim.validation import violations
from cim.violation import Refusal, Violation
from hub.config import Get
from hub.interfaces import Context
from hub.journal import Journal, about, moments
from hub.journal.about import Wanted
from hub.journal.canonical import decode

NAME = "journal-answers"
MORE, CUT, NOTHING, INVALID = "0.1", "0.2", "5.7", "1.8"
LIMIT, OFFSET, CONTINUE = "limit", "offset", "continue"
_NOT_ASKED = frozenset({"NetworkModels", "StateVariables"})
"""Models are tens of megabytes each, and kept as versions: `/api/v1/models` gives them.  The state
of the network is what it is now, whatever was said of it: `hub.dispatch.operated` tells it."""
_EARLY = timedelta(days=1)  # how much a clock may be ahead of what it tells


@dataclass(frozen=True)
class Question:
    """What is asked for.

    criteria:   what the query profile of the noun asks for.
    start, end: of a series the interval; else what has changed since, and as of when.
    limit:      messages of a series, else objects, in one reply.
    position:   with which message of a series, else with which object, the reply begins.
    offset:     messages of a series that are passed over.
    last:       the last message of the journal that counts.
    """

    noun: type[Profile]
    context: str | None
    ids: frozenset[str]
    criteria: Criteria
    start: datetime | None
    end: datetime | None
    limit: int
    position: int
    offset: int
    last: int

    @classmethod
    def of(cls, message: Message, most: int, newest: int) -> Question:
        """Raises: Refusal, code 1.8, for an option that cannot be."""
        request = message.request or Request()
        criteria = Criteria.of(request.query)
        position, dot, rest = _option(request, CONTINUE, "0").partition(".")
        last, _, left = rest.partition(".")
        offset = _number(request, OFFSET, _option(request, OFFSET, "0"))
        return cls(
            noun=NOUNS[message.header.noun],
            context=message.header.context,
            ids=frozenset(one.value for one in request.ids if one.value),
            criteria=criteria,
            start=zoned(request.start_time or criteria.start),
            end=zoned(request.end_time or criteria.end),
            limit=max(1, min(most, _number(request, LIMIT, _option(request, LIMIT, str(most))))),
            position=_number(request, CONTINUE, position),
            offset=_number(request, CONTINUE, left or "0") if dot else offset,
            last=min(newest, _number(request, CONTINUE, last)) if dot else newest,
        )

    @property
    def named(self) -> frozenset[str]:
        """By which messages are looked for."""
        return self.ids or self.criteria.named


@dataclass(frozen=True)
class Page:
    """Objects of one reply.

    position: where the next one begins; None at the end.
    offset:   what is still to be passed over from there.
    is_cut:   whether there is more that is out of reach.
    """

    objects: Sequence[Object]
    position: int | None = None
    offset: int = 0
    is_cut: bool = False


@dataclass
class JournalAnswers:
    """Answers `get` of every noun that is not in `answered` (`hub.interfaces.App`); one of a study
    by what was said in studies.

    context: of messages that name none.
    """

    journal: Journal
    get: Get
    context: str | None = None
    answered: Collection[str] = ()
    tables: MetaData | None = None
    partitions: int = 4
    studies: bool = True

    @property
    def topics(self) -> frozenset[Topic]:
        nouns = NOUNS.keys() - set(self.answered) - _NOT_ASKED
        return frozenset(Topic(Verb.GET, noun) for noun in nouns)

    def handle(self, message: Message, _context: Context) -> Iterable[Outgoing]:
        most = self.get.replies if message.header.async_reply_flag else 1
        with self.journal.reading() as connection:
            try:
                question = Question.of(message, self.get.limit, moments.newest(connection))
            except Refusal as refusal:
                return [Outgoing(Verb.REPLY, reply=failed(refusal.violations))]
            return self._replies(connection, question, most)

    def _replies(self, connection: Connection, question: Question, most: int) -> list[Outgoing]:
        said: list[Outgoing] = []
        pages = self._pages(connection, question)
        for page in pages:
            is_sent_on = len(said) + 1 < most
            said.append(_reply(page, question, is_sent_on=is_sent_on, is_first=not said))
            if len(said) == most:
                break
        pages.close()
        return said

    def _pages(self, connection: Connection, question: Question) -> Generator[Page, None, None]:
        tell = self._happened if question.noun.__name__ in self.get.series else self._newest
        while True:
            page = tell(connection, question)
            yield page
            if page.position is None:
                return
            question = replace(question, position=page.position, offset=page.offset)

    # -- what is

    def _newest(self, connection: Connection, question: Question) -> Page:
        ids = question.named
        versions, is_cut = self._folded(connection, question, ids)
        if ids:
            # An object is asked for by what it speaks of, too; its later versions need not do so.
            asked = (o.value for o in versions.since(None) if _is_asked(o, question))
            more = {name for value in asked if (name := identity(value))} - ids
            if more:
                versions, is_cut = self._folded(connection, question, ids | more)
        found = [o for o in versions.since(question.start) if _is_asked(o, question)]
        first = question.position + question.offset
        last = first + question.limit
        following = last if last < len(found) else None
        return Page(found[first:last], following, is_cut=is_cut)

    def _folded(
        self, connection: Connection, question: Question, ids: frozenset[str]
    ) -> tuple[Versions, bool]:
        """The newest versions, and whether there were more messages than are read."""
        wanted = Wanted(
            noun=question.noun.__name__,
            ids=ids,
            context=question.context or self.context,
            default=self.context,
            until=question.end,
            last=question.last,
        )
        seqs = about.seqs(connection, wanted, self.get.scan + 1, newest=True)
        versions = Versions()
        for _, body, at in about.bodies(connection, seqs[-self.get.scan :]):
            _apply(versions, decode(body), at)
        return versions, len(seqs) > self.get.scan

    # -- what happened

    def _happened(self, connection: Connection, question: Question) -> Page:
        wanted = Wanted(
            noun=question.noun.__name__,
            ids=question.named,
            context=question.context or self.context,
            default=self.context,
            since=question.start and question.start - _EARLY,
            first=question.position,
            last=question.last,
        )
        seqs = about.seqs(connection, wanted, self.get.scan, newest=False)
        found: list[Object] = []
        left, passed = question.limit, question.offset
        for seq, body, at in about.bodies(connection, seqs):
            told = _told(decode(body), question, at)
            if not told:
                continue
            if passed:
                passed -= 1
                continue
            if not left:
                return Page(found, seq)
            found += told
            left -= 1
        if len(seqs) < self.get.scan:
            return Page(found)
        return Page(found, seqs[-1] + 1, passed)


def _reply(page: Page, question: Question, *, is_sent_on: bool, is_first: bool) -> Outgoing:
    whole = _whole(question.noun, page.objects)
    payload = payload_of(question.noun, whole) if whole else None
    told = [_in_part([o.value for o in page.objects if o not in whole])]
    properties: tuple[Property, ...] = ()
    if page.position is not None and is_sent_on:
        told.append("more follows")
    elif page.position is not None:
        token = f"{page.position}.{question.last}.{page.offset}"
        properties = (Property(CONTINUE, token),)
        told.append(f"ask the same with the Option {CONTINUE} = {token} for more")
    elif page.is_cut:
        told.append("older messages were not looked at")
    if details := "; ".join(filter(None, told)):
        said = partial(CUT if page.position is None else MORE, details)
    elif is_first and payload is None:
        rule = f"the journal knows no {question.noun.__name__} of that kind"
        said = failed([Violation(code=NOTHING, rule=rule)])
    else:
        said = done()
    return Outgoing(Verb.REPLY, payload, reply=said, properties=properties)


def _in_part(left_out: Sequence[Profile]) -> str:
    if not left_out:
        return ""
    shown = ", ".join(identity(value) or "one without a name" for value in left_out[:3])
    more = " ..." if len(left_out) > 3 else ""
    return f"{len(left_out)} are known in part only and left out: {shown}{more}"


def _whole(noun: type[Profile], found: Sequence[Object]) -> Sequence[Object]:
    """Those that can be told: of which only changes are known, one may lack what it must have."""
    if not found or _is_valid(noun, found):
        return found
    return [one for one in found if _is_valid(noun, [one])]


def _is_valid(noun: type[Profile], found: Sequence[Object]) -> bool:
    try:
        return not violations(xml.encode(payload_of(noun, found)))
    except (TypeError, ValueError):
        return False  # it cannot even be written


def _apply(versions: Versions, message: Message, at: datetime) -> None:
    """Let `versions` follow an event."""
    payload = message.payload
    if isinstance(payload, OperationSet):
        for one in payload.operations:
            if isinstance(one.payload, Profile) and one.verb is not None:
                if one.element_operation and one.verb is Verb.DELETED:
                    versions.delete_elements(one.payload, at)
                else:
                    _apply_one(versions, one.verb, one.payload, at)
    elif isinstance(payload, Profile):
        _apply_one(versions, message.header.verb, payload, at)
    elif payload and message.header.verb is Verb.DELETED:
        versions.delete_named([one.value for one in payload])


def _apply_one(versions: Versions, verb: Verb, payload: Profile, at: datetime) -> None:
    if verb is Verb.CREATED:
        versions.create(payload, at)
    elif verb in (Verb.CHANGED, Verb.CLOSED, Verb.CANCELED):
        versions.change(payload, at)
    elif verb is Verb.DELETED:
        versions.delete(payload)


def _told(message: Message, question: Question, at: datetime) -> list[Object]:
    """What of an event is asked for."""
    if isinstance(message.payload, Profile):
        found = [o for o in objects(message.payload) if _is_asked(o, question)]
    elif isinstance(message.payload, OperationSet):
        payloads = (o.payload for o in message.payload.operations if o.payload is not None)
        found = [o for p in payloads for o in objects(p) if _is_asked(o, question)]
    else:
        found = []
    main = main_fields(question.noun)
    within = [o for o in found if o.field not in main or _is_within(o.value, question, at)]
    return within if any(o.field in main for o in within) else []


def _is_asked(one: Object, question: Question) -> bool:
    """What explains codes goes with whatever uses them."""
    if one.field not in main_fields(question.noun):
        return True
    by_id = not question.ids or not question.ids.isdisjoint(names(one.value))
    return by_id and question.criteria.met_by(one.value)


def _is_within(value: Profile, question: Question, at: datetime) -> bool:
    """Whether one of the times it speaks of is in the interval, both ends included."""
    if question.start is None and question.end is None:
        return True
    for time in list(times(value)) or [at]:
        early = question.start is not None and time < question.start
        late = question.end is not None and time > question.end
        if not early and not late:
            return True
    return False


def _option(request: Request, name: str, otherwise: str) -> str:
    return next((o.value or "" for o in request.options if o.name == name), otherwise)


def _number(request: Request, name: str, text: str) -> int:
    """Raises: Refusal."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        shown = _option(request, name, text)[:80]
        rule = f"the Option {name} is {shown!r}, which is none the hub has given or knows"
        raise Refusal.of(INVALID, rule, xpath="/RequestMessage/Request/Option", value=shown)
    return int(text)
