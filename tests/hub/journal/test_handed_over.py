"""Notes of what was handed over are let go of when nobody can ask for them any more."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub.handover import Mark
from hub.journal import Journal, handed_over
from hub.journal.handed_over import HandedOver, forget
from hub.journal.tables import handed_over as table
from tests import fakes

DELIVERED = ("m-1", "a b-7")
OPEN, DEAD, LATER = "m-2", "m-3", "m-4"


def noted(journal: Journal) -> set[tuple[str, str]]:
    with journal.reading() as connection:
        return {
            tuple(row) for row in connection.execute(sa.select(table.c.system, table.c.identity))
        }


@pytest.mark.parametrize("together", [2, 1_000])
def test_only_notes_of_what_a_system_has_for_good_are_let_go_of(
    journal: Journal, clock: fakes.Clock, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_over, "_TOGETHER", together)
    ids = (*DELIVERED, OPEN, DEAD, LATER)
    entries = [fakes.entry(fakes.message(fakes.last_gasp(i), message_id=i)) for i in ids]
    with journal.transaction() as transaction:
        one, two, _, dead, later = (seq or 0 for seq in transaction.accept(entries))
        transaction.delivered("app", [one, two, later], transaction.now)
        transaction.failed("app", dead, "refused")
    app, partner = HandedOver(journal, "app"), HandedOver(journal, "partner")
    old = ["http m-1-1", "http m-1-2", "m-1", "calls files a b-7", "files a b-7-12"]
    kept = ["http m-2-1", "http m-3-1", "m-3", "current m-9.json", "files x m-1 1", "http m-11"]
    for number, identity in enumerate([*old, *kept]):
        app.note(identity, (Mark.SENT, Mark.BEGUN, Mark.VOID, Mark.FAILED)[number % 4])
    partner.note("http m-1-1", Mark.SENT)  # it has not got it yet
    clock.forward(60)
    app.note("http m-4-1", Mark.SENT)
    assert forget(journal, fakes.START) == 0
    assert forget(journal, clock()) == len(old)
    stay = {("app", one) for one in (*kept, "http m-4-1")} | {("partner", "http m-1-1")}
    assert noted(journal) == stay
    with journal.transaction() as transaction:
        assert transaction.replay("app", dead)
        transaction.delivered("app", [dead], transaction.now)
    assert forget(journal, clock()) == 2
