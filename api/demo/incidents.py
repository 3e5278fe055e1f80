"""What went otherwise: missed and moved sessions, findings that were answered, side effects."""

from datetime import timedelta

from api.demo.courses import MANY, Course, Story, at, continued, treated
from api.demo.desk import Answer


async def missed(course: Course) -> Story:
    """A session was cancelled and one missed; the gap then grew beyond the phase's maximum."""
    async for instant in treated(course, 2):
        yield instant
    desk = course.desk
    if await course.book() is not None:
        reason = {"reason": "The patient has a cold."}
        await desk.change("desk", f"/v1/sessions/{course.sessions[-1]['id']}", "cancel", reason)
    start = await course.book()
    if start is None or start >= at(desk.today, 0):
        return
    yield start + timedelta(hours=1)
    await desk.change("desk", f"/v1/sessions/{course.sessions[-1]['id']}", "no-show")


async def early(course: Course) -> Story:
    """A session sooner than the protocol allows, overridden by the medical director."""
    async for instant in treated(course, 1):
        yield instant
    desk = course.desk
    today = desk.clock.now.date()  # four days later, or about that: six are not too soon
    around = [today + timedelta(days=each) for each in (4, 5, 3, 2)]
    day = next(d for d in around if d.weekday() < 5 and d not in desk.diary.closed)
    start = desk.diary.next_slot(day, course.who)
    if start is None or start <= desk.clock.now:
        return
    overrides = [
        {
            "code": code,
            "reason": "patient_travelling",
            "comment": "Leaves for three weeks; agreed with the patient, same dose.",
        }
        for code in ("SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN")
    ]
    body = {
        "plan_id": course.plan["id"],
        "starts_at": start.isoformat(),
        "duration_minutes": 30,
        "practitioner_id": desk.staff[course.who],
        "room_id": desk.rooms[0],
        "overrides": overrides,
    }
    course.sessions.append(await desk.post("director", "/v1/sessions", body))
    yield start
    await course.perform()


async def bruised(course: Course) -> Story:
    """A bruise, grade 1, reported by the patient and gone after a week."""
    async for instant in treated(course, 2):
        yield instant
    effect = await _report(course, "AE_BRUISE", 1, hours=5, description="A bruise at the hairline.")
    yield course.desk.clock.now + timedelta(days=7)
    await _resolve(course, effect)


async def shedding(course: Course) -> Story:
    """More hair than usual three weeks after the first session: expected, followed up."""
    async for instant in treated(course, 3):
        yield instant
    yield course.desk.clock.now + timedelta(hours=26)  # the others' days go on meanwhile
    await _report(
        course,
        "AE_SHED_EARLY",
        1,
        hours=0,
        description="More hair in the shower since a week.",
        shedding={"pattern": "diffuse", "scarring_signs": False, "at_injection_points": False},
    )


async def headache(course: Course) -> Story:
    """Grade 2: the hold opens by itself; reviewed with the Naranjo score and not yet released."""
    async for instant in treated(course, 2):
        yield instant
    effect = await _report(
        course, "AE_HEADACHE", 2, hours=3, description="Headache for a day, paracetamol twice."
    )
    yield course.desk.clock.now + timedelta(days=1)
    answers = [
        "yes", "yes", "yes", "unknown", "no", "unknown", "unknown", "unknown", "no", "no",
    ]  # fmt: skip
    review = {"causality": "possible", "naranjo": answers, "comment": "Timing fits; also migraine."}
    await course.desk.change("director", f"/v1/side-effects/{effect['id']}", "review", review)


async def nodule(course: Course) -> Story:
    """A nodule in the third week: treated as possible mycobacteria until shown otherwise."""
    async for instant in treated(course, 2):
        yield instant
    yield course.desk.clock.now + timedelta(days=9)
    await _report(
        course, "AE_GRANULOMA", 2, hours=1, description="A tender lump where injected, no fever."
    )


async def released(course: Course) -> Story:
    """Swelling of grade 2 that resolved; the prescriber released the hold, and it goes on."""
    async for instant in treated(course, 1):
        yield instant
    effect = await _report(
        course, "AE_SWELLING", 2, hours=4, description="Swollen forehead, cooled, oral medicine."
    )
    yield course.desk.clock.now + timedelta(days=3)
    await _resolve(course, effect)
    reason = {"reason": "Reviewed: resolved within three days, no sequelae."}
    await course.desk.change("director", course.path, "release", reason)
    async for instant in continued(course, MANY):
        yield instant


async def _report(
    course: Course, code: str, grade: int, hours: int, description: str, **more: object
) -> Answer:
    """The patient calls; the nurse writes it down."""
    desk = course.desk
    began = desk.clock.now + timedelta(hours=hours)
    desk.clock.now = began + timedelta(hours=2)
    body = {
        "patient_id": course.patient["id"],
        "code": code,
        "grade": grade,
        "started_at": began.isoformat(),
        "areas": [course.treatment.area],
        "description": description,
        "reported_by": "patient",
    } | more
    return await desk.post("nurse", "/v1/side-effects", body)


async def _resolve(course: Course, effect: Answer) -> None:
    desk = course.desk
    review = {"causality": "probable", "comment": "Onset and course are as expected."}
    await desk.change("practitioner", f"/v1/side-effects/{effect['id']}", "review", review)
    body = {
        "outcome": "recovered",
        "ended_at": desk.clock.now.isoformat(),
        "comment": "Seen again: nothing is left of it.",
    }
    await desk.change("practitioner", f"/v1/side-effects/{effect['id']}", "resolve", body)
