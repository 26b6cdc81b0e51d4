"""After a rehearsal nobody waits for compiled loops: none has to be loaded any more."""

from __future__ import annotations

import subprocess
import sys

from cim.network.rehearsal import rehearse

_CODE = """
import sys
from cim.network import Network
from cim.network.rehearsal import rehearse
from tests.hub.history import story

rehearse()
from numba.core.dispatcher import Dispatcher

def loops():
    found = {}
    for name, module in sys.modules.items():
        if name.startswith(("cim.model", "cim.network")):
            for thing in vars(module).values():
                if isinstance(thing, Dispatcher):
                    found[thing.__module__, thing.__name__] = len(thing.signatures)
    return found

happened = (
    story.grid(),
    story.switched("open", "x"),
    story.changed("later", "grid", opened="y"),
    story.switched("close", "x"),
    story.gone("later"),
    story.grid("other"),
)
before = loops()
network = Network.empty()
for message in happened:
    network = network.after(message)
    story.answers(network)
    story.answers(Network.from_bytes(network.to_bytes()))
assert len(before) > 20, before
print({name for name, count in loops().items() if before.get(name) != count})
"""


def test_it_is_without_problems() -> None:
    assert not rehearse().problems


def test_what_happens_after_it_loads_no_loop() -> None:
    found = subprocess.run(
        [sys.executable, "-c", _CODE], capture_output=True, text=True, check=True
    )
    assert found.stdout == "set()\n"
