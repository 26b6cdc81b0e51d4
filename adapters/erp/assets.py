"""Assets of the ERP as AssetList (IEC 61968-4), one a message."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Literal

from adapters.erp.asset_terms import AssetTerms, coded
from adapters.erp.documents import MaximoElement
from adapters.erp.fields import Fields, day, modified, moment, needed
from adapters.erp.identity import digest, identifier, named
from adapters.erp.odata import Entity
from adapters.erp.orders import ACTIONS
from adapters.erp.terms import listed
from cim.message import Outgoing, Verb
from cim.profile import Profile
from cim.profiles.asset_list import (
    Asset,
    AssetContainer,
    AssetLifecycleStateKind,
    AssetList,
    InUseDate,
    InUseStateKind,
    LifecycleDate,
)
from cim.profiles.field_locations import Premises
from cim.profiles.identification import PowerSystemResource
from cim.profiles.product_asset_models import AssetKind, Manufacturer, ProductAssetModel
from hub.rows import Row

_ACTIONS = {"Change": Verb.CHANGED, "Replace": Verb.CHANGED, "Delete": Verb.DELETED}


@dataclass(frozen=True)
class Item:
    """One asset, one product of a catalogue, or one planned outage, in whatever kind of file."""

    what: Literal["asset", "product", "planned"]
    fields: Row | MaximoElement | Entity

    @property
    def origin(self) -> str:
        return self.fields.origin

    @property
    def raw(self) -> bytes:
        return self.fields.raw

    @property
    def alone(self) -> bytes:
        """It, as a file by itself."""
        return self.fields.alone if isinstance(self.fields, Row) else self.fields.raw

    def verb(self, terms: AssetTerms) -> Verb:
        """What a code says has happened; without any, it is as told, and `created`.

        Raises: ValueError for a code nobody knows, or none where the file has a column for it.
        """
        fields = self.fields
        if isinstance(fields, MaximoElement):
            if (action := fields["action"]) and action not in ACTIONS:
                raise fields.wrong("action", f"is none of {listed(ACTIONS)}")
            return _ACTIONS.get(action, Verb.CREATED)
        if not fields.has("change"):
            return Verb.CREATED
        needed(fields, "change")
        return coded(fields, "change", terms.changes, "changes") or Verb.CREATED

    @property
    def is_change(self) -> bool:
        """Whether it says what has happened, and not only how things are."""
        if isinstance(self.fields, MaximoElement):
            return bool(self.fields["action"])
        return self.fields.has("change")


def outgoing(item: Item, terms: AssetTerms) -> Outgoing:
    """The whole asset; it takes the place of what was said of it before.

    Raises: ValueError naming record, field, value and rule.
    """
    fields, verb = item.fields, item.verb(terms)
    site, number = needed(fields, "siteid"), needed(fields, "assetnum")
    known = _known(site, number, terms)
    asset = known if verb is Verb.DELETED else _asset(fields, site, number, terms)
    return said(item, verb, AssetList(asset=(asset,)), terms, site, number)


def said(item: Item, verb: Verb, payload: Profile, terms: AssetTerms, *key: str) -> Outgoing:
    """Identified by what is said, and by when it became so.

    The time tells one that is again as it was from one that is told once more; a change must have
    one.
    """
    fields, of_orders = item.fields, terms.terms
    since = modified(fields, of_orders.zone, local=of_orders.local)
    since = since or moment(fields, "sent", of_orders.zone, local=of_orders.local)
    if since is None and item.is_change:
        raise fields.wrong("changedate", "is empty: since when is it so?")
    at, content = since.isoformat() if since else "", digest(fields.origin, payload)
    kind = f"{item.what} {verb}"
    return Outgoing(
        verb, payload, external_id=identifier(kind, of_orders.system, *key, at, content)
    )


def product(manufacturer: str, number: str, terms: AssetTerms) -> ProductAssetModel:
    """Which product it is; maker and number together are its key in the catalogue."""
    system = terms.terms.system
    return ProductAssetModel(
        mrid=identifier("product", system, manufacturer, number)
        if manufacturer and number
        else None,
        model_number=number or None,
        manufacturer=Manufacturer(names=named(manufacturer, "ManufacturerName", system))
        if manufacturer
        else None,
    )


def kind_of(fields: Fields, terms: AssetTerms) -> AssetKind | None:
    """Without a table nothing is said of it."""
    return coded(fields, "assettype", terms.kinds, "asset_kinds") if terms.kinds else None


def _known(site: str, number: str, terms: AssetTerms) -> Asset:
    system = terms.terms.system
    return Asset(
        mrid=identifier("asset", system, site, number),
        utc_number=number,
        names=named(number, "AssetNumber", f"{system} {site}"),
    )


def _asset(fields: Fields, site: str, number: str, terms: AssetTerms) -> Asset:
    system = terms.terms.system
    state = coded(fields, "status", terms.statuses, "asset_statuses")
    maker, model, place = fields["manufacturer"], fields["modelnum"], fields["location"]
    known = _known(site, number, terms)
    return Asset(
        mrid=known.mrid,
        critical=True if number in terms.terms.critical_assets else None,
        description=fields["description"] or None,
        initial_condition=fields["condition"] or None,
        in_use_state=state if isinstance(state, InUseStateKind) else None,
        kind=kind_of(fields, terms),
        lifecycle_state=state if isinstance(state, AssetLifecycleStateKind) else None,
        lot_number=fields["lotnum"] or None,
        serial_number=fields["serialnum"] or None,
        type=fields["assettype"] or None,
        utc_number=number,
        asset_container=_container(fields, site, system),
        in_use_date=_in_use(fields, terms),
        lifecycle_date=_lifecycle(fields, terms),
        location=Premises(names=named(place, "LocationName", f"{system} {site}"))
        if place
        else None,
        names=known.names,
        power_system_resources=_resources(fields, terms),
        product_asset_model=product(maker, model, terms) if maker or model else None,
    )


def _container(fields: Fields, site: str, system: str) -> AssetContainer | None:
    if not (parent := fields["parent"]):
        return None
    mrid = identifier("asset", system, site, parent)
    return AssetContainer(mrid=mrid, names=named(parent, "AssetNumber", f"{system} {site}"))


def _resources(fields: Fields, terms: AssetTerms) -> tuple[PowerSystemResource, ...]:
    """What it is in the network: an mRID, or a name that the settings know."""
    if not (name := fields["equipment_mrid"]):
        return ()
    try:
        mrid = str(uuid.UUID(terms.equipment.get(name, name)))
    except ValueError:
        rule = "is no UUID, nor in the equipment table of the settings"
        raise fields.wrong("equipment_mrid", rule) from None
    return (PowerSystemResource(mrid=mrid),)


def _in_use(fields: Fields, terms: AssetTerms) -> InUseDate | None:
    when = _date(fields, "inservicedate", terms)
    return InUseDate(in_use_date=when) if when else None


def _lifecycle(fields: Fields, terms: AssetTerms) -> LifecycleDate | None:
    dates = LifecycleDate(
        installation_date=_date(fields, "installdate", terms),
        manufactured_date=_date(fields, "manufacturedate", terms),
        purchase_date=_date(fields, "purchasedate", terms),
        received_date=_date(fields, "receiveddate", terms),
        removal_date=_date(fields, "removaldate", terms),
        retired_date=_date(fields, "retireddate", terms),
    )
    return dates if dates != LifecycleDate() else None


def _date(fields: Fields, column: str, terms: AssetTerms) -> date | None:
    return day(fields, column, terms.terms.zone, local=terms.terms.local)
