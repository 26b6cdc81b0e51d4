"""One planned outage, and what a dispatcher may do with it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response

from hub.console.acting import carry_out, may_lead
from hub.console.deeds import DONE
from hub.console.filled import NOTHING, Filled
from hub.console.identity import Identity, Page, RefusedError, Sent
from hub.console.pages import about, outages
from hub.console.pages.outages import Asked
from hub.console.planned import NOUN
from hub.console.planning import PLANNING, WORDS, Plan, create
from hub.console.site import Here, Site
from hub.security.roles import Right

Text = Annotated[str, Form(max_length=500)]
Long = Annotated[str, Form(max_length=5000)]

routes = APIRouter(prefix="/planned")
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Dispatcher = Annotated[Identity, Depends(Sent(Right.OUTAGES))]


@routes.post("")
def plan(
    request: Request,
    site: Here,
    identity: Dispatcher,
    devices: Long = "",
    number: Text = "",
    begins: Text = "",
    ends: Text = "",
    reason: Text = "",
    remark: Text = "",
    why: Text = "",
) -> Response:
    given = {
        "devices": devices, "number": number, "begins": begins, "ends": ends, "reason": reason,
        "remark": remark, "why": why,
    }  # fmt: skip
    form = Plan(**{name: text.strip() for name, text in given.items()})
    return carry_out(
        site,
        identity,
        Filled("plan", given),
        lambda: create(site.view.network(), form),
        lambda mrid: _there(mrid, "planned"),
        lambda filled: outages.all_of(request, site, identity, filled=filled),
        WORDS,
    )


@routes.get("/{mrid:path}")
def planned(
    request: Request, site: Here, identity: Viewer, mrid: str, done: Asked = ""
) -> Response:
    return _page(request, site, identity, mrid, Filled(done=DONE.get(done, "")))


@routes.post("/{mrid:path}")
def lead(
    request: Request,
    site: Here,
    identity: Dispatcher,
    mrid: str,
    deed: Text,
    begins: Text = "",
    ends: Text = "",
    why: Text = "",
) -> Response:
    if deed not in PLANNING:
        raise RefusedError(422, f"There is no deed {deed[:40]!r}; there are {', '.join(PLANNING)}.")
    form = Plan(begins=begins, ends=ends, why=why.strip())
    return carry_out(
        site,
        identity,
        Filled(deed, {"begins": begins, "ends": ends, "why": why}),
        lambda: PLANNING[deed](mrid, form),
        lambda _: _there(mrid, deed),
        lambda filled: _page(request, site, identity, mrid, filled),
        WORDS,
    )


def _page(
    request: Request, site: Site, identity: Identity, mrid: str, filled: Filled = NOTHING
) -> Response:
    with site.view.journal.reading() as connection:
        known = about.found(site.planned, connection, mrid)
    return about.page(
        request,
        site,
        identity,
        "planned.html",
        filled,
        NOUN,
        mrid,
        place=known.place,
        device=known.place,
        leads=known.active and may_lead(site, identity, NOUN),
        planned=known,
    )


def _there(mrid: str, done: str) -> str:
    return f"/planned/{quote(mrid, safe='')}?done={done}"
