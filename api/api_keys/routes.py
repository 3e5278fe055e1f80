"""`/v1/api-keys`."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response, Security
from sqlmodel import select

from api.api_keys import service
from api.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyRead
from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, PageParams, Pager
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import ApiKey

router = Router(prefix="/v1/api-keys", tags=["API keys"])
Reader = Annotated[Caller, Security(read_caller, scopes=["api_keys:manage"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["api_keys:manage"])]


@router.post("", status_code=201, name="create_api_key", summary="Create an API key")
async def create_api_key(
    draft: ApiKeyCreate, request: Request, response: Response, caller: Writer, db: WriteDb
) -> ApiKeyCreated:
    """The key itself is in `secret`, this once: only its hash is kept."""
    request.state.shown_once = True
    key, secret = await service.create(db, caller, draft)
    tag(response, key, f"/v1/api-keys/{key.id}")
    return ApiKeyCreated.of(key, secret)


@router.get("", name="list_api_keys", summary="List API keys")
async def list_api_keys(
    request: Request, response: Response, page: PageParams, caller: Reader, db: ReadDb
) -> Page[ApiKeyRead]:
    """All keys of the clinic, newest first, revoked ones too."""
    pager = Pager(request, page, caller.clinic_id)
    statement = select(ApiKey).where(ApiKey.clinic_id == caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, Order((ApiKey.id,), descending=True))
    pager.link(response, cursor)
    items = [ApiKeyRead.model_validate(row) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{key_id}", name="read_api_key", summary="Read an API key")
async def read_api_key(key_id: UUID, response: Response, caller: Reader, db: ReadDb) -> ApiKeyRead:
    """What the key may do and when it was last used; never the key itself."""
    key = await found(db, ApiKey, caller.clinic_id, key_id)
    tag(response, key)
    return ApiKeyRead.model_validate(key)


@router.post("/{key_id}/revoke", name="revoke_api_key", summary="Revoke an API key")
async def revoke_api_key(
    key_id: UUID, expected: IfMatch, response: Response, caller: Writer, db: WriteDb
) -> ApiKeyRead:
    """The next request with it is refused."""
    key = await service.revoke(db, caller, key_id, expected)
    tag(response, key)
    return ApiKeyRead.model_validate(key)
