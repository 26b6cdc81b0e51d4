"""The GIS: the network as designed, as CIM RDF/XML files."""

from adapters.gis.adapter import GisAdapter

__all__ = ["GisAdapter"]
