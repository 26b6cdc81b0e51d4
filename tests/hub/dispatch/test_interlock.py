"""Controls: what the interlock forbids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import pytest

from cim.message import Message, Verb
from cim.network import Network
from cim.profiles.controls import Command, Controls, SetPoint
from cim.profiles.identification import Name, PowerSystemResource
from cim.violation import Refusal
from hub.dispatch.interlock import Interlock
from hub.message_channel import Subscription
from tests import fakes
from tests.cim.network.drawing import Drawing, moved
from tests.cim.network.plain import Plain, tagged

PLAIN = Plain({})  # only says what happens
PATIENCE = 20.0


def street() -> Drawing:
    # source - a =[x]= b =[d]= c --m-- e: load, with p      b =[y, open]= f =[w, open]= z - other
    # f =[gd, open]= earth      e =[gl, open]= earth        the pump has no terminal
    return (
        Drawing()
        .source("a")
        .switch("x", "a", "b")
        .switch("d", "b", "c", kind="Disconnector")
        .line("m", "c", "e")
        .consumer("load", "e")
        .usage_point("p", "load")
        .switch("y", "b", "f", opened=True)
        .switch("w", "f", "z", opened=True, kind="Disconnector")
        .source("z", "other")
        .switch("gd", "f", "g", kind="GroundDisconnector", opened=True, normally_open=True)
        .switch("gl", "e", "h", kind="GroundDisconnector", opened=True, normally_open=True)
        .thing("ShuntCompensator", "bank", IdentifiedObject__name="bank 1")
    )


def command(value: int, device: str, message_id: str = "C-1", **header: Any) -> Message:
    one = Command(value=value, power_system_resource=PowerSystemResource(mrid=device))
    return asked(Controls(command=(one,)), message_id, **header)


def asked(payload: Any, message_id: str = "C-1", **header: Any) -> Message:
    made = fakes.message(payload, Verb.CREATE, message_id=message_id, noun="Controls", source="oms")
    return replace(made, header=replace(made.header, **header))


@dataclass
class Standing:
    """A network that nothing moves (`hub.dispatch.live.Live`, as far as it is asked)."""

    current: Network

    def catch_up(self) -> Network:
        return self.current


@pytest.fixture(scope="module")
def drawn() -> Network:
    return street().network()


def broken(network: Network, message: Message) -> str:
    """Code and text of the rule that forbids it; "" when none does."""
    taker = Subscription("scada", frozenset(), answers=False)
    interlock = Interlock(Standing(network), lambda _: [taker], "LIVE")
    try:
        interlock.check_now(message)
    except Refusal as refusal:
        return f"{refusal.violations[0].code}: {refusal.violations[0].rule}"
    return ""


@pytest.mark.parametrize(
    ("before", "said", "rule"),
    [
        ([tagged("t-1", "x", type="hold")], (0, "x"), "6.1: x must not be operated: the tag t-1"),
        ([tagged("t-1", "x name")], (0, "x"), "6.1: x must not be operated: the tag t-1 (hold)"),
        ([tagged("t-1", "bank")], (1, "bank"), "6.1: bank must not be operated: the tag t-1"),
        (
            [PLAIN.ground("g-1", "f", "A", there=True)],
            (1, "y"),
            "6.1: y must not be closed: f is earthed (A) by g-1",
        ),
        ([moved("close", "gd")], (1, "w"), "w must not be closed: f is earthed (A, B, C) by gd"),
        (
            [moved("close", "gd", "y")],
            (1, "w"),
            "w must not be closed: f is earthed (A, B, C) by gd",
        ),
        ([], (1, "gl"), "6.1: gl must not be closed: it would earth e, which is supplied"),
        (
            [],
            (0, "d"),
            "6.1: d must not be opened: a Disconnector breaks no load, and it carries p",
        ),
        ([], (2, "x"), "6.1: x is a Breaker: 0 opens and 1 closes it, 2 says nothing"),
        ([], (1, "nowhere"), "5.7: the network has no nowhere, or several"),
    ],
)
def test_what_must_not_be_is_refused_and_named(
    drawn: Network, before: Sequence[Message], said: tuple[int, str], rule: str
) -> None:
    assert rule in broken(reduce(Network.after, before, drawn), command(*said))


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ([], (0, "x")),
        ([], (1, "y")),
        ([], (1, "gd")),
        ([], (1, "bank")),
        ([moved("open", "x")], (0, "d")),  # it carries nothing
        ([PLAIN.ground("g-1", "f", "A", there=True)], (0, "x")),
        (
            [PLAIN.ground("g-1", "f", "A", there=True), PLAIN.ground("g-1", "f", "A", there=False)],
            (1, "y"),
        ),
        ([tagged("t-1", "x"), tagged("t-1", "x", there=False)], (0, "x")),
        ([tagged("t-1", "y")], (0, "x")),
    ],
)
def test_what_may_be_is_taken(
    drawn: Network, before: Sequence[Message], said: tuple[int, str]
) -> None:
    assert broken(reduce(Network.after, before, drawn), command(*said)) == ""


def test_a_device_is_known_by_its_name_too_and_a_switch_takes_no_value(drawn: Network) -> None:
    named = PowerSystemResource(names=(Name(name="x name"),))
    point = SetPoint(value=0.5, power_system_resource=named)
    assert broken(drawn, asked(Controls(set_point=(point,)))).startswith("6.1: x is a Breaker")
    nobody = Command(value=1, power_system_resource=PowerSystemResource())
    assert "1.8: a control names its device" in broken(drawn, asked(Controls(command=(nobody,))))


def test_a_request_holds_one_control_of_here(drawn: Network) -> None:
    one = Command(value=0, power_system_resource=PowerSystemResource(mrid="x"))
    assert "this one 2" in broken(drawn, asked(Controls(command=(one, one))))
    assert "this one 0" in broken(drawn, asked(Controls()))
    study = command(0, "x", context="STUDY")
    assert broken(drawn, study) == "6.1: a control of the context STUDY moves no device here"
    assert broken(drawn, command(0, "x", context="LIVE")) == ""
    changed = command(0, "x", verb=Verb.CHANGE)
    assert broken(drawn, changed) == "2.9: Controls knows no change; its verb is create"
