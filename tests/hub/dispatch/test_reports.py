"""What apps offer to tell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hub.dispatch import reports
from hub.report import Offer, Parameter
from tests.fakes import CountingApp
from tests.telling import TellingApp


class Grasping(TellingApp):
    """Wants a parameter that is the hub's own."""

    @property
    def reports(self) -> Sequence[Offer]:
        return (Offer("loading", "Loads.", (Parameter("sort", "Of loads."),)),)


def test_only_apps_that_tell_anything_offer_it() -> None:
    apps = {"telling": TellingApp(), "counting": CountingApp()}
    assert list(reports.offers(apps)) == ["telling"]  # type: ignore[arg-type]
    with pytest.raises(reports.NoReport, match="no app 'counting' with reports"):
        reports.offer(apps, "counting", "loading")  # type: ignore[arg-type]


def test_the_words_of_the_hub_are_no_parameters() -> None:
    with pytest.raises(ValueError, match="grasping: loading: a parameter is called sort"):
        reports.offers({"grasping": Grasping()})
