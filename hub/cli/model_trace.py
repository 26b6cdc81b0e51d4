"""`gridbus model trace`: what is fed from where, in files or in the hub, now or then."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cim.message import Header, Kind, Message, Verb
from cim.model import write
from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub import model_file, tracing
from hub.cli import show
from hub.cli.sources import library, version_in_journal
from hub.config import Config
from hub.history.past import NEWEST
from hub.tracing import Thing, Traced

SHOWN = 20
"""Without --json, so many of many things are listed."""


@dataclass(frozen=True)
class Isolated:
    """How to part a place from all supply."""

    open: Sequence[Thing]
    keep_open: Sequence[Thing]
    sources: Sequence[Thing]


QUESTIONS = {"up": (1, 1), "down": (1, 1), "between": (2, 2), "loops": (0, 0)} | {
    "earths": (0, 0),
    "state": (0, None),
    "isolate": (1, None),
}
"""Of how many objects each question is, at least and at most."""


def trace(config: Config, options: argparse.Namespace) -> int:
    """Answer one question.

    1 where supply is missing, a loop is closed, an earth is live, or no way is found.
    """
    options.what, question, objects = asked(options.words)
    network = network_of(config, options)
    if options.normal:
        network = network.normal
    wanted = [_found(network, one) for one in objects]
    if question in ("up", "down"):
        direction: tracing.Direction = "up" if question == "up" else "down"
        return _traced(tracing.traced(network, direction, *wanted), options)
    if question == "between":
        way = tracing.things(network, network.between(*wanted))
        return _shown(way, options) or int(not way)
    if question == "loops":
        return _loops(network, options)
    if question == "earths":
        return _earths(network, options)
    if question == "isolate":
        return _isolated(network, wanted, options)
    return _state(network, wanted, options)


def asked(words: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """In what, the question, of which objects.  Raises: ValueError."""
    place = next((n for n, word in enumerate(words) if word in QUESTIONS), None)
    if place is None:
        raise ValueError(f"what is asked? One of {', '.join(QUESTIONS)} comes behind the files")
    question, objects = words[place], list(words[place + 1 :])
    least, most = QUESTIONS[question]
    if len(objects) < least or (most is not None and len(objects) > most):
        number = least if most is not None else f"{least} or more"
        raise ValueError(f"{question} is asked of {number} objects, not of {len(objects)}")
    return list(words[:place]), question, objects


def network_of(config: Config, options: argparse.Namespace) -> Network:
    """The network in files or versions; that of the hub, now or at a time, without any.

    Raises: ValueError, when a model does not go into it, or a time is asked of files.
    """
    if not options.what:
        with library(config) as past:
            return past.as_of(NEWEST if options.at is None else options.at)
    if options.at is not None:
        raise ValueError("--at is for the hub's journal: files and versions have no other time")
    models = [one for name in options.what for one in _models(config, name)]
    payload = NetworkModels(network_model=tuple(models))
    header = Header(verb=Verb.CREATED, noun=NetworkModels.__name__)
    message = Message(header=header, kind=Kind.EVENT, payload=payload)
    network = Network.empty().after(message)
    for problem in network.problems:
        if problem.startswith("Model ") and "was left out" in problem:
            raise ValueError(problem)
        show.say(problem)
    return network


def _models(config: Config, name: str) -> Iterable[NetworkModel]:
    path = Path(name)
    if path.exists():
        file = model_file.read(str(path), path.read_bytes())
        for remark in file.remarks:
            show.say(remark)
        return file.models
    version, model = version_in_journal(config, name)
    return [NetworkModel(mrid=version.mrid, document=RdfXml(write.full(model)))]


def _found(network: Network, wanted: str) -> str:
    try:
        return tracing.find(network, wanted)
    except KeyError as error:
        raise ValueError(error.args[0]) from None


def _traced(found: Traced, options: argparse.Namespace) -> int:
    if options.json:
        show.data(found, as_json=True)
        return 0
    _listed(found.equipment)
    if found.nodes:
        points = ", ".join(found.usage_points[:SHOWN])
        show.say(
            f"{len(found.equipment):,} pieces of equipment, {len(found.nodes):,} nodes,"
            f" {len(found.usage_points):,} usage points"
            + (f": {points}" if points else "")
            + ("..." if len(found.usage_points) > SHOWN else "")
        )
    if found.dead_nodes:
        show.say(
            f"{found.dead_nodes:,} of the nodes and {found.dead_points:,} of the usage points"
            " are without supply now"
        )
    return 0


def _shown(found: Sequence[Thing], options: argparse.Namespace) -> int:
    if options.json:
        show.table(found, (), as_json=True)
    else:
        _listed(found)
    return 0


def _loops(network: Network, options: argparse.Namespace) -> int:
    loops = network.loops()
    if options.json:
        show.table(loops, (), as_json=True)
    else:
        for sentence in tracing.loops(network):
            print(sentence)
        if not loops:
            show.say("there are no loops")
    return 1 if loops else 0


def _earths(network: Network, options: argparse.Namespace) -> int:
    """The live ones; where earths are placed is in the state."""
    live = network.live_earths()
    if options.json:
        show.table(live, (), as_json=True)
    else:
        for sentence in tracing.live_earths(network):
            print(sentence)
        if not live:
            show.say("no earth is at a supplied node")
    return 1 if live else 0


def _isolated(network: Network, wanted: Sequence[str], options: argparse.Namespace) -> int:
    points = network.isolation_points(*wanted)
    found = Isolated(
        *(
            tracing.things(network, sorted(mrids))
            for mrids in (points.open, points.keep_open, points.sources)
        )
    )
    if options.json:
        show.data(found, as_json=True)
    else:
        for what, listed in (
            ("open", found.open),
            ("keep open", found.keep_open),
            ("source inside, no switch parts it", found.sources),
        ):
            for one in listed:
                print(f"{what}: {one} ({one.mrid})")
    return 1 if found.sources else 0


def _state(network: Network, wanted: Sequence[str], options: argparse.Namespace) -> int:
    if not wanted:
        return _summary(network, options)
    states = [tracing.state(network, mrid) for mrid in wanted]
    if options.json:
        show.table(states, (), as_json=True)
    else:
        for number, state in enumerate(states):
            if number:
                print()
            show.data(_words(state), as_json=False)
    abnormal = (s.dead or not s.energised or s.live_earthed for s in states)
    return 1 if any(abnormal) else 0


def _summary(network: Network, options: argparse.Namespace) -> int:
    found = tracing.summary(network)
    if options.json:
        show.data(found, as_json=True)
    else:
        said: dict[str, Any] = {
            "models": ", ".join(found.models) or "none",
            "nodes": f"{found.nodes:,}, {len(found.dead_nodes):,} of them without supply",
            "usage points": f"{found.usage_points:,}, {len(found.dead_points):,} not supplied"
            " on every phase",
            "loops": found.loops,
        }
        show.data(said, as_json=False)
        _list("danger", found.live_earths)
        _list("without supply", found.dead_nodes, network)
        _list("not supplied on every phase", found.dead_points, network)
        _list("tag", found.tags)
        _list("placed", found.patches)
        _list("does not fit", found.problems)
    return 1 if found.dead_nodes or found.dead_points or found.live_earths else 0


def _list(what: str, listed: Sequence[str], network: Network | None = None) -> None:
    """A line for each of the first; by class and name where they are mRIDs of a network."""
    for one in listed[:SHOWN]:
        print(f"{what}: {tracing.thing(network, one) if network else one}")
    if len(listed) > SHOWN:
        print(f"{what}: and {len(listed) - SHOWN:,} more")


def _words(state: tracing.State) -> dict[str, Any]:
    """The state of an object, a line for each thing that is known."""
    said = {
        "object": f"{state.thing} ({state.thing.mrid})",
        "supplied": " ".join(state.energised) or "none",
        "without supply": " ".join(state.dead),
        "earthed": " ".join(state.earthed),
        "danger": f"earthed and live on {' '.join(live)}" if (live := state.live_earthed) else "",
        "closed": None if state.closed is None else " ".join(state.closed) or "none",
        "in service": "" if state.in_service else "no",
        "voltage": f"{state.volts:,.0f} V" if state.volts else "",
        "feeder": str(state.feeder or ""),
        "fed from": ", ".join(map(str, state.sources)),
        "fed through": " <- ".join(map(str, state.path)),
        "usage points below": state.below or "",
        "tags": "; ".join(state.tags),
        "placed": "; ".join(state.patches),
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _listed(found: Sequence[Thing]) -> None:
    show.table(found, ("kind", "name", "mrid"), as_json=False)
