"""What waits between a connection and who reads it."""

from __future__ import annotations

import asyncio

import pytest

from adapters.scada.arrivals import Arrivals


def test_what_there_is_no_room_for_is_counted_and_what_came_before_the_end_is_taken() -> None:
    async def taken() -> None:
        arrivals: Arrivals[str] = Arrivals(room=1)
        assert await arrivals.take(0.0) == ([], 0)
        for one in "abc":
            arrivals.put(one)
        assert await arrivals.take(10.0) == (["a"], 2)
        arrivals.put("d")
        arrivals.close(ConnectionResetError("first"))
        arrivals.close(ConnectionResetError("second"))
        assert await arrivals.take(10.0) == (["d"], 0)
        with pytest.raises(ConnectionResetError, match="first"):
            await arrivals.take(10.0)

    asyncio.run(taken())
