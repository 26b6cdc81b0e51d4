"""Customer data stays hidden from those who may not see it."""

from __future__ import annotations

import dataclasses

from cim.message import Header, Kind, Message, Operation, OperationSet, Verb
from cim.profile import Profile, Reference, attribute, attributes
from cim.profiles import NOUNS
from cim.profiles.end_device_controls import EndDeviceControls
from cim.profiles.unplanned_outages import UnplannedOutages
from hub.console.bodies import hides
from hub.console.masking import HIDDEN, is_personal, masked, masked_profile


class Address(Profile):
    street: str = attribute("Address.street", "Street.")
    number: int | None = attribute("Address.number", "House number.", default=None)


class Customer(Profile):
    mrid: str = attribute("IdentifiedObject.mRID", "Identifier.")
    name: str | None = attribute("Customer.name", "Name.", personal=True, default=None)
    phones: tuple[str, ...] = attribute("Customer.phones", "Phones.", personal=True, default=())
    account: Reference | None = attribute(
        "Customer.account", "Account.", personal=True, default=None
    )
    age: int | None = attribute("Customer.age", "Age.", personal=True, default=None)
    address: Address | None = attribute("Customer.address", "Address.", personal=True, default=None)


class Customers(Profile, namespace="urn:test:Customers#"):
    customer: tuple[Customer, ...] = attribute("Customers.Customer", "Customers.", default=())


ANN = Customer(
    mrid="1",
    name="Ann",
    phones=("1", "2"),
    account=Reference("A1"),
    age=40,
    address=Address(street="Long Road", number=7),
)
HIDDEN_ANN = Customer(
    mrid="1",
    name=HIDDEN,
    phones=(HIDDEN, HIDDEN),
    account=Reference(HIDDEN),
    age=None,
    address=Address(street=HIDDEN, number=None),
)


def message(payload: Profile | OperationSet) -> Message:
    return Message(header=Header(verb=Verb.CREATED, noun="x"), kind=Kind.EVENT, payload=payload)


def test_every_personal_value_is_hidden_and_nothing_else() -> None:
    assert masked_profile(Customers(customer=(ANN,))) == Customers(customer=(HIDDEN_ANN,))
    assert masked_profile(Customers()) == Customers()
    assert masked_profile(Customer(mrid="1")) == Customer(mrid="1")


def test_a_message_is_masked_inside_an_operation_set_too() -> None:
    assert masked(message(ANN)).payload == HIDDEN_ANN
    operations = OperationSet(operations=(Operation(operation_id=1, payload=ANN),))
    hidden = masked(message(operations)).payload
    assert isinstance(hidden, OperationSet)
    assert hidden.operations[0].payload == HIDDEN_ANN


def test_a_payload_without_customer_data_is_left_alone() -> None:
    payload = UnplannedOutages()
    assert masked(message(payload)).payload is payload
    assert not is_personal(UnplannedOutages)
    assert is_personal(EndDeviceControls)


def test_raw_bytes_stay_hidden_where_they_can_hold_customer_data() -> None:
    assert hides("EndDeviceControls", personal=False)
    assert hides("OperationSet", personal=False)
    assert not hides("EndDeviceControls", personal=True)
    assert not hides("UnplannedOutages", personal=False)


def test_everything_marked_personal_can_be_masked() -> None:
    """A personal value that must be there has to be a text: no other type can be blank."""

    def required(profile: type[Profile], hidden: bool, above: frozenset[type]) -> None:
        for a in attributes(profile):
            personal = hidden or a.personal
            if dataclasses.is_dataclass(a.type):
                if a.type not in above:
                    required(a.type, personal, above | {a.type})  # type: ignore[arg-type]
            elif personal and a.required:
                assert a.type in (str, Reference), f"{profile.__name__}.{a.name}"

    for noun in NOUNS.values():
        required(noun, False, frozenset())
