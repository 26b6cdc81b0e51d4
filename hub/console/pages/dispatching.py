"""What dispatchers do with outages and their orders: each form is a request, and is audited."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response

from cim.message import Outgoing
from hub.console import dangers, deeds, orders, tickets
from hub.console.acting import carry_out, may_lead
from hub.console.deeds import DEEDS
from hub.console.filled import Filled
from hub.console.identity import Identity, Page, RefusedError, Sent
from hub.console.pages import about, outages
from hub.console.site import Here
from hub.security.roles import Right

Text = Annotated[str, Form(max_length=500)]
Many = Annotated[list[str], Form(max_length=outages.PAGE)]

routes = APIRouter()
Viewer = Annotated[Identity, Depends(Page(Right.SEE))]
Dispatcher = Annotated[Identity, Depends(Sent(Right.OUTAGES))]


@routes.post("/outages")
def enter(
    request: Request, site: Here, identity: Dispatcher, device: Text = "", at: Text = ""
) -> Response:
    form = deeds.Form(network=site.view.network(), device=device, at=at)
    return carry_out(
        site,
        identity,
        Filled("enter", {"device": device, "at": at}),
        lambda: deeds.enter(form),
        lambda _: "/outages?done=entered",
        lambda filled: outages.all_of(request, site, identity, filled=filled),
        {"reportedStartTime": "at", "OutageIsolationEquipment": "device"},
    )


@routes.post("/zones")
def zone(
    request: Request,
    site: Here,
    identity: Dispatcher,
    deed: Text,
    zone: Text = "",
    at: Text = "",
    sure: Text = "",
) -> Response:
    """When supply is expected in all outages of a feeder or region."""
    form = deeds.Form(network=site.view.network(), zone=zone.strip(), at=at, sure=sure)
    asked = deeds.clear_zone if deed == "unzone" else deeds.tell_zone
    return carry_out(
        site,
        identity,
        Filled("zone", {"zone": zone, "at": at, "sure": sure}),
        lambda: asked(form),
        lambda _: f"/outages?done={'unzone' if deed == 'unzone' else 'zone'}",
        lambda filled: outages.all_of(request, site, identity, filled=filled),
        {"EstimatedRestorationTime.ert": "at", "Option zone": "zone"},
    )


@routes.post("/dispatchers")
def hand_over(
    request: Request,
    site: Here,
    identity: Dispatcher,
    deed: Text,
    zone: Text = "",
    dispatcher: Text = "",
) -> Response:
    """Another dispatcher looks after a zone, or nobody."""
    to = "" if deed == "free" else dispatcher.strip() or None
    return carry_out(
        site,
        identity,
        Filled("hand", {"zone": zone, "dispatcher": dispatcher}),
        lambda: orders.hand_over(zone.strip(), to),
        lambda _: f"/outages?done={'free' if deed == 'free' else 'hand'}",
        lambda filled: outages.all_of(request, site, identity, filled=filled),
        {"Option zone": "zone", "Option dispatcher": "dispatcher"},
    )


@routes.post("/calls")
def call(
    request: Request,
    site: Here,
    identity: Dispatcher,
    caller: Text = "",
    phone: Text = "",
    where: Text = "",
    address: Text = "",
    light: Text = "",
    text: Text = "",
    at: Text = "",
) -> Response:
    """A call that somebody made to the control room."""
    given = {
        "caller": caller, "phone": phone, "where": where, "address": address, "light": light,
        "text": text, "at": at,
    }  # fmt: skip
    said = {name: text.strip() for name, text in given.items()}
    form = tickets.Call(network=site.view.network(), now=site.view.clock(), **said)
    return carry_out(
        site,
        identity,
        Filled("call", given),
        lambda: tickets.enter(form),
        lambda _: "/outages?done=call",
        lambda filled: outages.all_of(request, site, identity, filled=filled),
        {"dateTimeOfReport": "at"},
    )


@routes.post("/calls/known")
def known_call(
    request: Request,
    site: Here,
    identity: Dispatcher,
    deed: Text,
    ticket: Text = "",
    where: Text = "",
) -> Response:
    """A call without a place is somewhere, or over."""
    form = tickets.Known(network=site.view.network(), ticket=ticket.strip(), where=where.strip())
    asked = tickets.close if deed == "answered" else tickets.place
    return carry_out(
        site,
        identity,
        Filled("known-call", {"ticket": ticket, "where": where}),
        lambda: asked(form),
        lambda _: f"/outages?done={'answered' if asked is tickets.close else 'placed'}",
        lambda filled: outages.all_of(request, site, identity, filled=filled),
        {"TroubleTicket": "ticket"},
    )


@routes.post("/dangers")
def danger(
    request: Request,
    site: Here,
    identity: Dispatcher,
    deed: Text,
    incident: Text = "",
    outage: Text = "",
    where: Text = "",
    kind: Text = "",
    hazard: Text = "",
    remark: Text = "",
    lost: Annotated[bool, Form()] = False,
) -> Response:
    """A danger that is entered, is elsewhere, or is over."""
    given = {
        "incident": incident, "where": where, "kind": kind, "hazard": hazard, "remark": remark,
    }  # fmt: skip
    said = {name: text.strip() for name, text in given.items()}
    said["incident"] = said["incident"].removeprefix("incident ")  # as reports call it
    form = dangers.Danger(network=site.view.network(), outage=outage, lost=lost, **said)
    asked = {"there": dangers.place, "safe": dangers.close}.get(deed, dangers.enter)

    def again(filled: Filled) -> Response:
        if outage:
            return outages.one(request, site, identity, outage, filled=filled)
        return outages.all_of(request, site, identity, filled=filled)

    done = deed
    if asked is dangers.enter:
        done = "danger" if form.is_placed else "lost"
    return carry_out(
        site,
        identity,
        Filled("danger" if asked is dangers.enter else "known-danger", given),
        lambda: asked(form),
        lambda _: _there(outage, done) if outage else f"/outages?done={done}",
        again,
        {"incident": "incident"},
    )


@routes.post("/outages/{mrid:path}")
def lead(
    request: Request,
    site: Here,
    identity: Dispatcher,
    mrid: str,
    deed: Text,
    device: Text = "",
    point: Many = [],  # noqa: B006 - FastAPI copies it
    other: Text = "",
    group: Text = "",
    at: Text = "",
    sure: Text = "",
    cause: Text = "",
    cause_kind: Text = "",
    remark: Text = "",
) -> Response:
    if deed not in DEEDS:
        raise RefusedError(422, f"There is no deed {deed[:40]!r}; there are {', '.join(DEEDS)}.")
    with site.view.journal.reading() as connection:
        known = about.found(site.outages, connection, mrid)
    given = {
        "device": device.strip(), "other": other, "group": group.strip(), "at": at, "sure": sure,
        "cause": cause, "cause_kind": cause_kind, "remark": remark,
    }  # fmt: skip
    form = deeds.Form(
        network=site.view.network(),
        points=point,
        of=known.usage_points,
        groups=known.groups,
        **given,
    )
    return carry_out(
        site,
        identity,
        Filled(deed, given),
        lambda: DEEDS[deed](mrid, form),
        lambda _: _there(mrid, deed),
        lambda filled: outages.one(request, site, identity, mrid, filled=filled),
        {
            "actualPeriod": "at",
            "EstimatedRestorationTime": "at",
            "OutageIsolationEquipment": "device",
        },
    )


@routes.get("/orders/{outage:path}")
def crews(request: Request, site: Here, identity: Viewer, outage: str) -> Response:
    """Who is sent to an outage, and who might be."""
    return site.show(
        request,
        "orders.html" if "hx-request" in request.headers else "orders_page.html",
        identity,
        crewing=orders.crewing(site, identity, outage),
        outage=outage,
        stages=orders.STAGES,
        leads=may_lead(site, identity, orders.NOUN),
    )


@routes.post("/orders/{outage:path}")
def order(
    request: Request,
    site: Here,
    identity: Dispatcher,
    outage: str,
    deed: Text,
    order: Text,
    number: Text = "",
    crew: Text = "",
    beside: Annotated[bool, Form()] = False,
    stage: Text = "",
) -> Response:
    def asked() -> Outgoing:
        if deed == "send":
            there = orders.crewing(site, identity, outage).at(number) if beside else []
            return orders.send(order, [*there, crew])
        return orders.first(order) if deed == "first" else orders.stage(order, stage)

    return carry_out(
        site,
        identity,
        Filled(deed),
        asked,
        lambda _: _there(outage, deed),
        lambda filled: outages.one(request, site, identity, outage, filled=filled),
    )


def _there(outage: str, done: str) -> str:
    return f"/outages/{quote(outage, safe='')}?done={done}"
