"""One sentence that explains an outage."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property

from cim.network import Network
from dms_apps.outage.episodes import (
    ASKED,
    CONFIRMED,
    PREDICTED,
    RESTORED,
    RETURNING,
    VERIFY,
    Episode,
)
from dms_apps.outage.forest import Forest, Group
from dms_apps.outage.hypotheses import CLOSED_BY_TELEMETRY, Hypothesis
from dms_apps.outage.incidents import INCIDENT
from dms_apps.outage.modes import NORMAL, Mode
from dms_apps.outage.outages import Outage

HAZARD = "hazard"
_MOST = 5  # indicators in one sentence
_LOOKED_FOR = (PREDICTED, CONFIRMED, RETURNING)
_KINDS = {
    "ACLineSegment": "line",
    "EnergyConsumer": "load",
    "EnergySource": "source",
    "LoadBreakSwitch": "load break switch",
    "PowerTransformer": "transformer",
}


class Wording:
    """Speaks of outages in the names of the network."""

    def __init__(
        self,
        network: Network,
        forest: Forest,
        episodes: Mapping[str, Episode],
        modes: Mapping[str, Mode],
        dark: Mapping[str, Collection[str]],
    ) -> None:
        """`modes`: mRID of an outage -> by whose rules it is predicted; `dark`: root -> who has
        reported power lost, of all outages."""
        self._network, self._forest, self._episodes = network, forest, episodes
        self._modes, self._dark = modes, dark

    def told(self, outage: Outage) -> str:
        """Why this outage is believed in."""
        said = [self._why(outage)]
        if outage.fault and outage.state in _LOOKED_FOR:
            said.append(self._where(outage))
        if (second := self._else(self._episodes[outage.mrid])) is not None:
            said.append(second)
        mode = self._modes.get(outage.mrid)
        if mode is not None and mode.name != NORMAL and mode.since is not None:
            said.append(f"Rules of {mode.name} since {_time(mode.since)}.")
        if outage.hazards:
            dangers = ", ".join(f"{what} ({_source(by)})" for what, by in outage.hazards)
            said.append(f"Danger: {dangers}.")
        if outage.calls:
            said.append(f"{_count(outage.calls, 'call')}.")
        if outage.doubt:
            said.append(self._hint(outage))
        return " ".join(said)

    def _else(self, episode: Episode) -> str | None:
        """What is next likely, where there is any doubt and no person has decided."""
        others = [h for h in episode.hypotheses if h.device != episode.device]
        if not others or episode.state != PREDICTED or episode.outage:
            return None
        told = (self.hypothesis(one) for one in others)
        return f"{_percent(episode.confidence)} likely; else {', '.join(told)}."

    def _where(self, outage: Outage) -> str:
        """Between which fault indicators the fault is."""
        after, *before = json.loads(outage.fault)
        others = _listed([self._name(one) for one in before])
        did_not = f"fault indicator{'s' if len(before) > 1 else ''} {others}"
        if not after:
            place = f"between {self._device(outage.device or '')} and there"
            return f"{did_not[0].upper()}{did_not[1:]} did not trip: the fault is likely {place}."
        first = f"Fault indicator {self._name(after)} tripped"
        if not before:
            return f"{first}: the fault is likely beyond it."
        return f"{first}, {others} did not: the fault is likely between them."

    def hypothesis(self, one: Hypothesis) -> str:
        """One that is not believed in, with how likely it is or why it is ruled out."""
        what = self._device(one.device) if one.device else "each service by itself"
        if one.blocked == CLOSED_BY_TELEMETRY:
            return f"not {what}, which telemetry has closed"
        if one.at is not None:
            return f"not {what}, below which somebody had power at {_time(one.at)}"
        return f"{what} {_percent(one.share)}"

    def _why(self, outage: Outage) -> str:
        episode = self._episodes[outage.mrid]
        dark = episode.dark
        if outage.state == HAZARD:
            return (
                f"A danger was reported at {self._name(outage.anchor)}; nobody is known to be out."
            )
        if outage.state == VERIFY:
            return (
                f"A caller at {self._name(outage.anchor)} has no power, but the meter there has:"
                " the trouble is likely behind it, to be cleared with the customer."
            )
        if not outage.placed:
            return self._unplaced(dark)
        if outage.state == RETURNING and episode.is_held:
            return self._step(outage)
        if episode.is_held and outage.state != RESTORED:
            return self._decided(outage)
        if outage.device is None and outage.state not in (RESTORED, RETURNING):
            return self._service(outage, dark)
        if outage.state == RESTORED:
            return (
                f"Power is reported back {self._place(outage)}; waiting for who is still without."
            )
        if outage.state == RETURNING:
            return self._step(outage)
        if outage.state == CONFIRMED and outage.opened_at:
            return (
                f"{self._subject(outage)} was reported {self._open(outage)} at"
                f" {_time(outage.opened_at)}:"
                f" {_count(outage.without, 'customer')} below it have no other supply;"
                f" {_count(outage.reports, 'meter')} reported power lost."
            )
        return (
            f"{self._subject(outage)} is predicted open: {outage.reports:,} of"
            f" {_count(outage.served, 'meter')} below it reported power lost"
            f" {_between(dark.values())}; {self._elsewhere(outage, dark)}."
        )

    def _open(self, outage: Outage) -> str:
        """What a switch is then; a line is cut or something out of service, a jumper is gone."""
        device = outage.device or ""
        if not self._network.knows(device):
            return "gone"
        return "open" if self._network.is_switch(device) else "out of operation"

    def _step(self, outage: Outage) -> str:
        return (
            f"Power is coming back {self._place(outage)}:"
            f" {_count(outage.without, 'customer')} of {outage.served:,} are still without."
        )

    def _decided(self, outage: Outage) -> str:
        """What a dispatcher has entered, moved, merged or split."""
        subject = self._subject(outage) if outage.device else f"The supply {self._place(outage)}"
        seen = ""
        if outage.opened_at and outage.device:
            seen = f" and was seen {self._open(outage)} at {_time(outage.opened_at)}"
        return (
            f"{subject} is out as a dispatcher has it{seen}: {_count(outage.without, 'customer')}"
            f" without power, of whom {outage.reports:,} reported it."
        )

    def ended(self, outage: Outage, heir: Outage | None) -> str:
        """Why an outage that was told is none any more, without being restored."""
        if heir is not None:
            return f"Now part of the outage {heir.mrid}, {self._place(heir)}."
        return f"Not borne out: no meter {self._place(outage)} is known to be without power."

    def cancelled(self, outage: Outage) -> str:
        """Why an outage was none."""
        return f"Cancelled: {self._place(outage)} there was no outage."

    def _hint(self, outage: Outage) -> str:
        """What speaks against a person's word, which stays all the same."""
        why, _, at = outage.doubt.partition(" ")
        when = _time(datetime.fromisoformat(at))
        if why == "closed":
            return f"Hint: {self._device(outage.device or '')} was reported closed at {when}."
        return f"Hint: a meter {self._place(outage)} has had power since, at {when}."

    def restored(self, outage: Outage, left: int) -> str:
        """How it ended."""
        place = self._place(outage)
        if left:
            return (
                f"Power is back {place}; {_count(left, 'customer')} left without power now have"
                " outages of their own."
            )
        return f"Power is back {place}: no meter there is still known to be without."

    def _unplaced(self, dark: Mapping[str, datetime]) -> str:
        names = ", ".join(sorted(dark)[:5])
        more = f" and {len(dark) - 5:,} more" if len(dark) > 5 else ""
        return (
            f"{_count(len(dark), 'meter')} reported power lost and cannot be placed, because"
            f" the network does not know {names}{more}."
        )

    def _service(self, outage: Outage, dark: Mapping[str, datetime]) -> str:
        if outage.state == ASKED:
            return (
                f"A caller at {self._name(outage.anchor)} has no power, and nobody else says so:"
                " its meter is asked before a crew goes."
            )
        nearest = next(self._forest.above(outage.anchor), None)
        others = f"; the others below {self._device(nearest)} have not" if nearest else ""
        when = f" at {_time(min(dark.values()))}" if dark else ""
        who, what = "The meter", "reported power lost"
        if not self._episodes[outage.mrid].by_meter:
            who, what = "A caller", "reported that power is lost"
        return f"{who} at {self._name(outage.anchor)} {what}{when}{others}."

    def _elsewhere(self, outage: Outage, dark: Mapping[str, datetime]) -> str:
        feeder = next((self._forest.feeder[p] for p in dark if p in self._forest.feeder), "")
        count = self._forest.on_feeder[feeder] - outage.served
        silent = count - len(self._dark_on[feeder] - self._below(outage))
        name = f"feeder {self._name(feeder)}" if feeder else "the network"
        if not count:
            return f"{name} has no other meters"
        return f"{_count(silent, 'meter')} elsewhere on {name} have not"

    @cached_property
    def _dark_on(self) -> Mapping[str, set[str]]:
        """Feeder -> who there has reported power lost."""
        found = defaultdict[str, set[str]](set)
        for point in (point for some in self._dark.values() for point in some):
            found[self._forest.feeder.get(point, "")].add(point)
        return found

    def _below(self, outage: Outage) -> set[str]:
        """The usage points that its device serves."""
        if outage.device not in self._forest.parent:
            return {outage.anchor}
        groups = {Group[outage.poles]} if outage.poles else {*Group}
        return set(self._forest.under(outage.device, groups.__contains__))

    def _subject(self, outage: Outage) -> str:
        device = self._device(outage.device or "")
        if outage.poles:
            return f"Phase {outage.poles} of {device}"
        return device[0].upper() + device[1:]

    def _place(self, outage: Outage) -> str:
        if not outage.placed:
            return "outside the known network"
        if outage.device:
            return f"below {self._device(outage.device)}"
        return f"at {self._name(outage.anchor)}"

    def _device(self, mrid: str) -> str:
        if not self._network.knows(mrid):
            return f"device {mrid}"
        kind = self._network.equipment(mrid).cim_class
        return f"{_KINDS.get(kind, kind.lower())} {self._name(mrid)}"

    def _name(self, mrid: str) -> str:
        return (self._network.equipment(mrid).name or mrid) if self._network.knows(mrid) else mrid


def _listed(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"; of many the first."""
    if len(names) > _MOST:
        return f"{', '.join(names[:_MOST])} and {len(names) - _MOST:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _source(name: str) -> str:
    """Who told of a danger."""
    return name if name.startswith(INCIDENT) else f"call {name}"


def _between(times: Iterable[datetime]) -> str:
    known = sorted(times)
    if not known:
        return "before"
    if known[0] == known[-1]:
        return f"at {_time(known[0])}"
    return f"between {_time(known[0])} and {_time(known[-1])}"


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
