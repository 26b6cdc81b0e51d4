"""Declare a profile: the part of the CIM that messages of one noun may carry.

A profile is a frozen dataclass.  Each field is one `attribute`, written once with its CIM name,
its meaning and its unit.  The annotation gives type and cardinality: `X` one, `X | None` none or
one, `tuple[X, ...]` many.  XSD, WSDL, both codecs, forms, reference pages and test strategies are
read from that declaration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from types import UnionType
from typing import Any, ClassVar, Union, dataclass_transform, get_args, get_origin, get_type_hints


class Reference(str):
    """A by-reference association: an empty element whose `ref` attribute holds the code or name."""

    __slots__ = ()


class RdfXml(bytes):
    """A whole CIM RDF/XML document (IEC 61970-552) as the value of one element."""

    __slots__ = ()


def attribute(
    cim: str,
    doc: str,
    *,
    unit: str | None = None,
    personal: bool = False,
    choice: str | None = None,
    later: bool = False,
    default: Any = MISSING,
) -> Any:
    """One attribute or association of a profile.

    cim:      its name in the CIM, e.g. "Reading.value"; the part after the dot is the XML tag.
    doc:      its meaning, one sentence.
    unit:     UnitSymbol with multiplier, e.g. "kV"; None when it has none.
    personal: customer data, masked for roles that may not see it.
    choice:   attributes that follow one another with the same name here exclude each other; when
              they are many, they may come mixed in the XML.  It is the CIM association that they
              stand for, by whose name they are sorted.
    later:    whether there may be thousands of them, which most who read the rest do not look at:
              see `Later`.
    default:  omitted when the attribute is required.
    """
    metadata: dict[str, Any] = {
        "cim": cim,
        "doc": doc,
        "unit": unit,
        "personal": personal,
        "choice": choice,
    }
    metadata["later"] = later
    return dataclasses.field(default=default, metadata=metadata)


class Later:
    """An attribute of an object that may hold, instead of its values, what makes them when they are
    first asked for."""

    def __init__(self, name: str) -> None:
        self._name, self._key = name, f"_make_{name}"

    def put_off(self, held: dict[str, Any], make: Callable[[], tuple[Any, ...]]) -> None:
        """Have an object that is to hold these attributes make this one later."""
        del held[self._name]
        held[self._key] = make

    def change(
        self, one: Any, held: dict[str, Any], change: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    ) -> bool:
        """Have another object that holds what `one` does, `held`, make its values of those of
        `one`, later; whether it does, which it does not where these are made already."""
        make = one.__dict__.get(self._key)
        if make is not None:
            held[self._key] = lambda: change(make())
        return make is not None

    def __get__(self, one: Any, _owner: type[Any]) -> tuple[Any, ...]:
        # Asked only as long as the object itself holds nothing by that name.
        if one is None:
            return ()
        held = one.__dict__
        if (make := held.get(self._key)) is not None:
            held[self._name] = make()  # two threads make the same
            held.pop(self._key, None)
        values: tuple[Any, ...] = held.get(self._name, ())
        return values


VERBS = (
    *("get", "create", "change", "cancel", "close", "delete", "execute"),
    *("created", "changed", "canceled", "closed", "deleted", "executed"),
)
"""The verbs in which a noun may travel, but reply (`cim.message.Verb`)."""


@dataclass_transform(field_specifiers=(attribute,), frozen_default=True, kw_only_default=True)
class Profile:
    """Base of every class that may appear in a payload.

    A class declared with `namespace` is a noun: the root of a payload; or a query, which may stand
    in the request of a `get`.  Required is what must be said when something new is said.  A message
    that changes, cancels, closes or deletes says which object and what is new: there any attribute
    below the noun may be None, whatever its annotation, unless the noun is `whole`.

    cim:       the CIM class it restricts, when its Python name differs (two shapes of one class).
    namespace: target namespace of its XSD.
    standard:  the part of IEC 61968 it belongs to.
    ordering:  dotted field paths, tried in turn; the first that yields a value is the ordering key
               of a message: messages with the same key are handled in order.
    verbs:     in which it may travel.
    whole:     whether a message says all that is required in any case.
    query:     the profile by which it is asked for, when there is one.
    """

    cim_class: ClassVar[str] = ""
    namespace: ClassVar[str] = ""
    standard: ClassVar[str] = ""
    ordering: ClassVar[tuple[str, ...]] = ()
    verbs: ClassVar[tuple[str, ...]] = VERBS
    whole: ClassVar[bool] = False
    query: ClassVar[type[Profile] | None] = None

    def __init_subclass__(
        cls,
        *,
        cim: str = "",
        namespace: str = "",
        standard: str = "",
        ordering: tuple[str, ...] = (),
        verbs: tuple[str, ...] = VERBS,
        whole: bool = False,
        query: type[Profile] | None = None,
    ) -> None:
        dataclass(frozen=True, kw_only=True)(cls)
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]  # it is one now
            if field.metadata["later"]:
                setattr(cls, field.name, Later(field.name))
        cls.cim_class = cim or cls.__name__
        cls.namespace = namespace
        cls.standard = standard
        cls.ordering = ordering
        cls.verbs = verbs
        cls.whole = whole
        cls.query = query


@dataclass(frozen=True)
class Attribute:
    """One attribute, as every generator and codec reads it.

    type: str, int, float, Decimal, bool, datetime, date, time, Reference, RdfXml, a StrEnum or a
          Profile.
    """

    name: str
    cim: str
    doc: str
    unit: str | None
    personal: bool
    choice: str | None
    later: bool
    type: type[Any]
    required: bool
    many: bool

    @property
    def tag(self) -> str:
        """The XML element name, e.g. "value" for "Reading.value"."""
        return self.cim.rpartition(".")[2]


_attributes: dict[type[Profile], tuple[Attribute, ...]] = {}


def attributes(profile: type[Profile]) -> tuple[Attribute, ...]:
    """The attributes of `profile` in the order of declaration, which is the order in the XML."""
    if profile not in _attributes:
        hints: Mapping[str, Any] = get_type_hints(profile)
        _attributes[profile] = tuple(
            _attribute(f, hints[f.name])
            for f in dataclasses.fields(profile)  # type: ignore[arg-type]
        )
    return _attributes[profile]


def _attribute(f: dataclasses.Field[Any], hint: Any) -> Attribute:
    many = False
    if get_origin(hint) in (UnionType, Union):
        [hint] = (a for a in get_args(hint) if a is not type(None))
    if get_origin(hint) is tuple:
        hint, many = get_args(hint)[0], True
    return Attribute(f.name, type=hint, many=many, required=f.default is MISSING, **f.metadata)
