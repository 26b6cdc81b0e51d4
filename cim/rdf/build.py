"""Put a noun together from the subjects of an RDF document."""

from __future__ import annotations

from typing import Any, NoReturn

from cim.profile import Profile
from cim.rdf.names import CIM, MEMBER, POSITION, VALUE, iri, uuid_of
from cim.rdf.nodes import Node, Nodes, Statement
from cim.rdf.plan import Plan, Shape, Slot, plan
from cim.violation import Refusal

GROWTH = 16
"""How often a statement may be read on average.

An object that several others point at is one value in each of them, so that a small document could
stand for a huge message.
"""

_MEMBER, _POSITION, _VALUE = iri(MEMBER), iri(POSITION), iri(VALUE)


def build(nodes: Nodes, noun: type[Profile], *, partial: bool = False) -> Profile:
    """The one `noun` that `nodes` hold.  Raises: Refusal, naming class, subject and property."""
    builder = _Builder(nodes, noun, partial)
    roots = [n for n in nodes.values() if plan(noun).iri in n.types]
    if len(roots) != 1:
        raise Refusal.of("1.8", f"The RDF holds {len(roots)} {noun.__name__}; it must hold one.")
    payload = builder.node(roots[0], plan(noun))
    builder.all_used()
    return payload


class _Builder:
    """One document on its way to one payload.

    used: keys of the nodes that went into the payload.
    open: keys of the nodes being read, from the root down.
    left: how many statements may still be read.
    whole: the only class that must have all that is required; None means every class.
    """

    def __init__(self, nodes: Nodes, noun: type[Profile], partial: bool) -> None:
        self.nodes = nodes
        self.noun = noun.__name__
        self.whole = plan(noun) if partial else None
        self.used: set[str] = set()
        self.open: set[str] = set()
        self.left = 1000 + GROWTH * sum(1 + len(n.statements) for n in nodes.values())

    def node(self, node: Node, how: Plan) -> Profile:
        """The object of the class of `how` that `node` describes, with all it points at."""
        self._enter(node, how)
        fields: dict[str, Any] = {}
        for slot, statements in self._grouped(node, how):
            take = self._many if slot.many else self._single
            fields[slot.field] = take(node, slot, statements)
        if how.mrid and how.mrid not in fields and (uuid := uuid_of(node.key)):
            fields[how.mrid] = uuid
        for slot in how.slots:
            if slot.required and slot.field not in fields:
                if self.whole in (None, how):
                    _refuse(f"{_named(node)} lacks its {_short(slot)}.", node.line, "1.7")
                fields[slot.field] = () if slot.many else None
        self.open.remove(node.key)
        return how.profile(**fields)

    def all_used(self) -> None:
        """Refuse what nothing in the noun points at: it would be lost."""
        for node in self.nodes.values():
            if node.key not in self.used:
                _refuse(
                    f"{_named(node)} is no part of the {self.noun}: nothing points at it.",
                    node.line,
                )

    def _enter(self, node: Node, how: Plan) -> None:
        if node.types and how.iri not in node.types:
            _refuse(f"{_named(node)} stands where a {_curie(how.iri)} belongs.", node.line)
        if node.key in self.open:
            _refuse(f"{_named(node)} contains itself.", node.line)
        self.left -= 1 + len(node.statements)
        if self.left < 0:
            _refuse("Too many objects are shared by too many others.", node.line, "3.1")
        self.open.add(node.key)
        self.used.add(node.key)

    def _grouped(self, node: Node, how: Plan) -> list[tuple[Slot, list[Statement]]]:
        found: dict[str, list[Statement]] = {}
        for statement in node.statements:
            name = statement.name
            if name in how.by_iri:
                found.setdefault(name, []).append(statement)
            elif name != _POSITION:
                _refuse(
                    f"{_named(node)}: the class {_curie(how.iri)} has no property "
                    f"{_curie(name)} in {self.noun}.",
                    statement.line,
                )
        return [(how.by_iri[name], statements) for name, statements in found.items()]

    def _single(self, node: Node, slot: Slot, statements: list[Statement]) -> Any:
        for other in statements[1:]:
            if other.says != statements[0].says:
                _refuse(
                    f"{_named(node)} has two values of {_short(slot)}; one is allowed.", other.line
                )
        return self._value(node, slot, statements[0])

    def _many(self, node: Node, slot: Slot, statements: list[Statement]) -> tuple[Any, ...]:
        """The members by their position; in RDF a statement made twice is made once."""
        members = list({s.says: s for s in statements}.values())
        if len(members) > 1:
            members.sort(key=self._position)
        return tuple(self._value(node, slot, self._unwrapped(m)) for m in members)

    def _position(self, statement: Statement) -> int:
        """The place of a member; those that say none keep the order of the document."""
        member = self.nodes.get(statement.target or "")
        for s in member.statements if member else ():
            if s.name == _POSITION and s.text.isdecimal() and len(s.text) < 10:
                return int(s.text)
        return 0

    def _unwrapped(self, statement: Statement) -> Statement:
        """The value in a gridbus:Member, which only adds a place to it."""
        member = self.nodes.get(statement.target or "")
        if member is None or _MEMBER not in member.types:
            return statement
        self.used.add(member.key)
        values = [s for s in member.statements if s.name == _VALUE]
        if len(values) != 1:
            _refuse(f"{_named(member)} must hold one rdf:value.", member.line)
        return values[0]

    def _value(self, node: Node, slot: Slot, statement: Statement) -> Any:
        target = statement.target
        if slot.shape is Shape.NODE:
            child = self.nodes.get(target or "")
            if child is None:
                _wrong(node, slot, statement, f"is no {slot.type.cim_class} of this document")
            return self.node(child, plan(slot.type))
        if (target is None) is (slot.shape is Shape.RESOURCE) or (target or "").startswith("_:"):
            _wrong(node, slot, statement, f"is no {slot.shape.value}")
        try:
            return slot.read(statement.text if target is None else target)
        except ValueError as reason:
            _wrong(node, slot, statement, str(reason))


def _wrong(node: Node, slot: Slot, statement: Statement, reason: str) -> NoReturn:
    value = (statement.target or statement.text)[:80]
    rule = f"{_named(node)}: {_short(slot)} {value!r} {reason}."
    raise Refusal.of("1.8", rule, line=statement.line, value=value)


def _refuse(rule: str, line: int | None, code: str = "1.8") -> NoReturn:
    raise Refusal.of(code, rule, line=line)


def _short(slot: Slot) -> str:
    return slot.tag.rpartition("}")[2]


def _named(node: Node) -> str:
    kind = _curie(node.types[0]) if node.types else "The object"
    return f"{kind} {node.key[:80]}"


def _curie(name: str) -> str:
    return f"cim:{name.removeprefix(CIM)}" if name.startswith(CIM) else name[:120]
