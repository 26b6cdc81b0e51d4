"""Phases as messages name them."""

from __future__ import annotations

from enum import StrEnum


class PhaseCode(StrEnum):
    """Phases of a three-phase or split-phase circuit (IEC 61970 core)."""

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
    X = "X"
    XN = "XN"
    XY = "XY"
    XYN = "XYN"
    NONE = "none"
    S1 = "s1"
    S12 = "s12"
    S12N = "s12N"
    S1N = "s1N"
    S2 = "s2"
    S2N = "s2N"


class SinglePhaseKind(StrEnum):
    """One phase, or one side of a split phase (IEC 61970 core)."""

    A = "A"
    B = "B"
    C = "C"
    N = "N"
    S1 = "s1"
    S2 = "s2"
