"""What every page shares: its templates, its navigation, the hub behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.console.alarms import Alarms
from hub.console.asking import Asking
from hub.console.bodies import hides
from hub.console.identity import Door, Identity
from hub.console.kept import Kept
from hub.console.outage_list import Places, calls, unplaced
from hub.console.outages import Outages
from hub.console.pace import Pace
from hub.console.planned import PlannedOnes
from hub.console.public import Told
from hub.console.view import ConsoleView, counted, figure, hour, moment, shown, span, words
from hub.history.past import Busy, Past
from hub.journal.queries import Row
from hub.security import audit
from hub.security.roles import Right

HERE = Path(__file__).parent

_HEAVY = 2  # large questions at a time
_ANSWERING = 4  # questions to apps at a time
_WAITING = 16  # requests that wait for their replies, each in a thread of the console
_PATIENCE = 15.0  # seconds

_OF_OUTAGES = frozenset({"/calls", "/dangers", "/dispatchers", "/orders", "/planned", "/zones"})
"""Pages and forms that are found from the page of all outages."""

LARGEST = 2**62
"""No number in an address is larger: both databases can take it."""

Number = Annotated[int, InPath(ge=1, le=LARGEST)]
Before = Annotated[int | None, Query(ge=1, le=LARGEST)]


class Entry(NamedTuple):
    """One entry of the navigation, for those who hold `right`."""

    path: str
    title: str
    right: Right


PAGES = (
    Entry("/", "Overview", Right.SEE),
    Entry("/outages", "Outages", Right.SEE),
    Entry("/alarms", "Alarms", Right.SEE),
    Entry("/messages", "Messages", Right.SEE),
    Entry("/dead-letters", "Dead letters", Right.SEE),
    Entry("/quarantine", "Quarantine", Right.SEE),
    Entry("/feeds", "Feeds", Right.SEE),
    Entry("/network", "Network", Right.SEE),
    Entry("/analysis", "Analysis", Right.SEE),
    Entry("/models", "Models", Right.SEE),
    Entry("/contracts", "Contracts", Right.SEE),
    Entry("/audit", "Audit", Right.AUDIT),
)


class Site:
    """Handed to every group of pages."""

    def __init__(self, view: ConsoleView) -> None:
        self.view = view
        self.door = Door(view)
        self.alarms = Alarms()
        self.outages = Outages()
        self.places = Places()
        self.calls = calls()
        self.unplaced = unplaced()
        self.planned = PlannedOnes()
        self.public = Told(self.outages, self.planned)
        self.past = Past(view.journal, now=view.at)
        self.asking = Asking(self.past)
        self._heavy = BoundedSemaphore(_HEAVY)
        self._waiting = BoundedSemaphore(_WAITING)
        self._answering = BoundedSemaphore(_ANSWERING)
        self.kept = Kept()
        self.pace = Pace()
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            cell=shown,
            counted=counted,
            figure=figure,
            hour=hour,
            moment=moment,
            span=span,
            words=words,
        )
        self._templates.globals.update(pages=PAGES, Right=Right)

    def close(self) -> None:
        """End what runs beside the console."""
        self.asking.close()

    @contextmanager
    def heavy(self) -> Iterator[None]:
        """For what takes much memory: few at a time.  Raises: Busy."""
        if not self._heavy.acquire(timeout=_PATIENCE):
            raise Busy("Too many large questions are being answered; ask again later.")
        try:
            yield
        finally:
            self._heavy.release()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """For who waits for a reply: the pages must not stand still meanwhile.  Raises: Busy."""
        if not self._waiting.acquire(blocking=False):
            raise Busy(f"{_WAITING} requests are waiting for their replies; send again later.")
        try:
            yield
        finally:
            self._waiting.release()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """For questions to apps, some of which take long: others do not wait.  Raises: Busy."""
        if not self._answering.acquire(timeout=_PATIENCE):
            raise Busy("The apps are answering other questions; ask again later.")
        try:
            yield
        finally:
            self._answering.release()

    def show(
        self,
        request: Request,
        template: str,
        identity: Identity | None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Fill in a template."""
        top = "/" + request.url.path.split("/")[1]
        top = "/outages" if top in _OF_OUTAGES else top
        text = self._templates.get_template(template).render(
            here=top, identity=identity, now=self.view.clock(), **values
        )
        return HTMLResponse(text, status)

    def note_personal(self, identity: Identity, row: Row) -> None:
        """Write into the audit that `identity` looks at a message that can hold customer data."""
        if Right.PERSONAL not in identity.rights or not hides(row.noun, personal=False):
            return
        with self.view.writing() as connection:
            audit.record(
                connection,
                identity.name,
                "personal.view",
                f"message {row.seq}",
                audit.OK,
                {"noun": row.noun},
                self.view.clock(),
            )

    def home(self, identity: Identity) -> str:
        """The first page that the identity may see."""
        return next((p.path for p in PAGES if p.right in identity.rights), "/password")


def site(request: Request) -> Site:
    """The site that a request is for."""
    found = request.app.state.site
    assert isinstance(found, Site)  # noqa: S101 - put there by `create`
    return found


Here = Annotated[Site, Depends(site)]
