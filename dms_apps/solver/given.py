"""What is so now in a network, and may differ from what its models say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cim.electrical.yprim import Place
from cim.network import Network
from dms_apps.solver.curves import Curves

Powers = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Listed(Mapping[str, Powers]):
    """Powers of many loads or generators in one array, which is sooner read than one of each.

    mrids:  in order; moments that give powers of the same share this.
    first:  where those of each begin, and where the last end.
    powers: volt-amperes.
    """

    mrids: tuple[str, ...]
    first: NDArray[np.int64]
    powers: Powers

    @classmethod
    def of(cls, powers: Mapping[str, Powers]) -> Listed:
        """The same in one array."""
        each = [np.asarray(some, np.complex128) for some in powers.values()]
        first = np.cumsum([0, *map(len, each)])
        return cls(tuple(powers), first, np.concatenate([np.empty(0, np.complex128), *each]))

    def now(self, powers: Powers) -> Listed:
        """Other powers of the same."""
        return replace(self, powers=powers)

    def __getitem__(self, mrid: str) -> Powers:
        at = self._number[mrid]
        return self.powers[self.first[at] : self.first[at + 1]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.mrids)

    def __len__(self) -> int:
        return len(self.mrids)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {mrid: i for i, mrid in enumerate(self.mrids)}


@dataclass(frozen=True, eq=False)
class Given:
    """Positions, service, taps and powers of now; what is left out is as the models say.

    poles:    mRID of a switch -> phases, at its first terminal, on which it is closed.
    out:      mRIDs of equipment that is out of service, or not connected.
    steps:    mRID of a tap changer -> its position.
    sections: mRID of a shunt compensator -> sections in service, by branch.
    loads:    mRID of a load -> volt-amperes that it draws at nominal voltage, by branch.
    fed:      mRID of a generator -> volt-amperes that it feeds in, by phase.
    volts:    mRID of a source -> volts behind its impedance, to earth, by phase.
    curves:   mRID of a generator -> how its power follows its voltage (`inverters.follow`).
    joined:   pairs of places that are connected beside the models, as by a jumper.
    earthed:  places that are connected to earth on purpose.
    cut:      mRID of a line -> phases on which it is cut.
    """

    poles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    out: frozenset[str] = frozenset()
    steps: Mapping[str, float] = field(default_factory=dict)
    sections: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    loads: Mapping[str, Powers] = field(default_factory=dict)
    fed: Mapping[str, Powers] = field(default_factory=dict)
    volts: Mapping[str, Powers] = field(default_factory=dict)
    curves: Mapping[str, Curves] = field(default_factory=dict)
    joined: frozenset[tuple[Place, Place]] = frozenset()
    earthed: frozenset[Place] = frozenset()
    cut: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Network) -> Given:
        """What was reported of a network as operated.

        Positions by phase, service, jumpers, grounds and cuts.  Mobile sources are sources of the
        view (see `sources`), and what was measured of loads and taps is for who asks.
        """
        reported = network.reported
        return cls(
            poles=reported.poles,
            out=reported.out,
            joined=reported.joined,
            earthed=reported.earthed,
            cut=reported.cut,
        )

    def over(self, other: Given) -> Given:
        """This one where it says anything, and `other` where it does not; both are out of service,
        joined, earthed and cut."""
        return Given(
            poles={**other.poles, **self.poles},
            out=other.out | self.out,
            steps={**other.steps, **self.steps},
            sections={**other.sections, **self.sections},
            loads={**other.loads, **self.loads},
            fed={**other.fed, **self.fed},
            volts={**other.volts, **self.volts},
            curves={**other.curves, **self.curves},
            joined=other.joined | self.joined,
            earthed=other.earthed | self.earthed,
            cut={**other.cut, **self.cut},
        )
