"""The latest value of each measurement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cim.message import Message, Verb
from cim.network import Measured, Network
from cim.profiles.identification import Name
from cim.profiles.measurement_values import (
    Accumulator,
    AccumulatorValue,
    Analog,
    AnalogValue,
    Discrete,
    DiscreteValue,
    MeasurementValueQuality,
    MeasurementValues,
    MeasurementValueSource,
    Validity,
)
from tests.cim.network.drawing import Drawing, event, model

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def value(number: float, at: datetime | None, mrid: str = "amps") -> Message:
    one = AnalogValue(value=number, time_stamp=at, analog=Analog(mrid=mrid))
    return event(Verb.CREATED, MeasurementValues(analog_value=(one,)))


@pytest.fixture
def network() -> Network:
    drawing = Drawing().source("a").thing("Analog", "amps", IdentifiedObject__name="I of L1")
    return drawing.network()


def test_a_later_value_takes_the_place_of_an_earlier_one(network: Network) -> None:
    assert network.measurement("amps") is None
    network = network.after(value(5, NOON)).after(value(6, NOON + timedelta(seconds=1)))
    assert network.measurement("amps") == Measured("amps", 6, NOON + timedelta(seconds=1))


def test_a_late_value_does_not(network: Network) -> None:
    network = network.after(value(5, NOON))
    late = network.after(value(4, NOON - timedelta(seconds=1)))
    assert late.measurement("amps") == network.measurement("amps")
    naive = (NOON - timedelta(seconds=1)).replace(tzinfo=None)
    assert network.after(value(3, naive)).measurement("amps") == network.measurement("amps")


def test_values_of_one_moment_or_of_none_come_in_their_order(network: Network) -> None:
    for moment in (NOON, None):
        then = network.after(value(1, moment)).after(value(2, moment))
        found = then.measurement("amps")
        assert found is not None
        assert found.value == 2


def test_a_quality_without_a_value_is_of_the_last_value(network: Network) -> None:
    quality = MeasurementValueQuality(validity=Validity.INVALID, failure=True)
    later = NOON + timedelta(seconds=1)
    one = AnalogValue(
        time_stamp=later, analog=Analog(mrid="amps"), measurement_value_quality=quality
    )
    bad = event(Verb.CREATED, MeasurementValues(analog_value=(one,)))
    for before, number in ((network, None), (network.after(value(5, NOON)), 5)):
        found = before.after(bad).measurement("amps")
        assert found == Measured("amps", number, later, "INVALID", ("failure",))


def test_a_counter(network: Network) -> None:
    one = AccumulatorValue(value=70_001, time_stamp=NOON, accumulator=Accumulator(mrid="amps"))
    then = network.after(event(Verb.CREATED, MeasurementValues(accumulator_value=(one,))))
    assert then.measurement("amps") == Measured("amps", 70_001, NOON)


def test_quality_and_source(network: Network) -> None:
    quality = MeasurementValueQuality(
        validity=Validity.QUESTIONABLE, old_data=True, test=True, failure=False
    )
    one = DiscreteValue(
        value=3,
        discrete=Discrete(names=(Name(name="Tap of T1"),)),
        measurement_value_quality=quality,
        measurement_value_source=MeasurementValueSource(mrid="SCADA"),
    )
    network = network.after(event(Verb.CREATED, MeasurementValues(discrete_value=(one,))))
    assert network.measurement("Tap of T1") == Measured(
        "Tap of T1", 3, None, "QUESTIONABLE", ("old_data", "test"), "SCADA"
    )


def test_by_the_mrid_what_was_reported_by_name(network: Network) -> None:
    one = AnalogValue(value=7.5, time_stamp=NOON, analog=Analog(names=(Name(name="I of L1"),)))
    network = network.after(event(Verb.CHANGED, MeasurementValues(analog_value=(one,))))
    found = network.measurement("amps")
    assert found is not None
    assert found.value == 7.5


def test_values_survive_models_and_bytes(network: Network) -> None:
    network = network.after(value(5.25, NOON)).after(value(1, None, "volts"))
    for later in (
        network.after(model("drawing", Drawing().source("b").document())),
        Network.from_bytes(network.to_bytes()),
    ):
        assert later.measurement("amps") == Measured("amps", 5.25, NOON)
        assert later.measurement("volts") == Measured("volts", 1)


def test_many_values_over_and_over(network: Network) -> None:
    for turn in range(300):
        network = network.after(value(turn, NOON, f"m{turn % 70}"))
    assert {m.of: m.value for m in network.measurements} == {
        f"m{turn % 70}": turn for turn in range(230, 300)
    }
    assert len(network.measurements) == 70
    assert network.measurement("m71") is None
