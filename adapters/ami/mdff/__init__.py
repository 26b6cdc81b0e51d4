"""NEM12 and NEM13: the metering data files of the Australian market (AEMO, Meter Data File Format).

100 header, 200 channel, 300 day, 400 qualities within it, 500 index read, 900 end    NEM12
100 header, 250 register, 550 what asked for it, 900 end                              NEM13
"""

from adapters.ami.mdff.readings import Mapped, outgoing
from adapters.ami.mdff.rows import Block, blocks, is_mdff

__all__ = ["Block", "Mapped", "blocks", "is_mdff", "outgoing"]
