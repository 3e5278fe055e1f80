"""The stories of the demo's patients, each a coroutine that says when it goes on.

A story yields the instant at which its next step happens; `filling` resumes whichever story is
next, so the forty stories interleave as they would in a clinic.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from api.clock import local_day
from api.demo.cupboard import lot_in_use
from api.demo.desk import ZONE, Answer, Desk
from api.demo.people import Person
from api.demo.record import Visit, colour, first_visit, register
from api.demo.treatments import Treatment
from api.fields import plain

Story = AsyncIterator[datetime]
_REVIEWED_FOR = timedelta(days=84)
MANY = 60  # sessions: more than any course has until today
_SOON = timedelta(days=5)  # sessions that are nearer are confirmed


@dataclass(slots=True)
class Course:
    """One patient's course as it goes: what is planned, booked and done."""

    desk: Desk
    person: Person
    number: int
    treatment: Treatment
    starts_on: date
    who: str = "practitioner"
    allergy: str = ""
    sessions: list[Answer] = field(default_factory=list)
    patient: Answer = field(default_factory=dict)
    plan: Answer = field(default_factory=dict)
    reviewed_on: date = field(init=False)

    @property
    def path(self) -> str:
        return f"/v1/plans/{self.plan['id']}"

    def __post_init__(self) -> None:
        self.reviewed_on = self.starts_on

    async def begin(self, *, activate: bool = True) -> None:
        """First visit, and a plan that the medical director activates."""
        desk, kind = self.desk, self.treatment
        self.patient = await register(desk, self.person)
        areas = [kind.area]
        visit = Visit(self.patient, self.person, self.starts_on, self.allergy)
        await first_visit(desk, visit, kind.icd10, areas)
        await colour(desk, self.patient, self.number, self.starts_on)
        body = {
            "patient_id": self.patient["id"],
            "protocol_id": desk.known["protocols"][kind.protocol],
            "formula_id": desk.known["formulas"][kind.formula],
            "formula_version": 1,
            "practitioner_id": desk.staff[self.who],
            "diagnosis_icd10": kind.icd10,
            "areas": areas,
            "volume_per_session_ml": kind.volume_ml,
            "technique": kind.technique,
            "points": kind.points,
            "depth_mm": kind.depth_mm,
            "goals": "Less shedding and better quality within six months.",
            "expectations": "Results vary; no effect is possible.",
        }
        self.plan = await desk.post("practitioner", "/v1/plans", body)
        if activate:
            await desk.change("director", self.path, "activate", {})

    async def book(self, *, skip_days: int = 0) -> datetime | None:
        """Book the next session near its target date; None when the diary is full that week."""
        today = local_day(self.desk.clock.now, ZONE)
        window = await self.desk.get("desk", f"{self.path}/window?as_of={today}")
        target = date.fromisoformat(window["target_on"] or today.isoformat())
        day = max(target, today + timedelta(days=1)) + timedelta(days=skip_days)
        for shift in (0, 1, -1, 2, 3):
            chosen = day + timedelta(days=shift)
            if chosen.weekday() >= 5 or chosen <= today:
                continue
            start = self.desk.diary.next_slot(chosen, self.who)
            if start is not None:
                break
        else:
            return None
        if chosen - self.reviewed_on > _REVIEWED_FOR:
            if chosen - today > _REVIEWED_FOR:
                return None  # booked once its review has taken place
            await self.review(today)
        room = self.desk.rooms[0 if self.who == "practitioner" else 1]
        body = {
            "plan_id": self.plan["id"],
            "starts_at": start.isoformat(),
            "duration_minutes": 30,
            "practitioner_id": self.desk.staff[self.who],
            "room_id": room,
        }
        self.sessions.append(await self.desk.post("desk", "/v1/sessions", body))
        return start

    async def review(self, today: date) -> None:
        """Photographs are compared: without a look at the result a course does not go on."""
        path = f"/v1/patients/{self.patient['id']}/assessments"
        body = {
            "assessed_on": today.isoformat(),
            "diagnoses": [{"icd10": self.treatment.icd10, "status": "confirmed"}],
            "areas": [self.treatment.area],
            "is_outcome_review": True,
            "photos_taken": True,
            "findings": "Denser than at the start; no sign of scarring.",
        }
        await self.desk.post("practitioner", path, body)
        self.reviewed_on = today

    async def confirm(self) -> None:
        """The patient said on the telephone that they will come."""
        await self.desk.change("desk", f"/v1/sessions/{self.sessions[-1]['id']}", "confirm")

    async def perform(self) -> None:
        """Check in and inject: the visit of the last booked session."""
        desk, kind = self.desk, self.treatment
        path = f"/v1/sessions/{self.sessions[-1]['id']}"
        await desk.change("nurse", path, "check-in", self.screening())
        now = desk.clock.now
        desk.clock.now = now + timedelta(minutes=20)
        lots = [{"lot_id": await lot_in_use(desk, code), "volume_ml": ml} for code, ml in kind.lots]
        drawn = sum((Decimal(ml) for _, ml in kind.lots), Decimal(0))
        discarded = drawn - Decimal(kind.volume_ml)
        body = {
            "performed_at": (now + timedelta(minutes=12)).isoformat(),
            "preparation_started_at": (now + timedelta(minutes=4)).isoformat(),
            "areas": [
                {
                    "area": kind.area,
                    "volume_ml": kind.volume_ml,
                    "points": kind.points,
                    "depth_mm": kind.depth_mm,
                    "technique": kind.technique,
                    "needle_gauge": 30,
                }
            ],
            "lots": lots,
            "discarded_ml": plain(discarded),
            "observation_minutes": 30,
            "emergency_kit_checked_on": local_day(now, ZONE).isoformat(),
            "visually_clear": True,
            "pain_score": 2,
            "acknowledged": list(kind.acknowledged),
        }
        await desk.change("practitioner", path, "administration", body)

    def screening(self) -> Answer:
        """Everything that check-in asks, all in order."""
        woman = self.person.sex == "female"
        return {
            "identity_confirmed": True,
            "area_marked": True,
            "allergies_confirmed": True,
            "pregnancy_status": "not_pregnant" if woman else "not_applicable",
            "changes_asked": True,
            "events_asked": True,
            "shedding_score": 3,
            "shedding_scale": "HAIR_SHEDDING_SCALE",
            "systolic_mmhg": 118 + self.number % 12,
            "diastolic_mmhg": 74,
            "pulse_bpm": 68 + self.number % 9,
            "temperature_c": "36.7",
            "weight_kg": self.person.weight_kg,
            "site_clear": True,
            "photo_taken": True,
        } | ({"lactating": False} if woman else {})


def at(day: date, hour: int) -> datetime:
    """That hour of the clinic's day, in UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)


async def treated(course: Course, sessions: int) -> Story:
    """Begin, and go on with up to so many sessions."""
    yield at(course.starts_on, 10)
    await course.begin()
    async for instant in continued(course, sessions):
        yield instant


async def continued(course: Course, sessions: int) -> Story:
    """Perform up to so many sessions, as far as today; what lies ahead is booked."""
    for _ in range(sessions):
        start = await course.book()
        if start is None:
            return
        if start >= at(course.desk.today, 0):
            if start < at(course.desk.today + _SOON, 0):
                await course.confirm()
            return
        yield start
        await course.perform()


async def ongoing(course: Course) -> Story:
    """A course that goes on: everything due until today is done, the next session is booked."""
    async for instant in treated(course, MANY):
        yield instant


async def ended(course: Course, sessions: int, move: str, reason: str) -> Story:
    """A course that was completed or stopped after so many sessions."""
    async for instant in treated(course, sessions):
        yield instant
    await course.desk.change("practitioner", course.path, move, {"reason": reason})


async def drafted(course: Course) -> Story:
    """A plan that waits for the medical director."""
    yield at(course.starts_on, 10)
    await course.begin(activate=False)
