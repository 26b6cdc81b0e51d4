"""Jobs and crews: nobody is at two places, and the urgent do not wait for others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dms_apps.restoration_times.queue import Job, turns

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
jobs = st.lists(
    st.tuples(st.integers(1, 100), st.booleans()).map(lambda t: (float(t[0]), t[1])), max_size=12
).map(
    lambda rows: [
        Job(mrid=f"{n:02}", rank=(n,), under_way=under_way, left=left)
        for n, (left, under_way) in enumerate(rows)
    ]
)


@given(jobs, st.integers(1, 5))
def test_no_more_jobs_at_once_than_crews(found: list[Job], crews: int) -> None:
    when = turns(found, crews, NOW)
    assert when.keys() == {job.mrid for job in found}
    room = max(crews, sum(job.under_way for job in found))
    for one in when.values():
        at = one.departs_at
        busy = sum(other.departs_at <= at < other.restored_at for other in when.values())
        assert busy <= room


@given(jobs, st.integers(1, 5))
def test_none_departs_before_a_more_urgent_one(found: list[Job], crews: int) -> None:
    when = turns(found, crews, NOW)
    order = [when[job.mrid] for job in found if not job.under_way]
    departures = [one.departs_at for one in order]
    assert departures == sorted(departures)
    assert all(one.ahead == 0 for one in order if one.departs_at == NOW)
    assert all(one.ahead > 0 for one in order if one.departs_at > NOW)


@given(jobs)
def test_nobody_waits_where_crews_are_not_known(found: list[Job]) -> None:
    for job in found:
        turn = turns(found, 0, NOW)[job.mrid]
        assert (turn.departs_at, turn.ahead) == (NOW, 0)
        assert turn.restored_at == NOW + timedelta(seconds=job.left)
