"""Check a model against a vocabulary; whatever is found is reported, and nothing is refused."""

from __future__ import annotations

from dataclasses import replace

from cim.model.model import Model
from cim.model.terms import Ints
from cim.vocabulary.checks import Hit, all_hits
from cim.vocabulary.findings import ERROR, REMARK, RULES, WARNING, Finding
from cim.vocabulary.ground import Ground
from cim.vocabulary.vocabulary import Vocabulary

_WEIGHT = {ERROR: 0, WARNING: 1, REMARK: 2}


def validate(model: Model, vocabulary: Vocabulary, most: int = 10) -> list[Finding]:
    """What in `model` is not as `vocabulary` has it, the weightiest first.

    most: findings of one rule and property that are spelled out; one more counts the rest.  Of a
          remark there is one for each property, and it counts the objects.
    """
    report = _Report(model, most)
    for hit in all_hits(Ground(model, vocabulary)):
        if len(hit.subjects):
            report.add(hit)
    return sorted(report.findings(), key=lambda finding: _WEIGHT[finding.severity])


class _Report:
    def __init__(self, model: Model, most: int) -> None:
        self.model = model
        self.most = most
        self.told: dict[tuple[str, str], list[Finding]] = {}
        self.untold: dict[tuple[str, str], int] = {}
        self._names: Ints | None = None

    def severity(self, rule: str) -> str:
        header = self.model.header
        if rule == "dangling" and header and header.dependent_on:
            return REMARK
        return RULES[rule]

    def add(self, hit: Hit) -> None:
        key = hit.rule, hit.name
        told = self.told.setdefault(key, [])
        most = 1 if self.severity(hit.rule) == REMARK else self.most
        room = min(most - len(told), len(hit.subjects))
        told += (self.finding(hit, number) for number in range(room))
        self.untold[key] = self.untold.get(key, 0) + len(hit.subjects) - room

    def finding(self, hit: Hit, number: int) -> Finding:
        row = int(hit.subjects[number])
        text, value = hit.say(number)
        return Finding(
            rule=hit.rule,
            severity=self.severity(hit.rule),
            subject=self.model.ids[row],
            property=hit.name,
            value=value,
            text=f"{self.subject(row)}: {text}",
        )

    def subject(self, row: int) -> str:
        """An object by class, name and mRID."""
        name = self.name(row)
        kind = self.model.class_name(row) or "Object"
        return (
            f"{kind} {name!r} ({self.model.mrid(row)})"
            if name
            else (f"{kind} {self.model.mrid(row)}")
        )

    def name(self, row: int) -> str:
        if self._names is None:
            self._names = self.model.one(self.model.values("IdentifiedObject.name"))
        text = int(self._names[row])
        return self.model.text(text) if text >= 0 else ""

    def findings(self) -> list[Finding]:
        """In the order in which the rules found them, what was left untold behind what was told."""
        found: list[Finding] = []
        for key, told in self.told.items():
            rest = self.untold[key]
            if not rest:
                found += told
            elif told[0].severity == REMARK:
                text = f"{told[0].text}  So it is with {rest:,} more."
                found.append(replace(told[0], text=text, count=1 + rest))
            else:
                found += [*told, _rest(told[0], rest)]
        return found


def _rest(told: Finding, count: int) -> Finding:
    text = f"{count:,} more findings of the rule {told.rule} on {told.property}."
    return replace(told, subject="", value="", text=text, count=count)
