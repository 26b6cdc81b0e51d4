"""Every case of bad input over HTTP: the code and the sentence come back, the hub lives on."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from tests.bad_input import BadInput, load
from tests.soap_clients import ENVELOPE, MESSAGE, PUBLISH, REQUEST, RESPONSE
from tests.soap_served import Served

START = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>'.encode()
END = b"</s:Body></s:Envelope>"
ACTIONS = {b"<RequestMessage": REQUEST, b"<ResponseMessage": RESPONSE}
LARGEST = 32 * 1024 * 1024


def enveloped(body: bytes) -> bytes:
    """`body` in an envelope without moving a line; as it is where there is no place for one."""
    root = re.search(rb"<(?=[A-Za-z])", body)
    if root is None or b"<!DOCTYPE" in body or len(body) > LARGEST:
        return body
    return body[: root.start()] + START + body[root.start() :] + END


@pytest.mark.parametrize("case", load(), ids=lambda case: case.name)
def test_bad_input_is_refused_in_words(served: Served, case: BadInput) -> None:
    body = case.body()
    action = next((a for root, a in ACTIONS.items() if root in body[:1000]), PUBLISH)
    answer = served.post(enveloped(body), action)
    root = etree.fromstring(answer.content)  # noqa: TID251
    codes = [code.text for code in root.iter(f"{{{MESSAGE}}}code")]
    details = [detail.text or "" for detail in root.iter(f"{{{MESSAGE}}}details")]
    assert root.findtext(f".//{{{MESSAGE}}}Result") == "FAILED"
    assert codes[0] == case.expected_code
    for words in case.expected_text:
        assert any(words in detail for detail in details)
    if case.line is not None:
        assert details[0].startswith(f"line {case.line}")
    if case.xpath is not None:
        assert f"{case.xpath}: " in details[0]
    kept = [] if len(body) > LARGEST else [case.expected_code]
    assert [refusal.violations[0].code for refusal in served.hub.refusals] == kept
    assert served.hub.messages == []
