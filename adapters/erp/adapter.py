"""The ERP adapter: a watch folder of work orders and crews."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from adapters.erp import crews, idocs, news, orders
from adapters.erp.crews import CrewRows
from adapters.erp.documents import WorkOrderElement, work_orders
from adapters.erp.idocs import IdocOrder
from adapters.erp.news import Names, News
from adapters.erp.odata import Entity, entities
from adapters.erp.terms import Terms, WorkType, statuses_of, verbs_of
from cim import parse
from cim.message import Message, Outgoing, Topic
from hub.file_adapter import TableAdapter
from hub.handover import Handover, Parcel
from hub.rows import Dialect, Row, rows

OF_ORDERS = ("siteid", "wonum", "status", "worktype")
OF_CREWS = ("crew",)

ErpRecord = WorkOrderElement | IdocOrder | Entity | Row | CrewRows


@dataclass(frozen=True, kw_only=True)
class ErpAdapter(TableAdapter[ErpRecord]):
    """Settings beside those of every `TableAdapter`, in `config/adapters/erp.toml`.

    folder:        where the system drops *.xml, *.json and *.csv.
    system:        its name; identifiers follow from it.
    order_files, crew_files: patterns that tell CSV files of orders from those of crews.
    local:         times are local whatever offset is written beside them ("Z" included).
    structures:    object structures of Maximo that are taken.
    idoc_types:    IDOCTYP -> "order" or "notification", beside IORDER01 and INOTIF01.
    idoc_fields:   of each of both, our name -> their field, where it is not that of `idocs.FIELDS`.
    elements, columns, properties: our name -> theirs, in XML (in capitals where left out), in CSV
                   and in JSON.
    statuses:      their status -> WorkStatusKind; back, the first with that kind.
    verbs:         their status -> verb of what does not say itself whether it is new.
    by_maxvalue:   a status of their own is taken for the standard one that it is a synonym of.
    work_types:    WORKTYPE -> noun, kind and task.
    priorities:    WOPRIORITY -> rank, the lower the more urgent; empty: nothing is said of it.
    critical_assets: the asset numbers of critical assets.
    created_again: what a create is whose order was created with other content: "refuse", "change".
    crew_statuses: their status of a crew -> ours.
    customer_system: whose numbers of customers and service points service orders have; "": its own.
    out:           how the system is told of orders, as `news.News` says.
    """

    suffixes: ClassVar = (".csv", ".json", ".xml")

    folder: Path = Path("feeds/erp")
    system: str = "ERP"
    order_files: str = "*orders*.csv"
    crew_files: str = "*crews*.csv"
    local: bool = False
    structures: tuple[str, ...] = ("MXWO",)
    idoc_types: Mapping[str, str] = field(default_factory=dict)
    idoc_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    by_maxvalue: bool = False
    created_again: str = "refuse"
    critical_assets: tuple[str, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    verbs: Mapping[str, str] = field(default_factory=dict)
    work_types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    priorities: Mapping[str, int] = field(default_factory=dict)
    crew_statuses: Mapping[str, str] = field(default_factory=dict)
    elements: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    customer_system: str = ""
    out: News = field(default_factory=News)

    def __post_init__(self) -> None:
        # Now, so that a term nobody knows stops the start.
        self.terms  # noqa: B018
        idocs.check(self.idoc_types, self.idoc_fields)

    @cached_property
    def terms(self) -> Terms:
        """The tables, checked.  Raises: ValueError naming key, value and rule."""
        return Terms(
            system=self.system,
            customer_system=self.customer_system or self.system,
            zone=self.clock,
            local=self.local,
            statuses=statuses_of(self.statuses),
            verbs=verbs_of(self.verbs),
            by_maxvalue=self.by_maxvalue,
            work_types={k: WorkType.of(k, table) for k, table in self.work_types.items()},
            priorities=self.priorities,
            critical_assets=frozenset(self.critical_assets),
            created_again=self.created_again,
            crew_statuses=self.crew_statuses,
        )

    def records(self, name: str, data: bytes) -> Sequence[ErpRecord]:
        """The records of one file.  Raises: ValueError when it is unusable as a whole."""
        if name.lower().endswith(".xml"):
            return self._documents(name, data)
        if name.lower().endswith(".json"):
            return entities(name, data, self.properties)
        return self._rows(name, name, data, self.dialect)

    def again(self, origin: str, data: bytes) -> Sequence[ErpRecord]:
        """What was kept of a refused order or crew; rows come under their header, and alone."""
        if data.lstrip().startswith(b"<"):
            return self._documents(origin, data)
        if data.lstrip().startswith((b"{", b"[")):
            return entities(origin, data, self.properties)
        file = re.sub(r" line \d+$", "", origin)
        return self._rows(file, origin, data, replace(self.dialect, trailer=""))

    def to_cim(self, record: ErpRecord) -> Iterable[Outgoing]:
        """One order or one crew, one message."""
        if isinstance(record, CrewRows):
            yield crews.outgoing(record, self.terms)
            return
        if isinstance(record, Row) and not record.raw.endswith((b"\n", b"\r")):
            # A code cut in the middle may be another code.
            raise ValueError(f"{record.origin}: the row is cut short: its line does not end")
        yield from orders.outgoing(record, self.terms)

    @property
    def topics(self) -> frozenset[Topic]:
        """Of which orders the system is told; none without a way."""
        return self.out.topics

    def from_cim(self, message: Message) -> Iterable[Parcel]:
        """A document for each order of a message."""
        names = Names(self.elements, self.columns, self.idoc_fields.get(idocs.ORDER, {}))
        return news.parcels(message, self.out, self.terms, names)

    def write(self, record: Parcel) -> None:
        """Raises: ConnectionError; Refusal."""
        self._handover.hand_over(record)

    def stop(self) -> None:
        """Let `read` and `write` end."""
        super().stop()
        self._handover.stop()

    @cached_property
    def _handover(self) -> Handover:
        return Handover(self.folder, self.out, news.TYPES[self.out.format])

    def _documents(self, name: str, data: bytes) -> Sequence[ErpRecord]:
        root = parse.parse(data)
        known = list(self.terms.statuses)
        found = idocs.orders(name, root, self.idoc_types, self.idoc_fields, known)
        if found is not None:
            return found
        return work_orders(name, root, self.structures, self.elements)

    def _rows(self, file: str, name: str, data: bytes, dialect: Dialect) -> Sequence[ErpRecord]:
        is_orders, is_crews = (
            fnmatchcase(file.lower(), pattern.lower())
            for pattern in (self.order_files, self.crew_files)
        )
        if is_orders is is_crews:
            raise ValueError(
                f"{file}: {'both' if is_crews else 'neither'} order_files {self.order_files!r}"
                f" {'and' if is_crews else 'nor'} crew_files {self.crew_files!r} fit the name"
            )
        if is_orders:
            return rows(name, data, dialect, OF_ORDERS)
        if not data.endswith((b"\n", b"\r")):
            # A crew would have fewer shifts than it has.
            raise ValueError(f"{name} is cut short: its last line does not end")
        return crews.by_crew(rows(name, data, dialect, OF_CREWS))
