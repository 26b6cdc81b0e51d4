"""Very many outages at once, and after a start."""

from __future__ import annotations

import time

import pytest

from cim.message import Verb
from cim.profiles.unplanned_outages import (
    UnplannedOutages,
)
from hub.console import outages
from hub.security.roles import Role
from tests.hub.console.house import House, Say
from tests.hub.console.telling import OTHERS, devices, told


def test_a_thousand_open_outages_are_shown_quickly(built: House, say: Say) -> None:
    many = tuple(
        one
        for n in range(1000)
        for one in told(f"outage-{n}", customers=n % 7, minutes=n).unplanned_outage
    )
    built.accept(say(Verb.CREATED, UnplannedOutages(unplanned_outage=many)))
    eve = built.person("eve", Role.VIEWER)
    page = eve.get("/outages")
    assert len(devices(page)) == 100
    assert "Page 1 of 10" in page
    assert len(devices(eve.get("/outages?page=10"))) == 100
    before = time.process_time()
    part = eve.get("/outages", headers=OTHERS)
    spent = time.process_time() - before
    assert len(part) < 200_000
    assert spent < 1.0, f"{spent:.2f} s of processor time"


def test_after_a_start_all_outages_of_a_large_storm_are_known(built: House, say: Say) -> None:
    """Each told of by a message of its own."""
    built.accept(*(say(Verb.CREATED, told(f"o-{n}", customers=1)) for n in range(5_100)))
    page = built.person("eve", Role.VIEWER).get("/outages")
    assert "<dt>Open outages</dt><dd>5 100</dd>" in page
    assert "What was told before" not in page


def test_what_is_too_old_to_be_known_after_a_start_is_said(
    built: House, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "_MESSAGES", 2)
    built.accept(*(say(Verb.CREATED, told(f"o-{n}")) for n in range(3)))
    page = built.person("eve", Role.VIEWER).get("/outages")
    assert "<dt>Open outages</dt><dd>2</dd>" in page
    assert 'What was told before <a href="/messages/2">message 2</a>' in page
