"""The network: read from CIM RDF/XML, moved by messages, asked by apps."""

from cim.network.classes import Equipment
from cim.network.document import read_model
from cim.network.network import Network

__all__ = ["Equipment", "Network", "read_model"]
