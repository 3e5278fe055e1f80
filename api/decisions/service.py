"""The one door to the rules: load the facts, ask, count the answers, keep the decision."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.matters import Matter
from api.decisions.schemas import Answers, FindingRead
from api.security import Caller


@dataclass(frozen=True, slots=True)
class Dose:
    """What the patient got of one ingredient: millionths of its unit, rounded up."""

    ingredient_code: str
    dose_micro: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that goes ahead, already stored.

    outcome: what the findings asked for: `allowed`, `needs_acknowledgement` or `needs_override`
    (and `refused` only for a reported side effect, which is kept all the same).
    doses: of an administration, one per ingredient, sorted by code; empty otherwise.
    """

    id: UUID
    outcome: str
    findings: tuple[FindingRead, ...]
    doses: tuple[Dose, ...] = ()


async def decide(db: AsyncSession, caller: Caller, matter: Matter, answers: Answers) -> Decided:
    """Ask the rules about `matter` and keep their decision, or raise `Refused`."""
    raise NotImplementedError
