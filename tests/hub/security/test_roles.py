from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from hub.security.roles import Right, Role, RoleConflictError, Roles, parse


def test_every_role_is_in_the_table(roles: Roles) -> None:
    assert set(roles.rights) == set(Role)


def test_every_right_is_held_by_someone(roles: Roles) -> None:
    assert roles.allowed(list(Role)) == set(Right)


def test_the_first_account_can_run_the_hub_but_sees_no_customer_data(roles: Roles) -> None:
    rights = roles.allowed(roles.first)
    assert {Right.SEE, Right.BODIES, Right.REPLAY, Right.ACCOUNTS, Right.ROLES} <= rights
    assert not rights & {Right.PERSONAL, Right.AUDIT}


def test_conflicting_pairs_are_refused_and_no_others(roles: Roles) -> None:
    refused = set()
    for pair in combinations(Role, 2):
        try:
            roles.check(pair)
        except RoleConflictError:
            refused.add(frozenset(pair))
    assert refused == {
        frozenset({Role.OPERATOR, Role.SECADM}),
        frozenset({Role.SECADM, Role.SECAUD}),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[rights]\nBOSS=["see"]\n', 'no role is called "BOSS"; known: VIEWER'),
        ('[rights]\nVIEWER=["fly"]\n', 'no right is called "fly"; known: see'),
        ('[rights]\nVIEWER=["see"]\n', "the key 'assignment' is missing"),
        (
            '[rights]\n[assignment]\nconflicts=[["VIEWER","SECADM"]]\nfirst=["VIEWER","SECADM"]\n',
            "SECADM and VIEWER may not be held by the same account",
        ),
    ],
)
def test_a_wrong_table_says_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "roles.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"roles\.toml: ") as caught:
        Roles.read(path)
    assert sentence in str(caught.value)


def test_an_unknown_role_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r'"operator"; known: VIEWER, OPERATOR'):
        parse(["operator"])
