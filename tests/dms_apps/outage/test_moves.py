"""What was moved, and the network as it was before, whatever it was."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cim.network import Network
from cim.profiles.network_models import NetworkModels
from dms_apps.outage.moves import Move, as_of, moved, state, told
from tests.cim.network import test_streams as streams
from tests.dms_apps.outage.conftest import MORNING


def supplied(network: Network) -> dict[str, frozenset[str]]:
    return {node: network.energised_phases(node) for node in network.nodes}


@settings(deadline=None, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_the_network_is_as_it_was_and_comes_to_what_it_is(random: Random) -> None:
    plain = streams.drawn(random)
    for branch in plain.branches.values():
        branch.closed = True  # as all is normally
    network = Network.empty().after(plain.loaded())
    was, moves = [supplied(network)], list[Move]()
    while len(was) < 10:
        message = streams.happening(plain, random)
        if isinstance(message.payload, NetworkModels):
            return
        at = MORNING + timedelta(minutes=len(was))
        moves += told(message, network, at)
        network = network.after(message)
        was.append(supplied(network))
    for number, then in enumerate(was):
        at = MORNING + timedelta(minutes=number)
        before = [move for move in moves if move.at <= at]
        after = [move for move in moves if move.at > at]
        found = as_of(network, before, after)
        assert supplied(found) == then
        for move in after:
            found = moved(found, move)
        assert supplied(found) == was[-1]
        assert all(state(found, move) == state(network, move) for move in moves)
