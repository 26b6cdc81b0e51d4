"""What every page has, for every eye, and what it loads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from cim.message import Verb
from cim.violation import Refusal
from hub.console.site import HERE
from hub.public_settings import Public
from hub.security.roles import Role
from tests.hub.console.house import OUTAGE, House, Say, outage
from tests.hub.console.test_alarms import violation
from tests.hub.history.story import grid, named
from tests.telling import TellingApp


def test_every_page_has_a_language_a_heading_and_labels(house: House, say: Say) -> None:
    house.accept(say(Verb.CREATED, outage()), named(grid()), say(Verb.CREATED, violation()))
    house.follow()
    house.kill("erp", 1, "refused")
    public = Public(enabled=True)
    house.view = replace(house.view, apps={"telling": TellingApp()}, public=public)
    house.journal.create_tables(TellingApp().tables)
    house.refuse(b"<x>", Refusal.of("1.1", "not well-formed", line=1))
    paths = ["/", "/messages", "/messages/1", "/dead-letters", "/quarantine", "/quarantine/1"]
    paths += ["/outages", f"/outages/{OUTAGE}", "/network", "/network/compare", "/models"]
    paths += ["/models/query", "/models/2.1", "/models/difference?one=2.1&other=2.1", "/password"]
    paths += ["/login", "/feeds", "/analysis", "/analysis/telling/loading"]
    paths += ["/alarms", "/alarms/v-1", "/public"]
    eve = house.person("eve", Role.ENGINEER)
    pages = {path: eve.get(path) for path in paths}
    pages["/audit"] = house.person("sue", Role.SECAUD).get("/audit")
    for path, page in pages.items():
        assert '<html lang="en">' in page, path
        assert page.count("<h1>") == 1, path
        assert 'class="skip"' in page, path
        ids = re.findall(
            r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*?id="([^"]+)"', page
        )
        fields = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")', page)
        assert len(ids) == len(fields), path
        labelled = re.findall(r'<label [^>]*?for="([^"]+)"', page)
        assert set(ids) <= set(labelled), path
        assert not re.search(r"style=|<style|onclick|<script>", page), path
        assert "https://" not in page, path


def test_colours_have_contrast_in_both_schemes() -> None:
    css = (HERE / "static" / "console.css").read_text()
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    )
    for colours in (light, dark):
        for ink, ground in (
            ("ink", "ground"),
            ("ink", "sheet"),
            ("ink", "mark"),
            ("soft", "ground"),
            ("soft", "sheet"),
            ("link", "sheet"),
            ("link", "mark"),
            ("alarm", "sheet"),
            ("alarm", "alarm-ground"),
            ("alarm", "mark"),
            ("warn", "warn-ground"),
            ("button-ink", "button"),
        ):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, 1.4.3."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (HERE / "templates").glob("*.html"):
        assert not re.search(r'(src|href)="(https?:)?//', path.read_text()), path
    assert (HERE / "static" / "htmx-2.0.11.LICENSE.txt").exists()


def test_the_script_of_others_is_the_published_one() -> None:
    """htmx.org 2.0.11 of the npm registry, dist/htmx.min.js, 0BSD."""
    script = (HERE / "static" / "htmx-2.0.11.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() == (
        "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
    )
