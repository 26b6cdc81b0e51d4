"""What the outage app shows of how it weighs: what may be behind an outage, and by which rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cim.network import Network
from dms_apps.outage import store
from dms_apps.outage.episodes import Episode
from dms_apps.outage.hypotheses import CLOSED_BY_TELEMETRY, Hypothesis
from dms_apps.outage.modes import Timeline
from dms_apps.outage.outages import Outage
from hub.interfaces import Asking
from hub.report import Column, Offer, Parameter, Report, Unanswerable

_OUTAGE = Parameter("outage", "The outage, by mRID.", needed=True)
_NOUNS = frozenset({"UnplannedOutages"})
HYPOTHESES, RULES = "hypotheses", "outage-rules"
OFFERS = (
    Offer(HYPOTHESES, "What may be behind an outage, the likeliest first.", (_OUTAGE,), _NOUNS),
    Offer(RULES, "By which rules outages are predicted, region by region.", (), _NOUNS),
)


def hypotheses(given: Asking, mrid: str, explained: Callable[[Outage], Episode | None]) -> Report:
    """Of one outage.  Raises: Unanswerable."""
    found = store.named_outages(given.connection, [mrid])
    if not found:
        raise Unanswerable(f"there is no outage {mrid}", "outage")
    [outage] = found
    episode = explained(outage)
    remarks: tuple[str, ...] = (outage.comment,) if outage.comment else ()
    if episode is None or not episode.hypotheses:
        why = "is over" if not outage.is_open else "is no matter of likelihood"
        remarks = (*remarks, f"The outage {why}: nothing else is weighed.")
    ranked = episode.hypotheses if episode else ()
    return Report(
        title=f"Hypotheses on outage {mrid}",
        at=given.now,
        columns=(
            Column("rank"), Column("open"), Column("mRID"), Column("probability", "%"),
            Column("ln of the odds"), Column("without power"), Column("below"), Column("because"),
        ),
        rows=[
            (rank, _name(given.network, one.device), one.device or "", 100 * one.share, one.odds,
             one.dark, one.below, _because(one, given.network))
            for rank, one in enumerate(ranked, 1)
        ],
        remarks=remarks,
    )  # fmt: skip


def _because(one: Hypothesis, network: Network) -> str:
    said = [_of_points(one)]
    for names, what in ((one.tripped, "tripped"), (one.untripped, "did not trip")):
        if names:
            called = ", ".join(_name(network, name) for name in names)
            said.append(f"On the way to the fault {called} {what}.")
    return " ".join(said)


def _of_points(one: Hypothesis) -> str:
    if one.blocked == CLOSED_BY_TELEMETRY:
        return "Ruled out: telemetry has it closed."
    if one.at is not None:
        return f"Ruled out: somebody below it had power at {one.at.isoformat()}."
    if one.device is None:
        return f"{one.dark:,} services would have failed on their own at about the same time."
    silent = one.below - one.dark
    return f"{one.dark:,} of {one.below:,} below it are without power, {silent:,} said nothing."


def rules(modes: Timeline, now: datetime) -> Report:
    """Region by region."""
    found = [modes.at(region, now) for region in sorted(modes.modes.all_regions())]
    return Report(
        title="Rules of prediction",
        columns=(Column("region"), Column("rules"), Column("since"), Column("because")),
        rows=[(one.region, one.name, one.since, one.why) for one in found],
    )


def _name(network: Network, device: str | None) -> str:
    if device is None:
        return "each service by itself"
    return network.name(device) if network.knows(device) else device
