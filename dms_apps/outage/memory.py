"""What the outage app keeps between two looks, to spare work."""

from __future__ import annotations

import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage.forest import Forest
from dms_apps.outage.indicators import Places, Shown
from dms_apps.outage.past import shape
from dms_apps.outage.remembered import Remembered
from dms_apps.outage.tables import look


class Memory:
    """What follows from it follows without, too."""

    def __init__(self) -> None:
        self.kept = Remembered()
        self._latest: tuple[tuple[object, ...], Forest] | None = None
        self._looked: tuple[object, int] | None = None
        self._placed: tuple[object, Places] | None = None

    def forest(self, network: Network) -> Forest:
        """The forest of a network; making one takes a look at all usage points."""
        now = shape(network)
        of, forest = self._latest or ((), None)
        if forest is None or any(a is not b for a, b in zip(of, now, strict=True)):
            forest = Forest.of(network, forest)
            self._latest = now, forest
        return forest

    def places(self, network: Network, shown: Shown) -> Places:
        """What the models of a network say of fault indicators."""
        of, places = self._placed or (None, None)
        if places is None or of is not network.models:
            places = Places.of(network, shown.types)
            self._placed = network.models, places
        return places

    def look_anew(self) -> None:
        """Let the next look be at everything."""
        self._looked = None

    def is_new(self, connection: sa.Connection, network: Network) -> bool:
        """Whether what is kept here is not of the look before, or of another model."""
        number = connection.scalar(sa.select(look.c.number).where(look.c.id == 1)) or 0
        if number:
            connection.execute(sa.update(look).where(look.c.id == 1).values(number=number + 1))
        else:
            connection.execute(sa.insert(look).values(id=1, number=1))
        before, self._looked = self._looked, (network.models, number + 1)
        return before is None or before[1] != number or before[0] is not network.models
