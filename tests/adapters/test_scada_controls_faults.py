"""Controls that RTUs refuse, do not answer, answer wrongly or do not carry out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.rtus import Rtus, simulated
from tests.adapters.test_scada_controls import (
    SCRIPT,
    command,
    executed,
    operated,
    points,
    points_104,
)

SLOW = pytest.mark.fault  # one of a kind is enough for each run
COMMANDS = {"m-2": [10, 1], "m-3": [10, 1], "i": [101, 1]}
"""RTU -> what it carries out when c1 closes its switch: address and value."""
rtus = simulated(SCRIPT)


def opened(rtus: Rtus, rtu: str) -> int:
    """The switch is open; how many controls the RTU has carried out so far."""
    table, address = ("", 1) if rtu == "i" else ("discrete_input", 0)
    rtus.happen(rtu, do="control")
    rtus.happen(rtu, do="set", table=table or "holding", address=address, value=0)
    return len(rtus.executed(rtu))


def rows(rtu: str, within: str) -> list[dict[str, str]]:
    return points_104(within=within) if rtu == "i" else points(rtu, within=within)


@pytest.mark.parametrize(
    ("rtu", "faults", "says"),
    [
        ("m-2", ["refuses"], "the RTU refuses it: exception 4"),
        ("m-2", ["stuck"], " is not confirmed: the RTU has taken it, after 1.5 s s1 shows"),
        ("m-2", ["stuck", "mute"], "UNKNOWN whether c1 = closed was carried out: no answer in 0.5"),
        ("m-2", ["stuck", "cuts"], "UNKNOWN whether c1 = closed was carried out: the connection"),
        ("m-2", ["stuck", "wrong_echo"], "UNKNOWN whether c1 = closed was carried out: 05000a0000"),
        ("i", ["refuses"], "the RTU refuses it: negative confirmation"),
        ("i", ["stuck"], " is not confirmed: the RTU has taken it, after 0.4 s s1 shows open"),
        pytest.param(
            "i",
            ["stuck", "mute"],
            "UNKNOWN whether c1 = closed was carried out: no answer in 0.5 s",
            marks=SLOW,
        ),
        pytest.param(
            "i",
            ["stuck", "cuts"],
            "UNKNOWN whether c1 = closed was carried out: the connection was",
            marks=SLOW,
        ),
        ("i", ["stuck", "wrong_echo"], "was carried out: it confirms 00, sent was 01; after 0.4 s"),
    ],
)
def test_what_is_not_confirmed_is_reported_and_never_repeated(
    rtus: Rtus, tmp_path: Path, rtu: str, faults: list[str], says: str
) -> None:
    before = opened(rtus, rtu)
    # Long enough to be polled, where it matters what the indication shows.
    within = "1.5" if (rtu, faults) == ("m-2", ["stuck"]) else "0.4"
    with operated(rtus, tmp_path, rtu, rows(rtu, within)) as field:
        rtus.happen(rtu, do="control", faults=faults)
        why = field.outcome(command(1, "_s1"))
        assert why.startswith("5.3: ")
        assert says in why
        rtus.happen(rtu, do="control")
        assert field.outcome(command(1, "_s1")) == why
        assert field.outcome(command(1, "_s1"), "recall") == why
    wanted = [] if faults == ["refuses"] else [COMMANDS[rtu]]
    assert executed(rtus, rtu, before) == wanted


@pytest.mark.parametrize(
    ("rtu", "fault"),
    [
        *(("m-3", fault) for fault in ("mute", "cuts", "wrong_echo", "slow")),
        ("i", "cuts"),
        ("i", "wrong_echo"),
        pytest.param("i", "mute", marks=SLOW),
        pytest.param("i", "slow", marks=SLOW),
    ],
)
def test_the_indication_tells_where_the_answer_does_not(
    rtus: Rtus, tmp_path: Path, rtu: str, fault: str
) -> None:
    before = opened(rtus, rtu)
    with operated(rtus, tmp_path, rtu, rows(rtu, "3")) as field:
        rtus.happen(rtu, do="control", faults=[fault], seconds=0.1)
        assert field.outcome(command(1, "_s1")) == "OK"
    assert executed(rtus, rtu, before) == [COMMANDS[rtu]]
