"""The tasks of the escalation table as they are asked for and read."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Body, Instant, Note
from api.paging import PageQuery
from models import WorklistItem


class TaskOutcome(StrEnum):
    """How a task leaves the list."""

    DONE = "done"
    NOT_NEEDED = "not_needed"


class TaskQuery(PageQuery):
    """Filters of the worklist; all that are given must hold."""

    cause: str | None = Field(
        None, max_length=60, description="Row of the escalation table.", examples=["lot_cluster"]
    )
    overdue: bool | None = Field(None, description="`true`: the target is past.")
    patient_id: UUID | None = Field(None, description="About this patient.")
    side_effect_id: UUID | None = Field(None, description="Led to by this side effect.")
    lot_id: UUID | None = Field(None, description="About this lot.")
    open: bool = Field(True, description="`false` shows what is no longer on the list.")


class CloseTask(Body):
    """A person has done it, or says why nothing needs to be done."""

    outcome: TaskOutcome = Field(TaskOutcome.DONE, description="`done` or `not_needed`.")
    note: Note = Field(
        description="What was done, or why nothing is needed.",
        examples=["Cultures taken from both patients; lot sent to the laboratory."],
    )


class TaskRead(Answer):
    """Something that the escalation table asks people to do."""

    id: UUID = Field(description="Identifier.")
    cause: str = Field(description="Row of the escalation table.", examples=["lot_cluster"])
    title: str = Field(description="What is to be done, and why.")
    severity: str = Field(description="block, override or warn: what it does to the treatment.")
    for_role: str | None = Field(
        description="Who closes it: nurse, prescriber or medical_director; null: any clinician."
    )
    patient_id: UUID | None = Field(description="Whom it is about; null: several.")
    side_effect_id: UUID | None = Field(description="What led to it.")
    lot_id: UUID | None = Field(description="The lot, where it is about one.")
    due_at: Instant = Field(description="Its target.")
    overdue: bool = Field(description="Open, and the target is past.")
    opened_at: Instant = Field(description="Since when it is on the list.")
    closed_at: Instant | None = Field(description="null: open.")
    closed_because: str | None = Field(
        description="performed, dismissed, or clean: the side effect was entered in error."
    )
    closed_by: UUID | None = Field(description="Who closed it.")
    close_reason: str | None = Field(description="What was done, or why nothing was needed.")
    version: int = Field(description="Row version, as in the ETag.")

    @classmethod
    def of(cls, item: WorklistItem, for_role: str | None, now: datetime) -> Self:
        """The task as it stands at `now`."""
        overdue = item.closed_at is None and item.due_at < now
        return cls.model_validate(item.model_dump() | {"for_role": for_role, "overdue": overdue})
