"""What a check of a model against a vocabulary finds, as sentences and as fields."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, REMARK = "error", "warning", "remark"

RULES = {
    "missing": ERROR,
    "too-many": ERROR,
    "datatype": ERROR,
    "enumeration": ERROR,
    "form": ERROR,
    "target-class": ERROR,
    "wrong-class": ERROR,
    "dangling": WARNING,
    "abstract": WARNING,
    "unknown-class": REMARK,
    "unknown-property": REMARK,
    "outside-profile": REMARK,
    "other-end": REMARK,
    "namespace": REMARK,
    "untyped": REMARK,
}
"""Severity of each rule.

missing           fewer values than the least number
too-many          more values than the greatest number
datatype          a literal that its data type does not allow
enumeration       a reference to what is no value of the enumeration
form              text where a reference belongs, or a reference where text belongs
target-class      a reference to an object of another class
wrong-class       a property of another class
dangling          a reference to what the model does not hold; a remark where the header names
                  other models that may hold it
abstract          an object of a class of which there are no objects
unknown-class     not in the vocabulary
unknown-property  not in the vocabulary
outside-profile   in the vocabulary, yet in none of the profiles that the document follows
other-end         the end of an association that the profile does not write
namespace         the name belongs to another namespace of the vocabulary
untyped           nobody says of which class an object is: what it must and may have is open
"""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One broken rule, or with `count` several alike.

    rule:     key of RULES.
    severity: "error", "warning" or "remark".
    subject:  identity of the object as the model spells it; "" in the line that counts the rest.
    property: local name; that of the class for unknown-class and abstract, "" for untyped.
    value:    the offending literal or identity, shortened; "" without one.
    text:     the finding as a sentence.
    count:    of objects that it speaks for.
    """

    rule: str
    severity: str
    subject: str
    property: str
    value: str
    text: str
    count: int = 1

    def __str__(self) -> str:
        return self.text
