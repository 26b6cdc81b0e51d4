"""The table of who says what to whom."""

from __future__ import annotations

from cim.contract import Contract, markdown
from cim.profiles import NOUNS
from cim.reference_model import exchange_of, functions, sub_functions


def test_every_noun_goes_between_business_functions() -> None:
    for noun in NOUNS:
        ends = exchange_of(noun)
        assert ends.publishers, noun
        assert ends.subscribers, noun


def test_a_noun_that_is_not_in_the_table_goes_between_nobody_known() -> None:
    assert exchange_of("Nothing").publishers == ()


def test_codes_are_made_of_function_and_part() -> None:
    assert functions()["NO"] == "Network operations"
    assert sub_functions()["NO.FLT"].function == "Network operations"


def test_the_reference_page_has_every_element_with_its_unit() -> None:
    for noun in NOUNS:
        contract = Contract.of(noun)
        page = markdown(contract)
        assert page.startswith(f"# {noun}\n")
        for part in contract.parts:
            assert f"## {part.name}" in page
            for row in part.rows:
                assert f"| {row.tag} | {row.type} | {row.occurs} | {row.unit or ''} |" in page
