"""The network as operated: one immutable value, moved by messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cim.message import STATED, Message, Verb
from cim.model import Model
from cim.network import snapshot
from cim.network.carrying import carried
from cim.network.grid import Grid
from cim.network.models import Fetch, Models
from cim.network.operated import as_operated
from cim.network.overlay import Changed, Overlay
from cim.network.reported import Reported, reported
from cim.network.reports import Reports, noted, without
from cim.network.state import State
from cim.network.supply import Supply
from cim.network.topology import SPARE, SpareIsUsedUp, TooLarge
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.network_models import NetworkModels
from cim.profiles.psr_events import PSREvents
from cim.profiles.switching_events import SwitchingEvents


@dataclass(frozen=True, eq=False, repr=False)
class Network(Supply):
    """As designed by the models, as operated by what was reported.

    Mind four rules.  *Supply*: a phase counts as supplied when a conducting way leads to it from a
    source; an open pole interrupts only its own phase.  *Paths*: they follow the shortest way by
    which a place is supplied now; a place that is not supplied keeps the way by which it last was,
    and where the models never saw it supplied, the way of the normal switch positions.  So opening
    a switch does not hide what lies behind it.  *Replacement*: a model replaces the one of the same
    mRID and those it supersedes; what was reported stays, and what of it does not fit any more is
    in `problems`.  *Time*: of what says when it was done, the newer counts, phase by phase, in
    whatever order it is told, and whether of the mRID or of the name; what says no time counts when
    it is told, and of one time what is told last.  Nothing counts as done after its message was
    made.

    An mRID that is a UUID is found in either case, and reported as the model wrote it.  Every
    question about an object raises KeyError where no model describes it.
    """

    _models: Models
    _state: State

    def __repr__(self) -> str:
        return f"Network({', '.join(self.version)})"

    @classmethod
    def empty(cls) -> Network:
        """A network with nothing in it."""
        return cls(Models(), State.built(Grid.of(()), Overlay()))

    def after(self, message: Message) -> Network:
        """The network once `message` has happened; this one stays as it is.

        Events of NetworkModels, SwitchingEvents, PSREvents and MeasurementValues move it; requests
        and other nouns do not.  What does not fit is in `problems` of the result; nothing is
        raised.
        """
        verb, payload = message.header.verb, message.payload
        if isinstance(payload, NetworkModels) and verb in STATED:
            return self._remodelled(self._models.plus(payload.network_model))
        if isinstance(payload, NetworkModels) and verb is Verb.DELETED:
            return self._remodelled(self._models.minus(payload.network_model))
        if isinstance(payload, SwitchingEvents | PSREvents | MeasurementValues) and verb in STATED:
            return self._reported(payload, message.header.timestamp)
        return self

    def without(self, message: Message) -> Network:
        """The network as if nothing had ever been reported of what a message reports of.

        That is, of the switches, patches, sources, loads and equipment that its SwitchingEvents
        operate or its PSREvents put into or out of service, on all phases.  Their tags stay, and
        places without supply keep the way by which they last had it.  Where nothing of the kind was
        reported, and of other messages, it is this very network.
        """
        payload = message.payload
        if isinstance(payload, SwitchingEvents | PSREvents) and message.header.verb in STATED:
            return self._with(*without(self._state.overlay, payload))
        return self

    def _remodelled(self, models: Models) -> Network:
        if models.held == self._models.held:
            return Network(models, self._state)
        try:
            return Network(models, self._rebuilt(models, self._state.overlay))
        except TooLarge as error:
            return Network(self._models.refusing(models, str(error)), self._state)

    def _rebuilt(self, models: Models, overlay: Overlay) -> State:
        room = SPARE
        while True:
            grid = Grid.of((held.said for held in models.held.values()), room)
            try:
                return carried(self._state, State.built(grid, overlay))
            except SpareIsUsedUp:
                room *= 4

    def _reported(self, report: Reports, at: datetime | None) -> Network:
        return self._with(*noted(self._state.overlay, report, at))

    def _with(self, overlay: Overlay, changed: Sequence[Changed]) -> Network:
        if overlay is self._state.overlay:
            return self
        try:
            return Network(self._models, self._state.after(overlay, changed))
        except SpareIsUsedUp:
            return Network(self._models, self._rebuilt(self._models, overlay))

    @cached_property
    def normal(self) -> Network:
        """The same network with all switches in their normal position, and nothing reported."""
        return Network(self._models, self._state.normal)

    @property
    def version(self) -> tuple[str, ...]:
        """The mRIDs of the models in it."""
        return self._models.mrids

    @property
    def models(self) -> Models:
        """The models in it by the key of their mRID; the same value as long as none changes."""
        return self._models

    def model(self, mrid: str) -> Model:
        """A model in force, all that it says.  Raises: KeyError."""
        return self._models[mrid]

    def as_operated(self, mrid: str) -> Model:
        """A model with the positions and service of now in place of those it states.

        Raises: KeyError.
        """
        model = self._models[mrid]
        others = (held.said for held in self._models.others(mrid))
        return as_operated(self._state, model, others)

    @cached_property
    def reported(self) -> Reported:
        """What is otherwise than the models say."""
        return reported(self._state)

    @property
    def problems(self) -> tuple[str, ...]:
        """What did not fit, in sentences."""
        strays = dict.fromkeys(self._state.fit.strays.values())
        return (*self._models.refused.values(), *self._state.grid.problems, *strays)

    def to_bytes(self, *, with_models: bool = True) -> bytes:
        """All of it, as `from_bytes` reads it.

        with_models: whether what the models say beside connectivity is there too.
        """
        return snapshot.written(self._models, self._state, with_models=with_models)

    @classmethod
    def from_bytes(cls, data: bytes, model_of: Fetch | None = None) -> Network:
        """The network of a snapshot.

        model_of: gives a model in force by its mRID, when it is needed and not in the snapshot.
        Raises: ValueError, when these are not the bytes of a network of this format.
        """
        return cls(*snapshot.read(data, model_of))
