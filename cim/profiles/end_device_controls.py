"""EndDeviceControls (IEC 61968-9): what end devices are told to do."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import DateTimeInterval, ElectronicAddress
from cim.profiles.get_end_device_controls import GetEndDeviceControls
from cim.profiles.identification import Name, UsagePoint


class ControlledAppliance(Profile):
    """The kinds of appliance a demand response command is for."""

    is_electric_vehicle: bool | None = attribute(
        "ControlledAppliance.isElectricVehicle", "An electric vehicle.", default=None
    )
    is_exterior_lighting: bool | None = attribute(
        "ControlledAppliance.isExteriorLighting", "Exterior lighting.", default=None
    )
    is_generation_system: bool | None = attribute(
        "ControlledAppliance.isGenerationSystem", "A generation system.", default=None
    )
    is_hvac_compressor_or_furnace: bool | None = attribute(
        "ControlledAppliance.isHvacCompressorOrFurnace",
        "Heating, ventilation or air conditioning.",
        default=None,
    )
    is_interior_lighting: bool | None = attribute(
        "ControlledAppliance.isInteriorLighting", "Interior lighting.", default=None
    )
    is_irrigation_pump: bool | None = attribute(
        "ControlledAppliance.isIrrigationPump", "An irrigation pump.", default=None
    )
    is_managed_commercial_industrial_load: bool | None = attribute(
        "ControlledAppliance.isManagedCommercialIndustrialLoad",
        "A managed commercial or industrial load.",
        default=None,
    )
    is_pool_pump_spa_jacuzzi: bool | None = attribute(
        "ControlledAppliance.isPoolPumpSpaJacuzzi", "A pool pump or spa.", default=None
    )
    is_simple_misc_load: bool | None = attribute(
        "ControlledAppliance.isSimpleMiscLoad", "Another simple load.", default=None
    )
    is_smart_appliance: bool | None = attribute(
        "ControlledAppliance.isSmartAppliance", "A smart appliance.", default=None
    )
    is_strip_and_baseboard_heater: bool | None = attribute(
        "ControlledAppliance.isStripAndBaseboardHeater", "A strip heater.", default=None
    )
    is_water_heater: bool | None = attribute(
        "ControlledAppliance.isWaterHeater", "A water heater.", default=None
    )


class PanDemandResponse(Profile):
    """A demand response command for devices on the premises."""

    avg_load_adjustment: float | None = attribute(
        "PanDemandResponse.avgLoadAdjustment", "Change of the average load.", unit="%", default=None
    )
    cancel_control_mode: str | None = attribute(
        "PanDemandResponse.cancelControlMode", "How to end a running command.", default=None
    )
    cancel_date_time: datetime | None = attribute(
        "PanDemandResponse.cancelDateTime", "When to end it.", default=None
    )
    cancel_now: bool | None = attribute(
        "PanDemandResponse.cancelNow", "Whether to end it at once.", default=None
    )
    command: str = attribute("EndDeviceAction.command", "The command.")
    cooling_offset: float | None = attribute(
        "PanDemandResponse.coolingOffset",
        "Offset of the cooling setpoint.",
        unit="°C",
        default=None,
    )
    cooling_setpoint: float | None = attribute(
        "PanDemandResponse.coolingSetpoint", "Cooling setpoint.", unit="°C", default=None
    )
    criticality_level: str | None = attribute(
        "PanDemandResponse.criticalityLevel", "How critical the command is.", default=None
    )
    duration: float | None = attribute(
        "EndDeviceAction.duration", "How long it lasts.", unit="min", default=None
    )
    duration_indefinite: bool | None = attribute(
        "EndDeviceAction.durationIndefinite", "Whether it lasts until further notice.", default=None
    )
    duty_cycle: float | None = attribute(
        "PanDemandResponse.dutyCycle", "Part of the time the load may run.", unit="%", default=None
    )
    enrollment_group: str | None = attribute(
        "PanDemandResponse.enrollmentGroup", "Group the command is for.", default=None
    )
    heating_offset: float | None = attribute(
        "PanDemandResponse.heatingOffset",
        "Offset of the heating setpoint.",
        unit="°C",
        default=None,
    )
    heating_setpoint: float | None = attribute(
        "PanDemandResponse.heatingSetpoint", "Heating setpoint.", unit="°C", default=None
    )
    start_date_time: datetime = attribute("EndDeviceAction.startDateTime", "When it starts.")
    appliance: ControlledAppliance | None = attribute(
        "PanDemandResponse.appliance", "Appliances it is for.", default=None
    )


class TransmissionModeKind(StrEnum):
    """How a text message is sent to the premises."""

    ANONYMOUS = "anonymous"
    BOTH = "both"
    NORMAL = "normal"


class PanDisplay(Profile):
    """A text to show on the premises."""

    command: str = attribute("EndDeviceAction.command", "The command.")
    confirmation_required: bool | None = attribute(
        "PanDisplay.confirmationRequired", "Whether the customer must confirm it.", default=None
    )
    duration: float | None = attribute(
        "EndDeviceAction.duration", "How long it is shown.", unit="min", default=None
    )
    duration_indefinite: bool | None = attribute(
        "EndDeviceAction.durationIndefinite",
        "Whether it is shown until further notice.",
        default=None,
    )
    priority: str | None = attribute("PanDisplay.priority", "Priority of the text.", default=None)
    start_date_time: datetime = attribute("EndDeviceAction.startDateTime", "When it is shown.")
    text_message: str = attribute("PanDisplay.textMessage", "The text.")
    transmission_mode: TransmissionModeKind = attribute(
        "PanDisplay.transmissionMode", "How it is sent."
    )


class PanPricingDetail(Profile):
    """One price."""

    alternate_cost_delivered: float | None = attribute(
        "PanPricingDetail.alternateCostDelivered", "Cost in another measure.", default=None
    )
    alternate_cost_unit: str | None = attribute(
        "PanPricingDetail.alternateCostUnit", "Unit of that cost.", default=None
    )
    current_time_date: datetime | None = attribute(
        "PanPricingDetail.currentTimeDate", "Time the price was sent.", default=None
    )
    generation_price: Decimal | None = attribute(
        "PanPricingDetail.generationPrice", "Price of energy fed in.", default=None
    )
    generation_price_ratio: float | None = attribute(
        "PanPricingDetail.generationPriceRatio", "Its ratio to the usual price.", default=None
    )
    price: Decimal | None = attribute("PanPricingDetail.price", "Price of energy.", default=None)
    price_ratio: float | None = attribute(
        "PanPricingDetail.priceRatio", "Its ratio to the usual price.", default=None
    )
    price_tier: int | None = attribute(
        "PanPricingDetail.priceTier", "Number of the price tier.", default=None
    )
    price_tier_count: int | None = attribute(
        "PanPricingDetail.priceTierCount", "How many tiers there are.", default=None
    )
    price_tier_label: str | None = attribute(
        "PanPricingDetail.priceTierLabel", "Label of the tier.", default=None
    )
    rate_label: str | None = attribute(
        "PanPricingDetail.rateLabel", "Label of the rate.", default=None
    )
    register_tier: str | None = attribute(
        "PanPricingDetail.registerTier", "Register the price applies to.", default=None
    )
    unit_of_measure: str = attribute(
        "PanPricingDetail.unitOfMeasure", "What the price is per, e.g. kWh."
    )


class PanPricing(Profile):
    """Prices for devices on the premises."""

    command: str = attribute("EndDeviceAction.command", "The command.")
    duration: float | None = attribute(
        "EndDeviceAction.duration", "How long they hold.", unit="min", default=None
    )
    duration_indefinite: bool | None = attribute(
        "EndDeviceAction.durationIndefinite",
        "Whether they hold until further notice.",
        default=None,
    )
    provider_id: int | None = attribute(
        "PanPricing.providerID", "Who sells the energy.", default=None
    )
    start_date_time: datetime = attribute("EndDeviceAction.startDateTime", "When they start.")
    pan_pricing_details: tuple[PanPricingDetail, ...] = attribute(
        "PanPricing.PanPricingDetails", "The prices.", default=()
    )


class EndDeviceGroup(Profile):
    """A group of end devices, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())


