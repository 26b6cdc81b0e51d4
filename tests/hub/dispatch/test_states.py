"""A state that comes back after another one is news: what was told last is how it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.gis import GisAdapter
from hub.cli import main
from hub.dispatch import Hub
from hub.dispatch.models import Files
from hub.journal import Journal, queries
from hub.parts import File, parts
from tests.cim.network.drawing import Drawing

LINE = Drawing().source("a").consumer("load", "a")
LONGER = Drawing().source("a").consumer("load", "a").consumer("shop", "a")


def take(hub: Hub, drawing: Drawing, day: int) -> int | None:
    """The seq of the day's file; None for a duplicate."""
    adapter, data = GisAdapter(), drawing.document()
    records = adapter.records("feeder.xml", data)
    [part] = parts(File.of("feeder.xml", data, day, 1), records, 10)
    found = hub.take("gis", adapter, part).results
    [result] = found or [None]
    assert result is None or isinstance(result, int)
    return result


@pytest.fixture
def hub(journal: Journal) -> Hub:
    return Hub(journal, {})


def test_a_state_that_comes_back_is_in_force_again(hub: Hub) -> None:
    assert take(hub, LINE, 1) == 1
    assert take(hub, LINE, 2) is None
    assert take(hub, LONGER, 3) == 2
    assert hub.network.knows("shop")
    assert take(hub, LONGER, 4) is None
    assert take(hub, LINE, 5) == 3
    assert not hub.network.knows("shop")
    assert take(hub, LINE, 6) is None
    assert take(hub, LINE, 5) is None  # the same file, read again after a power cut
    assert take(hub, LONGER, 7) == 4
    assert take(hub, LINE, 8) == 5
    assert not hub.network.knows("shop")
    with hub.journal.reading() as connection:
        facts = [row.external_id for row in reversed(queries.search(connection))]
    assert [len(str(fact).split(" after ")) for fact in facts] == [1, 1, 2, 2, 2]


def test_in_one_batch_the_last_one_counts(hub: Hub) -> None:
    one, two = (GisAdapter().records("feeder.xml", d.document())[0] for d in (LINE, LONGER))
    assert hub.take("gis", Files(), [one, two]).results == [1, 2]
    assert hub.take("gis", Files(), [one, two]).results == [None, None]
    assert hub.take("gis", Files(), [two, one]).results == [None, 3]
    assert not hub.network.knows("shop")


def test_it_is_told_beforehand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path / 'gridbus.db'}")
    hub = Hub(journal, {})
    take(hub, LINE, 1)
    take(hub, LONGER, 2)
    journal.close()
    path = tmp_path / "feeder.xml"
    for drawing, verdict in ((LINE, "accepted"), (LONGER, "duplicate")):
        path.write_bytes(drawing.document())
        config = str(Path(__file__).parents[3] / "config")
        options = ["--config", config, "--data", str(tmp_path), "feed", "try", str(path)]
        main([*options, "--adapter", "gis", "--show", "0"])
        assert capsys.readouterr().out.splitlines()[0] == f"{path}: 1 {verdict}"
