"""What the rules are told about a visit: the screening, and what was injected."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.decisions import facts_doses, facts_lots
from api.decisions.facts_formula import LoadedFormula
from api.decisions.matters import Administering, CheckIn, Matter
from api.security import Caller
from rules import facts


def lot_ids(matter: Matter) -> list[UUID]:
    """The lots that were drawn from, in the order of the request; none at other stages."""
    return [lot.lot_id for lot in matter.lots] if isinstance(matter, Administering) else []


def also_given(matter: Matter) -> tuple[facts.OtherDose, ...]:
    """What the patient got at the visit without an injection; () at other stages."""
    rows = matter.also_given if isinstance(matter, CheckIn | Administering) else ()
    return tuple(
        facts.OtherDose(
            ingredient_code=row.ingredient_code,
            dose_micro=row.dose_micro,
            name=row.name,
            route=row.route.value,
            local_anaesthetic=row.local_anaesthetic,
        )
        for row in rows
    )


def screening_of(matter: Matter) -> facts.Screening | None:
    """What was asked and measured at check-in; None where nobody was screened."""
    found = matter.screening if isinstance(matter, CheckIn | Administering) else None
    if found is None:
        return None
    centi = found.temperature_centi
    return facts.Screening(
        allergies_confirmed=found.allergies_confirmed,
        site_infection=None if found.site_clear is None else not found.site_clear,
        temperature_tenths=None if centi is None else -(-centi // 10),  # up: fever is not missed
        systolic=found.systolic_mmhg,
        diastolic=found.diastolic_mmhg,
        pulse=found.pulse_bpm,
    )


async def administered(
    db: AsyncSession, caller: Caller, matter: Administering, loaded: LoadedFormula
) -> dict[str, Any]:
    """What was injected, the lots it came from, and the readiness for an emergency."""
    clinic_id, patient_id = caller.clinic_id, matter.plan.patient_id
    on = local_day(matter.performed_at, caller.zone)
    codes = {line.ingredient_code for line in loaded.formula.components}
    seen = await facts_doses.seen_before(db, clinic_id, patient_id, loaded.formula)
    given = facts.Administration(
        areas=tuple(
            facts.PlannedArea(
                area=each.area,
                volume_ul=each.volume_ul,
                side=each.side.value if each.side else None,
                points=each.points,
                depth_um=each.depth_um,
                technique=each.technique,
                area_cm2_hundredths=each.area_cm2_hundredths,
                needle_gauge=each.needle_gauge,
            )
            for each in matter.areas
        ),
        discarded_ul=matter.discarded_ul,
        preparation_started_at=matter.preparation_started_at,
        performed_at=matter.performed_at,
    )
    return {
        "administration": given,
        "lots": await facts_lots.load_lots(db, clinic_id, patient_id, lot_ids(matter), on),
        "emergency": await facts_lots.load_emergency(
            db,
            clinic_id,
            matter.emergency_kit_checked_on,
            matter.observation_minutes,
            first_exposure=bool(codes - seen),
        ),
        "retrospective": matter.retrospective,
    }
