"""What an adapter and an app must offer.  Nothing else is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from sqlalchemy import Connection, MetaData

from cim.dialect import Correction
from cim.message import Message, Outgoing, Topic
from cim.network import Network
from hub.report import Offer, Report


class Record(Protocol):
    """What an adapter reads: any value that can show where it came from.

    origin: where it was read, for people, e.g. "outages-0714.csv line 17".
    raw:    the bytes as read; kept when the record is refused.
    """

    @property
    def origin(self) -> str: ...

    @property
    def raw(self) -> bytes: ...


@runtime_checkable
class Excerpt(Protocol):
    """What a record adds that was cut out of a file: its bytes as a file of their own, e.g. a row
    under the header.  Kept instead of `raw` when the record is refused."""

    @property
    def alone(self) -> bytes: ...


@runtime_checkable
class Remarked(Protocol):
    """What a record adds that can be taken, though something in it is odd or was passed over."""

    @property
    def remarks(self) -> Sequence[str]:
        """Sentences for whoever tries the file."""
        ...


@runtime_checkable
class Counted(Protocol):
    """What a record adds that is a whole file, when that may say itself how much it holds."""

    @property
    def is_counted(self) -> bool:
        """Whether the file has said so, and holds as much: then what it lacks is gone."""
        ...


@runtime_checkable
class Corrected(Protocol):
    """What a delivery or a record adds when dirt was tolerated in it."""

    @property
    def corrections(self) -> Sequence[Correction]:
        """What was corrected before it was read; kept with the message."""
        ...


R = TypeVar("R", bound=Record)


class Adapter(Protocol[R]):
    """Connects one enterprise system (channel adapter and message translator)."""

    def read(self) -> Iterator[Sequence[R]]:
        """Yield the new records in batches, the only input of an adapter; an empty batch says
        "nothing new now", so that the hub can stop it.

        When the iterator is resumed, every record of the batch yielded before is in the journal,
        or in quarantine with its reason: only then may the source be told so (a file moved).
        """
        ...

    def to_cim(self, record: R) -> Iterable[Outgoing]:
        """Translate one record.  Pure: no clock, no input, no state.

        Raises: ValueError whose text names the field and the rule; the record is quarantined.
        """
        ...


@runtime_checkable
class Filed(Protocol):
    """What an adapter adds whose records come in files, so that one may be tried beforehand."""

    def records(self, name: str, data: bytes) -> Sequence[Record]:
        """The records of one file.  Raises: ValueError when it is unusable as a whole."""
        ...


@runtime_checkable
class Rereading(Protocol):
    """What an adapter adds when what was refused can be corrected by hand and taken again."""

    def again(self, origin: str, data: bytes) -> Sequence[Record]:
        """The records in bytes that were kept of the record from `origin`, corrected or not.

        Raises: ValueError, as `Adapter.to_cim`.
        """
        ...


@runtime_checkable
class Gathering(Protocol):
    """What an adapter adds whose facts are many and small: several of them make one message.

    Each has an `external_id`, by which it is taken once, and is accounted for and refused alone.
    """

    @property
    def together(self) -> Mapping[str, int]:
        """Noun, which must consist of lists -> how many facts of it one message holds at most."""
        ...


@runtime_checkable
class Linked(Protocol):
    """What an adapter adds that keeps links of its own to many peers, such as RTUs."""

    def unreached(self) -> Mapping[str, str]:
        """Peer -> why it is out of reach and how its link has fared; a sentence, for people."""
        ...


@runtime_checkable
class Outbound(Protocol[R]):
    """What an adapter adds when the hub also writes to its system.

    A message comes at least once, and again after a crash: a record carries an identity, by which
    the system, or the adapter for it, knows what it has.  What the system said itself does not
    come back to it.
    """

    @property
    def topics(self) -> frozenset[Topic]:
        """None at all: nothing is written, now."""
        ...

    def from_cim(self, message: Message) -> Iterable[R]:
        """Translate one message.  Pure, as `to_cim`.

        Raises: ValueError whose text says what cannot be said to the system; a dead letter.
        """
        ...

    def write(self, record: R) -> None:
        """Hand one record to the system.

        Raises: ConnectionError, the hub tries again without limit; Refusal, it does not: the
        message is a dead letter, and whoever asked is told.
        """
        ...


@runtime_checkable
class Serving(Protocol):
    """What an outbound adapter adds when others may write to systems of the same sort."""

    def serves(self, message: Message) -> bool:
        """Whether a message that it gets names anything of its system; never raises.

        Where any says so, only those get the message; where none does, all, and say why not.
        """
        ...


@runtime_checkable
class Operating(Outbound[R], Protocol[R]):
    """What an outbound adapter adds that moves devices in the field.

    Of the hubs that use one database one writes; each message has its receipt before the next of
    its lane, and is held against the interlock right before.
    """

    @property
    def lanes(self) -> int:
        """How many messages may be carried out at once, each of another ordering key."""
        ...

    def recall(self, record: R) -> None:
        """What was asked before this hub became the one that writes, and maybe was begun: say what
        became of it, and carry out nothing.

        Raises: Refusal, unless it is known to have been done; ConnectionError, ask again.
        """
        ...


@runtime_checkable
class FrontEnd(Protocol):
    """What an adapter adds that polls and commands devices, which have one master at a time.

    Of the hubs that use one database one reads, and writes, the active one; the others stand by,
    and one of them begins to `read` when the active one ends, or is cut off from the database.
    What was read and not yet taken then is dropped, but for files: `read` must tell all anew.
    """

    @property
    def exclusive(self) -> bool:
        """Whether there are such devices; when not, every hub reads."""
        ...

    def stand_by(self) -> None:
        """Let go of all devices: when this returns nothing goes to them any more.

        Called from any thread, also when nothing is read; `read` ends, and may be called again.
        """
        ...


class Context(Protocol):
    """What the hub hands to an app beside the message."""

    @property
    def network(self) -> Network:
        """The as-operated network, at least as new as the message."""
        ...

    @property
    def before(self) -> Network:
        """The network just before the message: every earlier one is in it, and no later one.

        With `after` it tells what this message did, whenever it is handled and however often.
        """
        ...

    @property
    def after(self) -> Network:
        """The network just after the message."""
        ...

    @property
    def connection(self) -> Connection:
        """The app's tables, in the transaction in which the message counts as handled."""
        ...

    @property
    def now(self) -> datetime:
        """The clock of the run, UTC; never read another one."""
        ...

    def wake_at(self, when: datetime) -> None:
        """Ask for `Timed.wake` at `when` or soon after; the earliest asked time counts.

        What was acknowledged before `when` is handled before that wake, also when the hub stood
        still meanwhile.  Not waited for: what has failed and is tried again later, what is held
        behind it by its ordering key, dead letters.
        """
        ...


