"""One sentence that says what became of a part of the network, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cim.network import Change

Called = Callable[[str], str]
"""mRID -> the name of a thing, or the mRID where it has none."""

_NAMED = 5  # switches named in one sentence; the others are counted
_DONE = {
    "energised": ("is supplied now", "are supplied now"),
    "deEnergised": ("is no longer supplied", "are no longer supplied"),
    "transferred": ("is supplied otherwise now", "are supplied otherwise now"),
    "earthed": ("is earthed now", "are earthed now"),
    "unearthed": ("is no longer earthed", "are no longer earthed"),
    "liveEarthFormed": ("is live now", "are live now"),
    "liveEarthCleared": ("is no longer live", "are no longer live"),
    "loopFormed": ("closes a loop now", "close a loop now"),
    "loopOpened": ("no longer closes a loop", "no longer close a loop"),
    "parallelFormed": ("connects two sources now", "connect two sources now"),
    "parallelOpened": ("no longer connects two sources", "no longer connect two sources"),
}


def sentence(part: Change, called: Called, told: str) -> str:
    """E.g. "12 nodes with 40 usage points are no longer supplied on A (before from S1 over F1),
    after switch B1 was opened."

    told: what was done, in words; empty where nothing says so.
    """
    subject, number = _subject(part, called)
    done = _DONE[part.kind][number != 1]
    phases = f" on {', '.join(sorted(part.phases))}" if part.phases else ""
    after = f", after {told}" if told else ""
    return f"{subject} {done}{phases}{_source(part, called)}{after}."


def _subject(part: Change, called: Called) -> tuple[str, int]:
    """What it is about, and how many those are."""
    if part.kind.startswith("liveEarth"):
        return f"Earth {called(part.equipment[0])} at {called(part.nodes[0])}", 1
    if not part.nodes:
        things = part.switches or part.equipment
        kind = ("Switch", "Switches") if part.switches else ("Equipment", "Equipment")
        return _listed(*kind, things, called), len(things)
    points = len(part.usage_points)
    beside = f" with {_count(points, 'usage point')}" if points else ""
    return f"{_count(len(part.nodes), 'node')}{beside}", len(part.nodes)


def _source(part: Change, called: Called) -> str:
    """Where it is supplied from, and was before; of two sources that are connected nothing."""
    if part.kind.startswith("parallel"):
        return ""
    now = _over(part.feed_point, part.feeder, called)
    was = _over(part.previous_feed_point, part.previous_feeder, called)
    said = [f"from {now}"] if now else []
    if was and was != now:
        said.append(f"before from {was}")
    if part.kind.startswith("liveEarth") and part.switches:
        said.append(f"through {_listed('switch', 'switches', part.switches, called)}")
    return f" ({', '.join(said)})" if said else ""


def _over(feed_point: str, feeder: str, called: Called) -> str:
    """E.g. "S1 over F1"."""
    source = called(feed_point) if feed_point else ""
    return " ".join(filter(None, (source, f"over {called(feeder)}" if feeder else "")))


def _listed(one: str, several: str, things: Sequence[str], called: Called) -> str:
    """E.g. "Switches S1, S2 and 3 more"."""
    named = [called(thing) for thing in things[:_NAMED]]
    if more := len(things) - len(named):
        named.append(f"{more:,} more")
    listed = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
    return f"{one if len(things) == 1 else several} {listed}"


def _count(number: int, what: str) -> str:
    """E.g. "1 node", "2,000 nodes"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
