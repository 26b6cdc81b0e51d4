"""What holds for all interruptions: the indices are what a count customer by customer gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.outage.reliability.analysis import Analysis, Line, Question
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import Interruption, Interruptions, micros
from dms_apps.outage.reliability.served import Served, Supply
from tests.dms_apps.outage.reliability import brute
from tests.dms_apps.outage.reliability.brute import BEGIN, FEEDERS, interruptions

FIRST, LAST = BEGIN.date(), date(2025, 6, 30)
BY = Conventions(counts=(0, 1, 2), single=(1, 8), total=(4,))
SERVED = Served(
    [Supply(day=FIRST, customers=30, va=90_000, feeder="F1", region="R"),
     Supply(day=FIRST, customers=12, va=40_000, feeder="F2", region="R")]
)  # fmt: skip
PROFILE = settings(max_examples=50, deadline=None)


def analysed(some: Sequence[Interruption], by: Conventions = BY, **more: Any) -> Analysis:
    given_ = {"first": FIRST, "last": LAST, "served": SERVED, "now": brute.now(some), **more}
    return Analysis(some=Interruptions.of(some), by=by, **given_)


def facts(line: Line) -> tuple[object, ...]:
    return line.group, line.span, line.own.tally


@PROFILE
@given(some=interruptions())
def test_all_is_what_a_count_by_hand_gives(some: list[Interruption]) -> None:
    [line] = analysed(some).ask(Question())
    tally, expected = line.own.tally, brute.sums(some, BY).values()
    assert tally.repeated is not None
    assert tally.sustained == sum(one.sustained for one in expected)
    assert line.own.minutes == sum(one.minutes for one in expected)
    assert tally.momentary == sum(one.momentary for one in expected)
    assert tally.event == sum(one.events for one in expected)
    assert line.own.asidi == sum(one.va_minutes for one in expected) / 130_000
    each = brute.customers(some)
    out = {p: sum(one.counts[p] for one in expected) for p in each}
    both = {p: out[p] + sum(one.event_counts[p] for one in expected) for p in each}
    longest = {p: max((one.longest[p] for one in expected), default=Fraction(0)) for p in each}
    together = {p: sum((one.together[p] for one in expected), Fraction(0)) for p in each}

    def those(wanted: dict[str, bool]) -> int:
        return sum(each[p] for p, is_one in wanted.items() if is_one)

    assert tally.repeated.customers == those({p: n > 0 for p, n in out.items()})
    for n in BY.counts:
        assert tally.repeated.multiple[n] == those({p: k > n for p, k in out.items()})
        assert tally.repeated.all_multiple[n] == those({p: k > n for p, k in both.items()})
        assert line.own.share("multiple", n) == Fraction(tally.repeated.multiple[n], 42)
    for hours in BY.single:
        assert tally.repeated.single[hours] == those(
            {p: m >= 60 * hours for p, m in longest.items()}
        )
    assert tally.repeated.total[4] == those({p: m >= 240 for p, m in together.items()})


@PROFILE
@given(some=interruptions())
def test_the_indices_are_their_definitions(some: list[Interruption]) -> None:
    [line] = analysed(some).ask(Question())
    one = line.own
    assert one.saifi == Fraction(one.tally.sustained, 42)
    assert one.saidi == one.minutes / 42
    days = Fraction((one.micros + 1), 86_400_000_000)
    assert one.asai == 1 - one.minutes / 42 / Fraction(one.micros, 60_000_000)
    assert days >= 3 or not some
    if one.tally.sustained:
        assert one.saidi == one.saifi * one.caidi
        assert one.caifi is not None
        assert one.caifi >= 1
        assert one.ctaidi == one.caifi * one.caidi
    else:
        assert one.caidi is one.caifi is one.ctaidi is None


@PROFILE
@given(some=interruptions(), seed=st.randoms(use_true_random=False))
def test_the_order_does_not_matter(some: list[Interruption], seed: Random) -> None:
    other = list(some)
    seed.shuffle(other)
    for by in ("system", "feeder", "cause", "outage"):
        question = Question(by=by, each="day")
        found = [analysed(rows).ask(question) for rows in (some, other)]
        assert [facts(line) for line in found[0]] == [facts(line) for line in found[1]]


@PROFILE
@given(some=interruptions(), by=st.sampled_from(["feeder", "cause", "outage", "device"]),
       each=st.sampled_from(["day", "month", "year", "whole"]),
       accrues=st.sampled_from(["start", "days"]))  # fmt: skip
def test_parts_add_up_to_the_whole(
    some: list[Interruption], by: str, each: str, accrues: Any
) -> None:
    analysis = analysed(some, replace(BY, accrues=accrues))
    [whole] = analysis.ask(Question())
    lines = analysis.ask(Question(by=by, each=each))
    for name in ("sustained", "micros", "momentary", "event", "va", "va_micros"):
        parts = sum(getattr(line.own.tally, name) for line in lines)
        assert parts == getattr(whole.own.tally, name)
    for name in ("saifi", "saidi", "maifi", "maifi_e", "asifi", "asidi"):
        parts = sum((getattr(line.whole, name) for line in lines), Fraction(0))
        assert parts == getattr(whole.own, name)


@PROFILE
@given(some=interruptions())
def test_feeders_weighted_by_what_they_serve_are_the_system(some: list[Interruption]) -> None:
    analysis = analysed(some)
    [whole] = analysis.ask(Question())
    lines = analysis.ask(Question(by="feeder"))
    assert [line.group for line in lines] == list(FEEDERS)
    for name in ("saifi", "saidi", "maifi"):
        weighted = sum(getattr(one.own, name) * one.own.served.customers for one in lines)
        assert weighted == getattr(whole.own, name) * 42


def test_a_feeder_that_is_told_of_later_served_nobody_until_then() -> None:
    """So that feeders add up to the system, which did not have it."""
    served = Served(
        [Supply(day=date(2025, 4, 1), customers=30, feeder="F1"),
         Supply(day=date(2025, 4, 11), customers=12, feeder="F2")]
    )  # fmt: skip
    days = date(2025, 4, 1), date(2025, 4, 21)
    assert [served.over(*days, feeder=one).customers for one in ("F1", "F2", "")] == [30, 6, 36]
    assert served.over(date(2025, 3, 1), date(2025, 3, 5), feeder="F2").customers == 0


@PROFILE
@given(some=interruptions(), where=st.data())
def test_cut_in_two_an_interruption_counts_as_before(
    some: list[Interruption], where: st.DataObject
) -> None:
    """In time, and of its customers: those that get power back in another step are the same."""
    cut: list[Interruption] = []
    for one in some:
        assert one.ended is not None
        length = (one.ended - one.started) // timedelta(microseconds=1)
        at = one.started + timedelta(microseconds=where.draw(st.integers(0, length)))
        cut += [replace(one, ended=at), replace(one, started=at)]
    before, after = (analysed(rows).ask(Question(each="day")) for rows in (some, cut))
    assert [facts(line) for line in before] == [facts(line) for line in after]
    apart = [
        replace(one, point=f"{one.point} {n}", customers=1, va=0)
        for one in some
        for n in range(one.customers)
    ]
    for line, other in zip(before, analysed(apart).ask(Question(each="day")), strict=True):
        assert line.own.tally.repeated == other.own.tally.repeated
        assert (line.own.saidi, line.own.maifi_e) == (other.own.saidi, other.own.maifi_e)


@PROFILE
@given(some=interruptions())
def test_to_days_goes_what_is_on_them(some: list[Interruption]) -> None:
    by = replace(BY, accrues="days")
    found = {one.span: one.own.minutes for one in analysed(some, by).ask(Question(each="day"))}
    begun = {one.span: one.own.tally.sustained
             for one in analysed(some).ask(Question(each="day"))}  # fmt: skip
    same = {one.span: one.own.tally.sustained
            for one in analysed(some, by).ask(Question(each="day"))}  # fmt: skip
    for span, lost in found.items():
        begin = datetime.fromisoformat(span).replace(tzinfo=UTC)
        end = begin + timedelta(days=1)
        assert lost == sum(
            one.customers * brute.minutes(max(min(one.ended, end) - max(one.started, begin),
                                              timedelta(0)))
            for chains in (brute.wholes([o for o in some if o.point == p])
                           for p in {o.point for o in some})
            for chain in chains
            if brute._length(chain) > timedelta(minutes=5)
            for one in chain
        )  # fmt: skip
    chained = {span: n for span, n in begun.items() if n}
    assert sum(chained.values()) == sum(same.values())


@PROFILE
@given(some=interruptions())
def test_sums_are_exact_however_large(some: list[Interruption]) -> None:
    """The same with so many customers for each one that sums are beyond a machine word."""
    huge = [replace(one, customers=one.customers * 10**14) for one in some]
    small, large = (analysed(rows).ask(Question(each="day")) for rows in (some, huge))
    for one, other in zip(small, large, strict=True):
        assert other.own.minutes == 10**14 * one.own.minutes
        assert other.own.tally.sustained == 10**14 * one.own.tally.sustained


@PROFILE
@given(
    some=interruptions(), from_=st.booleans(), exactly=st.sampled_from(["momentary", "sustained"])
)
def test_other_conventions(some: list[Interruption], from_: bool, exactly: Any) -> None:
    multiple = "from" if from_ else "more"
    by = replace(BY, counts=(1, 2), multiple=multiple, exactly=exactly)  # type: ignore[arg-type]
    [line], [plain] = analysed(some, by).ask(Question()), analysed(some).ask(Question())
    assert line.own.tally.repeated is not None
    assert plain.own.tally.repeated is not None
    if from_ and exactly == "momentary":
        assert line.own.tally.repeated.multiple[1] == plain.own.tally.repeated.multiple[0]
        assert line.own.tally.repeated.all_multiple[2] == plain.own.tally.repeated.all_multiple[1]
    borders = sum(
        chain[0].customers
        for p in {one.point for one in some}
        for chain in brute.wholes([one for one in some if one.point == p])
        if brute._length(chain) == timedelta(seconds=300)
    )
    more = borders if exactly == "sustained" else 0
    assert line.own.tally.sustained == plain.own.tally.sustained + more


def test_a_point_that_is_out_twice_is_refused() -> None:
    one = Interruption(started=BEGIN, ended=BEGIN + timedelta(hours=2), point="p")
    other = replace(one, started=BEGIN + timedelta(hours=1), ended=BEGIN + timedelta(hours=3))
    expected = (
        "usage point p: its interruption from 2025-03-28T01:00:00.* begins before that from"
        " 2025-03-28T00:00:00.* is over"
    )
    with pytest.raises(ValueError, match=expected):
        analysed([other, one]).ask(Question())


def test_what_is_not_over_has_lasted_until_now() -> None:
    now = BEGIN + timedelta(hours=1)
    some = [
        Interruption(started=BEGIN, point="a", customers=3),
        Interruption(started=now - timedelta(minutes=4), point="b", customers=5),
    ]
    analysis = analysed(some, now=micros(now))
    [line] = analysis.ask(Question())
    assert (line.own.tally.sustained, line.own.minutes) == (3, 180)
    assert (line.own.tally.momentary, analysis.lines.undecided.tolist()) == (0, [0, 5])
    assert line.own.micros == 3_600_000_000
    [left] = analysed(some, replace(BY, open="left out"), now=micros(now)).ask(Question())
    assert (left.own.tally.sustained, left.own.minutes) == (0, 0)


def test_events_of_a_device_whose_customers_are_known_by_number() -> None:
    """Two operations, of the first in two steps; then one that locks out."""

    def out(second: int, lasts: int, customers: int) -> Interruption:
        start = BEGIN + timedelta(seconds=second)
        end = start + timedelta(seconds=lasts)
        return Interruption(started=start, ended=end, customers=customers, device="R1")

    twice = [out(0, 20, 30), out(0, 90, 10), out(120, 15, 35)]
    [line] = analysed(twice).ask(Question())
    assert (line.own.tally.momentary, line.own.tally.event) == (75, 40)
    assert line.own.tally.repeated is None
    assert line.own.caifi is None
    [locked] = analysed([*twice, out(200, 7200, 40)]).ask(Question())
    assert (locked.own.tally.event, locked.own.tally.sustained) == (0, 40)
    by = replace(BY, before_sustained=True)
    [counted] = analysed([*twice, out(200, 7200, 40)], by).ask(Question())
    assert counted.own.tally.event == 40


def test_a_day_with_a_change_of_the_clock() -> None:
    by = Conventions(zone="Europe/Berlin")
    day = date(2025, 3, 30)
    start = datetime(2025, 3, 29, 23, tzinfo=UTC)  # midnight there
    some = [Interruption(started=start, ended=start + timedelta(hours=23), point="a")]
    one = Served([Supply(day=day, customers=1)])
    [line] = analysed(some, by, first=day, last=day, served=one).ask(Question())
    assert (line.own.asai, line.own.saidi) == (0, 23 * 60)
