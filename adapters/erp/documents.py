"""Work orders and assets in the XML of Maximo's integration framework (MIF).

The root is named by operation and object structure, e.g. SyncMXWO; in it a set, e.g. MXWOSet, of
WORKORDER elements; of ASSET elements in SyncMXASSET.  Only leaves of them are read; the whole order
is in each (so says IBM of the object structure MXWO).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

NAMESPACE = "http://www.ibm.com/maximo"
OPERATIONS = ("Sync", "Create", "Publish")

_ATTRIBUTES = {
    "action": "@action",
    "status_maxvalue": "STATUS/@maxvalue",
    "sent": "creationDateTime",
}


@dataclass(frozen=True)
class MaximoElement:
    """One WORKORDER or ASSET.

    kind:   which of them.
    raw:    it alone under the root it came in, as a document.
    values: their name -> text.
    twice:  their names of what occurs more than once.
    """

    kind: str
    origin: str
    raw: bytes
    values: Mapping[str, str]
    twice: frozenset[str]
    elements: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        name = self._name(column)
        if name in self.twice:
            raise ValueError(f"{self.origin}: {name} occurs more than once")
        return self.values.get(name, "").strip()

    def wrong(self, column: str, rule: str) -> ValueError:
        name = self._name(column)
        return ValueError(f"{self.origin}: {name} {self[column]!r} {rule}")

    def _name(self, column: str) -> str:
        return _ATTRIBUTES.get(column) or self.elements.get(column, column.upper())


def maximo(
    name: str, root: etree._Element, structures: Mapping[str, str], elements: Mapping[str, str]
) -> list[MaximoElement]:
    """The work orders or assets of the document `name`.

    structures: name of each object structure that is taken -> WORKORDER or ASSET.
    elements:   our name -> that of the element; in capitals where left out.
    Raises: ValueError when the file is unusable as a whole.
    """
    operation, structure = _operation(name, root, structures)
    if [child.tag for child in root] != [f"{{{NAMESPACE}}}{structure}Set"]:
        raise ValueError(f"{name}: {_local(root)} must hold one {structure}Set, and nothing else")
    kind = structures[structure]
    for child in root[0]:
        if child.tag != f"{{{NAMESPACE}}}{kind}":
            raise ValueError(
                f"{name} line {child.sourceline}: {_local(child)} in {structure}Set is no {kind}"
            )
    return [
        _element(kind, f"{name} {kind} {number}", root, order, operation, elements)
        for number, order in enumerate(root[0], 1)
    ]


def _operation(name: str, root: etree._Element, structures: Iterable[str]) -> tuple[str, str]:
    for structure in structures:
        for operation in OPERATIONS:
            if root.tag == f"{{{NAMESPACE}}}{operation}{structure}":
                return operation, structure
    known = ", ".join(o + s for s in structures for o in OPERATIONS)
    raise ValueError(f"{name}: the root {root.tag} is none of {known} in {NAMESPACE}")


def _element(
    kind: str,
    origin: str,
    root: etree._Element,
    order: etree._Element,
    operation: str,
    elements: Mapping[str, str],
) -> MaximoElement:
    prefix = f"{{{NAMESPACE}}}"
    leaves = [one for one in order if one.tag.startswith(prefix) and not len(one)]
    names = [one.tag.removeprefix(prefix) for one in leaves]
    values = {name: one.text or "" for name, one in zip(names, leaves, strict=True)}
    values["@action"] = order.get("action", "Add" if operation == "Create" else "")
    values["creationDateTime"] = root.get("creationDateTime", "")
    status = order.find(f"{prefix}STATUS")
    values["STATUS/@maxvalue"] = "" if status is None else status.get("maxvalue", "")
    twice = frozenset(name for name, times in Counter(names).items() if times > 1)
    return MaximoElement(kind, origin, _alone(root, order), values, twice, elements)


def _alone(root: etree._Element, order: etree._Element) -> bytes:
    document = etree.Element(root.tag, nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    for name, value in root.items():
        document.set(name, value)
    etree.SubElement(document, root[0].tag).append(deepcopy(order))
    written: bytes = etree.tostring(document, xml_declaration=True, encoding="utf-8")
    return written


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
