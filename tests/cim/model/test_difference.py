"""Differences: the laws they keep, against sets of Python, and what they refuse."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cim.model import LINK, TEXT, TYPE, Header, Model, difference, write
from cim.model.difference import Change, Difference, between, compose
from cim.model.header import DIFFERENCE, DM, MD, Said
from cim.model.read import content
from cim.violation import Refusal
from tests.cim.model.made import CIM, IDS, RDF, SPELLINGS, Statement, made, said, sets, statements

Set = list[Statement]
OPEN, NAME, PHASES = f"{CIM}Switch.open", f"{CIM}IdentifiedObject.name", f"{CIM}Terminal.phases"
IS_A = f"{RDF}type"


def typed(given_: Set) -> tuple[Set, list[str]]:
    """The same with a class for every object, and those whose class makes them created here."""
    classes = [(s, IS_A, TYPE, f"{CIM}Breaker") for s in dict.fromkeys(s for s, *_ in given_)]
    return list(dict.fromkeys((*given_, *classes))), [s for s, *_ in classes if s in IDS[:4]]


# -- laws


@given(sets(), sets(SPELLINGS))
def test_the_difference_of_two_versions_turns_one_into_the_other(old: Set, new: Set) -> None:
    a, b = made(old), made(new)
    change = between(a, b)
    assert said(change.reverse) == said(a) - said(b)
    assert said(change.forward) == said(b) - said(a)
    result = change.apply(a)
    assert said(result) == said(b)
    assert result.problems == ()


@given(sets(), sets())
def test_the_result_is_the_other_byte_for_byte(old: Set, new: Set) -> None:
    a, b = made(*typed(old)), made(*typed(new))
    assert write.full(between(a, b).apply(a)) == write.full(b)


@given(sets())
def test_there_is_no_difference_between_the_same(some: Set) -> None:
    assert not between(made(some), made(reversed(some)))


@given(sets(), sets())
def test_an_inverse_takes_a_difference_back(old: Set, new: Set) -> None:
    a, b = made(old), made(new)
    change = between(a, b)
    assert said(change.invert().apply(b)) == said(a)
    assert parts(change.invert().invert()) == parts(change)
    assert parts(change.invert()) == parts(between(b, a))


@given(sets(), sets(), sets())
def test_two_differences_in_one_do_what_both_do(one: Set, two: Set, three: Set) -> None:
    a, b, c = made(one), made(two), made(three)
    both = compose(between(a, b), between(b, c))
    assert said(both.apply(a)) == said(c)
    assert parts(both)[1:] == parts(between(a, c))[1:]
    assert not compose(between(a, b), between(a, b).invert())


few = st.lists(statements(IDS[:2]), max_size=4)


@given(st.tuples(few, few, few), st.tuples(few, few, few), st.data())
def test_composed_ones_are_refused_where_one_of_both_is(
    first: tuple[Set, Set, Set], second: tuple[Set, Set, Set], data: st.DataObject
) -> None:
    """What is added twice is odd, but no error; then only the order tells what comes of it."""
    pool = [statement for part in (*first, *second) for statement in part]
    base = data.draw(st.sets(st.sampled_from(pool)) if pool else st.just(set()))
    middle = _applied(base, first)
    expected = None if middle is None else _applied(middle, second)
    assume(not _added_again(base, first))
    assume(middle is None or not _added_again(middle, second))
    try:
        result = compose(_difference(first), _difference(second)).apply(made(sorted(base)))
    except Refusal:
        assert expected is None
    else:
        assert expected is not None
        assert said(result) == said(made(sorted(expected)))


def _applied(base: set[Statement], what: tuple[Set, Set, Set]) -> set[Statement] | None:
    wanted, reverse, forward = map(set, what)
    return (base - reverse) | forward if wanted | reverse <= base else None


def _added_again(base: set[Statement], what: tuple[Set, Set, Set]) -> bool:
    _, reverse, forward = map(set, what)
    return bool((base - reverse) & forward)


def _difference(what: tuple[Set, Set, Set]) -> Difference:
    return Difference(None, *map(made, what))  # type: ignore[arg-type]


def parts(change: Difference) -> list[set[Statement]]:
    return [said(part) for part in (change.preconditions, change.reverse, change.forward)]


@given(sets(), sets(), sets(), st.randoms())
def test_written_canonically_and_read_again(
    wanted: Set, reverse: Set, forward: Set, random: Random
) -> None:
    change = _difference((wanted, reverse, forward))
    data = write.difference(change)
    again = difference.of(content(data))
    assert parts(again) == parts(change)
    assert write.difference(again) == data
    for part in (wanted, reverse, forward):
        random.shuffle(part)
    assert write.difference(_difference((wanted, reverse, forward))) == data


# -- what is refused, and what is told

SWITCH = [
    ("#_q", IS_A, TYPE, f"{CIM}Breaker"),
    ("#_q", OPEN, TEXT, "true"),
    ("#_q", NAME, TEXT, "Q 1"),
]


def test_all_that_does_not_hold_is_told_at_once() -> None:
    change = Difference(
        None,
        made([("#_q", PHASES, LINK, f"{CIM}PhaseCode.A"), ("#_q", NAME, TEXT, "Q 1")]),
        made([("#_q", OPEN, TEXT, "false"), ("#_x", IS_A, TYPE, f"{CIM}Fuse")]),
        made([("#_q", OPEN, TEXT, "true")]),
    )
    with pytest.raises(Refusal) as refused:
        change.apply(made(SWITCH))
    assert [violation.rule for violation in refused.value.violations] == [
        "The difference requires what the model does not say: "
        f"Terminal.phases of #_q is {CIM}PhaseCode.A.",
        "The difference removes what the model does not say: "
        "Switch.open of #_q is 'false'; the model has 'true'.",
        "The difference removes what the model does not say: #_x is a Fuse.",
    ]


def test_a_hundred_sentences_are_enough() -> None:
    many = made([(f"#_{n}", NAME, TEXT, str(n)) for n in range(250)])
    with pytest.raises(Refusal) as refused:
        Difference(reverse=many).apply(Model.empty())
    assert len(refused.value.violations) == 101
    assert refused.value.violations[-1].rule == "The same of 150 more."


def test_what_is_added_again_is_no_error() -> None:
    result = Difference(forward=made(SWITCH)).apply(made(SWITCH[1:]))
    assert said(result) == said(made(SWITCH))
    assert result.problems == (
        "The difference adds what the model says already: Switch.open of #_q is 'true'.",
        "The difference adds what the model says already: IdentifiedObject.name of #_q is 'Q 1'.",
    )


def test_the_second_may_not_need_what_the_first_removes() -> None:
    first = Difference(reverse=made(SWITCH[:1]))
    with pytest.raises(Refusal, match="needs what the first removes: #_q is a Breaker"):
        compose(first, first)


def test_objects_and_values_are_told_apart() -> None:
    fuse = [("urn:uuid:f", IS_A, TYPE, f"{CIM}Fuse"), ("urn:uuid:f", NAME, TEXT, "F")]
    other = [*SWITCH[:1], ("#_q", OPEN, TEXT, "false"), ("#_q", PHASES, LINK, "urn:p"), *fuse]
    change = between(made(SWITCH), made(other))
    assert change.added() == [("Fuse", "urn:uuid:f")]
    assert change.removed() == []
    assert change.invert().removed() == change.added()
    assert change.changed() == [
        Change("#_q", NAME, ("Q 1",), ()),
        Change("#_q", OPEN, ("true",), ("false",)),
        Change("#_q", PHASES, (), ("urn:p",)),
    ]
    reclassified = between(made(SWITCH[:1]), made([("#_q", IS_A, TYPE, f"{CIM}Fuse")]))
    assert (reclassified.added(), reclassified.removed()) == ([], [])
    assert reclassified.changed() == [
        Change("#_q", IS_A, (f"{CIM}Breaker",), (f"{CIM}Fuse",)),
    ]


# -- headers


def header(identity: str, *said_: tuple[str, str], change: bool = False) -> Header:
    kind = DM + DIFFERENCE if change else f"{MD}FullModel"
    links = ("Model.Supersedes", "Model.DependentOn")
    said_all = (Said(f"{MD}{name}", value, name in links) for name, value in said_)
    return Header(identity, kind, tuple(said_all))


def with_header(model: Model, identity: str, *said_: tuple[str, str]) -> Model:
    return write_and_read(model, header(identity, *said_))


def write_and_read(model: Model, head: Header) -> Model:
    return content(write.full(model, head)).model()


BASE = with_header(made(SWITCH), "urn:uuid:BASE", ("Model.profile", "p"), ("Model.version", "1"))


def test_only_the_version_that_is_superseded_is_taken() -> None:
    change = Difference(header("urn:uuid:d", ("Model.Supersedes", "urn:uuid:other"), change=True))
    with pytest.raises(Refusal) as refused:
        change.apply(BASE)
    assert str(refused.value) == (
        "The difference d supersedes other, not BASE, the version it is to be applied to."
    )
    with pytest.raises(Refusal, match="but the model has no header"):
        change.apply(made(SWITCH))
    with pytest.raises(Refusal, match="supersedes nothing, not BASE"):
        Difference(header("urn:uuid:d", change=True)).apply(BASE)
    with pytest.raises(Refusal, match="supersedes other, not d"):
        compose(change, change)
    assert said(change.apply(BASE, supersedes=False)) == said(BASE)
    assert said(change.apply(made(SWITCH), supersedes=False)) == said(BASE)
    assert said(Difference().apply(BASE)) == said(BASE)


def test_the_header_of_the_result_is_that_of_the_difference() -> None:
    combined = "http://iec.ch/TC57/61970-552/DifferenceModel/1"
    change = Difference(
        header(
            "urn:uuid:d",
            ("Model.Supersedes", "urn:uuid:base"),
            ("Model.version", "2"),
            ("Model.profile", f"{combined}http://profile"),
            ("Model.profile", combined),
            change=True,
        )
    )
    base = with_header(
        made(SWITCH), "#_base", ("Model.DependentOn", "urn:uuid:x"), ("Model.description", "old")
    )
    assert change.apply(base).header == header(
        "urn:uuid:d",
        ("Model.Supersedes", "urn:uuid:base"),
        ("Model.version", "2"),
        ("Model.profile", "http://profile"),
        ("Model.DependentOn", "urn:uuid:x"),
    )
    assert Difference().apply(BASE).header is None


def test_versions_with_headers_give_differences_with_headers() -> None:
    newer = with_header(
        made(SWITCH[:2]), "urn:uuid:NEW", ("Model.profile", "p"), ("Model.version", "2")
    )
    change = between(BASE, newer)
    supersedes = ("Model.Supersedes", "urn:uuid:BASE")
    said_ = (("Model.profile", "p"), ("Model.version", "2"), supersedes)
    assert change.header == header("urn:uuid:NEW", *said_, change=True)
    result = change.apply(BASE)
    assert result.header == header("urn:uuid:NEW", *said_)
    assert write.full(result, newer.header) == write.full(newer)
    assert between(BASE, made(SWITCH)).header is None


def test_an_inverse_leads_back_to_the_version_that_was_superseded() -> None:
    newer = with_header(made([]), "urn:uuid:NEW", ("Model.version", "2"))
    back = between(BASE, newer).invert()
    assert back.header == header("urn:uuid:BASE", ("Model.Supersedes", "urn:uuid:NEW"), change=True)
    assert said(back.apply(newer)) == said(BASE)
    assert Difference(header("urn:uuid:d", change=True)).invert().header is None


def test_composed_headers_lead_from_the_first_version_to_the_last() -> None:
    second = with_header(made(SWITCH[:1]), "urn:uuid:TWO")
    third = with_header(made([]), "urn:uuid:THREE", ("Model.version", "3"))
    both = compose(between(BASE, second), between(second, third))
    said_ = (("Model.version", "3"), ("Model.Supersedes", "urn:uuid:BASE"))
    assert both.header == header("urn:uuid:THREE", *said_, change=True)
    inherited = ("Model.profile", "p")
    assert both.apply(BASE).header == header("urn:uuid:THREE", *said_, inherited)
    assert compose(between(BASE, second), Difference()).header is None


# -- documents

HEAD = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{CIM}" xmlns:md="{MD}" xmlns:dm="{{dm}}">'
STATEMENTS = """<dm:DifferenceModel rdf:about="urn:uuid:191mf63-2">
<md:Model.profile>http://iec.ch/TC57/61970-552/DifferenceModel/1http://profile</md:Model.profile>
<dm:preconditions {parse}> </dm:preconditions>
<dm:reverseDifferences {parse}><rdf:Description rdf:about="#_q"/>
<rdf:Description rdf:about="#_q"><cim:Switch.open>false</cim:Switch.open></rdf:Description>
</dm:reverseDifferences>
<dm:forwardDifferences {parse}><cim:Breaker rdf:ID="_q">
<cim:Switch.open>true</cim:Switch.open></cim:Breaker></dm:forwardDifferences>
</dm:DifferenceModel></rdf:RDF>"""
DIALECTS = {
    "IEC 61970-552": (DM, 'rdf:parseType="Statements"'),
    "ENTSO-E": (DM, 'parseType="Statements"'),
    "an older namespace": ("http://iec.ch/2002/schema/CIM_difference_model#", ""),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialects_are_read_alike(dialect: str) -> None:
    space, parse = DIALECTS[dialect]
    document = HEAD.format(dm=space) + STATEMENTS.format(parse=parse)
    change = difference.of(content(document.encode()))
    assert parts(change) == [
        set(),
        {("q", OPEN, TEXT, "false")},
        {("q", IS_A, TYPE, f"{CIM}Breaker"), ("q", OPEN, TEXT, "true")},
    ]
    assert change.header is not None
    assert change.header.mrid == "191mf63-2"
    [profile] = change.header.profiles
    assert profile == "http://iec.ch/TC57/61970-552/DifferenceModel/1http://profile"
    assert write.difference(change).decode().splitlines()[4:] == [
        f"    <md:Model.profile>{profile}</md:Model.profile>",
        '    <dm:preconditions rdf:parseType="Statements"/>',
        '    <dm:reverseDifferences rdf:parseType="Statements">',
        '      <rdf:Description rdf:about="#_q">',
        "        <cim:Switch.open>false</cim:Switch.open>",
        "      </rdf:Description>",
        "    </dm:reverseDifferences>",
        '    <dm:forwardDifferences rdf:parseType="Statements">',
        '      <cim:Breaker rdf:ID="_q">',
        "        <cim:Switch.open>true</cim:Switch.open>",
        "      </cim:Breaker>",
        "    </dm:forwardDifferences>",
        "  </dm:DifferenceModel>",
        "</rdf:RDF>",
    ]


def test_parts_may_be_missing() -> None:
    model = '<dm:DifferenceModel rdf:about="urn:uuid:d"/></rdf:RDF>'
    change = difference.of(content((HEAD.format(dm=DM) + model).encode()))
    assert parts(change) == [set(), set(), set()]
    assert not change


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<md:FullModel rdf:about="urn:uuid:m"/>', "The document is no difference model"),
        ('<cim:Breaker rdf:ID="_q"/>', "The document is no difference model"),
        (
            '<dm:DifferenceModel rdf:about="urn:uuid:d"/><cim:Breaker rdf:ID="_q"/>',
            "Objects stand beside the difference model",
        ),
    ],
)
def test_what_is_no_difference_model_is_refused(body: str, rule: str) -> None:
    document = f"{HEAD.format(dm=DM)}{body}</rdf:RDF>".encode()
    with pytest.raises(Refusal, match=rule):
        difference.of(content(document))


def test_one_without_header_is_named_by_its_content() -> None:
    change = Difference(forward=made(SWITCH))
    names = [difference.of(content(write.difference(d))).header for d in (change, change)]
    other = difference.of(content(write.difference(change.invert()))).header
    assert names[0] == names[1] != other
