"""State variables as what is given: a request says by them what to compute with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cim.electrical.injections import Generator, Load
from cim.profiles.state_variables import StateVariables
from dms_apps.solver.given import Given, Powers
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled
from dms_apps.solver.steps import beyond


def assumed(said: StateVariables, layout: Layout) -> tuple[Given, tuple[str, ...]]:
    """Positions, service, taps, sections and powers; and a sentence about each that fits nothing.

    SvSwitch, SvStatus, SvTapStep, SvShuntCompensatorSections, and SvPowerFlow at terminals of
    loads and generators (MW, positive out of the node); other variables are results, and are passed
    over.
    """
    remarks: list[str] = []
    view = layout.view
    powers = {(str(f.terminal), str(f.phase or "")): complex(f.p, f.q) * 1e6
              for f in said.sv_power_flow}  # fmt: skip
    loads, fed, strays = injected(layout, powers)
    remarks += [f"SvPowerFlow of terminal {t}: no load or generator is there." for t in strays]
    steps = {str(one.tap_changer): one.position for one in said.sv_tap_step}
    changers = {one.mrid: titled(one.name, one.mrid) for one in view.tap_changers}
    remarks += [f"SvTapStep: no tap changer {m}." for m in steps if m not in changers]
    absurd = beyond(layout, steps)
    remarks += [f"SvTapStep: tap changer {changers[m]}: {why}." for m, why in absurd.items()]
    sections = dict(_sections(said, layout, remarks))
    poles = dict(_poles(said, layout, remarks))
    out = {str(s.conducting_equipment) for s in said.sv_status if not s.in_service}
    known = {*layout.elements, *(t.bank for t in view.transformers)}
    remarks += [f"SvStatus: no equipment {mrid}." for mrid in sorted(out - known)]
    given = Given(
        poles=poles,
        out=frozenset(out & known),
        steps={m: step for m, step in steps.items() if m in changers and m not in absurd},
        sections=sections,
        loads=loads,
        fed=fed,
    )
    return given, tuple(remarks)


def injected(
    layout: Layout, powers: Mapping[tuple[str, str], complex]
) -> tuple[dict[str, Powers], dict[str, Powers], list[str]]:
    """Loads and generators by mRID, and terminals at which there is none.

    powers: volt-amperes by terminal and phase, into the equipment; of phase "" all together, in the
            shares of the model.
    """
    users: dict[str, Load | Generator] = {one.port.terminal: one for one in layout.view.loads}
    users |= {one.port.terminal: one for one in layout.view.generators}
    loads: dict[str, Powers] = {}
    fed: dict[str, Powers] = {}
    strays = []
    by_terminal: dict[str, dict[str, complex]] = {}
    for (terminal, phase), power in powers.items():
        by_terminal.setdefault(terminal, {})[phase] = power
    for terminal, some in by_terminal.items():
        user = users.get(terminal)
        if user is None:
            strays.append(terminal)
        elif isinstance(user, Load):
            loads[user.mrid] = _shared(user, [one for one, _ in user.branches], some)
        else:
            fed[user.mrid] = -_shared(user, list(user.phases), some)
    return loads, fed, strays


def _shared(user: Load | Generator, phases: list[str], some: Mapping[str, complex]) -> Powers:
    """By branch or phase; what is not said stays."""
    sign = 1 if isinstance(user, Load) else -1
    own = sign * (user.p + 1j * user.q)
    if "" in some:
        whole = own.sum()
        shares = own / whole if whole else np.full(len(own), 1 / len(own))
        return np.asarray(some[""] * shares, np.complex128)
    return np.array([some.get(p, own[i]) for i, p in enumerate(phases)], np.complex128)


def _poles(
    said: StateVariables, layout: Layout, remarks: list[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    switches = {one.mrid: one for one in layout.view.switches}
    closed: dict[str, set[str]] = {}
    for one in said.sv_switch:
        switch = switches.get(str(one.switch))
        if switch is None:
            remarks.append(f"SvSwitch: no switch {one.switch}.")
            continue
        own = {pole.one for pole in switch.poles}
        known = closed.setdefault(switch.mrid, {p.one for p in switch.poles if p.closed})
        meant = own if one.phase is None else {str(one.phase)}
        if not meant <= own:
            remarks.append(
                f"SvSwitch: switch {titled(switch.name, switch.mrid)} has no pole {one.phase}."
            )
        elif one.open:
            known -= meant
        else:
            known |= meant
    return ((mrid, frozenset(poles)) for mrid, poles in closed.items())


def _sections(
    said: StateVariables, layout: Layout, remarks: list[str]
) -> Iterator[tuple[str, tuple[float, ...]]]:
    shunts = {one.mrid: one for one in layout.view.shunts}
    found: dict[str, list[float]] = {}
    for one in said.sv_shunt_compensator_sections:
        shunt = shunts.get(str(one.shunt_compensator))
        if shunt is None:
            remarks.append(f"SvShuntCompensatorSections: no shunt {one.shunt_compensator}.")
            continue
        values = found.setdefault(shunt.mrid, shunt.sections.tolist())
        for i, (phase, _) in enumerate(shunt.branches):
            if one.phase is None or str(one.phase) == phase:
                values[i] = one.sections
    return ((mrid, tuple(values)) for mrid, values in found.items())
