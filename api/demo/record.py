"""What is asked and recorded before a first session."""

from dataclasses import dataclass
from datetime import date, timedelta

from api.demo.desk import Answer, Desk
from api.demo.people import Person

_INGREDIENTS = (
    "DEXPANTHENOL", "BIOTIN", "MEPIVACAINE", "NIACINAMIDE", "TRANEXAMIC_ACID",
    "HYALURONIC_ACID_NCL", "PDRN",
)  # fmt: skip

# What the patient tells when asked, by the key that the cast uses.
_ALLERGIES: dict[str, Answer] = {
    "": {"code": "NO_KNOWN_ALLERGIES"},
    "AMIDE_LA": {
        "code": "AMIDE_LA", "severity": "moderate", "reaction": "Hives after a dental anaesthetic.",
    },
    "FISH": {"code": "FISH", "severity": "severe", "reaction": "Swollen lips, short of breath."},
    "OTHER": {
        "code": "OTHER", "substance": "Penicillin", "severity": "mild", "reaction": "Rash.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """A first visit: the registered patient, who it is, the day, and the allergy told of."""

    patient: Answer
    person: Person
    day: date
    allergy: str

    @property
    def path(self) -> str:
        return f"/v1/patients/{self.patient['id']}"


async def register(desk: Desk, person: Person) -> Answer:
    """The front desk registers a patient."""
    number = len(desk.known.setdefault("patients", [])) + 1
    patient = await desk.post(
        "desk",
        "/v1/patients?allow_duplicate=true",
        {
            "given_name": person.given,
            "family_name": person.family,
            "born_on": person.born_on,
            "sex": person.sex,
            "phone": f"+3319900{number:04}",
            "email": person.email,
            "language": "fr",
        },
    )
    desk.known["patients"].append(patient["id"])
    return patient


async def first_visit(desk: Desk, visit: Visit, icd10: str, areas: list[str]) -> None:
    """Consultation, history, weight, diagnosis and consent, by the practitioner."""
    await _history(desk, visit)
    path, day = visit.path, visit.day
    scale = {"scale": "NORWOOD_HAMILTON", "grade": "III_VERTEX"}
    if visit.person.sex == "female":
        scale = {"scale": "LUDWIG", "grade": "I"}
    await desk.post(
        "practitioner",
        f"{path}/assessments",
        {
            "assessed_on": day.isoformat(),
            "diagnoses": [{"icd10": icd10, "status": "confirmed"}],
            "areas": areas,
            "photos_taken": True,
        }
        | (scale if icd10 == "L64.9" else {}),
    )
    await desk.post(
        "practitioner",
        f"{path}/consultations",
        {
            "held_at": desk.clock.now.isoformat(),
            "concerns": "Can the treatment itself make hair fall?",
            "alternatives_discussed": ["TOPICAL_MINOXIDIL", "ORAL_FINASTERIDE", "NO_TREATMENT"],
            "lifestyle_advice": ["Balanced diet", "Less heat styling", "Sun protection"],
            "expectations": "Less shedding within six months; possibly no effect.",
            "recommendation": "A course with reassessment after the weekly phase.",
        },
    )
    await _consent(desk, visit, icd10, areas)


async def _consent(desk: Desk, visit: Visit, icd10: str, areas: list[str]) -> None:
    body = {
        "document_code": "MESO-CONSENT",
        "document_version": "2026-01",
        "language": "fr",
        "signed_on": visit.day.isoformat(),
        "signed_by": "patient",
        "ingredient_codes": list(_INGREDIENTS),
        "areas": areas,
        "icd10": icd10,
        "photos_clinical": True,
        "registry_use": True,
    }
    await desk.post("practitioner", f"{visit.path}/consents", body)


async def _asked(desk: Desk, path: str, day: str) -> None:
    """Asked, and nothing to tell: an entry of its own, unlike a question nobody put."""
    await desk.post("nurse", f"{path}/conditions", {"code": "NO_KNOWN_CONDITIONS"})
    await desk.post("nurse", f"{path}/medications", {"code": "NO_MEDICATION"})
    nothing = {"code": "NO_OTHER_THERAPY", "started_on": day}
    await desk.post("nurse", f"{path}/therapies", nothing)


async def _history(desk: Desk, visit: Visit) -> None:
    path, person, today = visit.path, visit.person, visit.day.isoformat()
    await desk.post("nurse", f"{path}/allergies", _ALLERGIES[visit.allergy])
    await _asked(desk, path, today)
    weight = {"kind": "weight", "value": person.weight_kg, "unit": "kg"}
    now = desk.clock.now
    await desk.post("nurse", f"{path}/measurements", weight | {"measured_at": now.isoformat()})
    for days in (9, 0):  # two readings of shedding before the first session, a week apart
        body = {
            "kind": "SHED_SCORE",
            "value": "3",
            "scale": "HAIR_SHEDDING_SCALE",
            "measured_at": (now - timedelta(days=days)).isoformat(),
        }
        await desk.post("nurse", f"{path}/measurements", body)
    if person.sex == "female":
        statement = {
            "stated_on": today,
            "childbearing_potential": person.born_on > "1974",
            "pregnancy_status": "not_pregnant",
            "contraception": "Intrauterine device",
            "contraception_effective": True,
            "lactating": False,
        }
        await desk.post("nurse", f"{path}/pregnancy-statements", statement)


async def colour(desk: Desk, patient: Answer, number: int, day: date) -> None:
    """What makes patients differ: conditions, medicines, other treatments, habits."""
    path, before = f"/v1/patients/{patient['id']}", (day - timedelta(days=400)).isoformat()
    if number % 4 == 0:
        body = {"code": "LEVOTHYROXINE", "name": "Levothyroxine 75 µg", "started_on": before}
        await desk.post("nurse", f"{path}/medications", body)
    if number % 5 == 1:
        body = {"code": "TOPICAL_MINOXIDIL", "area": "SCALP", "dosage": "5 %, once daily"}
        days = {"started_on": before, "ended_on": (day - timedelta(days=1)).isoformat()}
        await desk.post("nurse", f"{path}/therapies", body | days)
    if number % 3 == 0:
        body = {"code": "HEAT_STYLING", "detail": "Straightening iron, daily"}
        await desk.post("nurse", f"{path}/lifestyle-factors", body | {"started_on": before})
    if number % 7 == 2:
        body = {"code": "NEEDLE_PHOBIA_VASOVAGAL", "onset_on": before}
        await desk.post("nurse", f"{path}/conditions", body)
