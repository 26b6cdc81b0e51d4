"""The columns find what a plain reading of the rules finds, object by object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from cim.model.building import Builder
from cim.model.header import MD, Header, Said
from cim.model.model import LINK, TEXT, TYPE, Model, local_name
from cim.vocabulary import ERROR, REMARK, Finding, Vocabulary, validate, vocabulary
from cim.vocabulary.facts import Class, Property
from tests.cim.vocabulary.small import models, vocabularies

Statement = tuple[str, str, int, str]
Broken = tuple[str, str, str]


class Plain:
    """The rules once more, as `cim.vocabulary.findings` has them in words; slow and obvious."""

    def __init__(self, model: Model, known: Vocabulary) -> None:
        self.known, self.facts = known, known.facts
        self.claimed = known.claimed
        self.classes: dict[str, list[str]] = {}
        self.said: list[Statement] = []
        self.subjects: list[str] = []
        for subject, name, kind, target in model.statements():
            self.subjects.append(subject)
            if kind == TYPE:
                self.classes.setdefault(subject, []).append(local_name(target))
            else:
                self.said.append((subject, name, kind, target))

    # -- facts

    def rows(self, name: str) -> list[Property]:
        return [p for p in self.facts.properties if p.name == name]

    def binding(self, name: str) -> list[Property]:
        """The rows of the claimed profiles, else of all."""
        rows = self.rows(name)
        return [p for p in rows if self.claimed & set(p.profiles)] or rows

    def outside(self, rows: list[Property] | list[Class]) -> bool:
        return bool(self.claimed) and not any(self.claimed & set(r.profiles) for r in rows)

    def class_rows(self, name: str) -> list[Class]:
        return [c for c in self.facts.classes if c.name == name]

    def above(self, name: str) -> set[str]:
        return {name}.union(*(self.above(p) for c in self.class_rows(name) for p in c.parents))

    def may_be(self, subject: str, wanted: set[str]) -> bool:
        """Whether an object may pass for one of these classes: unknown and unstated ones may."""
        stated = self.classes.get(subject, [])
        return not stated or any(not self.class_rows(c) or self.above(c) & wanted for c in stated)

    def types(self, name: str) -> set[str]:
        return {t for p in self.binding(name) for t in p.types}

    def is_used(self, name: str) -> bool:
        return any(p.used for p in self.binding(name))

    def inverse(self, name: str) -> str:
        return next((p.inverse for p in self.binding(name) if p.inverse), "")

    def most(self, name: str) -> int | None:
        mosts = [p.most for p in self.binding(name)]
        finite = [m for m in mosts if m is not None]
        if self.claimed and not self.outside(self.rows(name)):
            return min(finite, default=None)
        return None if None in mosts else max(finite)

    # -- rules

    def broken(self) -> Counter[Broken]:
        found: Counter[Broken] = Counter()
        for rules in (self.of_objects, self.of_statements, self.of_numbers, self.of_demands):
            found.update(rules())
        return found

    def of_objects(self) -> Iterator[Broken]:
        for subject in dict.fromkeys(self.subjects):
            if subject not in self.classes:
                yield "untyped", subject, ""
                continue
            name = self.classes[subject][0]
            rows = self.class_rows(name)
            binding = [c for c in rows if self.claimed & set(c.profiles)] or rows
            if not rows:
                yield "unknown-class", subject, name
            elif self.outside(rows):
                yield "outside-profile", subject, name
            elif all(c.concrete is False for c in binding) and not any(c.compound for c in rows):
                yield "abstract", subject, name

    def of_statements(self) -> Iterator[Broken]:
        unknown = set()
        for subject, iri, kind, target in self.said:
            name = local_name(iri)
            rows = self.rows(name)
            if not rows:
                unknown.add(("unknown-property", subject, name))
                continue
            if not self.may_be(subject, {name[0]}):
                yield "wrong-class", subject, name
            yield from ((rule, subject, name) for rule in self.of_names(name, iri))
            yield from ((rule, subject, name) for rule in self.of_values(name, kind, target))
        yield from unknown

    def of_names(self, name: str, iri: str) -> Iterator[str]:
        if not self.claimed:
            return
        if self.outside(self.rows(name)):
            yield "outside-profile"
        elif not self.is_used(name):
            yield "other-end"
        namespaces = {one.namespace for one in self.facts.classes}
        namespaces |= {one.namespace for one in self.facts.properties}
        stands = iri.removesuffix(name)
        if stands in namespaces and stands != self.binding(name)[0].namespace:
            yield "namespace"

    def of_values(self, name: str, kind: int, target: str) -> Iterator[str]:
        types = self.types(name)
        literals, enumerations = types & {"Integer", "Text"}, types & {"Kind"}
        objects = {t for t in types if self.class_rows(t)}
        if not types or types - literals - enumerations - objects:
            return
        if kind == TEXT:
            if not literals:
                yield "form"
            elif literals == {"Integer"} and not target.partition("\0")[0].isdigit():
                yield "datatype"
        elif kind == LINK:
            yield from self.of_links(target, enumerations, objects)

    def of_links(self, target: str, enumerations: set[str], objects: set[str]) -> Iterator[str]:
        if not enumerations and not objects:
            yield "form"
        elif not objects:
            if local_name(target) not in ("Kind.x", "Kind.y"):
                yield "enumeration"
        elif not enumerations:
            if not self.may_be(target, objects):
                yield "target-class"
            if target not in self.subjects:
                yield "dangling"

    def counted(self, name: str, *, either_end: bool = False) -> Counter[str]:
        """How many of this property each object has, at the end that is written."""
        direct = Counter(s for s, iri, _, _ in self.said if local_name(iri) == name)
        inverse = self.inverse(name)
        links = (s for s in self.said if s[2] == LINK and local_name(s[1]) == inverse)
        other = Counter(target for *_, target in links)
        if self.is_used(name):
            return direct + other if either_end and self.rows(inverse) else direct
        readable = self.rows(inverse) and self.is_used(inverse)
        return other if readable and not self.outside(self.rows(inverse)) else Counter()

    def is_countable(self, name: str) -> bool:
        if self.is_used(name):
            return True
        inverse = self.inverse(name)
        rows = self.rows(inverse)
        return bool(rows) and self.is_used(inverse) and not self.outside(rows)

    def of_numbers(self) -> Iterator[Broken]:
        for name in dict.fromkeys(p.name for p in self.facts.properties):
            most = self.most(name)
            for subject, count in self.counted(name).items():
                if most is not None and count > most:
                    yield "too-many", subject, name

    def of_demands(self) -> Iterator[Broken]:
        for subject, (kind, *_) in self.classes.items():
            for name, least in self.demands(kind).items():
                if self.is_countable(name):
                    counts = self.counted(name, either_end=not self.claimed)
                    if counts[subject] < least:
                        yield "missing", subject, name

    def demands(self, kind: str) -> dict[str, int]:
        rows = [c for c in self.class_rows(kind) if c.concrete is not False]
        having = {p for c in rows for p in c.profiles}
        if self.claimed:
            judges = having & self.claimed
        else:
            open_ = {p.name for p in self.facts.profiles if p.canonical}
            judges = {p for c in rows if not c.described for p in c.profiles} - open_
            versions = {p.name: p.version for p in self.facts.profiles if not p.canonical}
            if {versions[j] for j in judges} != set(versions.values()):
                return {}
        above = self.above(kind)
        found = {}
        for name in {p.name for p in self.facts.properties if p.domain in above}:
            said = {j: p.least for p in self.rows(name) for j in judges & set(p.profiles)}
            wanted = [said.get(judge, 0) for judge in judges]
            least = max(wanted, default=0) if self.claimed else min(wanted, default=0)
            if least:
                found[name] = least
        return found


@settings(max_examples=80)
@given(known=vocabularies(), model=models())
def test_as_a_plain_reading_of_the_rules(known: Vocabulary, model: Model) -> None:
    found = validate(model, known, most=10**6)
    told: Counter[Broken] = Counter()
    remarks: Counter[tuple[str, str]] = Counter()
    for one in found:
        if one.severity == REMARK:
            remarks[one.rule, one.property] += one.count
        else:
            told[one.rule, one.subject, one.property] += one.count
    expected = Plain(model, known).broken()
    rules = {one.rule for one in found if one.severity == REMARK}
    is_remark = {"unknown-class", "unknown-property", "outside-profile", "other-end", "namespace"}
    is_remark |= {"untyped"}
    assert rules <= is_remark
    assert told == Counter({b: n for b, n in expected.items() if b[0] not in is_remark})
    wanted: Counter[tuple[str, str]] = Counter()
    for (rule, _, name), count in expected.items():
        if rule in is_remark:
            wanted[rule, name] += count
    assert remarks == wanted


def breakers(count: int) -> Model:
    builder = Builder()
    for number in range(count):
        row = builder.identity(f"#_{number}")
        builder.type(row, "http://iec.ch/TC57/CIM100#Breaker")
        builder.text(row, "http://iec.ch/TC57/CIM100#Switch.normalOpen", "open")
    return builder.model()


@given(count=st.integers(1, 30), most=st.integers(1, 40))
def test_only_so_many_are_spelled_out_and_the_rest_is_counted(count: int, most: int) -> None:
    found = validate(breakers(count), vocabulary("cim100-distribution"), most)
    assert sum(one.count for one in found) == count
    assert len(found) == min(count, most) + (count > most)
    assert {one.severity for one in found} == {ERROR}


def test_the_weightiest_come_first() -> None:
    builder = Builder()
    row = builder.identity("#_1")
    builder.type(row, "urn:own#Tree")
    row = builder.identity("#_2")
    builder.type(row, "http://iec.ch/TC57/CIM100#Breaker")
    builder.link(row, "http://iec.ch/TC57/CIM100#ConductingEquipment.BaseVoltage", "#_lost")
    found = validate(builder.model(), vocabulary("cim100-distribution"))
    assert [one.severity for one in found] == ["error", "warning", "remark"]


def test_a_finding_reads_as_its_sentence() -> None:
    [found] = validate(breakers(1), vocabulary("cim100-distribution"))
    assert str(found) == found.text
    assert isinstance(found, Finding)


def test_a_flood_of_made_up_names_is_told_in_one_line() -> None:
    builder = Builder()
    for number in range(1000):
        row = builder.identity(f"#_{number}")
        builder.type(row, f"urn:own#Class{number}")
        builder.text(row, f"urn:own#Class{number}.a", "x")
    found = validate(builder.model(), vocabulary("cgmes-3.0"))
    assert Counter(one.rule for one in found) == {"unknown-class": 101, "unknown-property": 101}
    last = {one.rule: one for one in found}
    assert last["unknown-class"].count == last["unknown-property"].count == 900
    assert "900 more classes are none of cgmes-3.0" in last["unknown-class"].text
    assert "the first is Class100.a" in last["unknown-property"].text


def test_values_are_shortened() -> None:
    builder = Builder()
    row = builder.identity("#_1")
    builder.type(row, "http://iec.ch/TC57/CIM100#Breaker")
    builder.text(row, "http://iec.ch/TC57/CIM100#Switch.normalOpen", "x" * 10_000)
    [found] = validate(builder.model(), vocabulary("cim100-distribution"))
    assert len(found.value) == 80
    assert len(found.text) < 200


def test_an_empty_model_has_no_faults() -> None:
    assert validate(Model.empty(), vocabulary("cgmes-3.0").claiming("EQ")) == []


def test_what_another_model_may_hold_is_only_remarked() -> None:
    builder = Builder()
    row = builder.identity("#_1")
    builder.type(row, "http://iec.ch/TC57/CIM100#SvStatus")
    builder.link(row, "http://iec.ch/TC57/CIM100#SvStatus.ConductingEquipment", "#_2")
    said = (Said(f"{MD}Model.DependentOn", "urn:uuid:9", True),)
    known = vocabulary("cim100-distribution")
    [alone] = validate(builder.model(), known)
    [depending] = validate(builder.model(Header("urn:uuid:8", said=said)), known)
    assert (alone.severity, depending.severity) == ("warning", "remark")
