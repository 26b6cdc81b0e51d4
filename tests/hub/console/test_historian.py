"""Series and values over REST."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from hub.security.roles import Role
from tests import fakes
from tests.hub.console.house import House
from tests.hub.console.test_api import API, refusal
from tests.hub.historian.values import QUARTER, Storing, intervals, scan

HISTORIAN = f"{API}/historian"
START = fakes.START


@pytest.fixture
def measured(house: House) -> House:
    """Four quarters of an hour of a meter, the first one corrected later; and a measurement."""
    storing = Storing(house.journal, fakes.Clock())
    storing.accept(intervals([(START + n * QUARTER, float(n)) for n in range(1, 5)], point="up-1"))
    storing.accept(scan([(START, 7.5)]))
    storing.clock.forward(3600)
    storing.accept(intervals([(START + QUARTER, 9.0, "2.7.1")], point="up-1"))
    return house


def test_series_are_listed_by_name_and_page_by_page(measured: House) -> None:
    client = measured.system("erp", Role.OPERATOR)
    [one] = client.get(f"{HISTORIAN}/series?name=up-1").json()
    assert (one["kind"], one["object"], one["unit"]) == ("reading", "M1", "kWh")
    pages = [client.get(f"{HISTORIAN}/series?limit=1&after={n}").json() for n in (0, 1, 2)]
    assert [[s["id"] for s in page] for page in pages] == [[1], [2], []]


def test_values_come_in_pages_as_they_are_and_as_they_were(measured: House) -> None:
    client = measured.system("erp", Role.OPERATOR)
    first = client.get(f"{HISTORIAN}/series/1/values?limit=3").json()
    assert [(v["value"], v["revision"]) for v in first["values"]] == [(9.0, 1), (2.0, 0), (3.0, 0)]
    rest = client.get(f"{HISTORIAN}/series/1/values", params={"after": first["next"]}).json()
    assert ([v["value"] for v in rest["values"]], rest["next"]) == ([4.0], None)
    then = {"as_of": (START + timedelta(minutes=5)).isoformat(), "end": "2026-07-14T15:30"}
    was = client.get(f"{HISTORIAN}/series/1/values", params=then).json()
    assert [v["value"] for v in was["values"]] == [1.0]


def test_steps_and_latest_values(measured: House) -> None:
    client = measured.system("erp", Role.OPERATOR)
    asked = {"every": "1h", "start": "2026-07-14T15:00Z", "end": "2026-07-14T17:00Z"}
    [hour] = client.get(f"{HISTORIAN}/series/1/buckets", params=asked).json()
    assert (hour["count"], hour["least"], hour["mean"]) == (4, 2.0, 4.5)
    latest = client.get(f"{HISTORIAN}/latest").json()
    assert [(one["series"]["object"], one["value"]["value"]) for one in latest] == [
        ("M1", 4.0),
        ("P1-id", 7.5),
    ]


def test_files(measured: House) -> None:
    client = measured.system("erp", Role.OPERATOR)
    text = client.get(f"{HISTORIAN}/export?name=M1&name=P1")
    assert text.headers["content-type"].startswith("text/csv")
    assert len(list(csv.DictReader(io.StringIO(text.text)))) == 5
    packed = client.get(f"{HISTORIAN}/export?name=M1&format=parquet").content
    assert pq.read_table(io.BytesIO(packed)).column("value").to_pylist() == [9.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("series/9/values", 404, "There is no series 9."),
        ("series/1/values?start=x", 422, "start: a time such as"),
        ("series/1/values?start=2026-02-01&end=2026-01-01", 422, "start: it must be before end"),
        ("series/1/values?limit=10001", 422, "limit"),
        ("series/1/values?until=2026-01-01", 422, "There is no parameter 'until' here"),
        ("series/1/buckets?every=1d", 422, "start and end must be given with every"),
        (
            "series/1/buckets?every=1d&start=2026-01-01&end=2026-02-01&zone=Mars",
            422,
            'zone: a time zone such as Europe/Berlin was expected, not "Mars"',
        ),
        ("export", 422, "name"),
    ],
)
def test_what_cannot_be_asked_is_said(
    measured: House, path: str, status: int, sentence: str
) -> None:
    client = measured.system("erp", Role.OPERATOR)
    assert sentence in refusal(client.get(f"{HISTORIAN}/{path}"), status)


def test_values_are_for_those_who_may_read_them(measured: House) -> None:
    viewer = measured.system("viewer", Role.VIEWER)
    assert '"bodies"' in refusal(viewer.get(f"{HISTORIAN}/series"), 403)
    bound = measured.system("scada", Role.OPERATOR, nouns=("MeasurementValues",))
    assert [one["id"] for one in bound.get(f"{HISTORIAN}/series").json()] == [2]
    assert refusal(bound.get(f"{HISTORIAN}/series/1/values"), 404) == "There is no series 1."
    assert len(bound.get(f"{HISTORIAN}/latest").json()) == 1
    assert bound.get(f"{HISTORIAN}/export?name=M1").text.count("\n") == 1
