"""The four minimum criteria of a case report: without one of them there is no case (ICH E2D)."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from models import Patient, Reporter, SideEffect, StaffMember

_FREE_TEXT_TERM = "AE_OTHER"


@dataclass(frozen=True, slots=True)
class Known:
    """For each criterion what is missing, in words; None where it is met."""

    patient: str | None
    reporter: str | None
    suspect_product: str | None
    event: str | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the criteria that are not met, in the order of the four."""
        return tuple(name for name in self.__slots__ if getattr(self, name) is not None)


async def minimum_criteria(db: AsyncSession, effect: SideEffect) -> Known:
    """What a case needs and the report has or lacks. Two reads by key, of rows mostly at hand.

    A patient who reports is the reporter; what staff report needs a person who entered it. What
    was given in the suspected session counts as suspect product.
    """
    patient = await db.get(Patient, (effect.clinic_id, effect.patient_id))
    person = await db.get(StaffMember, (effect.clinic_id, effect.recorded_by))
    identifiable = patient is not None and patient.erased_at is None
    reporter = effect.reported_by is Reporter.PATIENT or person is not None
    suspect = bool(effect.session_id or effect.suspect_ingredient_codes or effect.suspect_lot_ids)
    event = effect.code != _FREE_TEXT_TERM or effect.term_text is not None
    return Known(
        patient=None if identifiable else "The patient is no longer identifiable.",
        reporter=None if reporter else "No person is named who reports it.",
        suspect_product=None if suspect else "Neither a session nor a suspect is known.",
        event=None if event else "The event has no term.",
    )
