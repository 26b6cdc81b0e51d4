"""Two validators agree, and a rejection says line, path and rule."""

from __future__ import annotations

import copy
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
import xmlschema
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import validation
from cim.parse import parse
from cim.places import follow, xpath_of
from cim.profiles import NOUNS
from cim.schema import noun_xsd
from cim.schema.names import MESSAGE
from cim.validation import violations
from cim.xml import encode
from tests.strategies import profiles

EVENTS = "http://iec.ch/TC57/2011/EndDeviceEvents#"
GOOD = (
    "<m:EndDeviceEvent><m:createdDateTime>2026-01-15T08:03:10Z</m:createdDateTime>"
    '<m:EndDeviceEventType ref="3.26.0.85"/></m:EndDeviceEvent>'
)


def events(*inner: str) -> etree._Element:
    text = f'<m:EndDeviceEvents xmlns:m="{EVENTS}">{"".join(inner)}</m:EndDeviceEvents>'
    return parse(text.encode())


@cache
def second_schema(noun: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(noun_xsd(NOUNS[noun]), allow="none", defuse="always")


def drop(element: etree._Element, _: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def rename(element: etree._Element, _: etree._Element) -> None:
    element.tag = element.tag + "X"


def swap(element: etree._Element, other: etree._Element) -> None:
    element.addprevious(copy.deepcopy(other))


def empty(element: etree._Element, _: etree._Element) -> None:
    element.text = None


def garble(element: etree._Element, _: etree._Element) -> None:
    element.text = "2026-13-45"


def strip(element: etree._Element, _: etree._Element) -> None:
    element.attrib.clear()


def add_attribute(element: etree._Element, _: etree._Element) -> None:
    element.set("nobody", "knows")


MUTATIONS = [drop, rename, swap, empty, garble, strip, add_attribute]


@pytest.mark.parametrize("noun", NOUNS)
@settings(deadline=None, max_examples=10)
@given(data=st.data(), mutate=st.sampled_from(MUTATIONS))
def test_two_validators_agree_on_changed_messages(
    noun: str,
    mutate: Callable[[etree._Element, etree._Element], None],
    data: st.DataObject,
) -> None:
    root = encode(data.draw(profiles(NOUNS[noun])))
    inner = [e for e in root.iterdescendants() if e.tag.startswith(f"{{{NOUNS[noun].namespace}}}")]
    assume(inner)
    first = data.draw(st.sampled_from(inner))
    # xmlschema lets text stand beside the one element of any name, which XML Schema does not.
    assume(mutate is not garble or not first.tag.endswith("}Document"))
    mutate(first, data.draw(st.sampled_from(inner)))

    broken = violations(root)

    assert (broken == ()) == second_schema(noun).is_valid(root)
    for violation in broken:
        assert violation.code in ("1.7", "1.8")
        assert violation.xpath is not None
        assert violation.xpath.startswith(f"/{noun}")


def test_a_large_document_is_told_in_the_words_of_lxml() -> None:
    root = events(*[GOOD] * validation.EXPLAINED, "<m:EndDeviceEvent/>")

    [violation] = violations(root)

    assert violation.code == "1.7"
    assert violation.xpath == f"/EndDeviceEvents/EndDeviceEvent[{validation.EXPLAINED + 1}]"
    assert "Missing child element" in violation.rule
    assert "{" not in violation.rule


def test_at_most_a_few_rules_are_told() -> None:
    assert len(violations(events(*["<m:EndDeviceEvent/>"] * 20))) == validation.REPORTED


def test_the_line_is_that_of_the_bytes_received() -> None:
    [violation] = violations(events("\n\n", GOOD, "\n<m:EndDeviceEvent/>"))

    assert (violation.line, violation.xpath) == (4, "/EndDeviceEvents/EndDeviceEvent[2]")
    assert str(violation) == (
        "line 4, /EndDeviceEvents/EndDeviceEvent[2]: EndDeviceEvent lacks createdDateTime."
    )


def test_threads_do_not_mix_their_verdicts() -> None:
    start = threading.Barrier(4)

    def check(number: int) -> list[int]:
        start.wait()
        root = events(*[GOOD] * 200, *["<m:EndDeviceEvent/>"] * number)
        return [len(violations(root)) for _ in range(30)]

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(check, range(4)))

    assert counts == [[number] * 30 for number in range(4)]


@settings(deadline=None, max_examples=50)
@given(data=st.data(), noun=st.sampled_from(sorted(NOUNS)))
def test_a_path_of_libxml2_leads_to_its_element(noun: str, data: st.DataObject) -> None:
    root = encode(data.draw(profiles(NOUNS[noun])))
    tree = root.getroottree()
    for element in root.iter(f"{{{NOUNS[noun].namespace}}}*"):
        assert follow(root, tree.getpath(element)) is element
        assert xpath_of(element).count("/") == tree.getpath(element).count("/")


FIRST_SCHEMAS = """
import threading
from cim.parse import parse
from cim.validation import violations

event = b'<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message"/>'
roots = [parse(event) for _ in range(8)]
start = threading.Barrier(len(roots))
told = []

def look(root):
    start.wait()
    told.append(len(violations(root)))

threads = [threading.Thread(target=look, args=(root,)) for root in roots]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert told == [1] * len(roots), told
"""


def test_the_first_schemas_of_a_process_may_be_wanted_at_once() -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-c", FIRST_SCHEMAS], check=True, timeout=60)


def test_a_value_that_breaks_type_and_facet_is_told_once() -> None:
    root = parse(
        f'<MeterReadings xmlns="{NOUNS["MeterReadings"].namespace}"><MeterReading><Readings>'
        "<timeStamp>2026-03-01T12:00:00Z</timeStamp><value>many</value>"
        '<ReadingType ref="0"/></Readings></MeterReading></MeterReadings>'.encode()
    )
    [only] = violations(root)
    assert only.rule == "value is 'many'; it must be a number."


@pytest.mark.parametrize("own", ["", f"xmlns='{MESSAGE}'"])
def test_a_noun_outside_its_namespace_is_told_which_it_is(own: str) -> None:
    root = parse(
        f"<m:EventMessage xmlns:m='{MESSAGE}'><m:Header><m:Verb>created</m:Verb>"
        "<m:Noun>EndDeviceEvents</m:Noun></m:Header>"
        f"<m:Payload><EndDeviceEvents {own}/></m:Payload></m:EventMessage>".encode()
    )
    [only] = violations(root)
    assert only.rule.endswith(f"Format, or a noun in its own namespace, '{EVENTS}'.")
