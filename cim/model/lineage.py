"""Which version of a model follows from which: the headers of differences and of their results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cim.model.header import DIFFERENCE, DM, FULL, MD, Header, Said, same
from cim.violation import Violation

WRONG_VERSION = "2.29"
_SUPERSEDES = f"{MD}Model.Supersedes"
_INHERITED = ("Model.DependentOn", "Model.modelingAuthoritySet", "Model.profile")
_DM_PROFILE = DM.rstrip("#")


def unfit(difference: Header | None, base: Header | None) -> list[Violation]:
    """Why a difference does not follow upon the version with the header `base`.

    A difference without header claims nothing, so that there is nothing to check.
    """
    if difference is None:
        return []
    if base is None:
        rule = (
            f"The difference {difference.mrid} supersedes {_list(difference.supersedes)}, "
            "but the model has no header that tells which version it is."
        )
    elif any(same(base.identity, one) for one in difference.supersedes):
        return []
    else:
        rule = (
            f"The difference {difference.mrid} supersedes {_list(difference.supersedes)}, "
            f"not {base.mrid}, the version it is to be applied to."
        )
    return [Violation(code=WRONG_VERSION, rule=rule)]


def result(difference: Header | None, base: Header | None) -> Header | None:
    """The header of what comes of applying a difference: what is said in that of the difference.

    The result supersedes `base` in any case.  DependentOn, profile and modelingAuthoritySet are
    those of `base` where the difference has none.  In a profile the URI of difference models is
    left out, which some write in front of the other.
    """
    if difference is None:
        return None
    said = [one for one in map(_profile_of_model, difference.said) if one.value]
    names = {_local(one) for one in said}
    if base is not None:
        said += [one for one in base.said if _local(one) in _INHERITED and _local(one) not in names]
        said += _superseding(difference, base)
    return Header(difference.identity, f"{MD}{FULL}", tuple(said))


def between(old: Header | None, new: Header | None) -> Header | None:
    """The header of the difference of two versions: that of the new one, superseding the old."""
    if new is None:
        return None
    said = (*new.said, *(_superseding(new, old) if old else ()))
    return Header(new.identity, f"{DM}{DIFFERENCE}", said)


def inverse(header: Header | None) -> Header | None:
    """The header of what takes a difference back: it leads to the version that was superseded.

    None, when the difference names none.  The version number is not known any more.
    """
    if header is None or not (before := _links(header, "Model.Supersedes")):
        return None
    left = (one for one in header.said if _local(one) not in ("Model.Supersedes", "Model.version"))
    back = Said(_SUPERSEDES, header.identity, is_link=True)
    return replace(header, identity=before[0].value, said=(*left, back))


def composed(first: Header | None, second: Header | None) -> Header | None:
    """The header of two differences in one: it leads to where the second does."""
    if first is None or second is None:
        return None
    merged = [
        one
        for name in ("Model.Supersedes", "Model.DependentOn")
        for one in (*_links(first, name), *_links(second, name))
        if not same(one.value, first.identity)
    ]
    others = (o for o in second.said if _local(o) not in ("Model.Supersedes", "Model.DependentOn"))
    return replace(second, said=tuple(dict.fromkeys((*others, *merged))))


def _superseding(newer: Header, older: Header) -> tuple[Said, ...]:
    if any(same(older.identity, one) for one in (newer.identity, *newer.supersedes)):
        return ()
    return (Said(_SUPERSEDES, older.identity, is_link=True),)


def _profile_of_model(one: Said) -> Said:
    if _local(one) != "Model.profile" or not one.value.startswith(_DM_PROFILE):
        return one
    return one._replace(value=one.value.removeprefix(_DM_PROFILE).lstrip("#"))


def _links(header: Header, name: str) -> list[Said]:
    return [one for one in header.said if _local(one) == name]


def _local(one: Said) -> str:
    return one.name.rpartition("#")[2]


def _list(mrids: Iterable[str]) -> str:
    return ", ".join(mrids) or "nothing"
