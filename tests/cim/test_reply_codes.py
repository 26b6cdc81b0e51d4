"""The reply codes are complete and in order."""

from __future__ import annotations

import pytest

from cim.reply_codes import REPLY_CODES


def test_codes_are_in_order_and_say_something() -> None:
    numbers = [tuple(map(int, code.split("."))) for code in REPLY_CODES]

    assert numbers == sorted(numbers)
    assert {family for family, _ in numbers} == set(range(8))
    assert all(REPLY_CODES.values())


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("0.0", "No errors"),
        ("1.8", "Message is not schema valid"),
        ("2.5", "Invalid Noun"),
        ("5.9", "Transaction aborted to maintain transactional integrity"),
    ],
)
def test_a_code_means_what_the_standard_says(code: str, meaning: str) -> None:
    assert REPLY_CODES[code] == meaning
