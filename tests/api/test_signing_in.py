"""Signing in, refreshing, revoking: what a client sees."""

import httpx
import pytest
from sqlmodel import select

from api.passwords import Passwords
from models import Account
from tests.clinic import bearer

PASSWORD = "correct horse battery"
EMAIL = "practitioner@example.org"


@pytest.fixture
async def account(app):
    """The practitioner's account with a password that is really hashed."""
    hashed = await Passwords(app.state.settings).hash(PASSWORD)
    async with app.state.database.writing() as db:
        row = (await db.exec(select(Account).where(Account.email == EMAIL))).one()
        row.password_hash = hashed


async def sign_in(client: httpx.AsyncClient, **over: str) -> httpx.Response:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD} | over
    return await client.post("/v1/auth/token", data=form)


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await client.post("/v1/auth/token", data=form)


async def me(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/v1/auth/me", headers=bearer(token))


async def test_a_person_signs_in_and_is_who_they_are(anonymous, account, clinic):
    answer = await sign_in(anonymous)
    assert answer.status_code == 200
    tokens = answer.json()
    assert tokens["clinic_id"] == str(clinic.id)
    assert tokens["token_type"] == "bearer"
    assert answer.headers["cache-control"] == "no-store"

    who = await me(anonymous, tokens["access_token"])
    assert who.status_code == 200
    assert who.json()["roles"] == ["practitioner"]
    assert set(tokens["scope"].split()) == set(who.json()["scopes"])


@pytest.mark.parametrize("over", [{"password": "wrong"}, {"username": "nobody@example.org"}])
async def test_a_wrong_password_and_an_unknown_address_answer_the_same(anonymous, account, over):
    answer = await sign_in(anonymous, **over)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/unauthenticated"
    assert answer.json()["detail"] == "Wrong e-mail address or password."
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_access_token_expires(anonymous, account, clock):
    token = (await sign_in(anonymous)).json()["access_token"]
    clock.advance(minutes=15, seconds=-1)
    assert (await me(anonymous, token)).status_code == 200
    clock.advance(seconds=1)
    assert (await me(anonymous, token)).status_code == 401


async def test_a_refresh_token_rotates_and_its_reuse_revokes_the_family(anonymous, account, clock):
    first = (await sign_in(anonymous)).json()
    second = (await refresh(anonymous, first["refresh_token"])).json()
    assert (await me(anonymous, second["access_token"])).status_code == 200

    clock.advance(seconds=6)  # beyond the grace for a lost answer
    reused = await refresh(anonymous, first["refresh_token"])
    assert reused.status_code == 401
    assert (await me(anonymous, second["access_token"])).status_code == 401
    assert (await refresh(anonymous, second["refresh_token"])).status_code == 401


async def test_a_lost_answer_to_a_refresh_does_not_lock_out(anonymous, account, clock):
    first = (await sign_in(anonymous)).json()
    await refresh(anonymous, first["refresh_token"])
    clock.advance(seconds=5)
    again = await refresh(anonymous, first["refresh_token"])
    assert again.status_code == 200
    assert (await me(anonymous, again.json()["access_token"])).status_code == 200


async def test_signing_out_ends_the_sign_in_at_once(anonymous, account):
    tokens = (await sign_in(anonymous)).json()
    answer = await anonymous.post("/v1/auth/revoke", json={"token": tokens["access_token"]})
    assert answer.status_code == 204
    assert (await me(anonymous, tokens["access_token"])).status_code == 401
    assert (await refresh(anonymous, tokens["refresh_token"])).status_code == 401


async def test_a_new_password_ends_the_other_sign_ins(anonymous, account):
    one, two = (await sign_in(anonymous)).json(), (await sign_in(anonymous)).json()
    body = {"current_password": PASSWORD, "new_password": "another fine password"}
    changed = await anonymous.post(
        "/v1/auth/password", json=body, headers=bearer(one["access_token"])
    )
    assert changed.status_code == 204
    assert (await me(anonymous, one["access_token"])).status_code == 200
    assert (await me(anonymous, two["access_token"])).status_code == 401
    assert (await sign_in(anonymous)).status_code == 401
    assert (await sign_in(anonymous, password="another fine password")).status_code == 200


async def test_a_disabled_member_is_refused_at_once(anonymous, account, as_role, clinic):
    token = (await sign_in(anonymous)).json()["access_token"]
    owner, path = as_role("owner"), f"/v1/staff/{clinic.staff['practitioner']}"
    etag = (await owner.get(path)).headers["etag"]
    changed = await owner.patch(path, json={"active": False}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.json()["active"] is False
    assert (await me(anonymous, token)).status_code == 401
    assert (await sign_in(anonymous)).status_code == 403


async def test_an_api_key_is_shown_once_and_has_its_scopes_only(anonymous, as_role, clock):
    owner = as_role("owner")
    body = {"name": "script", "scopes": ["sessions:read"], "expires_on": "2026-03-03"}
    created = await owner.post("/v1/api-keys", json=body)
    assert created.status_code == 201
    secret = created.json()["secret"]
    read = await owner.get(created.headers["location"])
    assert "secret" not in read.json()
    assert secret not in read.text

    assert (await me(anonymous, secret)).json()["scopes"] == ["sessions:read"]
    refused = await anonymous.post("/v1/rooms", json={"name": "x"}, headers=bearer(secret))
    assert refused.status_code == 403
    assert refused.json()["missing_scope"] == "clinic:manage"

    clock.advance(days=1, hours=14, minutes=59)  # 23:59 of the last day in Paris
    assert (await me(anonymous, secret)).status_code == 200
    clock.advance(minutes=1)
    assert (await me(anonymous, secret)).status_code == 401


async def test_the_last_use_of_a_key_is_remembered(anonymous, as_role, clock):
    owner, body = as_role("owner"), {"name": "a", "scopes": ["sessions:read", "clinic:manage"]}
    created = await owner.post("/v1/api-keys", json=body)
    path, secret = created.headers["location"], created.json()["secret"]
    assert (await owner.get(path)).json()["last_used_at"] is None
    await me(anonymous, secret)
    assert (await owner.get(path)).json()["last_used_at"] == "2026-03-02T08:00:00Z"
    clock.advance(minutes=10)
    await me(anonymous, secret)
    assert (await owner.get(path)).json()["last_used_at"] == "2026-03-02T08:00:00Z"
    clock.advance(seconds=1)
    await anonymous.post("/v1/rooms", json={"name": "x"}, headers=bearer(secret))
    assert (await owner.get(path)).json()["last_used_at"] == "2026-03-02T08:10:01Z"


async def test_a_revoked_key_and_a_key_from_elsewhere_are_refused(anonymous, as_role):
    owner = as_role("owner")
    body = {"name": "a", "scopes": ["sessions:read"]}
    created = await owner.post("/v1/api-keys", json=body)
    path, etag = created.headers["location"], created.headers["etag"]
    assert (await owner.post(f"{path}/revoke")).status_code == 428
    revoked = await owner.post(f"{path}/revoke", headers={"If-Match": etag})
    assert revoked.json()["revoked_at"] is not None
    assert (await me(anonymous, created.json()["secret"])).status_code == 401

    body = {"name": "b", "scopes": ["sessions:read"], "allowed_networks": ["192.0.2.0/24"]}
    elsewhere = (await owner.post("/v1/api-keys", json=body)).json()["secret"]
    assert (await me(anonymous, elsewhere)).status_code == 401


@pytest.mark.parametrize("scope", ["rules:override", "holds:release", "no:such"])
async def test_judgement_is_a_persons(as_role, scope):
    answer = await as_role("owner").post("/v1/api-keys", json={"name": "x", "scopes": [scope]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/scopes/0"


async def test_a_replayed_key_creation_does_not_store_the_secret(as_role):
    owner, body = as_role("owner"), {"name": "x", "scopes": ["sessions:read"]}
    first = await owner.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "k-1"})
    again = await owner.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "k-1"})
    assert first.json()["secret"]
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json() | {"secret": None}


@pytest.mark.parametrize("token", ["", "agn_at_short", "Bearer", "agn_key_" + "0" * 71])
async def test_what_cannot_be_a_token_is_refused(anonymous, token):
    answer = await anonymous.get("/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_the_last_owner_stays(as_role, clinic):
    owner, path = as_role("owner"), f"/v1/staff/{clinic.staff['owner']}"
    etag = (await owner.get(path)).headers["etag"]
    answer = await owner.patch(path, json={"roles": ["nurse"]}, headers={"If-Match": etag})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/in-use"
    assert (await owner.get(path)).json()["roles"] == ["owner"]
