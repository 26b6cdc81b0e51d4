"""What the log says of failures: the first of a kind in full, then how many."""

from __future__ import annotations

import pytest

from hub.dispatch.retry import Failures


class Seconds:
    """A clock in seconds that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(failures: Failures, kind: type[Exception], times: int) -> None:
    for number in range(times):
        try:
            raise kind(f"message {number}")
        except kind as error:
            failures.happened(error, f"message {number} failed")


def test_each_kind_is_told_in_full_once_and_then_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    clock = Seconds()
    failures = Failures("app", clock)
    fail(failures, KeyError, 1_000)
    fail(failures, ValueError, 1)
    assert [r.message for r in caplog.records] == ["app: message 0 failed"] * 2
    assert all(r.exc_info for r in caplog.records)
    caplog.clear()
    clock.now = 60.0
    failures.tell()
    counted, over = (r.message for r in caplog.records)
    assert counted.startswith("app: failed 999 times more by KeyError at ")
    assert over.startswith("app: no failure any more by ValueError at ")
    caplog.clear()
    clock.now = 120.0
    failures.tell()
    fail(failures, KeyError, 1)
    over, again = (r.message for r in caplog.records)
    assert over.startswith("app: no failure any more by KeyError at ")
    assert again == "app: message 0 failed"
