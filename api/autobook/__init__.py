"""Booking whoever is due: a script that knows the clinic only over HTTP, as any other client.

    async with httpx.AsyncClient(base_url=…, headers={"Authorization": f"Bearer {key}"}) as http:
        report = await autobook(Api(http), Options(limit=20))

It may be killed at any moment and run again: what was booked stays booked, once. It answers no
finding of a rule; whatever asks for a person's judgement is left to one, and listed.
"""

from api.autobook.api import Api, GaveUp, NotAllowed, Patience, Unexpected
from api.autobook.options import Options
from api.autobook.report import Booked, Failed, ForPerson, Report, Settled
from api.autobook.running import autobook

__all__ = [
    "Api",
    "Booked",
    "Failed",
    "ForPerson",
    "GaveUp",
    "NotAllowed",
    "Options",
    "Patience",
    "Report",
    "Settled",
    "Unexpected",
    "autobook",
]
