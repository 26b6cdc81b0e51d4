"""Who the customers of a demo utility are: names, addresses and telephones of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from dms_apps.simulator.utility import Customer, Utility

_FIRST = (
    "Ada",
    "Ben",
    "Cleo",
    "Dora",
    "Emil",
    "Fritz",
    "Gina",
    "Hugo",
    "Ines",
    "Jan",
    "Kim",
    "Lea",
)
_LAST = (
    "Arm",
    "Beck",
    "Cole",
    "Dahl",
    "Ek",
    "Frost",
    "Graf",
    "Holm",
    "Iwan",
    "Jung",
    "Kern",
    "Lund",
)
_BUSINESS = ("Bakery", "Garage", "Pharmacy", "Mill", "Laundry", "School")
_STREETS = ("Ampere", "Volta", "Ohm", "Tesla", "Faraday", "Henry", "Siemens", "Coulomb")


def customers(utility: Utility) -> Iterator[dict[str, str]]:
    """A row for each service point, with all that a CIS may say; the same for the same utility."""
    random = Random(f"{utility.seed} people")  # noqa: S311 - repeatable, no secret
    for number, customer in enumerate(utility.customers):
        yield _row(customer, number, random)


def _row(customer: Customer, number: int, random: Random) -> dict[str, str]:
    person = random.choice(_FIRST), random.choice(_LAST)
    business = customer.kind == "COM"
    return {
        "service_point_id": customer.service_point,
        "premise_id": customer.premise,
        "account_number": customer.account,
        "customer_type": customer.kind,
        "life_support": "Y" if customer.life_support else "N",
        "critical_class": customer.critical,
        "meter_number": customer.meter,
        "equipment_mrid": customer.equipment,
        "phase": "",
        "customer_id": f"C-{number + 1:07}",
        "first_name": "" if business else person[0],
        "last_name": "" if business else person[1],
        "organisation": f"{person[1]}'s {random.choice(_BUSINESS)}" if business else "",
        "phone": f"+1555{1_000_000 + number:07}",
        "agreement_id": f"AG-{number + 1:07}",
        "tariff": "GS-1" if business else "R-1",
        "street": f"{random.choice(_STREETS)} Street",
        "street_number": str(random.randrange(1, 200)),
        "city": "Feederton",
    }