class App(Protocol):
    """An analysis that runs when a message arrives (event-driven consumer).

    Settings are dataclass fields; `codes` and `frequency` are those of the hub.  `handle` takes
    effect once for each message, in one transaction with the app's own tables; what it raises is
    retried and ends as a dead letter.  It is called again for a message whose effects were rolled
    back, by its own failure or that of another one in the same transaction: state belongs into the
    tables, in memory there is none but a cache.

    Every time that it hears has a zone and is one: what is none (`cim.times.is_time`) counts as not
    said, what must be said as of when it was told; a request with one is refused by the hub.

    A request among its topics is the app's to answer, with the verb `reply`; when it says nothing,
    and nobody else gets the request, the hub says in its place that it was done.
    """

    @property
    def topics(self) -> frozenset[Topic]: ...

    @property
    def tables(self) -> MetaData | None:
        """The app's own tables, each named `<app>_...`; None when it keeps no state."""
        ...

    @property
    def partitions(self) -> int:
        """How many messages may be handled at once, each of another ordering key.

        1 for an app whose result depends on messages of many keys together.
        """
        ...

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]: ...


@runtime_checkable
class Timed(Protocol):
    """What an app adds when it also acts at a time it asked for."""

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """Carry out what `Context.wake_at` was asked for, once, in one transaction as `App.handle`.

        All that came before the asked time is in the app's tables (see there for what is not).
        What came later may be in them or come next: it does not put the wake off.
        """
        ...


@runtime_checkable
class CatchingUp(Protocol):
    """What an app adds that, when it is added to a hub, may know what came before it.

    It gets the events of its topics that the journal has, the first first, before any other
    message, with `Context.now` as it was then; what it says meanwhile, and in `Timed.wake` by the
    timers of then, is dropped.
    """

    @property
    def catch_up(self) -> bool:
        """Whether it is told."""
        ...


@runtime_checkable
class Learnt(Protocol):
    """What an app adds that has something to do once it knows what came before it."""

    def learnt(self, context: Context) -> None:
        """Called when it has been told all (`CatchingUp`), in the transaction of the last.

        A `Timed.wake` that it asks for comes in the usual way: what it says then is told.
        """
        ...


@runtime_checkable
class Prepared(Protocol):
    """What a timed app adds when it has much to work out from the network alone."""

    def prepare(self, network: Network) -> None:
        """Called before the transaction of a `wake` begins, with the network it will be given.

        What is worked out here keeps no other writer waiting: on SQLite there is one at a time.
        What it keeps is a cache, so `wake` must do without, too.
        """
        ...


@runtime_checkable
class Studying(Protocol):
    """What an app adds that may also get messages of studies; what it then says of one in
    `Timed.wake`, which follows from no message, has their `Outgoing.context`."""

    @property
    def studies(self) -> bool:
        """Whether it gets them."""
        ...


class Asking(Protocol):
    """What the hub hands to an app beside a question."""

    @property
    def network(self) -> Network:
        """The as-operated network."""
        ...

    @property
    def connection(self) -> Connection:
        """The app's tables, and those of the hub, to be read only."""
        ...

    @property
    def now(self) -> datetime:
        """The clock of the run, UTC; never read another one."""
        ...


@runtime_checkable
class Reporting(Protocol):
    """What an app adds that is also asked, beside messages, what it has come to.

    Any process that has loaded the app may ask it, from several threads, and while it handles
    messages: what it answers follows from its tables, the network and the question.
    """

    @property
    def reports(self) -> Sequence[Offer]: ...

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """asked: by parameter; those of the offer alone, all that are needed, out of the choices.

        Raises: Unanswerable, which names the parameter and the rule.
        """
        ...
