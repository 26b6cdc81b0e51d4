"""Balanced models that we write become the same networks in pandapower as the originals."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandapower
import pandas
import pytest
from pandapower.converter.cim.cim2pp.from_cim import from_cim
from pandapower.converter.cim.cim_classes import CimParser

from tests.interop.conftest import CGMES, Exported, Sets

_TABLES = ("bus", "line", "trafo", "trafo3w", "switch", "load", "gen", "sgen", "shunt", "ward")
_ENDS = ("bus", "from_bus", "to_bus", "hv_bus", "mv_bus", "lv_bus")
_VOLTS = ["vm_pu", "va_degree"]

# pandapower's converter uses what pandas 2 means to change (concat of empty columns, downcasting
# of fillna) or doubts (writing to a slice); it does so on the originals just as well.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The behavior of DataFrame concatenation:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Downcasting object dtype arrays:FutureWarning"),
    pytest.mark.filterwarnings("ignore::pandas.errors.SettingWithCopyWarning"),
]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The converter logs a traceback for each boundary node that a set leaves out."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_load_flow_of_a_set_of_our_own(balanced: list[Exported]) -> None:
    net = _net(document.ours for document in balanced)
    expected = _by_hand()
    for each in (net, expected):
        pandapower.runpp(each)

    assert _sizes(net) == _sizes(expected)
    pandas.testing.assert_frame_equal(
        _voltages(net, "name"), _voltages(expected, "name"), check_exact=False, rtol=1e-9
    )


def _by_hand() -> Any:
    """The network of the folder `balanced`, in pandapower's own words."""
    net = pandapower.create_empty_network()
    names = {"high": 110, "low": 20, "head": 20, "end": 20}
    high, low, head, end = (pandapower.create_bus(net, kv, name=name) for name, kv in names.items())
    pandapower.create_ext_grid(net, high, vm_pu=1.02)
    pandapower.create_transformer_from_parameters(
        net, high, low, 40, 110, 20, vkr_percent=0.4, vk_percent=12, pfe_kw=30, i0_percent=0.15
    )
    pandapower.create_switch(net, low, head, et="b")
    pandapower.create_line_from_parameters(net, head, end, 8, 0.161, 0.117, 273, 0.362)
    pandapower.create_load(net, end, 6.5, 1.5)
    return net


@pytest.mark.reference
@pytest.mark.parametrize("name", CGMES)
def test_tables_of_cgmes_sets(name: str, cgmes: Sets) -> None:
    """What the converter builds networks from: every table of every profile, with all its cells."""
    version = "3.0" if name == "fullgrid_cgmes3" else "2.4.15"
    theirs = _tables((document.original for document in cgmes(name)), version)
    ours = _tables((document.ours for document in cgmes(name)), version)

    assert theirs == ours
    assert theirs.total() > 500


@pytest.mark.reference
@pytest.mark.parametrize("name", ["smallgrid_cgmes24", "microgrid_t1"])
def test_networks_of_cgmes_sets(name: str, cgmes: Sets) -> None:
    """pandapower 3.5.6 makes no network of FullGrid 3.0, not of the original either."""
    theirs = _net(document.original for document in cgmes(name))
    ours = _net(document.ours for document in cgmes(name))

    assert _sizes(theirs) == _sizes(ours)
    assert _connections(theirs) == _connections(ours)
    assert len(theirs.bus) > 20


@pytest.mark.reference
def test_load_flow_of_a_cgmes_set(cgmes: Sets) -> None:
    documents = cgmes("smallgrid_cgmes24")
    theirs = _solved(document.original for document in documents)
    ours = _solved(document.ours for document in documents)

    assert theirs["vm_pu"].between(0.9, 1.1).all()
    pandas.testing.assert_frame_equal(theirs, ours, check_exact=False, rtol=1e-8, atol=1e-8)


def _tables(paths: Iterable[Path], version: str) -> Counter[tuple[str, ...]]:
    """The rows of each class of each profile, as the parser takes them from the documents."""
    parser = CimParser(cgmes_version=version)
    parser.parse_files(file_list=[str(path) for path in paths], prepare_cim_net=True)
    return Counter(
        (profile, kind, *(f"{column}={_cell(row[column])}" for column in sorted(row)))
        for profile, tables in parser.get_cim_dict().items()
        for kind, table in tables.items()
        for row in table.to_dict("records")
    )


def _cell(value: Any) -> Any:
    """Of several values the parser loses one, another one in another order: so how many it has."""
    return len(value) if isinstance(value, list) else value


def _net(paths: Iterable[Path]) -> Any:
    return from_cim([str(path) for path in paths])


def _solved(paths: Iterable[Path]) -> Any:
    """Voltages, without the equipment whose node stands in a boundary set that is not here."""
    net = _net(paths)
    for table in _TABLES[1:]:
        ends = [end for end in _ENDS if end in net[table]]
        net[table] = net[table].dropna(subset=ends).astype(dict.fromkeys(ends, "int64"))
    pandapower.runpp(net)
    return _voltages(net, "origin_id")


def _voltages(net: Any, name: str) -> Any:
    return net.res_bus[_VOLTS].set_index(net.bus[name]).sort_index()


def _sizes(net: Any) -> dict[str, int]:
    return {table: len(net[table]) for table in _TABLES}


def _connections(net: Any) -> set[tuple[str, ...]]:
    """Each piece of equipment by its identity, with the identities of its buses."""
    bus = net.bus["origin_id"].to_dict()
    return {
        (table, row["origin_id"], *(bus.get(row[end], "") for end in _ENDS if end in row))
        for table in _TABLES[1:]
        for row in net[table].to_dict("records")
    }
