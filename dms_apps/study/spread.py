"""One computation for many cases: in processes of this machine, or on a Dask cluster.

Dask is loaded only when a cluster is configured: it is an optional extra, for studies that are too
large for one machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from typing import Any, TypeVar

from cim.electrical.view import View
from dms_apps.solver.layout import Layout

Case = TypeVar("Case")
Result = TypeVar("Result")
Compute = Callable[[Layout, Case], Result]
"""A function of a module, so that another process can find it."""

_SMALL = 8
"""So few cases are not worth another process."""
_CHUNKS = 8
"""Parts a process gets, so that a slow one does not hold up the rest."""

_layout: Layout | None = None


def spread(
    compute: Compute[Case, Result],
    layout: Layout,
    cases: Sequence[Case],
    *,
    processes: int | None = None,
    cluster: str = "",
) -> Iterator[Result]:
    """The results, in the order of the cases.

    processes: how many; as many as there are processors when None.
    cluster:   address of a Dask scheduler, e.g. tcp://10.0.0.5:8786; empty for none.
    """
    if cluster:
        yield from _on_cluster(compute, layout.view, cases, cluster)
        return
    count = min(processes or os.cpu_count() or 1, len(cases))
    if count < 2 or len(cases) <= _SMALL:
        yield from (compute(layout, case) for case in cases)
        return
    # Not by fork: threads of the hub would leave their locks taken in the child.
    context = get_context("spawn")
    size = max(1, len(cases) // (count * _CHUNKS))
    with ProcessPoolExecutor(count, context, _begin, (layout.view,)) as pool:
        parts = pool.map(_part, ((compute, part) for part in _parts(cases, size)))
        yield from chain.from_iterable(parts)


def _begin(view: View) -> None:
    global _layout
    _layout = Layout.of(view)


def _part(work: tuple[Compute[Any, Any], Sequence[Any]]) -> list[Any]:
    compute, cases = work
    assert _layout is not None  # noqa: S101 - the process began with it
    return [compute(_layout, case) for case in cases]


def _parts(cases: Sequence[Case], size: int) -> Iterator[Sequence[Case]]:
    return (cases[at : at + size] for at in range(0, len(cases), size))


def _on_cluster(
    compute: Compute[Case, Result], view: View, cases: Sequence[Case], cluster: str
) -> Iterator[Result]:
    """Raises: ImportError, naming the extra, where Dask is not installed."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError("a cluster is configured: install the extra gridbus[dask]") from error
    with Client(cluster, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        held = client.scatter(view, broadcast=True)
        workers = max(len(client.scheduler_info()["workers"]), 1)
        size = max(1, len(cases) // (workers * _CHUNKS))
        sent = [client.submit(_there, held, compute, part) for part in _parts(cases, size)]
        for part in sent:
            yield from part.result()


def _there(view: View, compute: Compute[Any, Any], cases: Sequence[Any]) -> list[Any]:
    """On a worker of a cluster, which keeps the layout of the last view."""
    if _layout is None or _layout.view is not view:
        _begin(view)
    return _part((compute, cases))
