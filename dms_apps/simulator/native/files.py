"""The files of all systems of a demo utility, and the settings with which the hub reads them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tomli_w

from dms_apps.simulator.files import drop, writer
from dms_apps.simulator.native.assets import Owned
from dms_apps.simulator.native.day import Day
from dms_apps.simulator.native.people import customers

ADAPTERS = ("gis", "cis", "ami", "ivr", "erp", "scada", "weather")
NOUNS = ("NetworkModels", "CustomerAgreements", "UsagePointConfig", "MasterDataLinkageConfig")
"""What is made of the CIS's file."""


@dataclass(frozen=True)
class NativeFile:
    """A file in the format of the system whose adapter reads it."""

    adapter: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Estate:
    """All that a demo utility has to be loaded.

    files:    in an order in which nothing is told of what is not known yet.
    settings: adapter -> its table, where it is not as usual.
    points:   the table of SCADA points, which is a setting, too.
    """

    files: tuple[NativeFile, ...]
    settings: Mapping[str, Mapping[str, Any]]
    points: bytes


def estate(day: Day) -> Estate:
    """Of one utility, the same for the same day and seed."""
    layers = writer("gis-layers")(day.utility.document)
    files = (NativeFile("gis", f"{day.utility.name}.gpkg", layers.data), *_others(day))
    settings: dict[str, Mapping[str, Any]] = {
        "gis": {"features": {"model": day.utility.name, **_plain(asdict(layers.features))}},
        "cis": {"nouns": list(NOUNS)},
        "weather": {"station": "FEEDERTON", "calendar_files": "*calendar*"},
    }
    return Estate(files, settings, writer("scada-points")(day.points()))


def _others(day: Day) -> Iterator[NativeFile]:
    storm, owned = day.storm(), Owned(day.utility, day.at)
    for adapter, name, kind, given in (
        ("cis", "service-points.csv", "cis-all", (customers(day.utility),)),
        ("weather", "weather.csv", "weather", (day.weather(),)),
        ("weather", "calendar.csv", "weather-calendar", (day.holidays(),)),
        ("ami", "readings.csv", "ami-nem12", (day.readings(), day.made)),
        ("ami", "registers.csv", "ami-nem13", (day.registers(), day.made)),
        ("ami", "voltages.xml", "ami-readings", (day.voltages(), day.said)),
        ("ami", "usage.xml", "ami-green-button", (day.usages(), day.said)),
        ("scada", "positions.csv", "scada", (day.values(),)),
        ("ami", "events.csv", "ami", ([*storm.prompt, *storm.late],)),
        ("ivr", "calls.csv", "ivr", (day.calls(),)),
        ("erp", "catalogue.csv", "erp-catalogue", (owned.catalogue(),)),
        ("erp", "assets.csv", "erp-assets", (owned.assets(),)),
        ("erp", "work-orders.xml", "erp", (day.orders(),)),
        ("erp", "crews.csv", "erp-crews", (day.crews(),)),
    ):
        yield NativeFile(adapter, name, writer(kind)(*given))


def write(out: Path, config: Path, estate: Estate) -> list[Path]:
    """Files into `out`/feeds/<adapter>, settings into `out`/config; the paths that were written.

    config: folder with the settings that are the usual ones: roles, codes, mappings.
    """
    tables = out / "config" / "adapters"
    tables.mkdir(parents=True, exist_ok=True)
    written = [out / "config" / "hub.toml", out / "config" / "roles.toml"]
    written[0].write_text(tomli_w.dumps({"adapters": list(ADAPTERS)}), encoding="utf-8")
    written[1].write_bytes((config / "roles.toml").read_bytes())
    points = tables / "points.csv"
    points.write_bytes(estate.points)
    for adapter in ADAPTERS:
        usual = (config / "adapters" / f"{adapter}.toml").read_text(encoding="utf-8")
        more = dict(estate.settings.get(adapter, {}))
        if adapter == "scada":
            more["points"] = str(points.absolute())
        path = tables / f"{adapter}.toml"
        path.write_text(_merged(usual, more), encoding="utf-8")
        written.append(path)
    written += [drop(out / "feeds" / f.adapter, f.name, f.data) for f in estate.files]
    return written


def _merged(usual: str, more: Mapping[str, Any]) -> str:
    return tomli_w.dumps({**tomllib.loads(usual), **more}) if more else usual


def _plain(value: Any) -> Any:
    """Without what is none, which TOML cannot say."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value
