"""The UsernameToken of WS-Security (OASIS 2004, PasswordText): a system and its API token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
SECURITY = f"{{{WSSE}}}Security"


class InsufficientError(ValueError):
    """A way to say who one is that the hub cannot check."""


@dataclass(frozen=True)
class UsernameToken:
    name: str
    password: str


def username_token(blocks: Iterable[etree._Element]) -> UsernameToken | None:
    """The token in a message's header blocks; None when there is none.

    Raises: InsufficientError for more than one, or for a digest: the hub keeps no password from
    which it could make one.
    """
    tokens = [t for b in blocks if b.tag == SECURITY for t in b.iter(f"{{{WSSE}}}UsernameToken")]
    if not tokens:
        return None
    if len(tokens) > 1:
        raise InsufficientError("More than one UsernameToken.")
    password = tokens[0].find(f"{{{WSSE}}}Password")
    if password is None or password.get("Type", f"{PROFILE}#PasswordText") != (
        f"{PROFILE}#PasswordText"
    ):
        raise InsufficientError("A UsernameToken must carry the API token as PasswordText.")
    return UsernameToken(tokens[0].findtext(f"{{{WSSE}}}Username", ""), password.text or "")
