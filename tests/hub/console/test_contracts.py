"""The pages and answers about what may be exchanged."""

from __future__ import annotations

from cim import override
from cim.profiles import NOUNS
from cim.schema import files, noun_xsd
from cim.schema.library import Library
from hub.security.roles import Role
from tests.hub.console.house import House


def test_every_noun_is_listed_with_its_ends(house: House) -> None:
    page = house.person("ann", Role.VIEWER).get("/contracts")

    assert all(f'href="/contracts/{noun}"' in page for noun in NOUNS)
    assert "Network operations: Fault management" in page


def test_a_noun_shows_its_elements_and_its_files(house: House) -> None:
    viewer = house.person("ann", Role.VIEWER)
    for noun in NOUNS:
        page = viewer.get(f"/contracts/{noun}")

        assert f"/soap/{noun}.xsd" in page
        assert NOUNS[noun].namespace in page


def test_a_noun_says_whose_schema_holds(house: House) -> None:
    override.install(Library.of({"theirs.xsd": noun_xsd(NOUNS["EndDeviceEvents"])}))
    try:
        page = house.person("ann", Role.VIEWER).get("/contracts/EndDeviceEvents")
        one = house.system("oms", Role.VIEWER).get("/api/v1/contracts/EndDeviceEvents").json()
    finally:
        override.clear()
    assert "theirs.xsd of the utility" in page
    assert one["overridden"] == "theirs.xsd"
    assert house.person("bob", Role.VIEWER).get("/contracts/MeterReadings").count("utility") == 0


def test_an_unknown_noun_is_not_found(house: House) -> None:
    page = house.person("ann", Role.VIEWER).client.get("/contracts/Nothing")
    assert (page.status_code, "no noun Nothing" in page.text) == (404, True)
    assert house.system("oms", Role.VIEWER).get("/api/v1/contracts/Nothing").status_code == 404


def test_the_same_over_rest(house: House) -> None:
    system = house.system("oms", Role.VIEWER)

    listed = system.get("/api/v1/contracts").json()
    one = system.get("/api/v1/contracts/EndDeviceEvents").json()

    assert [row["noun"] for row in listed] == sorted(NOUNS)
    assert "NO.FLT" in one["exchange"]["subscribers"][0]["code"]
    assert set(one["files"]) < set(files())
    [part] = [
        p for p in one["parts"] if (p["root"], p["name"]) == ("EndDeviceEvents", "EndDeviceEvent")
    ]
    assert {"tag": "createdDateTime", "occurs": "1..1"}.items() <= part["rows"][1].items()
