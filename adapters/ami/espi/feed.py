"""The entries of a feed, found by their links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from cim.parse import MESSAGE, line_of

ATOM, ESPI = "{http://www.w3.org/2005/Atom}", "{http://naesb.org/espi}"

LIMITS = replace(MESSAGE, instructions=frozenset({"xml-stylesheet"}))
"""Nearly every feed names a style sheet for browsers; nobody here follows it."""


@dataclass(frozen=True)
class Entry:
    """One entry: the resource in it and its links.

    up, itself: where it is, "" when it does not say; related: what it points at.
    """

    element: etree._Element
    resources: tuple[etree._Element, ...]
    itself: str
    up: str
    related: frozenset[str]

    @property
    def id(self) -> str:
        return text(self.element, f"{ATOM}id")

    @property
    def updated(self) -> str:
        return text(self.element, f"{ATOM}updated")


@dataclass(frozen=True)
class Feed:
    """Entries by what is in them (UsagePoint, MeterReading, ReadingType) and by their links.

    at:       where they lie; pointing: what they point at.  The first of several counts.
    """

    at: dict[tuple[str, str], Entry] = field(default_factory=dict)
    pointing: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        for kind in {etree.QName(one).localname for one in entry.resources}:
            self.at.setdefault((kind, entry.itself), entry)
            for href in entry.related:
                self.pointing.setdefault((kind, href), entry)


@dataclass(frozen=True)
class FeedBlock:
    """An IntervalBlock; `hub.interfaces.Excerpt`."""

    origin: str
    feed: Feed
    entry: Entry
    block: etree._Element

    @property
    def raw(self) -> bytes:
        return etree.tostring(self.block, with_tail=False)

    @property
    def alone(self) -> bytes:
        """A feed of this block and what it hangs on, as far as the links lead."""
        near = [self.point, self.reading, self.reading_type, self.entry]
        inner = (etree.tostring(e.element, with_tail=False) for e in near if e is not None)
        return b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"".join(inner) + b"</feed>"

    @property
    def reading(self) -> Entry | None:
        return self.feed.pointing.get(("MeterReading", self.entry.up))

    @property
    def point(self) -> Entry | None:
        return self.feed.pointing.get(("UsagePoint", self.reading.up)) if self.reading else None

    @property
    def reading_type(self) -> Entry | None:
        found = [
            self.feed.at[key]
            for href in sorted(self.reading.related if self.reading else ())
            if (key := ("ReadingType", href)) in self.feed.at
        ]
        return found[0] if len(found) == 1 else None


def may_be_feed(data: bytes) -> bool:
    """Whether the bytes name the namespace of Atom."""
    return ATOM[1:-1].encode() in data


def is_feed(root: etree._Element) -> bool:
    return root.tag == f"{ATOM}feed"


def blocks(name: str, root: etree._Element) -> list[FeedBlock]:
    """The interval blocks of the feed `name`; summaries, tariffs and customers are passed over.

    Raises: ValueError when there is none.
    """
    feed = Feed()
    entries = [_entry(element) for element in root.iterchildren(f"{ATOM}entry")]
    for entry in entries:
        feed.add(entry)
    found = [
        FeedBlock(f"{name} line {line_of(block)}", feed, entry, block)
        for entry in entries
        for block in entry.resources
        if block.tag == f"{ESPI}IntervalBlock"
    ]
    if not found:
        raise ValueError(f"{name}: feed has no entry with an IntervalBlock: there is no reading")
    return found


def _entry(element: etree._Element) -> Entry:
    links = [
        (link.get("rel"), link.get("href") or "") for link in element.iterchildren(f"{ATOM}link")
    ]
    content = element.find(f"{ATOM}content")
    return Entry(
        element=element,
        resources=tuple(_resources(content)),
        itself=next((href for rel, href in links if rel == "self"), ""),
        up=next((href for rel, href in links if rel == "up"), ""),
        related=frozenset(href for rel, href in links if rel == "related" and href),
    )


def _resources(content: etree._Element | None) -> Iterator[etree._Element]:
    if content is not None:
        for one in content:
            if isinstance(one.tag, str) and one.tag.startswith(ESPI):
                yield one


def text(element: etree._Element, path: str) -> str:
    """The text at `path`, "" when there is none."""
    return (element.findtext(path) or "").strip()
