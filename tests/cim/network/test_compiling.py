"""Machine code on disk is that of the loops as they are now."""

from __future__ import annotations

import re
from pathlib import Path

from cim.network import compiling, words

_NUMBERS = re.compile(r"^from cim\.network\.(\w+) import", re.MULTILINE)


def test_a_change_in_any_file_that_loops_use_makes_all_of_them_anew() -> None:
    folder = Path(compiling.__file__).parent
    text = {path.stem: path.read_text() for path in folder.glob("*.py")}
    loops = {name for name, lines in text.items() if "from cim.network.compiling import" in lines}
    used = {name for loop in loops for name in _NUMBERS.findall(text[loop])}
    assert loops | used | {"compiling"} == {path.stem for path in compiling._FILES}
    assert len(words.places_of._cache._cache_file._source_stamp) == len(compiling._FILES) + 1  # type: ignore[attr-defined]
