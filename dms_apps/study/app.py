"""The study app: branches the network as operated, changes it, solves and compares.

Nothing that it says is so: its messages have the context STUDY, and its reports say what they
suppose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import MetaData

from cim.message import STUDY, Message, Outgoing, Topic, Verb
from cim.network import Network
from dms_apps.solver.answers import FAILED, NOT_SO, NOTHING, answered, refused
from dms_apps.solver.curves import Curves, named
from dms_apps.solver.live import Live, Lives
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.unbalanced import Unbalanced
from dms_apps.study import contingency, hosting, reports
from dms_apps.study.before import solved
from dms_apps.study.notices import notice
from hub.interfaces import Asking, Context
from hub.report import Offer, Report
from hub.settings import Hertz

NOUN = "LimitViolations"


@dataclass(frozen=True, kw_only=True)
class StudyApp:
    """Settings, in `config/apps/study.toml`.

    controls:  "local": regulators and capacitors follow their own controls; "fixed": they stand.
    low, high: per unit of nominal voltage, where the model states no limit.
    processes: for N-1 and hosting capacity; 0: as many as there are processors.
    cluster:   address of a Dask scheduler, in the place of processes; empty: none.
    inverters: curve of each inverter, by its mRID or name, "*" for all others: "1547-A", "1547-B",
               "1547-B-volt-watt", "volt-watt", "unity", or one of `curves`.
    curves:    of the utility's own, by name (`solver.curves.Curves`).
    frequency: that of the hub, not of the file; as the models say when None.
    """

    controls: Literal["local", "fixed"] = "local"
    low: Annotated[float, Field(gt=0)] = 0.95
    high: Annotated[float, Field(gt=0)] = 1.05
    processes: Annotated[int, Field(ge=0)] = 0
    cluster: str = ""
    inverters: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Curves] = field(default_factory=dict)
    frequency: Hertz | None = None

    def __post_init__(self) -> None:
        named(self.inverters, self.curves)

    @property
    def topics(self) -> frozenset[Topic]:
        """The request for an N-1 study."""
        return frozenset({Topic(Verb.CREATE, NOUN)})

    @property
    def studies(self) -> bool:
        """It gets messages of studies."""
        return True

    @property
    def tables(self) -> MetaData | None:
        """None: a study is over when it is answered."""
        return None

    @property
    def partitions(self) -> int:
        """One: a study takes all processors."""
        return 1

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        """Answer a request of the context STUDY with what N-1 would violate."""
        if not message.header.is_study:
            yield refused(NOT_SO, f"what N-1 violates is not so: ask in the context {STUDY}")
        elif not context.network.version:
            yield refused(NOTHING, "no model of the network is in force")
        else:
            yield self._answer(self.live(context.network, context.now), context.now)

    def _answer(self, live: Live, now: datetime) -> Outgoing:
        try:
            base = self.base(live)
        except ValueError as error:
            return refused(FAILED, str(error))
        found = list(self.contingencies(live, base))
        missing = contingency.unsolved(live.layout, found)
        said = answered(missing, (f"Computed by {base.engine.told}.", *base.remarks, *live.remarks))
        payload = notice(live.layout, found, now, base.engine)
        return Outgoing(Verb.REPLY, payload, reply=said, noun=NOUN)

    # -- reports

    @property
    def reports(self) -> Sequence[Offer]:
        """What can be asked beside messages."""
        return reports.OFFERS

    def report(self, name: str, asked: Mapping[str, str], given: Asking) -> Report:
        """A study of the network of now."""
        return reports.report(self, name, asked, self.live(given.network, given.now), given.now)

    # -- studies

    def live(self, network: Network, now: datetime) -> Live:
        """The network to be studied."""
        return self._lives.of(network, now)

    @property
    def band(self) -> tuple[float, float]:
        """Per unit, of voltages for which no limit is stated."""
        return self.low, self.high

    @cached_property
    def options(self) -> Options:
        """How to solve."""
        return Options(controls=self.controls)

    @cached_property
    def solver(self) -> Unbalanced:
        """Warm from one question to the next."""
        return Unbalanced()

    def base(self, live: Live) -> Solution:
        """The network as it is.  Raises: ValueError, when it cannot be solved."""
        return solved(live.layout, live.given, self.options, self.solver)

    def contingencies(
        self, live: Live, base: Solution, kinds: Sequence[str] = contingency.KINDS
    ) -> Iterable[contingency.Contingency]:
        """N-1."""
        return contingency.contingencies(
            base, live.given, self.options, kinds=kinds, band=self.band,
            processes=self.processes or None, cluster=self.cluster,
        )  # fmt: skip

    def hosting(
        self, live: Live, base: Solution, of: Sequence[str] | None, most: float
    ) -> Iterable[hosting.Hosting]:
        """Hosting capacity; watts."""
        return hosting.hosting(
            base, live.given, self.options, of=of, most=most, band=self.band,
            processes=self.processes or None, cluster=self.cluster,
        )  # fmt: skip

    @cached_property
    def _lives(self) -> Lives:
        return Lives(self.frequency, inverters=self.inverters, curves=self.curves)
