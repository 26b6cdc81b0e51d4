"""A front end that stands by lets go of its RTUs, and tells all anew when it is read again."""

from __future__ import annotations

from pathlib import Path

from adapters.scada import ScadaAdapter
from adapters.scada.quality import FINE
from hub.interfaces import FrontEnd
from tests.adapters.rtus import Rtus, reading

SCRIPT = """
[[rtu]]
name = "a"
value = [{ table = "discrete_input", address = 0, start = 1 }, { address = 1, start = 7 }]
"""
ROWS = [
    {"name": "s", "kind": "Discrete", "type": "discrete_input", "rtu": "a", "address": "0"}
    | {"state0": "open", "state1": "closed", "equipment": "_s"},
    {"name": "i", "kind": "Analog", "type": "holding", "data": "int16", "rtu": "a"}
    | {"address": "1"},
]


def test_it_polls_nothing_until_it_is_read_again(tmp_path: Path) -> None:
    with Rtus(tmp_path, SCRIPT) as rtus:
        given = {"a": {"addresses": [rtus.where["a"]]}}
        with reading(tmp_path, given, ROWS) as read:
            assert isinstance(read.adapter, FrontEnd)
            assert read.adapter.exclusive
            read.until_told("s", 1, FINE)
            read.until_told("i", 7, FINE)
            link = read.link("a")
            read.adapter.stand_by()
            polls = link.polls
            while True:
                try:
                    read.step()
                except StopIteration:
                    break
            rtus.happen("a", do="set", address=1, value=8)
            assert (link.polls, read.adapter.links(), read.adapter.unreached()) == (polls, {}, {})
            read.told.clear()
            read._batches = iter(read.adapter.read())
            assert read.until_told("i", 8, FINE)
            assert read.until_told("s", 1, FINE).moves


def test_without_rtus_every_hub_reads_the_files(tmp_path: Path) -> None:
    assert not ScadaAdapter(folder=tmp_path).exclusive
