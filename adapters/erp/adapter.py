"""The ERP adapter: a watch folder of orders, crews, assets, catalogues and planned outages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from adapters.erp import assets, catalogues, crews, idocs, native, news, orders, planned
from adapters.erp.asset_terms import CHANGES, LENGTHS, WEIGHTS, AssetTerms, states_of, unit_of
from adapters.erp.assets import Item
from adapters.erp.crews import CrewRows
from adapters.erp.documents import MaximoElement, maximo
from adapters.erp.idocs import IdocOrder
from adapters.erp.news import Names, News
from adapters.erp.odata import Entity, entities
from adapters.erp.terms import VERBS, Terms, WorkType, one_of, statuses_of, verbs_of
from cim import parse
from cim.message import Message, Outgoing, Topic
from cim.profiles.kinds import AssetModelUsageKind, CorporateStandardKind
from cim.profiles.product_asset_models import AssetKind
from hub.file_adapter import TableAdapter
from hub.handover import Handover, Notes, Parcel
from hub.rows import Dialect, Row, rows

What = Literal["order", "crew", "asset", "product", "planned"]

OF_ORDERS = ("siteid", "wonum", "status", "worktype")
OF_CREWS = ("crew",)
KINDS: Mapping[str, What] = {
    "order_files": "order",
    "crew_files": "crew",
    "asset_files": "asset",
    "catalogue_files": "product",
    "planned_files": "planned",
}
"""Key of a pattern -> of what the files are that it fits."""

OF_ITEMS: Mapping[Literal["asset", "product", "planned"], tuple[str, ...]] = {
    "asset": ("siteid", "assetnum"),
    "product": ("manufacturer", "modelnum"),
    "planned": ("outage",),
}

_SERVICES = ("servicepoint", "ratedcurrent", "agreement", "customer", "address", "city")
_MODELS = ("drawingnum", "manual", "modelversion", "stylenum")
_ANY = ("change", "action", "sent", "changedate", "statusdate")
COLUMNS: Mapping[What, frozenset[str]] = {
    "order": frozenset((*native.ORDERS, *_SERVICES, "status_maxvalue", *_ANY)),
    "crew": frozenset(native.CREWS),
    "asset": frozenset((*native.ASSETS, *_ANY)),
    "product": frozenset((*native.PRODUCTS, *_MODELS, *_ANY)),
    "planned": frozenset(native.PLANNED),
}
"""Of each kind of CSV file all that is read, by our names."""

_ITEMS: Mapping[What, Callable[[Item, AssetTerms], Outgoing]] = {
    "asset": assets.outgoing,
    "product": catalogues.outgoing,
    "planned": planned.outgoing,
}
ErpRecord = MaximoElement | IdocOrder | Entity | Row | CrewRows | Item


@dataclass(frozen=True, kw_only=True)
class ErpAdapter(TableAdapter[ErpRecord]):
    """Settings beside those of every `TableAdapter`, in `config/adapters/erp.toml`.

    folder:        where the system drops *.xml, *.json and *.csv.
    system:        its name; identifiers follow from it.
    order_files, crew_files: patterns that tell CSV files of orders from those of crews;
    asset_files, catalogue_files: and from those of assets and products, in JSON too;
    planned_files: and from those of planned outages.
    local:         times are local whatever offset is written beside them ("Z" included).
    structures, asset_structures: object structures of Maximo that are taken.
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
    asset_statuses, asset_kinds, changes, equipment, standards, usages, length_unit, weight_unit:
                   what codes and numbers of assets and products stand for (`AssetTerms`).
    out:           how the system is told of orders, as `news.News` says.
    """

    suffixes: ClassVar = (".csv", ".json", ".xml")
    known_columns: ClassVar = frozenset[str]().union(*COLUMNS.values())

    folder: Path = Path("feeds/erp")
    system: str = "ERP"
    order_files: str = "*orders*.csv"
    crew_files: str = "*crews*.csv"
    asset_files: str = "*assets*"
    catalogue_files: str = "*catalogue*"
    planned_files: str = "*planned*.csv"
    local: bool = False
    structures: tuple[str, ...] = ("MXWO",)
    asset_structures: tuple[str, ...] = ("MXASSET",)
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
    asset_statuses: Mapping[str, str] = field(default_factory=dict)
    asset_kinds: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    equipment: Mapping[str, str] = field(default_factory=dict)
    standards: Mapping[str, str] = field(default_factory=dict)
    usages: Mapping[str, str] = field(default_factory=dict)
    length_unit: str = "m"
    weight_unit: str = "kg"
    out: News = field(default_factory=News)

    def __post_init__(self) -> None:
        super().__post_init__()
        # Now, so that a term nobody knows stops the start.
        self.asset_terms  # noqa: B018
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
            verbs=verbs_of("verbs", self.verbs, VERBS),
            by_maxvalue=self.by_maxvalue,
            work_types={k: WorkType.of(k, table) for k, table in self.work_types.items()},
            priorities=self.priorities,
            critical_assets=frozenset(self.critical_assets),
            created_again=self.created_again,
            crew_statuses=self.crew_statuses,
        )

    @cached_property
    def asset_terms(self) -> AssetTerms:
        """Those of assets, checked.  Raises: ValueError naming key, value and rule."""
        return AssetTerms(
            terms=self.terms,
            statuses=states_of(self.asset_statuses),
            kinds={
                k: one_of(AssetKind, v, f"asset_kinds.{k}") for k, v in self.asset_kinds.items()
            },
            changes=verbs_of("changes", self.changes, CHANGES),
            equipment=self.equipment,
            standards={
                k: one_of(CorporateStandardKind, v, f"standards.{k}")
                for k, v in self.standards.items()
            },
            usages={
                k: one_of(AssetModelUsageKind, v, f"usages.{k}") for k, v in self.usages.items()
            },
            length=unit_of(self.length_unit, LENGTHS, "length_unit"),
            weight=unit_of(self.weight_unit, WEIGHTS, "weight_unit"),
        )

    def records(self, name: str, data: bytes) -> Sequence[ErpRecord]:
        """The records of one file.  Raises: ValueError when it is unusable as a whole."""
        if name.lower().endswith(".xml"):
            return self._documents(name, data)
        if name.lower().endswith(".json"):
            return self._entities(name, name, data)
        return self._rows(name, name, data, self.dialect)

    def again(self, origin: str, data: bytes) -> Sequence[ErpRecord]:
        """What was kept of a refused order or crew; rows come under their header, and alone."""
        if data.lstrip().startswith(b"<"):
            return self._documents(origin, data)
        if data.lstrip().startswith((b"{", b"[")):
            file = re.sub(r" (order|asset|product) \d+$", "", origin)
            return self._entities(file, origin, data)
        file = re.sub(r" line \d+$", "", origin)
        return self._rows(file, origin, data, replace(self.dialect, trailer=""))

    def to_cim(self, record: ErpRecord) -> Iterable[Outgoing]:
        """One order, crew, asset, product or planned outage, one message."""
        if isinstance(record, CrewRows):
            yield crews.outgoing(record, self.terms)
            return
        fields = record.fields if isinstance(record, Item) else record
        if isinstance(fields, Row) and not fields.raw.endswith((b"\n", b"\r")):
            # A code cut in the middle may be another code.
            raise ValueError(f"{record.origin}: the row is cut short: its line does not end")
        if isinstance(record, Item):
            yield _ITEMS[record.what](record, self.asset_terms)
            return
        yield from orders.outgoing(record, self.terms)

    @property
    def topics(self) -> frozenset[Topic]:
        """Of which orders the system is told; none without a way."""
        return self.out.topics

    def from_cim(self, message: Message) -> Iterable[Parcel]:
        """A document for each order of a message."""
        names = Names(self.elements, self.columns, self.idoc_fields.get(idocs.ORDER, {}))
        return news.parcels(message, self.out, self.terms, names)

    def serves(self, message: Message) -> bool:
        """Whether any order of it is the system's own (`hub.interfaces.Serving`)."""
        return news.serves(message, self.terms)

    def write(self, record: Parcel) -> None:
        """Raises: ConnectionError; Refusal."""
        self._handover.hand_over(record)

    def note_in(self, notes: Notes) -> None:
        """In the hub's database: whichever hub goes on, it knows what was sent."""
        self._handover.note_in(notes)

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
        kinds = dict.fromkeys(self.structures, "WORKORDER")
        kinds |= dict.fromkeys(self.asset_structures, "ASSET")
        return [
            Item("asset", one) if one.kind == "ASSET" else one
            for one in maximo(name, root, kinds, self.elements)
        ]

    def _entities(self, file: str, name: str, data: bytes) -> Sequence[ErpRecord]:
        what = self._what(file, ("asset_files", "catalogue_files"))
        if what != "asset" and what != "product":
            return entities(name, data, self.properties)
        return [Item(what, one) for one in entities(name, data, self.properties, what)]

    def _rows(self, file: str, name: str, data: bytes, dialect: Dialect) -> Sequence[ErpRecord]:
        what = self._what(file, KINDS)
        if what is None:
            known = ", ".join(f"{key} {getattr(self, key)!r}" for key in KINDS)
            raise ValueError(f"{file}: none of {known} fits the name")
        # One mapping for all kinds of files: what several have need not be in each.
        other = frozenset[str]().union(*(COLUMNS[one] for one in COLUMNS if one != what))
        own = sorted(COLUMNS[what] - other)
        if what == "order":
            return rows(name, data, dialect, OF_ORDERS, own)
        if what != "crew":
            return [Item(what, row) for row in rows(name, data, dialect, OF_ITEMS[what], own)]
        if not data.endswith((b"\n", b"\r")):
            # A crew would have fewer shifts than it has.
            raise ValueError(f"{name} is cut short: its last line does not end")
        return crews.by_crew(rows(name, data, dialect, OF_CREWS, own))

    def _what(self, file: str, keys: Iterable[str]) -> What | None:
        """Of what a file is by its name.  Raises: ValueError when it may be of two things."""
        fit = [key for key in keys if fnmatchcase(file.lower(), getattr(self, key).lower())]
        if len(fit) > 1:
            both = " and ".join(f"{key} {getattr(self, key)!r}" for key in fit)
            raise ValueError(f"{file}: {both} fit the name; it must be one of them")
        return KINDS[fit[0]] if fit else None
