"""What may be said once only: said again it is a duplicate, said otherwise it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from cim.message import Outgoing, Verb
from hub.dispatch import Hub
from hub.dispatch.mending import mend
from hub.dispatch.translated import Said, Translation, Verdict, tried
from hub.journal import Journal, known, queries
from hub.rows import Dialect, Row, rows
from tests import fakes

SENTENCE = (
    "meters has said created EndDeviceEvents of it before, with other content:"
    " created EndDeviceEvents is neither new nor a duplicate"
)


@dataclass(frozen=True)
class Meters:
    """An adapter of a delimited file, of which an id tells one usage point and no other."""

    exact: bool = True

    def read(self) -> Iterator[Sequence[Row]]:
        return iter(())

    def to_cim(self, row: Row) -> list[Outgoing]:
        event = fakes.last_gasp(row["point"])
        return [Outgoing(Verb.CREATED, event, external_id=row["id"], exact=self.exact)]

    def again(self, origin: str, data: bytes) -> list[Row]:
        return rows(origin, data, Dialect(), ("id", "point"))

    def lines(self, *pairs: str) -> list[Row]:
        return self.again("meters.csv", "\n".join(("id,point", *pairs, "")).encode())


@pytest.mark.parametrize("together", [True, False])
def test_other_content_is_kept_with_the_reason(hub: Hub, journal: Journal, together: bool) -> None:
    adapter = Meters()
    hub.attach_adapter("meters", adapter)
    lines = adapter.lines("1,a", "1,a", "1,b", "2,c")
    for batch in [lines] if together else [[line] for line in lines]:
        hub.take("meters", adapter, batch)
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
        taken = queries.search(connection)
    assert [row.external_id for row in taken] == ["2", "1"]
    assert kept.received == b"id,point\n1,b\n"
    assert kept.origin == "meters.csv line 4"
    assert kept.reason == SENTENCE
    done = mend(hub, kept.id, "anna", b"id,point\n3,b\n")
    assert (done.state, done.messages) == ("corrected", (3,))


def test_what_is_corrected_and_says_otherwise_still_is_refused(hub: Hub) -> None:
    adapter = Meters()
    hub.attach_adapter("meters", adapter)
    hub.take("meters", adapter, adapter.lines("1,a", "1,b"))
    with hub.journal.reading() as connection:
        kept = fakes.quarantined(connection)
    done = mend(hub, kept.id, "anna", b"id,point\n1,c\n")
    assert "with other content" in str(done.refusal)


def test_without_it_other_content_is_a_duplicate(hub: Hub, journal: Journal) -> None:
    adapter = Meters(exact=False)
    taken = hub.take("meters", adapter, adapter.lines("1,a", "1,b"))
    assert taken.results == [1, None]
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 1


@pytest.mark.parametrize("journalled", [True, False])
def test_it_is_told_beforehand(hub: Hub, clock: fakes.Clock, journalled: bool) -> None:
    adapter = Meters()
    lines = adapter.lines("1,a", "1,a", "1,b", "1,b")
    if journalled:
        hub.take("meters", adapter, lines[:1])

    def brought(said: Sequence[Said]) -> set[str]:
        with hub.journal.reading() as connection:
            return set(known.facts(connection, "meters", [one.external_id or "" for one in said]))

    def held(one: str) -> bytes | None:
        with hub.journal.reading() as connection:
            return known.fact(connection, "meters", one)

    first = Verdict.DUPLICATE if journalled else Verdict.ACCEPTED
    found = list(tried(Translation("meters", adapter, clock()), lines, brought, held))
    verdicts = [first, Verdict.DUPLICATE, Verdict.QUARANTINED, Verdict.QUARANTINED]
    assert [one.verdict for one in found] == verdicts
    assert "with other content" in str(found[2].violations[0])
