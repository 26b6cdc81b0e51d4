"""A vocabulary as SHACL shapes in Turtle, for others' validators.

A node shape for each class that objects are of, with the property shapes of all it inherits; a
property shape is named and shared.  The file also states which class is below which, because
sh:class looks for that in the data: hand it to the validator as ontology too.  CIM RDF/XML gives
literals no data types, and sh:datatype wants them: type the data first.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from cim.vocabulary.facts import PRIMITIVES, Class, Property
from cim.vocabulary.vocabulary import Vocabulary

_PREFIXES = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_XSD = {name: xsd for xsd, name in reversed(PRIMITIVES.items())}
_SAFE = ":/#?&=@!$'()*+,;[]~%"


def shacl(vocabulary: Vocabulary) -> bytes:
    """The shapes of `vocabulary`, always in the same order.

    Of claimed profiles only their classes and properties; the other end of an association is
    counted by an inverse path.
    """
    return "".join(_Shapes(vocabulary).lines()).encode()


class _Shapes:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.base = f"urn:gridbus:shapes:{vocabulary.name}:"
        self.made: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        yield from (f"# {line}\n" for line in self.vocabulary.facts.origin.splitlines())
        yield _PREFIXES
        known = self.vocabulary.classes
        classes = [known[n] for n in sorted(known) if not self.vocabulary.is_outside(known[n])]
        for one in classes:
            yield from self.parents(one)
        for one in classes:
            if one.concrete is not False and not one.compound:
                yield self.node(one)
        yield from (self.made[name] for name in sorted(self.made))

    def parents(self, one: Class) -> Iterator[str]:
        for name in one.parents:
            if parent := self.vocabulary.classes.get(name):
                yield f"{_iri(one)} rdfs:subClassOf {_iri(parent)} .\n"

    def node(self, one: Class) -> str:
        least = self.vocabulary.mandatory(one.name)
        found = sorted(self.vocabulary.properties_of(one.name), key=lambda p: p.name)
        names = [self.property(p, least.get(p.name, 0)) for p in found if self.is_said(p)]
        lines = [f"\n{self.name(one.name)} a sh:NodeShape", f"sh:targetClass {_iri(one)}"]
        if names:
            lines.append(f"sh:property {', '.join(names)}")
        return " ;\n  ".join(lines) + " .\n"

    def name(self, local: str) -> str:
        return f"<{self.base}{quote(local)}>"

    def is_said(self, of: Property) -> bool:
        """Whether the property can be seen in a document, from this end or from the other."""
        if self.vocabulary.is_outside(of):
            return False
        return of.used or self.inverse(of) is not None

    def inverse(self, of: Property) -> Property | None:
        found = self.vocabulary.properties.get(of.inverse)
        return (
            None if found is None or not found.used or self.vocabulary.is_outside(found) else found
        )

    def property(self, of: Property, least: int) -> str:
        """The name of the shape of a property; the shape is made when first asked for."""
        name = self.name(of.name + (f":{least}" if least else ""))
        if name not in self.made:
            lines = [f"\n{name} a sh:PropertyShape", f"sh:path {self.path(of)}"]
            lines += [f"sh:minCount {least}"] if least else []
            lines += [f"sh:maxCount {of.most}"] if of.most is not None else []
            self.made[name] = " ;\n  ".join([*lines, *self.values(of)]) + " .\n"
        return name

    def path(self, of: Property) -> str:
        if of.used:
            return _iri(of)
        inverse = self.inverse(of)
        return f"[ sh:inversePath {_iri(inverse)} ]" if inverse else _iri(of)

    def values(self, of: Property) -> Iterator[str]:
        """What the values must be, where that is known of all types."""
        found = [self.value(name) for name in of.types]
        if found and all(found):
            ways = list(dict.fromkeys(found))
            yield ways[0] if len(ways) == 1 else f"sh:or ( {' '.join(f'[ {w} ]' for w in ways)} )"

    def value(self, name: str) -> str:
        vocabulary = self.vocabulary
        if (datatype := vocabulary.datatypes.get(name)) and datatype.base in _XSD:
            return f"sh:datatype xsd:{_XSD[datatype.base]}"
        if one := vocabulary.classes.get(name):
            return f"sh:class {_iri(one)}"
        if enumeration := vocabulary.enumerations.get(name):
            values = (f"<{_quoted(f'{ns}{name}.{v}')}>" for v, ns in enumeration.values)
            return f"sh:in ( {' '.join(values)} )"
        return ""


def _iri(of: Class | Property) -> str:
    return f"<{_quoted(of.namespace + of.name)}>"


def _quoted(iri: str) -> str:
    return quote(iri, safe=_SAFE)
