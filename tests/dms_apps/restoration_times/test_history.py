"""What is expected by experience, beside a count by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dms_apps.restoration_times.history import History, Lasted, Step

LEAST, SHARE = 5, 0.8
pasts = st.lists(
    st.builds(
        Lasted,
        step=st.sampled_from(list(Step)),
        zone=st.sampled_from(["F1", "F2"]),
        kind=st.sampled_from(["", "Fuse"]),
        hour=st.integers(0, 23),
        storm=st.booleans(),
        seconds=st.integers(0, 20).map(float),
    ),
    max_size=120,
)


def history(past: list[Lasted]) -> History:
    return History(past, dict.fromkeys(Step, 7.0), share=SHARE, least=LEAST, hours=6)


@given(pasts, st.integers(0, 20))
def test_the_share_of_those_that_lasted_as_long(past: list[Lasted], elapsed: int) -> None:
    found = history(past).expected(Step.REPAIR, "F1", "Fuse", 8, storm=False, elapsed=elapsed)
    of_step = [one for one in past if one.step is Step.REPAIR and not one.storm]
    fuses = [one for one in of_step if one.kind == "Fuse"]
    here = [one for one in fuses if one.zone == "F1"]
    now = [one for one in here if 6 <= one.hour < 12]
    for some in (now, here, fuses, of_step):
        longer = [one.seconds for one in some if one.seconds > elapsed]
        if len(longer) >= LEAST:
            assert found.count == len(longer)
            assert sum(one <= found.seconds for one in longer) >= SHARE * len(longer)
            assert sum(one < found.seconds for one in longer) <= SHARE * len(longer)
            break
    else:
        assert not found.is_learned
        assert found.seconds == next(s for s in (7.0, 10.5, 15.75, 23.625) if s > elapsed)


@given(pasts, st.integers(0, 20))
def test_it_is_never_expected_to_be_over_already(past: list[Lasted], elapsed: int) -> None:
    found = history(past).expected(Step.WHOLE, "F1", "", 20, storm=True, elapsed=elapsed)
    assert found.seconds > elapsed
