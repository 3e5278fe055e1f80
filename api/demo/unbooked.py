"""Who waits for a call: active plans whose next session nobody has booked.

They are what the worklist of the due shows on the demo's first day, and what `anagen autobook`
finds to book; the protocols have windows wide enough for that, whatever day it is.
"""

from datetime import timedelta

from api.demo.courses import Course, Story, at, treated

_CALLED = timedelta(days=2)  # before the demo's day


async def never(course: Course) -> Story:
    """The plan is active, and no session was ever booked."""
    yield at(course.starts_on, 10)
    await course.begin()


async def since(course: Course) -> Story:
    """One session was performed; the patient left without an appointment for the next."""
    async for instant in treated(course, 1):
        yield instant


async def called_off(course: Course) -> Story:
    """The next session was booked, and then cancelled on the telephone."""
    async for instant in treated(course, 1):
        yield instant
    if await course.book() is None:
        return
    yield at(course.desk.today - _CALLED, 11)
    reason = {"reason": "Cannot come that week; will call back."}
    path = f"/v1/sessions/{course.sessions[-1]['id']}"
    await course.desk.change("desk", path, "cancel", reason)
