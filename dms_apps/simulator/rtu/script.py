"""What simulated RTUs show and do, and when: a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from hub import settings

BEHAVIOURS = (
    *("normal", "silence", "slow", "drop", "refuse", "exception", "wrong_function", "too_few"),
    *("too_many", "odd", "byte_count", "wrong_unit", "wrong_transaction", "protocol", "garbage"),
    *("truncated", "trailing"),
)
DOES = (*BEHAVIOURS, "set", "clock_jump", "initialised", "control")
FAULTS = ("stuck", "mute", "cuts", "wrong_echo", "no_select", "refuses", "slow")
"""Of controls: the indication does not move; no reply; the connection is cut in place of one; a
reply with another value; no selection; no execution; a reply `seconds` late.

Of IEC 60870-5-104 stuck, mute, cuts and refuses; with `wire` wrong_echo and slow."""
COMMANDS = ("C_SC_NA_1", "C_DC_NA_1", "C_SE_NC_1")
PROTOCOLS = ("modbus", "iec104", "opcua")
OBJECTS = (
    *("M_SP_NA_1", "M_SP_TB_1", "M_DP_NA_1", "M_DP_TB_1", "M_ST_NA_1", "M_ST_TB_1"),
    *("M_BO_NA_1", "M_BO_TB_1", "M_ME_NA_1", "M_ME_TD_1", "M_ME_NB_1", "M_ME_TE_1"),
    *("M_ME_NC_1", "M_ME_TF_1", "M_IT_NA_1", "M_IT_TB_1"),
)
QUALITIES = ("invalid", "not_topical", "substituted", "blocked", "overflow")
TABLES = ("coil", "discrete_input", "holding", "input")
NODES = ("node",)
_TABLES = {"modbus": TABLES, "iec104": OBJECTS, "opcua": NODES}
DATA = ("bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")


@dataclass(frozen=True, kw_only=True)
class Value:
    """A number in the memory of an RTU.

    start:  at the beginning; then `slope` a second, up to `high` and from there again at `low`.
    noise:  standard deviation of what is added at each reading, from the seed of the script;
            RTUs that tell by themselves look at slope and noise four times a second.
    stamp:  address of the time of its last change; written by `set`.

    Of an RTU of IEC 60870-5-104 `table` is one of `OBJECTS`, of an OPC UA server "node", and there
    are besides:
    quality: some of `QUALITIES`; of OPC UA one.
    every:  of IEC 60870-5-104: seconds between two times that it is told by itself; 0: when it is
            `set` only.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    table: str = "holding"
    address: int
    data: str = "uint16"
    big: bool = True
    start: float = 0.0
    slope: float = 0.0
    low: float = 0.0
    high: float = float("inf")
    noise: float = 0.0
    stamp: int | None = None
    quality: tuple[str, ...] = ()
    every: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control of an RTU.

    table:  "coil" or "holding", or one of `COMMANDS` of IEC 60870-5-104.
    select: address that must be written the same before; of IEC 60870-5-104 any number says that
            the command must be selected; None: it is carried out at once.
    indication: address, in `indication_table`, of what shows what was carried out, so many seconds
            `after`; `shows` is what that shows then where it is not what was written: of an output
            that trips or closes only, when it is told 1.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    table: str = "coil"
    address: int
    select: int | None = None
    indication: int | None = None
    indication_table: str = "discrete_input"
    after: float = 0.0
    shows: float | None = None

    def moved(self, number: float) -> float | None:
        """What the indication then shows; None: what it did before."""
        if self.shows is None:
            return number
        return self.shows if number else None


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens to an RTU, or to all where it names none.

    at:      seconds since the start.
    do:      one of `DOES`; a behaviour lasts until the next one, or for `lasts` seconds.
    seconds: of a slow answer, or of a jump of the clock.
    code:    of an exception.
    faults:  with which controls are carried out from now on, some of `FAULTS`.
    quality, ago: of what is `set` by IEC 60870-5-104 or OPC UA; seconds since it was so.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    at: float = 0.0
    rtu: str = ""
    do: str
    lasts: float = 0.0
    seconds: float = 1.0
    code: int = 4
    table: str = "holding"
    address: int = 0
    value: float = 0.0
    quality: tuple[str, ...] = ()
    ago: float = 0.0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Device:
    """One RTU, or `count` alike: their names end in -1, -2 ..., their ports follow one another.

    protocol: "modbus"; "iec104", of which `common` is the common address; or "opcua".
    wire:  of IEC 60870-5-104: what it says passes through our hands, so that it can be slow, silent
           or malformed; many values pass slower so.
    port:  0 for any that is free.
    size:  registers and bits of each table.
    clock: holding register of its clock (milliseconds since 1970, UTC, in four registers).
    certificate, key: then it speaks TLS; of OPC UA encrypted, too.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: str
    protocol: str = "modbus"
    common: int = 1
    wire: bool = False
    count: int = 1
    port: int = 0
    unit: int = 1
    size: int = 1000
    clock: int | None = None
    certificate: Path | None = None
    key: Path | None = None
    value: tuple[Value, ...] = ()
    control: tuple[Control, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Script:
    """The RTUs and what happens to them."""

    host: str = "127.0.0.1"
    seed: int = 61968
    rtu: tuple[Device, ...] = ()
    event: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        for device in self.rtu:
            _known(f"rtu {device.name}: protocol", device.protocol, PROTOCOLS)
            for value in device.value:
                _known(f"rtu {device.name}: table", value.table, _TABLES[device.protocol])
                _known(f"rtu {device.name}: data", value.data, DATA)
                _check_qualities(f"rtu {device.name}", value.quality)
            outputs = {"iec104": COMMANDS, "modbus": ("coil", "holding")}.get(device.protocol, ())
            for control in device.control:
                _known(f"rtu {device.name}: table of a control", control.table, outputs)
        for event in self.event:
            check(event)

    def devices(self) -> list[Device]:
        """Each RTU by itself."""
        return [
            replace(
                device,
                count=1,
                name=device.name if device.count == 1 else f"{device.name}-{number + 1}",
                port=device.port and device.port + number,
            )
            for device in self.rtu
            for number in range(device.count)
        ]


def read(path: Path) -> Script:
    """Raises: ConfigError with file, key and rule."""
    if not path.exists():
        raise settings.ConfigError(f"{path}: there is no such file")
    return settings.build(Script, settings.read(path, {}), path)


def event(said: Mapping[str, Any], where: str) -> Event:
    """An event that is told while the RTUs run.  Raises: ValueError."""
    found = settings.build(Event, said, Path(where))
    check(found)
    return found


def check(found: Event) -> None:
    """Raises: ValueError."""
    _known("event: do", found.do, DOES)
    _known("event: table", found.table, TABLES)
    _check_qualities("event", found.quality)
    for fault in found.faults:
        _known("event: faults", fault, FAULTS)


def _check_qualities(where: str, words: tuple[str, ...]) -> None:
    for word in words:
        _known(f"{where}: quality", word, QUALITIES)


def _known(what: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise ValueError(f"{what} {word!r} is not known; known: {', '.join(words)}")
