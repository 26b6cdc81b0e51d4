"""How requests for an analysis are answered."""

from __future__ import annotations

from cim.message import Level, Result
from cim.replies import done
from dms_apps.solver.answers import answered


def test_remarks_alone_make_no_answer_partial() -> None:
    assert answered((), ()) == done()
    reply = answered((), ("Source s has no impedance.",))
    assert reply.result is Result.OK
    [said] = reply.errors
    assert (said.code, said.level) == ("0.0", Level.INFORM)
    assert said.details == "Source s has no impedance."


def test_what_is_missing_is_said_first_and_once() -> None:
    reply = answered(("No switch w.",), ("Source s has no impedance.", "No switch w."))
    assert reply.result is Result.PARTIAL
    [said] = reply.errors
    assert said.code == "0.2"
    assert said.details == "No switch w.; Source s has no impedance."


def test_of_many_remarks_twenty_are_shown() -> None:
    details = answered((), [f"{n}." for n in range(23)]).errors[0].details
    assert str(details).endswith("19.; 3 more are not shown")
