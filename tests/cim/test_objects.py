"""The objects in payloads, and their versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cim.objects import Object, Versions, identity, main_fields, names, objects, payload_of, times
from cim.profiles import NOUNS
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from tests import fakes

AT = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
OUTAGE = UnplannedOutage(
    mrid="o-1",
    names=(Name(name="first"),),
    comment="a fuse",
    original_customers_served=3,
    de_energized_usage_point=(UsagePoint(mrid="up-1"),),
)


def outages(*found: UnplannedOutage) -> UnplannedOutages:
    return UnplannedOutages(unplanned_outage=found)


@pytest.mark.parametrize("noun", sorted(NOUNS.keys() - {"NetworkModels"}))
def test_every_noun_has_its_main_objects(noun: str) -> None:
    assert main_fields(NOUNS[noun])


def test_what_explains_codes_is_no_main_object() -> None:
    assert main_fields(NOUNS["EndDeviceEvents"]) == {"end_device_event"}


def test_an_object_is_called_by_its_mrid_else_by_its_name() -> None:
    assert identity(OUTAGE) == "o-1"
    assert identity(replace(OUTAGE, mrid=None)) == "first"
    assert identity(replace(OUTAGE, mrid=None, names=())) is None
    assert set(names(OUTAGE)) == {"o-1", "first", "up-1"}


def test_its_times_are_all_it_speaks_of() -> None:
    assert list(times(fakes.last_gasp("a"))) == [fakes.START]


def test_a_change_is_laid_over_what_was_known() -> None:
    versions = Versions()
    versions.create(outages(OUTAGE), AT)
    versions.change(outages(UnplannedOutage(mrid="o-1", original_customers_served=2)), LATER)
    [one] = versions.since(None)
    assert one.value == replace(OUTAGE, original_customers_served=2)
    assert versions.since(LATER) == [one]
    assert versions.since(LATER + timedelta(seconds=1)) == []


def test_what_is_deleted_is_gone_whole_or_in_part() -> None:
    versions = Versions()
    versions.create(outages(OUTAGE, replace(OUTAGE, mrid="o-2")), AT)
    part = replace(OUTAGE, names=(Name(name="x"),), comment="", de_energized_usage_point=())
    versions.delete_elements(outages(part), LATER)
    versions.delete_named(["o-2", "never heard of"])
    assert [o.value for o in versions.since(None)] == [replace(OUTAGE, comment=None)]
    versions.delete(outages(replace(OUTAGE, names=())))
    assert versions.since(None) == []


def test_a_payload_holds_each_once() -> None:
    found = [Object("unplanned_outage", OUTAGE)] * 2
    assert payload_of(UnplannedOutages, found) == outages(OUTAGE)
    assert list(objects(outages(OUTAGE))) == found[:1]
