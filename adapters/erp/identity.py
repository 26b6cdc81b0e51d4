"""By what orders, crews, assets and products are known: their names there, and mRIDs from those."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from lxml import etree

from adapters.erp.fields import Fields
from cim import xml
from cim.profile import Profile
from cim.profiles.identification import Name, NameType, NameTypeAuthority


class Key(NamedTuple):
    """By what an order is known: its number is one of its site, and of its kind of number."""

    site: str
    number: str
    numbering: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """What its identifiers follow from."""
        return self if self.numbering else self[:2]


def identifier(kind: str, system: str, *names: str) -> str:
    """The mRID of what a system calls so: always the same."""
    name = "/".join(quote(one, safe="") for one in names)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:gridbus:{system}:{kind}:{name}"))


def named(name: str, kind: str, authority: str) -> tuple[Name, ...]:
    """One name, with its type and who gives it."""
    issuer = NameTypeAuthority(name=authority)
    return (Name(name=name, name_type=NameType(name=kind, name_type_authority=issuer)),)


def asset(fields: Fields, site: str, system: str) -> Iterator[tuple[str, tuple[Name, ...]]]:
    """Number and names of the asset that a record names, if any."""
    if number := fields["assetnum"]:
        yield number, named(number, "AssetNumber", f"{system} {site}")


def crew(fields: Fields, system: str) -> Iterator[tuple[str, tuple[Name, ...]]]:
    """mRID and names of the crew that a record names, if any; a crew file gives it the same."""
    if name := fields["crew"]:
        yield identifier("crew", system, name), named(name, "CrewName", system)


def digest(origin: str, payload: Profile) -> str:
    """Of what is said.  Raises: ValueError for a character that no XML can hold."""
    try:
        return hashlib.sha256(etree.tostring(xml.encode(payload))).hexdigest()
    except ValueError as error:
        raise ValueError(f"{origin}: {error}") from None
