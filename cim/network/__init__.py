"""The network: read from CIM RDF/XML, moved by messages, asked by apps."""

from cim.network.changes import Change, changed
from cim.network.classes import Equipment
from cim.network.earths import LiveEarth
from cim.network.islands import Island
from cim.network.isolation import Isolation
from cim.network.loops import Loop
from cim.network.network import Network
from cim.network.overlay import Measured, Patch, Tag

__all__ = [
    "Change",
    "Equipment",
    "Island",
    "Isolation",
    "LiveEarth",
    "Loop",
    "Measured",
    "Network",
    "Patch",
    "Tag",
    "changed",
]
