"""Of hubs on one database, each on its machine, all know what the others told IVR and ERP."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.erp import ErpAdapter
from adapters.erp.news import News
from adapters.ivr import IvrAdapter
from adapters.ivr.callback_lists import CallbackList
from adapters.ivr.status import StatusList, Told
from cim.violation import Refusal
from hub.handover import Mark, Parcel
from hub.journal import Journal
from hub.journal.handed_over import HandedOver
from tests import fakes
from tests.head_end import listening


def ivr(folder: Path, journal: Journal, url: str, current: Path) -> IvrAdapter:
    made = IvrAdapter(
        folder=folder,
        out=StatusList(ways=("http",), url=url, current=str(current)),
        callback_list=CallbackList(ways=("http",), url=url, once=True),
    )
    made.note_in(HandedOver(journal, "ivr"))
    return made


def erp(folder: Path, journal: Journal, url: str) -> ErpAdapter:
    made = ErpAdapter(folder=folder, out=News(ways=("http",), url=url))
    made.note_in(HandedOver(journal, "erp"))
    return made


def told(minute: int, *, over: bool = False) -> Told:
    at = fakes.START + timedelta(minutes=minute)
    raw = f"as of {minute}".encode()
    return Told(f"N-{minute}", raw, "n", again=True, outage="o-1", over=over, as_of=at)


def test_what_one_has_told_no_other_one_tells_again(tmp_path: Path, database_url: str) -> None:
    order = Parcel("O-1", b"<order/>", "o.xml", again=True)
    calls, lost = Parcel("N-1", b"call", "c"), Parcel("N-2", b"lost", "l")  # as news are called
    current = tmp_path / "current"
    with closing(Journal.open(database_url)) as journal, listening() as system:
        first, second = (
            (
                erp(tmp_path / name, journal, system.url),
                ivr(tmp_path / name, journal, system.url, current),
            )
            for name in "ab"
        )
        for machine in (first, second):
            machine[0].write(order)
            machine[1].write(calls)
            machine[1].write(told(1))
        assert system.identities == ["O-1", "N-1", "N-1"]
        system.says = 0  # it takes it, and then the line is cut
        for machine in (first, second):
            with pytest.raises(Refusal, match="UNKNOWN whether N-2"):
                machine[1].write(lost)
        assert system.identities[3:] == ["N-2"]
        notes = HandedOver(journal, "ivr")
        marks = [notes.of(one) for one in ("callbacks http N-1", "callbacks http N-2", "http N-2")]
        assert [one and one.mark for one in marks] == [Mark.SENT, Mark.BEGUN, None]


def test_what_is_replayed_late_by_another_hub_is_no_news(tmp_path: Path, database_url: str) -> None:
    current = tmp_path / "current"
    with closing(Journal.open(database_url)) as journal, listening() as system:
        first, second = (ivr(tmp_path / name, journal, system.url, current) for name in "ab")
        for hub, minute in ((first, 3), (second, 2), (second, 4), (first, 3)):
            hub.write(told(minute))
        assert (current / "o-1").read_bytes() == b"as of 4"
        second.write(told(6, over=True))
        first.write(told(5))
        assert list(current.iterdir()) == []
    assert system.identities == ["N-3", "N-2", "N-4", "N-6", "N-5"]
