"""A person asks the hub for something, and hears in words why it was not done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fastapi import Response
from fastapi.responses import RedirectResponse

from cim.message import Outgoing, Result, Topic, Verb
from cim.violation import Refusal
from hub.console.filled import WRONG, Filled
from hub.console.identity import Identity, RefusedError
from hub.console.site import Site
from hub.dispatch.requested import Late, NoRequest
from hub.security.roles import Right

_NO_WORDS: Mapping[str, str] = MappingProxyType({})


def may_lead(site: Site, identity: Identity, noun: str) -> bool:
    """Whether an app carries out what this person asks of that noun."""
    asked = Topic(Verb.CHANGE, noun)
    is_answered = any(asked in app.topics for app in site.view.apps.values())
    return is_answered and Right.OUTAGES in identity.rights


def ask(site: Site, identity: Identity, asked: Outgoing) -> str:
    """The first id that the reply names; empty without.

    Raises: RefusedError, with the sentences of who refuses it; Busy.
    """
    try:
        with site.waiting():
            reply = site.view.act(identity.name, asked).reply
    except (NoRequest, Refusal) as error:
        raise RefusedError(WRONG, str(error)) from None
    except Late:
        rule = "It was taken, and nobody has answered yet: look at the outage again in a while."
        raise RefusedError(504, rule) from None
    assert reply is not None  # noqa: S101 - it is a reply
    told = " ".join(error.details or error.reason or error.code for error in reply.errors)
    if reply.result is not Result.OK:
        raise RefusedError(WRONG, told or "It was refused without a reason.")
    return next((one.value or "" for one in reply.ids), "")


def carry_out(
    site: Site,
    identity: Identity,
    filled: Filled,
    asked: Callable[[], Outgoing],
    then: Callable[[str], str],
    again: Callable[[Filled], Response],
    words: Mapping[str, str] = _NO_WORDS,
) -> Response:
    """Send what a form asks for.

    asked: the request.  Raises: RefusedError.
    then:  where the browser goes when it was done, by the first id that the reply names.
    again: the page of the form with what is wrong.
    words: of a rule of who answers -> the field that it is about.
    Raises: RefusedError, when it is not a rule that refuses it; Busy.
    """
    try:
        made = ask(site, identity, asked())
    except RefusedError as error:
        if error.status != WRONG:
            raise
        return again(filled.refused_by(error, words))
    return RedirectResponse(then(made), 303)
