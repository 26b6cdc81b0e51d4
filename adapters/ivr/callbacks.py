"""What customers say when they are called back, as news of the tickets of their calls.

A call-back result becomes `changed TroubleTickets` with the status of the ticket: in the interface
reference model it is the customer desk (CS.TCM) that tells the control room (NO.FLT), by
TroubleTickets.  CustomerNotifications go the other way, and say whom to tell what, not what was
answered: they have neither an identity of their own nor a place for the answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.ivr.fields import Fields, text
from adapters.ivr.tickets import Numbering
from cim.message import Outgoing, Verb
from cim.profiles.compounds import Status
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from hub.rows import Row

REASON = "callback"


class Answer(StrEnum):
    """What became of a call-back: the value of the ticket's status."""

    NO_ANSWER = "noAnswer"
    OTHER = "other"
    POWER_OFF = "powerOff"
    POWER_ON = "powerOn"


@dataclass(frozen=True)
class Callbacks:
    """How call-back results are read.

    answers: native result -> `Answer`.
    Raises: ValueError for one that stands for something else.
    """

    fields: Fields = field(default_factory=Fields)
    numbering: Numbering = field(default_factory=Numbering)
    answers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for native, answer in self.answers.items():
            if answer not in set(Answer):
                raise ValueError(f"callbacks.{native}: {answer!r} is none of {', '.join(Answer)}")

    def change(self, row: Row) -> Outgoing:
        """The news of one ticket; whether it is settled is for whoever looks after it to say.

        Raises: ValueError naming file, line, column, value and rule.
        """
        premises = text(row, "service_point_id") or text(row, "premise_id")
        mrid = self.numbering.identity(row, premises if self.numbering.several else "")
        at, native = self.fields.moment(row, "callback_time"), text(row, "status")
        status = Status(
            date_time=at,
            reason=REASON,
            remark=", ".join(one for one in (native, text(row, "agent")) if one),
            value=self._answer(row),
        )
        ticket = TroubleTicket(
            mrid=mrid,
            date_time_of_report=None,  # type: ignore[arg-type]  # a change says what is new
            last_modified_date_time=at,
            names=(self.numbering.name(row),),
            status=status,
        )
        fact = uuid.uuid5(uuid.UUID(mrid), f"{at.isoformat()} {native}")
        return Outgoing(
            Verb.CHANGED, TroubleTickets(trouble_ticket=(ticket,)), external_id=str(fact), at=at
        )

    def _answer(self, row: Row) -> Answer:
        native = text(row, "status")
        if native not in self.answers:
            raise row.wrong(
                "status",
                "is not in the table of callbacks;"
                f" known are {', '.join(sorted(self.answers)) or 'none'}",
            )
        return Answer(self.answers[native])
