"""What was tolerated in a message is kept with it, and counted for its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cim.dialect import Correction, Note
from cim.message import Message
from hub.dispatch import Hub
from hub.journal import Journal, corrections, queries
from hub.journal.canonical import encode
from tests import fakes

VERB = Correction("verb-case", 1, (Note("/EventMessage/Header/Verb", 3, "Created", "created"),))
TIMES = Correction("padded-time", 30, (Note("/EventMessage/Header/Timestamp", 5, " x", "x"),))


@dataclass
class Dirty(fakes.Handed):
    corrections: Sequence[Correction] = field(default_factory=tuple)


def handed(point: str, *corrected: Correction, source: str = "ami") -> Dirty:
    message: Message = fakes.message(fakes.last_gasp(point), source=source)
    return Dirty(message, encode(message) + b" ", corrections=corrected)


def test_corrections_are_kept_and_counted(hub: Hub, journal: Journal) -> None:
    batch = [
        handed("a", VERB, TIMES),
        handed("b", VERB),
        handed("c"),
        handed("d", VERB, source="h"),
    ]
    hub.accept(batch, "soap")
    hub.accept([handed("e", VERB)], "soap")
    with journal.reading() as connection:
        first, third = (queries.message(connection, seq) for seq in (1, 3))
        totals = corrections.totals(connection)
    assert first is not None
    assert third is not None
    assert [(c.tolerance, c.times) for c in first.corrections] == [
        ("padded-time", 30),
        ("verb-case", 1),
    ]
    assert first.corrections[1].notes == [
        {
            "xpath": "/EventMessage/Header/Verb",
            "line": 3,
            "before": "Created",
            "after": "created",
        }
    ]
    assert first.received.endswith(b" ")
    assert third.corrections == ()
    assert totals == [
        corrections.Corrected("ami", "padded-time", 1, 30),
        corrections.Corrected("ami", "verb-case", 3, 3),
        corrections.Corrected("h", "verb-case", 1, 1),
    ]


def test_a_duplicate_is_not_counted_again(hub: Hub, journal: Journal) -> None:
    one = handed("a", VERB)
    hub.accept([one], "soap")
    hub.accept([Dirty(one.content, one.body, corrections=(VERB,))], "soap")
    with journal.reading() as connection:
        assert corrections.totals(connection) == [corrections.Corrected("ami", "verb-case", 1, 1)]
