"""A network as bytes: what models say about connectivity, what was reported, and the last ways.

The graph is not there: it is put together again, always in the same order, and traced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.model import Model
from cim.model.packing import packed, unpacked
from cim.model.terms import Terms
from cim.network.fastening import Fastened
from cim.network.fit import Fit
from cim.network.grid import Grid
from cim.network.models import Fetch, Held, Models, key_of
from cim.network.overlay import Overlay, patch_key
from cim.network.placing import End
from cim.network.state import State
from cim.network.statements import Statements
from cim.network.topology import EARTH, NO_EXTRA, RESERVED, SUPPLY
from cim.network.trace import FAR, NONE

FORMAT = 1
"""Grows when older snapshots cannot be read any more, or would give another network."""

Arrays = dict[str, NDArray[Any]]


def written(models: Models, state: State, *, with_models: bool) -> bytes:
    """Everything in a network; what models say beside connectivity only when asked for."""
    arrays: Arrays = {}
    parts = []
    for number, held in enumerate(models.held.values()):
        parts.append({"mrid": held.mrid, **_statements(held.said, f"{number}.", arrays)})
        if with_models:
            arrays[f"{number}.model"] = np.frombuffer(held.model.to_bytes(), np.uint8)
    _last_ways(state, arrays)
    said = {
        "format": FORMAT,
        "parts": parts,
        "refused": list(models.refused.items()),
        "overlay": state.overlay.said(),
        "fit": _patches(state, arrays),
    }
    return packed(arrays, said)


def read(data: bytes, model_of: Fetch | None) -> tuple[Models, State]:
    """Models and state as they were.  Raises: ValueError."""
    arrays, said = unpacked(data)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ValueError("these bytes are no network of this format")
    held = [
        _held(part, f"{number}.", arrays, model_of) for number, part in enumerate(said["parts"])
    ]
    models = Models({key_of(one.mrid): one for one in held}, dict(map(tuple, said["refused"])))
    grid = Grid.of((one.said for one in held), said["fit"]["spare"][2])
    overlay = Overlay.of(said["overlay"])
    fit = _fit(grid, overlay, said["fit"], arrays)
    state = State.of(grid, overlay, fit, grid.normal)
    nodes, slots, ways = arrays["ways.node"], arrays["ways.slot"], arrays["ways.way"]
    if len(nodes):
        state = replace(state, supply=state.supply.with_ways(nodes, slots, ways))
    return models, state


def _statements(said: Statements, prefix: str, arrays: Arrays) -> Mapping[str, Any]:
    for name, table in (("ids", said.ids), ("names", said.name_texts)):
        arrays |= {f"{prefix}{name}.blob": table.blob, f"{prefix}{name}.ends": table.ends}
    arrays |= {f"{prefix}stands": said.stands, f"{prefix}classes": said.classes}
    arrays |= {f"{prefix}named": said.names[0], f"{prefix}name": said.names[1]}
    for kind, columns in (("link", said.links), ("value", said.values)):
        for name, (subjects, objects) in columns.items():
            arrays[f"{prefix}{kind}.{name}.of"] = subjects
            arrays[f"{prefix}{kind}.{name}"] = objects
    return {
        "class_names": list(said.class_names),
        "links": list(said.links),
        "values": list(said.values),
        "problems": list(said.problems),
    }


def _held(part: Mapping[str, Any], prefix: str, arrays: Arrays, model_of: Fetch | None) -> Held:
    ids, names = (
        Terms(arrays[f"{prefix}{name}.blob"], arrays[f"{prefix}{name}.ends"], folded=name == "ids")
        for name in ("ids", "names")
    )
    links, values = (
        {
            name: (arrays[f"{prefix}{kind}.{name}.of"], arrays[f"{prefix}{kind}.{name}"])
            for name in part[f"{kind}s"]
        }
        for kind in ("link", "value")
    )
    said = Statements(
        ids,
        arrays[f"{prefix}stands"],
        arrays[f"{prefix}classes"],
        tuple(part["class_names"]),
        links,
        values,
        (arrays[f"{prefix}named"], arrays[f"{prefix}name"]),
        names,
        tuple(part["problems"]),
    )
    kept = arrays.get(f"{prefix}model")
    if kept is None:
        return Held(part["mrid"], said, fetch=model_of)
    return Held(part["mrid"], said, fetch=lambda _: Model.from_bytes(kept.tobytes()))


def _last_ways(state: State, arrays: Arrays) -> None:
    """Places that are not supplied now, and how they last were; where not as by design."""
    now, design = state.supply.everywhere(), state.grid.normal.everywhere()
    dead = (now >> 32 >= FAR) & (now & NONE != design & NONE)
    dead[:RESERVED] = False
    nodes, slots = np.nonzero(dead)
    arrays["ways.node"], arrays["ways.slot"] = nodes.astype(np.int32), slots.astype(np.int32)
    arrays["ways.way"] = (now[nodes, slots] & NONE).astype(np.int32)


def _patches(state: State, arrays: Arrays) -> dict[str, Any]:
    """What is fastened in the spare room of the graph, in the same place again when read."""
    extra = state.fit.extra
    arrays["extra"], arrays["extra.arcs"] = extra, state.grid.graph.arcs[extra[1]]
    return {
        "spare": [state.grid.spare.arc, state.grid.spare.number, state.grid.spare.room],
        "keyed": True,
        "patches": [
            [of, held.number, [[e.at, e.phases] for e in held.ends], held.nodes, held.most]
            for of, held in state.fit.patches.items()
        ],
    }


def _key(of: str, nodes: Collection[int]) -> str:
    """That of a patch of which an earlier version kept the key of its name alone."""
    return patch_key("ground" if EARTH in nodes else "source" if SUPPLY in nodes else "jumper", of)


def _fit(grid: Grid, overlay: Overlay, said: Mapping[str, Any], arrays: Arrays) -> Fit:
    extra = arrays["extra"].copy() if arrays["extra"].size else NO_EXTRA
    grid.graph.arcs[extra[1]] = arrays["extra.arcs"]
    patches = {
        of if "keyed" in said else _key(of, nodes): Fastened(
            number,
            tuple(End(*end) for end in ends),
            tuple(nodes),
            np.sort(extra[1][grid.graph.arcs[extra[1], 1] == number]),
            most,
        )
        for of, number, ends, nodes, most in said["patches"]
    }
    grid.spare.arc, grid.spare.number, _ = said["spare"]
    none = replace(Fit.none(grid, grid.built), extra=extra, patches=patches)
    return none.after(overlay, overlay.facts())[0]
