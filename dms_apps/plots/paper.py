"""What all drawings share: the paper, its colours, and how it becomes bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from hub.report import Form

if TYPE_CHECKING:  # it takes half a second and 30 MB to load: not at the start of every hub
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE, PAPER = "#1d2426", "#566063", "#c9cfd1", "#ffffff"
ALARM, BAND = "#a3241c", "#e4ecf1"
SERIES = ("#0072b2", "#d55e00", "#00795a", "#882e72", "#7a5c00", "#444444")
"""Told apart with any colour vision, and 3:1 against the paper (WCAG 2.2, 1.4.11)."""
PHASES = dict(zip(("A", "B", "C", "s1", "s2", "N"), SERIES, strict=True))
STYLES: tuple[Any, ...] = (
    "solid",
    (0, (5, 2)),
    (0, (1, 1.2)),
    (0, (6, 2, 1, 2)),
    (0, (3, 1)),
    (0, (1, 3)),
)
MARKS = ("o", "s", "^", "D", "v", "P")
"""So that nothing is told by colour alone."""

DPI = 100
WIDE, HIGH = 900, 500
"""Pixels."""

_SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": SOFT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",  # comes along, so that it is there on every machine
    "font.size": 11,
    "grid.color": "#e3e7e8",
    "legend.edgecolor": LINE,
    "legend.framealpha": 0.9,
    "svg.fonttype": "path",
    "svg.hashsalt": "gridbus",  # else every drawing has identifiers of its own
    "text.color": INK,
    "text.parse_math": False,  # a name with $ in it is no formula
    "xtick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.color": SOFT,
    "ytick.labelcolor": INK,
}
_settings = Lock()
"""The settings of matplotlib are those of the process."""


@dataclass
class Paper:
    """A sheet that is drawn on; `content` are its bytes once it is done."""

    figure: Figure
    axes: Axes
    content: bytes = field(default=b"", init=False)


@contextmanager
def settings() -> Iterator[None]:
    """Drawing by our settings.  One is drawn at a time."""
    from matplotlib import rc_context

    with _settings, rc_context(_SETTINGS):
        yield


@contextmanager
def paper(title: str, form: Form, *, wide: int = WIDE, high: int = HIGH) -> Iterator[Paper]:
    """A sheet of so many pixels; at the end it becomes bytes.  One is drawn on at a time."""
    from matplotlib.figure import Figure

    with settings():
        figure = Figure(figsize=(wide / DPI, high / DPI), dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title(title, pad=12)
        sheet = Paper(figure, axes)
        yield sheet
        sheet.content = _bytes(figure, title, form)


def nothing(axes: Axes) -> None:
    """Say that there is nothing to draw."""
    axes.annotate("Nothing to show.", (0.5, 0.5), xycoords="axes fraction", ha="center")


def _bytes(figure: Figure, title: str, form: Form) -> bytes:
    """Without the time and the version of the program: the same drawing has the same bytes."""
    content = io.BytesIO()
    if form is Form.SVG:
        said: dict[str, Any] = {"Title": title, "Date": None, "Creator": "Gridbus"}
        figure.savefig(content, format="svg", metadata=said)
    else:
        figure.savefig(content, format="png", metadata={"Title": title, "Software": "Gridbus"})
    return content.getvalue()