class EndDevice(Profile):
    """The device to control, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the device.", default=None)
    install_code: str | None = attribute(
        "EndDevice.installCode",
        "Code for joining the network of the premises.",
        personal=True,
        default=None,
    )
    is_pan: bool | None = attribute(
        "EndDevice.isPan", "Whether it is on the network of the premises.", default=None
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Asset.electronicAddress", "Addresses of the device.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the device.", default=()
    )


class RandomisationKind(StrEnum):
    """Which end of a period is spread at random, so that not all devices act at once."""

    DEFAULT = "default"
    END = "end"
    NONE = "none"
    START = "start"
    START_AND_END = "startAndEnd"


class EndDeviceTiming(Profile):
    """When a control applies."""

    duration: float | None = attribute(
        "EndDeviceTiming.duration", "How long it applies.", unit="min", default=None
    )
    duration_indefinite: bool | None = attribute(
        "EndDeviceTiming.durationIndefinite",
        "Whether it applies until further notice.",
        default=None,
    )
    randomisation: RandomisationKind = attribute(
        "EndDeviceTiming.randomisation", "How it is spread at random."
    )
    interval: DateTimeInterval | None = attribute(
        "EndDeviceTiming.interval", "Start and end.", default=None
    )


class UsagePointGroup(Profile):
    """A group of usage points, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())


