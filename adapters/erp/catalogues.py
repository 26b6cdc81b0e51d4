"""Products that can be had, as AssetCatalogue (IEC 61968-4), one a message with its type."""

from __future__ import annotations

import math
from dataclasses import replace

from adapters.erp.asset_terms import AssetTerms, coded
from adapters.erp.assets import Item, kind_of, product, said
from adapters.erp.fields import Fields, needed
from adapters.erp.identity import identifier, named
from cim.message import Outgoing, Verb
from cim.profiles.asset_catalogue import AssetCatalogue, CatalogAssetType
from cim.profiles.product_asset_models import AssetInfo, ProductAssetModel, TypeOfAsset


def outgoing(item: Item, terms: AssetTerms) -> Outgoing:
    """The whole product; it takes the place of what was said of it before.

    Raises: ValueError naming record, field, value and rule.
    """
    fields, verb = item.fields, item.verb(terms)
    maker, number = needed(fields, "manufacturer"), needed(fields, "modelnum")
    known = product(maker, number, terms)
    payload = AssetCatalogue(product_asset_model=(known,))
    if verb is not Verb.DELETED:
        payload = AssetCatalogue(
            catalog_asset_type=_types(fields, terms),
            product_asset_model=(_product(fields, known, terms),),
        )
    return said(item, verb, payload, terms, maker, number)


def _types(fields: Fields, terms: AssetTerms) -> tuple[CatalogAssetType, ...]:
    if not (name := fields["assettype"]):
        return ()
    pointed = _type(name, terms)
    kind = kind_of(fields, terms)
    return (CatalogAssetType(mrid=pointed.mrid, kind=kind, type=name, names=pointed.names),)


def _type(name: str, terms: AssetTerms) -> TypeOfAsset:
    system = terms.terms.system
    mrid = identifier("asset type", system, name)
    return TypeOfAsset(mrid=mrid, names=named(name, "AssetType", system))


def _product(fields: Fields, known: ProductAssetModel, terms: AssetTerms) -> ProductAssetModel:
    kind, sheet = fields["assettype"], fields["datasheet"]
    system = terms.terms.system
    return replace(
        known,
        catalogue_number=fields["cataloguenum"] or None,
        corporate_standard_kind=coded(fields, "standard", terms.standards, "standards"),
        description=fields["description"] or None,
        drawing_number=fields["drawingnum"] or None,
        instruction_manual=fields["manual"] or None,
        model_version=fields["modelversion"] or None,
        overall_length=_amount(fields, "length", terms.length),
        style_number=fields["stylenum"] or None,
        usage_kind=coded(fields, "usage", terms.usages, "usages"),
        weight_total=_amount(fields, "weight", terms.weight),
        asset_info=AssetInfo(names=named(sheet, "DataSheet", system)) if sheet else None,
        catalog_asset_type=_type(kind, terms) if kind else None,
    )


def _amount(fields: Fields, column: str, unit: float) -> float | None:
    """In the unit of the CIM.  Raises: ValueError when it is no number above 0."""
    if not (text := fields[column]):
        return None
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 < amount < math.inf:
        raise fields.wrong(column, "is no number above 0")
    return amount * unit
