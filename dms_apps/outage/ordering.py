"""Other rules of prediction are asked for: by the options of a `change UnplannedOutages`."""

from __future__ import annotations

from cim.message import Message, Verb
from cim.violation import Violation
from dms_apps.outage import audit
from dms_apps.outage.asked import INVALID
from dms_apps.outage.modes import AUTO, EVERYWHERE, Modes, order
from dms_apps.outage.requests import Asked
from hub.interfaces import Context

MODE, REGION = "mode", "region"


def ordered(message: Message, context: Context, modes: Modes) -> Asked | None:
    """What came of it; None when a message asks for nothing of the kind."""
    options = {o.name: o.value or "" for o in message.request.options} if message.request else {}
    if message.header.verb is not Verb.CHANGE or MODE not in options:
        return None
    mode, region = options[MODE], options.get(REGION, EVERYWHERE)
    if mode not in {AUTO, *modes.known()}:
        known = ", ".join(sorted({AUTO, *modes.known()}))
        rule = f"Option mode: {mode!r} is none of {known}."
        return _refused(message, context, rule, mode)
    if region not in modes.all_regions():
        rule = f"Option region: there is no region {region!r}."
        return _refused(message, context, rule, region)
    user = message.header.user
    by = (user.user_id if user else None) or message.header.source or ""
    order(context.connection, region, mode, by, context.now)
    return Asked(says_something=True)


def _refused(message: Message, context: Context, rule: str, value: str) -> Asked:
    audit.keep_refused(context.connection, message, 0, [""], rule, context.now)
    return Asked(refused=[Violation(code=INVALID, rule=rule, value=value)])
