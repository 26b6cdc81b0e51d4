"""From what is known to the outages there are and were, and who was without power."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.message import Outgoing
from cim.network import Network
from dms_apps.outage import calls, evidence, incidents, indicators, pings, plans, store, switches
from dms_apps.outage.calls import Call
from dms_apps.outage.course import Times
from dms_apps.outage.episodes import ASKED, CLOSED, OPEN, VERIFY, Episode, Outcome, Row
from dms_apps.outage.facts import CALL, DARK, Facts, Loss, Word
from dms_apps.outage.forest import Forest
from dms_apps.outage.history import happened
from dms_apps.outage.holds import cancelled
from dms_apps.outage.indicators import Places
from dms_apps.outage.late import late, take_up
from dms_apps.outage.modes import Mode, RuleSet, Timeline, region_of
from dms_apps.outage.moves import Move, moves, positions
from dms_apps.outage.outages import Now, Outage, Patience, Step, advance, concerned
from dms_apps.outage.parts import Known, Parts
from dms_apps.outage.plans import Plan
from dms_apps.outage.prediction import Rules
from dms_apps.outage.remembered import Remembered, earliest, root_of
from dms_apps.outage.sections import Indication
from dms_apps.outage.store import Key, Value
from dms_apps.outage.waiting import News, Waiting

HAZARD = "hazard"


@dataclass
class Assessed:
    """What has come of an assessment: `episodes` that were looked at, `told` those that are told by
    mRID; `cancelled` mRIDs of outages that are none if nobody is in them; `modes` by whose rules
    those of an mRID are predicted; `questions` to meters."""

    step: Step
    episodes: list[Episode]
    cancelled: frozenset[str] = frozenset()
    modes: Mapping[str, Mode] = field(default_factory=dict)
    questions: Sequence[Outgoing] = ()

    @property
    def told(self) -> dict[str, Episode]:
        return {mrid: episode for episode, mrid in self.step.mrids.items()}


@dataclass
class Assessment:
    """One look at all that is news.

    modes:      which rules there are when.
    everything: whether the parts that nothing is new of are looked at, too.
    replanned:  the planned outages of which something is new.
    kept:       what is kept between looks.
    ping:       EndDeviceControlType by which meters are asked about what callers say, which nothing
                then waits for; "": none is.
    places:     what the models say of fault indicators.
    """

    connection: sa.Connection
    network: Network
    forest: Forest
    rules: Rules
    times: Times
    now: datetime
    modes: Timeline
    places: Callable[[], Places]
    kept: Remembered = field(default_factory=Remembered)
    everything: bool = False
    replanned: Sequence[Plan] = ()
    ping: str = ""
    _moves: Sequence[Move] = field(default=(), init=False)
    _switched: list[Loss] = field(default_factory=list, init=False)

    @property
    def _margin(self) -> timedelta:
        """So long after the last word nothing more comes of it."""
        times = self.times
        return times.hold_off + times.skew + times.nested + times.window + times.closing

    def run(self) -> Assessed:
        """Look, correct the ledger, and say what is to be told."""
        self._switch()
        news, unreached = evidence.take_news(self.connection)
        called, others = calls.take_news(self.connection), incidents.take_news(self.connection)
        shown = indicators.take_news(self.connection)
        known, stirred = self._known(news, shown)
        parts = Parts(self.forest, known, self._is_fuse)
        while self._take_up_late(known, parts):  # what is known of then may join other parts
            known, stirred = self._known(news, shown)
            parts = Parts(self.forest, known, self._is_fuse)
        if self.everything:
            self.kept.due.clear()
            self.kept.moved.clear()
        stirred += [*others, *unreached]
        of = News(words=news, called=called, stirred=stirred)
        wanted = None if self.everything else self._wanted(parts, of)
        facts = parts.facts(wanted)
        outcomes = {part: self._happened(parts, part, of) for part, of in facts.items()}
        before = self._before(parts, facts, wanted)
        self._put_away(parts, facts, outcomes)
        told = self._told(parts, facts, outcomes, wanted, *before)
        told.cancelled = cancelled((s for of in facts.values() for s in of.statements), known.said)
        store.assessed(self.connection)
        return told

    def explained(self, outage: Outage) -> Episode | None:
        """What is believed of an outage now; None when nothing is.  Nothing is written."""
        self._moves, self._switched = moves(self.connection), []
        known, _ = self._known([], [])
        parts = Parts(self.forest, known, self._is_fuse)
        for part, facts in parts.facts([self._part(parts, outage)]).items():
            for episode in self._happened(parts, part, facts).episodes:
                same = (episode.device, episode.poles) == (outage.device, outage.poles)
                if same and (outage.device or outage.anchor in episode.dark):
                    return episode
        return None

    def _happened(self, parts: Parts, part: str, facts: Facts) -> Outcome:
        rules = self._set(facts).rules(self.rules)
        return happened(parts.trees(part, facts), rules, self.times, facts, self.now)

    def _switch(self) -> None:
        """Work out what switches did, and whose supply is otherwise than was known."""
        known = moves(self.connection)
        self._switched = []
        fresh = [move.at for move in known if move.fresh]
        if self.everything:
            fresh += switches.open_since(self.connection, self.network, known)
        if fresh:
            self._switched = switches.work_out(self.connection, self.network, known, min(fresh))
            self.kept.losses = None
        self._moves = known

    def _known(self, news: list[Word], shown: Sequence[Indication]) -> tuple[Known, list[str]]:
        """All that still matters, and the usage points and devices that something is new of."""
        known = Known(news=news)
        stirred: list[str] = []
        self.kept.look(self.connection, self.forest, news, anew=self.everything)
        known.words, known.losses = self.kept.words, self.kept.losses or []
        known.positions = positions(self._moves)
        stirred += [move.device for move in self._moves if move.fresh]
        known.indications = self.kept.indicated(self.connection, self.network, self.places, shown)
        if known.indications is not None:
            known.shown = list(known.indications.above(shown))
            stirred += [device for device, _ in known.shown]
        known.switched = self._switched
        stirred += [loss.point for loss in self._switched]
        for said, fresh in store.statements(self.connection):
            known.statements.append(said)
            if fresh:
                known.said.append(said)
                stirred += [said.device, *said.points, *(name for name, _ in said.members)]
        times = [x.lost for x in known.losses] + [earliest(known.words) or self.now]
        said_at = min((said.at for said in known.statements), default=self.now)
        since = min(*times, said_at)
        known.past = self.kept.past
        known.turned = self.kept.turned(self.network, self.forest, self._moves, since)
        until = self.now + self.times.skew
        known.plans = plans.plans(self.connection, self.network, self.forest, min(times), until)
        known.over = {
            plan.window.mrid for plan in known.plans
            if plan.window.ends is not None and plan.window.ends + 2 * self._margin <= self.now
        } - {plan.window.mrid for plan in self.replanned}  # fmt: skip
        known.margin = self._margin
        return known, stirred

    def _wanted(self, parts: Parts, news: News) -> set[str]:
        def busy() -> set[str]:
            told = store.open_places(self.connection)
            dangers = (*calls.dangers(self.connection), *incidents.dangers(self.connection))
            return {parts.at(*one) for one in told} | {parts.of(c.point) for c in dangers}

        waiting = Waiting(
            forest=self.forest, parts=parts, kept=self.kept, now=self.now,
            hold_off=self.modes.modes.shortest(self.times.hold_off),
            busy=None if self.ping else busy,
        )  # fmt: skip
        return waiting.wanted(news)

    def _take_up_late(self, known: Known, parts: Parts) -> bool:
        """Take up again what was put away, where something late is heard."""
        old = late(parts, known, self.replanned, self.now - self._margin)
        found = take_up(self.connection, parts, old, self._margin)
        if found:
            self.kept.forget()
        return found

    def _put_away(
        self, parts: Parts, facts: dict[str, Facts], outcomes: dict[str, Outcome]
    ) -> None:
        """What has long been settled does not come before our eyes again."""
        for part, of in facts.items():
            if (due := outcomes[part].due) is not None:
                self.kept.wait(parts.roots(part), due)
            ends = [window.ends for window in of.windows if window.is_actual]
            if None in ends:
                continue
            last = max([*of.times, *filter(None, ends)], default=self.now)
            quiet = last + 2 * self._margin  # what is newer than one is not late
            if any(e.state in OPEN for e in outcomes[part].episodes) or outcomes[part].due:
                continue
            if quiet <= self.now:
                evidence.put_away(self.connection, of.words)
                self.kept.drop(of.words)
                store.put_away_statements(self.connection, of.statements)
                if of.losses:
                    switches.put_away(self.connection, of.losses)
                    self.kept.losses = None
            else:
                self.kept.wait(parts.roots(part), quiet)

    def _told(
        self,
        parts: Parts,
        facts: dict[str, Facts],
        outcomes: dict[str, Outcome],
        wanted: set[str] | None,
        told: Sequence[Outage],
        before: Mapping[Key, Value],
    ) -> Assessed:
        rows = [row for outcome in outcomes.values() for row in outcome.rows]
        episodes = [e for outcome in outcomes.values() for e in outcome.episodes]
        episodes = [e for e in episodes if e.state != VERIFY]
        waiting = [e for outcome in outcomes.values() for e in outcome.episodes
                   if e.state == VERIFY]  # fmt: skip
        called = {point for episode in waiting for point in episode.dark}
        known = (*calls.calls_that_matter(self.connection, called),
                 *incidents.dangers(self.connection))  # fmt: skip
        matter = [c for c in known
                 if c.point and (wanted is None or parts.of(c.point) in wanted)]  # fmt: skip
        episodes += self._of_calls(matter, waiting, rows)
        about = self._about(episodes, rows, facts.values(), matter)
        was: dict[str, set[str]] = defaultdict(set)
        for (point, _), (_, mrid) in before.items():
            was[mrid or ""].add(point)
        sent = {p: o.started_at for o in told if o.is_open and o.state != ASKED
                for p in was[o.mrid]}  # fmt: skip
        questions = self._questions(parts, episodes, sent, about)
        longer = {
            episode: timedelta(seconds=hold_off)
            for part, outcome in outcomes.items()
            if (hold_off := self._set(facts[part]).hold_off) is not None
            for episode in outcome.episodes
        }
        patience = Patience(now=self.now, hold_off=self.times.hold_off, longer=longer)
        step = advance(told, was, episodes, about, patience)
        store.correct(self.connection, before, _ledger(rows, step))
        for moment in (*self.kept.due.values(), *([step.due] if step.due else ())):
            step.wait_for(max(moment, self.now))
        if step.due is not None:
            for episode in episodes:
                if episode not in step.mrids:
                    self.kept.wait(
                        parts.roots(self._part_of(parts, episode)), patience.ripe(episode)
                    )
        dark = (p for e in step.mrids for p in e.dark.keys() - e.ends.keys())
        self.kept.believe(dark, lambda root: wanted is None or parts.now(root) in wanted)
        modes = {
            step.mrids[episode]: self._mode(facts[part])
            for part, outcome in outcomes.items()
            for episode in outcome.episodes
            if episode in step.mrids
        }
        return Assessed(step, episodes, modes=modes, questions=questions)

    def _questions(
        self, parts: Parts, episodes: Sequence[Episode], sent: Mapping[str, datetime],
        about: Mapping[Episode, Now],
    ) -> list[Outgoing]:  # fmt: skip
        """Ask the meters of single callers; until they answer, or long enough, they are ASKED.

        sent: whom outages are about that were told otherwise, and since when: nobody waits for
              their meters, for a crew may be on its way.
        """
        if not self.ping:
            return []
        found = pings.pings(self.connection, self.network, episodes, sent, self.ping,
                            self.times.verify, self.now)  # fmt: skip
        safe = [e for e in episodes if not about[e].hazards and not sent.keys() & e.dark.keys()]
        for episode, until in pings.asked(self.connection, safe, self.times.verify, self.now):
            episode.state = ASKED
            self.kept.wait(parts.roots(self._part_of(parts, episode)), until)
        return found

    def _before(
        self, parts: Parts, facts: dict[str, Facts], wanted: set[str] | None
    ) -> tuple[list[Outage], dict[Key, Value]]:
        """The outages and interruptions of before that are looked at anew.

        Not what was over before the first that is known of its place: that was put away.
        """
        starts = parts.starts(facts)
        since = min(starts.values(), default=self.now)

        def is_known(root: str, at: datetime) -> bool:
            return root in starts and at >= starts[root]

        told = store.named_outages(self.connection, {plan.window.mrid for plan in self.replanned})
        told += [
            one for one in store.outages_since(self.connection, since)
            if (wanted is None or self._part(parts, one) in wanted) and one not in told
            and (one.is_open or is_known(parts.root_of(one), one.ended_at or one.started_at))
        ]  # fmt: skip
        points = {word.point for of in facts.values() for word in of.words}
        points |= {loss.point for of in facts.values() for loss in of.losses}
        points |= {loss.point for loss in self._switched}
        mrids = {one.mrid for one in told}
        found = store.ledger(self.connection, mrids, points, since)
        return told, {
            (point, at): (ended, mrid) for (point, at), (ended, mrid) in found.items()
            if mrid in mrids or is_known(root_of(self.forest, point), at)
        }  # fmt: skip

    def _of_calls(
        self, calls: Sequence[Call], waiting: Sequence[Episode], rows: Sequence[Row]
    ) -> list[Episode]:
        """Calls where there is power, and dangers where nobody is without."""
        called = {call.point for call in calls}
        found = [e for e in waiting if e.dark.keys() & called]
        still = {row.point for row in rows if row.ended is None}
        still |= {point for episode in found for point in episode.dark}
        for call in calls:
            if call.hazards and call.point not in still:
                still.add(call.point)
                dark = {call.point: call.reported_at}
                found.append(Episode(None, call.reported_at, HAZARD, call.reported_at, dark=dark))
        return found

    def _about(
        self,
        episodes: Sequence[Episode],
        rows: Sequence[Row],
        facts: Iterable[Facts],
        calls: Sequence[Call],
    ) -> dict[Episode, Now]:
        """Whom the episodes are about, how many called, and what dangers there are."""
        called: dict[str, list[datetime]] = defaultdict(list)
        for of in facts:
            for word in of.words:
                if word.by == CALL and word.kind == DARK:
                    called[word.point].append(word.at)
        about = concerned(rows)
        for episode in episodes:
            now = about.get(episode, Now())
            points = now.of | episode.dark.keys()
            first = episode.started - self.times.skew
            last = self.now if episode.state in OPEN else max(episode.ends.values(), default=first)
            count = sum(first <= at <= last for p in points & called.keys() for at in called[p])
            dangers = tuple(
                (what, call.name) for call in calls for what in call.hazards
                if call.point in points and episode.state != CLOSED
            )  # fmt: skip
            about[episode] = replace(now, calls=count, hazards=dangers)
        return about

    def _mode(self, facts: Facts) -> Mode:
        """That of where these facts are, when power was last said to be lost there: so what was
        explained stays explained when a storm is over, whenever it is looked at again."""
        points = [*(w.point for w in facts.words), *(x.point for x in facts.losses)]
        region = region_of(self.modes.modes, self.forest.feeder, [min(points, default="")])
        lost = [word.at for word in facts.words if word.kind == DARK]
        lost += [loss.lost for loss in facts.losses]
        return self.modes.at(region, max(lost or facts.times, default=self.now))

    def _set(self, facts: Facts) -> RuleSet:
        """The rules of where and when these facts are."""
        mode = self._mode(facts)
        return self.modes.modes.rule_set(mode.name, mode.region)

    def _part(self, parts: Parts, outage: Outage) -> str:
        return parts.at(outage.device, outage.anchor)

    def _part_of(self, parts: Parts, episode: Episode) -> str:
        of = parts.of_device(episode.device) if episode.device else None
        if of is None:
            of = parts.of(min(episode.dark.keys() | episode.points.keys(), default=""))
        return of

    def _is_fuse(self, device: str) -> bool:
        return self.network.knows(device) and self.network.device_kind(device) == "Fuse"


def _ledger(rows: Iterable[Row], step: Step) -> dict[Key, Value]:
    """What of the rows is to be kept: of an outage that is not told yet nothing is."""
    found: dict[Key, Value] = {}
    for row in rows:
        mrid = step.mrids.get(row.of) if row.of is not None else None
        if row.of is None or mrid is not None:
            found[row.point, row.started] = (row.ended, mrid)
    return found
