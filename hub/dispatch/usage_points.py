"""Usage points that were moved: a `changed` UsagePointConfig becomes differences to the models.

So a customer who hangs on another transformer is counted there, without a new model of all usage
points.  What comes within a second is put into one difference: to put one in force costs as much
as to put many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import Column, Connection, MetaData, Table, Text, delete, insert, select

from cim.message import Message, Outgoing, Topic, Verb
from cim.network import Network
from cim.network.attaching import attached
from cim.profiles.network_models import NetworkModels
from cim.profiles.usage_point_config import UsagePoint, UsagePointConfig
from cim.profiles.usage_points import TransformerTank
from cim.violation import Refusal
from hub.interfaces import Context

NAME = "usage-points"
_WRONG = "2.12"
_TOGETHER = timedelta(seconds=1)  # what comes within becomes one difference

_metadata = MetaData()
_moved = Table(
    "usage_points_moved",
    _metadata,
    Column("usage_point", Text, primary_key=True),
    Column("equipment", Text, nullable=False),
)


class UsagePoints:
    """Says `changed` NetworkModels (`hub.interfaces.App`, `Timed`).

    A usage point that no model in force describes is left alone: it comes with a model.  Equipment
    that none describes is refused: a dead letter, which can be replayed once the model is there.
    """

    tables: MetaData | None = _metadata
    partitions: int = 1

    @property
    def topics(self) -> frozenset[Topic]:
        """Created ones are told with a model of all of them, or are not in any model yet."""
        return frozenset({Topic(Verb.CHANGED, UsagePointConfig.__name__)})

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        payload = message.payload
        points = payload.usage_point if isinstance(payload, UsagePointConfig) else ()
        found = dict(_moves(points, context.network))
        if found:
            _keep(context.connection, found)
            context.wake_at(context.now + _TOGETHER)
        return ()

    def wake(self, context: Context) -> Iterable[Outgoing]:
        """What waits, against the models as they are now."""
        rows = context.connection.execute(select(_moved)).all()
        context.connection.execute(delete(_moved))
        moves = {row.usage_point: row.equipment for row in rows}
        if differences := tuple(attached(context.network.models, moves)):
            yield Outgoing(Verb.CHANGED, NetworkModels(network_model=differences))


def _moves(points: Iterable[UsagePoint], network: Network) -> Iterator[tuple[str, str]]:
    """Usage points of the network, and on what each is now.

    Raises: Refusal naming usage point and equipment, when no model describes the latter.
    """
    for one in points:
        designations = [*filter(None, [one.mrid]), *(name.name for name in one.names)]
        known = (network.usage_point_of(designation) for designation in designations)
        point = next(filter(None, known), None)
        if point is None:
            continue
        if one.equipments:
            yield point, _equipment(one.equipments, network, " ".join(designations))


def _equipment(those: Sequence[TransformerTank], network: Network, point: str) -> str:
    """The mRID of what it is on.  Raises: Refusal."""
    names = [(one.mrid, [name.name for name in one.names]) for one in those]
    if len(those) == 1:
        mrid, called = names[0]
        if mrid and network.knows(mrid):
            return network.equipment(mrid).mrid
        for name in called:
            with suppress(KeyError):
                return network.equipment_named(name).mrid
    said = ", ".join(" ".join(filter(None, [mrid, *called])) for mrid, called in names)
    rule = f"usage point {point} cannot be put on {said}: "
    why = "it hangs on one piece of equipment" if len(those) > 1 else "no model describes it"
    raise Refusal.of(_WRONG, rule + why)


def _keep(connection: Connection, found: Mapping[str, str]) -> None:
    """The last one counts."""
    connection.execute(delete(_moved).where(_moved.c.usage_point.in_(found)))
    rows = [{"usage_point": point, "equipment": on} for point, on in found.items()]
    connection.execute(insert(_moved), rows)