class EndDeviceControl(Profile):
    """One control for devices, usage points or groups of them."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the control.", default=None
    )
    dr_program_level: int | None = attribute(
        "EndDeviceControl.drProgramLevel", "Level of the programme; 0 is emergency.", default=None
    )
    dr_program_mandatory: bool | None = attribute(
        "EndDeviceControl.drProgramMandatory", "Whether taking part is mandatory.", default=None
    )
    issuer_id: str | None = attribute(
        "EndDeviceControl.issuerID", "Who originated the control.", default=None
    )
    issuer_tracking_id: str | None = attribute(
        "EndDeviceControl.issuerTrackingID", "Identifier given by the originator.", default=None
    )
    price_signal: float | None = attribute(
        "EndDeviceControl.priceSignal", "Price that is part of the control.", default=None
    )
    reason: str | None = attribute("EndDeviceControl.reason", "Why it is given.", default=None)
    pan_demand_response: PanDemandResponse | None = attribute(
        "EndDeviceControl.PanDemandResponse", "Demand response.", choice="action", default=None
    )
    pan_display: PanDisplay | None = attribute(
        "EndDeviceControl.PanDisplay", "A text to show.", choice="action", default=None
    )
    pan_pricing: PanPricing | None = attribute(
        "EndDeviceControl.PanPricing", "Prices.", choice="action", default=None
    )
    end_device_control_type: Reference = attribute(
        "EndDeviceControl.EndDeviceControlType",
        "Code <type>.<domain>.<subDomain>.<eventOrAction>, e.g. 3.31.0.23 for disconnect.",
    )
    end_device_groups: tuple[EndDeviceGroup, ...] = attribute(
        "EndDeviceControl.EndDeviceGroups", "Groups of devices to control.", default=()
    )
    end_devices: tuple[EndDevice, ...] = attribute(
        "EndDeviceControl.EndDevices", "Devices to control.", default=()
    )
    primary_device_timing: EndDeviceTiming | None = attribute(
        "EndDeviceControl.primaryDeviceTiming", "Timing for the devices named.", default=None
    )
    secondary_device_timing: EndDeviceTiming | None = attribute(
        "EndDeviceControl.secondaryDeviceTiming",
        "Timing for devices that follow them.",
        default=None,
    )
    usage_point_groups: tuple[UsagePointGroup, ...] = attribute(
        "EndDeviceControl.UsagePointGroups", "Groups of usage points to control.", default=()
    )
    usage_points: tuple[UsagePoint, ...] = attribute(
        "EndDeviceControl.UsagePoints", "Usage points to control.", default=()
    )


class EndDeviceControlType(Profile):
    """The meaning of a control code."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code.", default=None)
    domain: str = attribute("EndDeviceControlType.domain", "High-level nature of the control.")
    event_or_action: str = attribute("EndDeviceControlType.eventOrAction", "The action itself.")
    sub_domain: str = attribute(
        "EndDeviceControlType.subDomain", "More specific nature of the control."
    )
    type: str = attribute("EndDeviceControlType.type", "Kind of device it is for.")
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the control type.")


class EndDeviceControls(
    Profile,
    namespace="http://iec.ch/TC57/2011/EndDeviceControls#",
    standard="IEC 61968-9",
    query=GetEndDeviceControls,
    ordering=(
        "end_device_control.usage_points.mrid",
        "end_device_control.usage_points.names.name",
        "end_device_control.end_devices.mrid",
        "end_device_control.end_devices.names.name",
        "end_device_control.usage_point_groups.mrid",
        "end_device_control.end_device_groups.mrid",
        "end_device_control.mrid",
    ),
):
    """Controls of end devices: connect, disconnect, demand response, texts, prices."""

    end_device_control: tuple[EndDeviceControl, ...] = attribute(
        "EndDeviceControls.EndDeviceControl", "The controls.", default=()
    )
    end_device_control_type: tuple[EndDeviceControlType, ...] = attribute(
        "EndDeviceControls.EndDeviceControlType", "Meaning of the codes used.", default=()
    )
