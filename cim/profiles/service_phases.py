"""Phases as the nouns of customers and meters name them."""

from __future__ import annotations

from enum import StrEnum


class PhaseCode(StrEnum):
    """Phases a usage point may have; the published nouns name no others."""

    A = "A"
    AB = "AB"
    ABC = "ABC"
    ABCN = "ABCN"
    ABN = "ABN"
    AC = "AC"
    ACN = "ACN"
    AN = "AN"
    B = "B"
    BC = "BC"
    BCN = "BCN"
    BN = "BN"
    C = "C"
    CN = "CN"
    N = "N"
    S1 = "s1"
    S12 = "s12"
    S12N = "s12N"
    S1N = "s1N"
    S2 = "s2"
    S2N = "s2N"
