"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(name: str, text: str | None) -> datetime | None:
    """A time of a form or an address, UTC without an offset.  Raises: ValueError."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f'{name}: a time such as 2026-03-01T14:00 (UTC) was expected, not "{text[:40]}"'
        ) from None
