"""Reports of the apps, as far as who asks may see them, and how they are laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from hub.console import kept
from hub.console.identity import Identity, RefusedError
from hub.console.masking import HIDDEN
from hub.console.site import Site
from hub.dispatch import reports
from hub.dispatch.reports import Given, NoReport
from hub.report import Cell, Offer, Report, Unanswerable, as_json
from hub.security import audit
from hub.security.roles import Right

PAGE = 100
"""Rows of a page."""


def offered(site: Site, identity: Identity) -> dict[str, list[Offer]]:
    """What may be asked, by app."""
    known = reports.offers(site.view.apps)
    seen = {app: [o for o in offers if _may(identity, o)] for app, offers in known.items()}
    return {app: offers for app, offers in seen.items() if offers}


def answered(
    site: Site, identity: Identity, app: str, name: str, asked: Mapping[str, str]
) -> Report:
    """The answer, without customer data for who may not see it.

    Raises: RefusedError, there is no such report, the question is wrong, or who asks is bound to
    other nouns; Busy.
    """
    offer = offer_of(site, identity, app, name)
    found = _answer(site, app, offer, asked)
    if not any(column.personal for column in found.columns):
        return found
    if Right.PERSONAL not in identity.rights:
        return masked(found)
    _note(site, identity, f"report {app}/{name}", asked)
    return found


def _answer(site: Site, app: str, offer: Offer, asked: Mapping[str, str]) -> Report:
    if not offer.takes_long:
        return _asked(site, app, offer.name, asked)
    same = kept.question(app, offer.name, asked)
    if (found := site.kept.get(same)) is None:
        found = _asked(site, app, offer.name, asked)
        site.kept.put(same, found)
    return found


def _asked(site: Site, app: str, name: str, asked: Mapping[str, str]) -> Report:
    with site.answering(), site.view.journal.reading() as connection:
        given = Given(connection, site.view.clock(), site.view.network)
        try:
            return reports.ask(site.view.apps, app, name, asked, given)
        except Unanswerable as error:
            raise wrong(error) from None


def offer_of(site: Site, identity: Identity, app: str, name: str) -> Offer:
    """Raises: RefusedError, as `answered`."""
    try:
        offer = reports.offer(site.view.apps, app, name)
    except NoReport as error:
        raise RefusedError(404, str(error)) from None
    if not _may(identity, offer):
        raise RefusedError(403, f"You are not bound to {', '.join(sorted(offer.nouns))}.")
    return offer


def wrong(error: Unanswerable) -> RefusedError:
    """The refusal of a question, which names the parameter and the rule."""
    return RefusedError(
        422, f"{str(error).rstrip('.')}.", parameter=error.parameter or None, rule=error.rule
    )


def masked(report: Report) -> Report:
    """The same with what is personal hidden."""
    hidden = [column.personal for column in report.columns]

    def cell(one: Cell, personal: bool) -> Cell:
        return HIDDEN if personal and one is not None else one

    rows = [[cell(c, p) for c, p in zip(row, hidden, strict=True)] for row in report.rows]
    return replace(report, rows=rows)


@dataclass(frozen=True)
class Sheet:
    """One page of a table, in the order that is wanted.

    asked:  the question.
    sort:   heading of the column, with "-" before it for the greatest first; empty: as told.
    number: of the page, from 1.
    """

    report: Report
    asked: Mapping[str, str]
    sort: str = ""
    number: int = 1

    @property
    def rows(self) -> Sequence[Sequence[Cell]]:
        """Those of this page."""
        first = (self.number - 1) * PAGE
        return self._sorted()[first : first + PAGE]

    def is_figures(self, place: int) -> bool:
        """Whether a column holds numbers."""
        known = (row[place] for row in self.report.rows if as_json(row[place]) is not None)
        return isinstance(next(known, None), int | float)

    @property
    def pages(self) -> int:
        """How many there are."""
        return max(1, -(-len(self.report.rows) // PAGE))

    def page(self, number: int) -> str:
        """The query string of another page."""
        return self._address(self.sort, number)

    def sorted_by(self, column: str) -> str:
        """The query string of the same by `column`, the other way round if it is so already."""
        return self._address(f"-{column}" if self.sort == column else column, 1)

    def order(self, column: str) -> str:
        """How a column is sorted, in the words of aria-sort."""
        orders = {column: "ascending", f"-{column}": "descending"}
        return orders.get(self.sort, "none")

    @property
    def question(self) -> str:
        """The query string of the question alone."""
        return urlencode(self.asked)

    def _address(self, sort: str, number: int) -> str:
        more = {"sort": sort} if sort else {}
        return urlencode({**self.asked, **more, "page": number})

    def _sorted(self) -> Sequence[Sequence[Cell]]:
        names = [column.heading for column in self.report.columns]
        if self.sort.removeprefix("-") not in names:
            return self.report.rows
        place = names.index(self.sort.removeprefix("-"))
        known = [row for row in self.report.rows if as_json(row[place]) is not None]
        unknown = [row for row in self.report.rows if as_json(row[place]) is None]
        known.sort(key=lambda row: _rank(row[place]), reverse=self.sort.startswith("-"))
        return known + unknown


def _rank(cell: Cell) -> Any:
    """Numbers before times before texts."""
    return (0, cell) if isinstance(cell, int | float) else (2 - isinstance(cell, datetime), cell)


def _may(identity: Identity, offer: Offer) -> bool:
    return all(identity.may_read(noun) for noun in offer.nouns)


def _note(site: Site, identity: Identity, what: str, asked: Mapping[str, str]) -> None:
    with site.view.writing() as connection:
        now = site.view.clock()
        audit.record(connection, identity.name, "personal.view", what, audit.OK, dict(asked), now)
