"""Questions to the apps that are loaded, beside messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from cim.network import Network
from hub.interfaces import App, Reporting
from hub.report import Offer, Parameter, Report, Unanswerable

OURS = ("format", "page", "sort")
"""How an answer is shown is asked with these: no parameter may be called so."""


class NoReport(LookupError):
    """There is no such app, or none of its reports is called so; says what there is."""


@dataclass(frozen=True)
class Given:
    """What an app gets beside the question (`hub.interfaces.Asking`)."""

    connection: Connection
    now: datetime
    find: Callable[[], Network]

    @property
    def network(self) -> Network:
        return self.find()


def offers(apps: Mapping[str, App]) -> dict[str, Sequence[Offer]]:
    """What each app that tells anything can be asked, by its name.

    Raises: ValueError, when a parameter is called as one of `OURS`.
    """
    found = {name: app.reports for name, app in sorted(apps.items()) if isinstance(app, Reporting)}
    for name, listed in found.items():
        for one in listed:
            if taken := [p.name for p in one.parameters if p.name in OURS]:
                raise ValueError(f"{name}: {one.name}: a parameter is called {taken[0]}")
    return found


def offer(apps: Mapping[str, App], app: str, name: str) -> Offer:
    """Raises: NoReport."""
    known = offers(apps)
    if app not in known:
        there = f"those with reports are {', '.join(known)}" if known else "none here has reports"
        raise NoReport(f"There is no app {app[:80]!r} with reports; {there}.")
    names = [one.name for one in known[app]]
    if name not in names:
        raise NoReport(f"{app} has no report {name[:80]!r}; it has {', '.join(names)}.")
    return known[app][names.index(name)]


def ask(
    apps: Mapping[str, App], app: str, name: str, asked: Mapping[str, str], given: Given
) -> Report:
    """The answer.  Raises: NoReport; Unanswerable, which names the parameter and the rule."""
    wanted = offer(apps, app, name)
    said = {key: text for key, text in asked.items() if text}
    _check(wanted, said)
    reporting = apps[app]
    assert isinstance(reporting, Reporting)  # noqa: S101 - it has made an offer
    return reporting.report(name, said, given)


def _check(wanted: Offer, said: Mapping[str, str]) -> None:
    known = {parameter.name: parameter for parameter in wanted.parameters}
    for name, text in said.items():
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is none"
            raise Unanswerable(f"there is no such parameter; {there}", name[:80])
        _check_choice(known[name], text)
    for parameter in wanted.parameters:
        if parameter.needed and parameter.name not in said:
            raise Unanswerable("it must be given", parameter.name)


def _check_choice(parameter: Parameter, text: str) -> None:
    if parameter.choices and text not in parameter.choices:
        choices = ", ".join(parameter.choices)
        raise Unanswerable(f"one of {choices} was expected, not {text[:80]!r}", parameter.name)
