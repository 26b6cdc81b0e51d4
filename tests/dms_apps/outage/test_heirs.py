"""Of which outage another that is no more has become part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cim.message import Verb
from tests.dms_apps.outage.conftest import LOST, RESTORED, Run, after

DEVICES = [{"id": "F1", "parent": "SS1", "kind": "fuse", "premises": ["M1", "M2", "M3"]}]


@pytest.mark.parametrize("is_late", [False, True])
def test_what_was_none_is_no_part_of_one_that_was_over_before_it(
    start: Callable[..., Run], is_late: bool
) -> None:
    run = start(DEVICES)
    run.settle()
    words = [(LOST, after(seconds=0)), (RESTORED, after(minutes=5))]
    for code, at in words if not is_late else []:
        run.until(at)
        run.meter("M1", code, at)
    run.until(after(minutes=30))
    run.call("M1", run.at)
    run.until(after(minutes=32))
    for code, at in words if is_late else []:  # an outage of which nobody is told
        run.meter("M1", code, at)
    run.until(after(minutes=34))
    [one] = run.outages()
    run.ask(Verb.CANCEL, replace(one, last_modified_date_time=None))
    run.until(after(minutes=40))
    verb, told = run.told[-1]
    assert verb is Verb.CANCELED
    assert told.status is not None
    assert told.status.value == "cancelled"
    assert len(run.ledger()) == 1
