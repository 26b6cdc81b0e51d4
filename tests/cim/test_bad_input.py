"""Bad input is refused with code, place and rule, and reads nothing of ours."""

from __future__ import annotations

import pytest

from cim.envelope import read
from cim.reply_codes import REPLY_CODES
from cim.violation import Refusal
from tests.bad_input import GENERATORS, BadInput, load

CASES = load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_refused_in_words(case: BadInput) -> None:
    with pytest.raises(Refusal) as refusal:
        read(case.body())

    first = refusal.value.violations[0]
    assert first.code == case.expected_code
    assert first.code in REPLY_CODES
    assert [t for t in case.expected_text if t not in first.rule] == [], first.rule
    if case.line is not None:
        assert first.line == case.line
    if case.xpath is not None:
        assert first.xpath == case.xpath
        assert str(first) == f"line {first.line}, {first.xpath}: {first.rule}"


def test_every_generator_has_its_case() -> None:
    assert {case.generate for case in CASES} - {None} == set(GENERATORS)
