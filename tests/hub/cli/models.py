"""The small models that the tests of `gridbus model` are about."""

from __future__ import annotations

from tests.cim.network.drawing import Drawing


def drawing(*, closed: bool = True, more: bool = False) -> Drawing:
    drawn = Drawing().source("a").switch("x", "a", "b", opened=not closed)
    return drawn.consumer("late", "b") if more else drawn.consumer("load", "b")


def document(mrid: str = "", supersedes: str = "", **drawn: bool) -> bytes:
    """A model, with a header when it has an mRID."""
    text = drawing(**drawn).document().decode()
    link = f'<md:Model.Supersedes rdf:resource="urn:uuid:{supersedes}"/>' if supersedes else ""
    header = f'<md:FullModel rdf:about="urn:uuid:{mrid}">{link}</md:FullModel>' if mrid else ""
    return text.replace("\n", f"\n{header}", 1).encode()


WRONG = drawing().thing("Breaker", "w", Switch__open="maybe").document()
