"""One hold with the criteria of its release."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api.holds.schemas import CriterionRead, HoldDetail
from api.plans.hold_schemas import HoldRead
from api.releasing import criteria_of
from api.security import Caller
from models import Hold


async def detailed(db: AsyncSession, caller: Caller, hold: Hold) -> HoldDetail:
    """The hold as this caller may see it, with each criterion met or not as of now."""
    clinical = caller.may("clinical:read")
    shown = HoldRead.of(hold, clinical=clinical).model_dump()
    criteria = None
    if clinical:
        criteria = [
            CriterionRead.model_validate(each) for each in await criteria_of(db, caller, hold)
        ]
    return HoldDetail(**shown, criteria=criteria)
