"""A day of a demo utility, as its systems tell of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import islice
from random import Random

from dms_apps.simulator.storm import Storm
from dms_apps.simulator.utility import Customer, Utility

_MARKET = timedelta(hours=10)  # of NEM12 files ahead of UTC
_CALLS = 0.1  # share of the customers without supply who call
_INTERVALS = 48
_FETCHING = 10  # customers

Row = dict[str, str]


@dataclass(frozen=True)
class Day:
    """What happens until `at`: a device trips a quarter of an hour before.

    metered: of so many customers the readings are told.
    """

    utility: Utility
    at: datetime
    metered: int = 1000

    @property
    def trip(self) -> datetime:
        return self.at - timedelta(minutes=15)

    def storm(self) -> Storm:
        """What the head-end hears."""
        return self.utility.trip(self.utility.device(), self.trip)

    def readings(self) -> Iterator[Row]:
        """The day before, a row for each meter: energy of half hours, kWh."""
        for customer, values in self._energies():
            yield {
                "nmi": customer.service_point,
                "meter": customer.meter,
                "suffix": "E1",
                "unit": "kWh",
                "date": self._yesterday.date().isoformat(),
                "values": " ".join(f"{value / 1000:.3f}" for value in values),
            }

    def usages(self) -> Iterator[Row]:
        """The same energies of a few customers, as they fetch them for themselves; Wh."""
        start = self._yesterday.replace(tzinfo=timezone(_MARKET)).isoformat()
        for customer, values in islice(self._energies(), _FETCHING):
            yield {
                "point": customer.service_point,
                "reading": f"{customer.service_point}/energy",
                "code": "0.0.5.4.1.1.12.0.0.0.0.0.0.0.0.0.72.0",
                "start": start,
                "seconds": str(24 * 3600 // _INTERVALS),
                "values": " ".join(map(str, values)),
            }

    def _energies(self) -> Iterator[tuple[Customer, list[int]]]:
        """Of each meter those of the half hours of yesterday, Wh."""
        random = self._random("readings")
        for customer in self.utility.customers[: self.metered]:
            scale = 2000.0 if customer.kind == "COM" else 500.0
            loads = (_load(n) * random.uniform(0.8, 1.2) for n in range(_INTERVALS))
            yield customer, [round(scale * load) for load in loads]

    def registers(self) -> Iterator[Row]:
        """Two reads of each meter's register, a month apart, kWh."""
        random = self._random("registers")
        until = self._yesterday
        for customer in self.utility.customers[: self.metered]:
            before = random.randrange(10_000, 5_000_000)
            used = random.randrange(2_000, 9_000) * (4 if customer.kind == "COM" else 1)
            yield {
                "nmi": customer.service_point,
                "meter": customer.meter,
                "suffix": "E1",
                "direction": "E",
                "unit": "kWh",
                "previous": f"{before / 10:.1f}",
                "previous_time": (until - timedelta(days=30)).isoformat(),
                "current": f"{(before + used) / 10:.1f}",
                "current_time": until.isoformat(),
                "quantity": f"{used / 10:.1f}",
            }

    def voltages(self) -> Iterator[Row]:
        """What each meter has last measured."""
        random = self._random("voltages")
        for customer in self.utility.customers[: self.metered]:
            yield {
                "meter": customer.meter,
                "service_point": customer.service_point,
                "time": _time(self.trip - timedelta(minutes=random.randrange(60))),
                "value": f"{random.uniform(116, 125):.1f}",
                "code": "0.0.0.12.0.1.54.0.0.0.0.0.0.0.0.0.29.0",
                "quality": "1.0.0",
            }

    @property
    def _yesterday(self) -> datetime:
        """Its first moment, in the time of the market."""
        there = (self.at + _MARKET - timedelta(days=1)).replace(tzinfo=None)
        return there.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def made(self) -> str:
        """When the files of readings were made, in the time of the market."""
        return (self.at + _MARKET).replace(tzinfo=None, microsecond=0).isoformat()

    @property
    def said(self) -> str:
        """The same time, in that of the world."""
        return _time(self.at)

    def calls(self) -> Iterator[Row]:
        """Some of those without supply call; one has seen a wire down and gives no premise."""
        random = self._random("calls")
        dead = self.storm().dead
        callers = random.sample(list(dead), max(1, round(_CALLS * len(dead))))
        for number, caller in enumerate(callers, 1):
            yield self._call(number, random) | {
                "service_point_id": caller.service_point,
                "account_number": caller.account,
                "trouble_code": "LIGHTS_OUT",
                "callback_flag": random.choice("YN"),
            }
        yield self._call(len(callers) + 1, random) | {
            "trouble_code": "WIRE_DOWN",
            "comment": "at Ohm Street and Volta Street",
        }

    def _call(self, number: int, random: Random) -> Row:
        when = self.trip + timedelta(seconds=random.uniform(60, 840))
        blank = dict.fromkeys(
            (
                *("service_point_id", "account_number", "trouble_code", "callback_flag"),
                *("callback_phone", "caller_name", "comment"),
            ),
            "",
        )
        return blank | {
            "call_source_id": "IVR",
            "external_id": f"CALL-{self.trip:%Y%m%d%H%M}-{number:05}",
            "call_time": _time(when),
        }

    def orders(self) -> Iterator[Row]:
        """What the work management knows: one order for the device, one planned job."""
        device = self.utility.network.equipment(self.utility.device())
        for number, (kind, status, text) in enumerate(
            (
                ("EM", "WAPPR", f"{device.name} tripped: patrol the feeder"),
                ("PM", "APPR", f"{device.name}: yearly inspection"),
            ),
            1,
        ):
            yield {
                "action": "Add",
                "wonum": f"WO-{self.trip:%Y%m%d}-{number:03}",
                "siteid": "FEEDERTON",
                "description": text,
                "assetnum": device.name,
                "status": status,
                "worktype": kind,
                "reportdate": _time(self.trip + timedelta(minutes=5)),
                "statusdate": _time(self.trip + timedelta(minutes=6)),
            }

    def crews(self) -> Iterator[Row]:
        for number in range(1, 4):
            yield {
                "crew": f"CREW-{number}",
                "as_of": _time(self.at - timedelta(hours=1)),
                "shift": "day",
                "shift_start": _time(self.at - timedelta(hours=2)),
                "shift_end": _time(self.at + timedelta(hours=6)),
            }

    def points(self) -> Iterator[Row]:
        """A position of each protective switch."""
        for mrid in self._switches():
            yield {
                "name": f"{self.utility.network.equipment(mrid).name}.POS",
                "kind": "Discrete",
                "equipment": mrid,
                "measurement_type": "SwitchPosition",
                "unit": "",
                "state0": "open",
                "state1": "closed",
                "normal": "closed",
            }

    def values(self) -> Iterator[Row]:
        """The positions before and after the trip."""
        tripped = self.utility.device()
        for mrid in self._switches():
            name = f"{self.utility.network.equipment(mrid).name}.POS"
            before = _time(self.trip - timedelta(hours=1))
            yield {"point": name, "time": before, "value": "1", "status": "Good"}
            if mrid == tripped:
                yield {"point": name, "time": _time(self.trip), "value": "0", "status": "Good"}

    def _switches(self) -> list[str]:
        network = self.utility.network
        return [
            mrid
            for mrid in sorted(network.devices)
            if network.is_protective(mrid) and network.device_kind(mrid) in _TELEMETERED
        ]

    def weather(self) -> Iterator[Row]:
        """Seen in the last day, then foreseen for the next one, by the hour."""
        random = self._random("weather")
        hour = self.at.replace(minute=0, second=0, microsecond=0)
        for step in range(-23, 25):
            when = hour + timedelta(hours=step)
            warmth = 12 + 6 * math.sin((when.hour - 9) / 24 * 2 * math.pi)
            yield {
                "station": "FEEDERTON",
                "made": _time(hour) if step > 0 else "",
                "time": _time(when),
                "quality": "",
                "temperature": f"{warmth + random.uniform(-1, 1):.1f}",
                "humidity": f"{random.uniform(50, 90):.0f}",
                "wind": f"{random.uniform(0, 9):.1f}",
                "chill": f"{warmth - random.uniform(0, 4):.1f}",
                "sun": f"{max(0.0, 600 * math.sin((when.hour - 6) / 12 * math.pi)):.0f}",
                "rain": "0",
            }

    def holidays(self) -> Iterator[Row]:
        for month, day, name in ((1, 1, "New Year"), (5, 1, "Labour Day"), (12, 25, "Christmas")):
            yield {
                "date": f"{self.at.year}-{month:02}-{day:02}",
                "day_type": "holiday",
                "day_name": name,
            }

    def _random(self, what: str) -> Random:
        return Random(f"{self.utility.seed} {what}")  # noqa: S311 - repeatable, no secret


_TELEMETERED = ("Breaker", "Recloser", "LoadBreakSwitch")


def _load(interval: int) -> float:
    """Of a usual day, in half hours: low at night, high in the evening."""
    hour = interval / 2
    return (
        0.4 + 0.3 * math.exp(-(((hour - 8) / 2) ** 2)) + 0.8 * math.exp(-(((hour - 19) / 3) ** 2))
    )


def _time(when: datetime) -> str:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
