"""What CIM RDF/XML documents say, all of it, in columns: read, merged, compared, written."""

from cim.model.header import Header
from cim.model.merging import dangling, merged
from cim.model.model import LINK, TEXT, TYPE, Model

__all__ = ["LINK", "TEXT", "TYPE", "Header", "Model", "dangling", "merged"]
