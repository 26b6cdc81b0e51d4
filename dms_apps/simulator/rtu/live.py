"""Simulated RTUs that run, and are told what is to happen to them while they do."""

from __future__ import annotations

import asyncio
import json
import sys

from dms_apps.simulator.rtu.script import Script, event
from dms_apps.simulator.rtu.server import Rtus


async def until_told(script: Script) -> None:
    """Play the script until the standard input ends; it has the form that `command` says."""
    rtus = Rtus(script)
    await rtus.start()
    where = {name: f"{script.host}:{rtu.port}" for name, rtu in rtus.rtus.items()}
    print(json.dumps(where), flush=True)
    playing = asyncio.create_task(rtus.play())
    try:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            error = await _told(rtus, line)
            done = {name: rtu.executed for name, rtu in rtus.rtus.items() if rtu.executed}
            print(json.dumps({"error": error, "executed": done}), flush=True)
    finally:
        playing.cancel()
        await rtus.stop()


async def _told(rtus: Rtus, line: bytes) -> str:
    """What is wrong with an event; "" when it has happened."""
    try:
        await rtus.happen(event(json.loads(line), "standard input"))
    except (ValueError, TypeError) as error:
        return str(error)
    return ""
