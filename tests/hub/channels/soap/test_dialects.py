"""The endpoint reads each system as it speaks."""

from __future__ import annotations

from cim.dialect import Dialect, Dialects
from tests.soap_clients import PUBLISH, event, soap
from tests.soap_served import serve

DIRTY = soap(event("M-1").replace(b"<Verb>created<", b"<Verb>Created<"))


def test_the_verb_of_a_tolerated_system_is_corrected() -> None:
    dialects = Dialects({"ami": Dialect.of("tolerant", ["verb-case"])})
    with serve(dialects=dialects) as served:
        answer = served.post(DIRTY, PUBLISH)
        assert answer.status_code == 200
        assert b">OK<" in answer.content
        [delivery] = served.hub.taken
        assert [c.tolerance for c in delivery.corrections] == ["verb-case"]
        assert b">Created<" in delivery.body


def test_any_other_system_is_refused() -> None:
    dialects = Dialects({"other": Dialect.of("tolerant", ["verb-case"])})
    with serve(dialects=dialects) as served:
        answer = served.post(DIRTY, PUBLISH)
        assert b"2.9" in answer.content


def test_an_envelope_of_edition_2_is_refused_in_a_sentence() -> None:
    with serve() as served:
        second = event("M-1").replace(b"/2011/schema/message", b"/2021/schema/message")
        answer = served.post(soap(second), PUBLISH)
        assert b"1.9" in answer.content
        assert b"supply it and name it in schemas.edition2" in answer.content
        assert len(served.hub.refusals) == 1
