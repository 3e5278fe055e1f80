"""The figures that a clinic starts with."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions import figures
from api.security import Caller


async def seed_reference(db: AsyncSession, caller: Caller) -> None:
    """Publish the reference rule set as version 1 of a clinic that is being founded."""
    await figures.seed_reference(db, caller)
