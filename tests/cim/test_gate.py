"""What has passed the gate is known by its digest, for exactly its bytes and its limits."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from cim import gate as gates
from cim.gate import MESSAGE, MODEL, Gate, Limits, Passed, gate
from cim.violation import Refusal

BIG = b"<a>" + b"<b/>" * 300_000 + b"</a>"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What expat has read since, with nothing known before."""
    read = Gate.read
    seen: list[bytes] = []

    def reading(self: Gate, data: bytes) -> None:
        seen.append(data)
        read(self, data)

    monkeypatch.setattr(Gate, "read", reading)
    monkeypatch.setattr(gates, "PASSED", Passed())
    return seen


def test_the_same_bytes_are_read_once(passes: list[bytes]) -> None:
    gate(BIG)
    gate(bytes(bytearray(BIG)))
    assert len(passes) == 1


def test_other_bytes_are_read(passes: list[bytes]) -> None:
    gate(BIG)
    hostile = BIG[:-5] + b"\x00</a>"
    for _ in range(2):
        with pytest.raises(Refusal, match="not well-formed"):
            gate(hostile)
    assert len(passes) == 3


@pytest.mark.parametrize("name", [f.name for f in fields(Limits)])
def test_other_limits_are_other_limits(name: str) -> None:
    passed = Passed(smallest=0)
    passed.add(BIG, MESSAGE)
    changed: Any = {name: getattr(MODEL, name) if name == "instructions" else 1}
    assert passed.knows(BIG, replace(MESSAGE))
    assert not passed.knows(BIG, replace(MESSAGE, **changed))


def test_stricter_limits_still_hold(passes: list[bytes]) -> None:
    gate(BIG, MODEL)
    with pytest.raises(Refusal, match="Elements: at most 9"):
        gate(BIG, replace(MODEL, elements=9))
    assert len(passes) == 2


def test_small_documents_are_not_remembered(passes: list[bytes]) -> None:
    gate(b"<a/>")
    gate(b"<a/>")
    assert len(passes) == 2


def test_the_oldest_digests_are_forgotten() -> None:
    passed = Passed(smallest=0, most=2)
    for data in (b"a", b"b", b"a", b"c"):
        passed.add(data, MESSAGE)
    assert [passed.knows(data, MESSAGE) for data in (b"a", b"b", b"c")] == [True, False, True]
