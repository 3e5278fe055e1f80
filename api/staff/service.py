"""Adding people to the clinic and changing what they may do."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.reasons import Calendar
from api.database import locked
from api.passwords import Passwords
from api.preconditions import check
from api.problems import AlreadyExists, FieldError, InUse, InvalidRequest, invalid
from api.scopes import Role
from api.security import Caller
from api.sessions.outside import Changed, nobody_outside, sessions_outside
from api.sessions.outside_schemas import Outside
from api.staff.schemas import StaffCreate, StaffPatch, StaffRead
from models import Account, SignIn, StaffMember

_BOOKABLE = frozenset({Calendar.NOT_BOOKABLE})
_REQUIRED = frozenset({"display_name", "roles", "bookable", "active"})


def shown(member: StaffMember, email: str | None) -> StaffRead:
    fields = member.model_dump(include=set(StaffRead.model_fields))
    return StaffRead(**fields, active=member.disabled_at is None, email=email)


async def emails(
    db: AsyncSession, caller: Caller, members: Sequence[StaffMember]
) -> dict[UUID, str]:
    """E-mail addresses by account, for those who may manage staff; else nothing."""
    if not caller.may("staff:manage"):
        return {}
    ids = [member.account_id for member in members]
    accounts = await db.exec(select(Account).where(Account.id.in_(ids)))  # type: ignore[attr-defined]
    return {account.id: account.email for account in accounts}


async def add(
    db: AsyncSession, caller: Caller, draft: StaffCreate, passwords: Passwords
) -> tuple[StaffMember, str]:
    """A membership, and an account where the address is new; who has one keeps its password."""
    account = (await db.exec(select(Account).where(Account.email == draft.email))).first()
    if account is None:
        if draft.password is None:
            raise invalid("/password", "missing", "A new account needs an initial password.")
        hashed = await passwords.hash(draft.password.get_secret_value())
        account = Account(email=draft.email, password_hash=hashed)
        db.add(account)
        await db.flush()
    elif await _member(db, caller, account.id) is not None:
        raise AlreadyExists("This person works here already.")
    member = StaffMember(
        clinic_id=caller.clinic_id,
        account_id=account.id,
        roles=_roles(draft.roles),
        **draft.model_dump(exclude={"email", "password", "roles"}),
    )
    db.add(member)
    audit.record(db, caller, "staff_member.added", member)
    await db.flush()
    return member, account.email


async def _member(db: AsyncSession, caller: Caller, account_id: UUID) -> StaffMember | None:
    statement = select(StaffMember).where(
        StaffMember.clinic_id == caller.clinic_id, StaffMember.account_id == account_id
    )
    return (await db.exec(statement)).first()


def _roles(roles: Sequence[Role]) -> tuple[str, ...]:
    return tuple(sorted({role.value for role in roles}))


async def change(
    db: AsyncSession, caller: Caller, member_id: UUID, patch: StaffPatch, expected: int
) -> tuple[StaffMember, Outside]:
    """Change a membership; the clinic always keeps an owner who can sign in.

    Booked sessions stay with somebody who takes none any more, and are listed for review.
    """
    member = await locked(db, StaffMember, caller.clinic_id, member_id)
    check(member, expected)
    before = _takes_sessions(member)
    changes = {name: getattr(patch, name) for name in patch.model_fields_set}
    nulls = sorted(name for name in _REQUIRED if name in changes and changes[name] is None)
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be removed.") for name in nulls]
        )
    active = changes.pop("active", None)
    if "roles" in changes:
        changes["roles"] = _roles(changes["roles"])
    for name, value in changes.items():
        setattr(member, name, value)
    if active is True:
        member.disabled_at = None
    elif active is False and member.disabled_at is None:
        member.disabled_at = caller.now
        await _end_sign_ins(db, member)
    await _keep_an_owner(db, member)
    audit.record(db, caller, "staff_member.changed", member)
    await db.flush()
    if _takes_sessions(member) == before:
        return member, nobody_outside(db)
    return member, await sessions_outside(db, caller, Changed(_BOOKABLE, practitioner_id=member.id))


def _takes_sessions(member: StaffMember) -> bool:
    return member.bookable and member.disabled_at is None


async def _keep_an_owner(db: AsyncSession, changed: StaffMember) -> None:
    members = await db.exec(
        select(StaffMember)
        .where(StaffMember.clinic_id == changed.clinic_id)
        .order_by(StaffMember.id)  # type: ignore[arg-type]
        .with_for_update()
    )
    if not any(m.disabled_at is None and Role.OWNER in m.roles for m in members):
        raise InUse("The clinic needs an owner: make somebody else one first.")


async def _end_sign_ins(db: AsyncSession, member: StaffMember) -> None:
    families = await db.exec(
        select(SignIn).where(
            SignIn.clinic_id == member.clinic_id,
            SignIn.staff_member_id == member.id,
            SignIn.revoked_at.is_(None),  # type: ignore[union-attr]
        )
    )
    for family in families:
        family.revoked_at, family.revoked_reason = member.disabled_at, "membership ended"
