"""`/v1/auth`: tokens for people."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Request, Response, Security

from api.auth import service
from api.auth.schemas import PasswordChange, RevokeForm, TokenAnswer, WhoAmI
from api.auth.throttle import count_attempt
from api.database import ReadDb, WriteDb, database_of
from api.problems import Forbidden, Unauthenticated, invalid
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from api.tokens import TokenKind, parse
from models import ApiKey, Clinic, StaffMember

router = Router(prefix="/v1/auth", tags=["Signing in"])
AnyReader = Annotated[Caller, Security(read_caller, scopes=[])]
AnyWriter = Annotated[Caller, Security(write_caller, scopes=[])]


@router.post(
    "/token",
    name="create_token",
    summary="Sign in, or refresh",
    responses={
        401: {"description": "Wrong address, password or token."},
        403: {"description": "The person does not work in that clinic."},
        429: {"description": "Too many attempts; see Retry-After."},
    },
)
async def create_token(
    request: Request,
    grant_type: Annotated[Literal["password", "refresh_token"], Form()],
    username: Annotated[str | None, Form(max_length=320, description="E-mail address.")] = None,
    password: Annotated[str | None, Form(max_length=128)] = None,
    clinic_id: Annotated[UUID | None, Form(description="Needed by who works in several.")] = None,
    refresh_token: Annotated[str | None, Form(max_length=200)] = None,
) -> TokenAnswer:
    """OAuth2 password or refresh grant. Refresh tokens work once; a spent one revokes them all."""
    if grant_type == "refresh_token":
        return await _refresh(request, refresh_token)
    if username is None or password is None:
        raise invalid("/username", "missing", "Send username and password.")
    return await _sign_in(request, username, password, clinic_id)


async def _sign_in(
    request: Request, email: str, password: str, clinic_id: UUID | None
) -> TokenAnswer:
    await count_attempt(request, email.lower())
    state, database = request.app.state, database_of(request)
    async with database.reading() as db:
        stored = await service.stored_hash(db, email)
        members = await service.memberships(db, email, clinic_id)
    # Hashing takes a tenth of a second: no connection and no lock is held meanwhile.
    if not await state.passwords.verify(stored, password):
        raise Unauthenticated("Wrong e-mail address or password.")
    if not members:
        raise Forbidden("a membership", "This account does not work in that clinic.")
    if len(members) > 1 and clinic_id is None:
        raise invalid("/clinic_id", "missing", "This account works in several clinics: say which.")
    async with database.writing() as db:
        return await service.sign_in(db, state.settings, members[0], request.state.client_ip)


async def _refresh(request: Request, text: str | None) -> TokenAnswer:
    token = parse(text or "")
    if token is None or token.kind is not TokenKind.REFRESH:
        raise Unauthenticated(service.REFUSED)
    async with database_of(request).writing() as db:
        answer = await service.refresh(db, request.app.state.settings, token)
    if answer is None:
        raise Unauthenticated(service.REFUSED)
    return answer


@router.post("/revoke", status_code=204, name="revoke_token", summary="Sign out")
async def revoke_token(draft: RevokeForm, db: WriteDb) -> Response:
    """End the sign-in that this token belongs to, at once. Unknown tokens answer the same."""
    token = parse(draft.token)
    if token is not None and token.kind is not TokenKind.API_KEY:
        await service.revoke(db, token)
    return Response(status_code=204)


@router.get("/me", name="read_me", summary="Who am I?")
async def read_me(caller: AnyReader, db: ReadDb) -> WhoAmI:
    """The caller, the clinic, and what the caller may do there."""
    clinic = await db.get_one(Clinic, caller.clinic_id)
    kind: Any = StaffMember if caller.staff_id else ApiKey
    actor = await db.get_one(kind, (caller.clinic_id, caller.actor_id))
    return WhoAmI(
        clinic_id=clinic.id,
        clinic_name=clinic.name,
        time_zone=clinic.time_zone,
        actor_kind="staff" if caller.staff_id else "api_key",
        actor_id=caller.actor_id,
        display_name=actor.display_name if caller.staff_id else actor.name,
        roles=tuple(sorted(caller.roles)),
        scopes=tuple(sorted(caller.scopes)),
    )


@router.post("/password", status_code=204, name="change_password", summary="Change my password")
async def change_password(
    draft: PasswordChange, request: Request, caller: AnyWriter, db: WriteDb
) -> Response:
    """Needs the current password; every other sign-in of the account ends."""
    passwords = request.app.state.passwords
    await service.change_password(db, caller, passwords, draft.current_password, draft.new_password)
    return Response(status_code=204)
