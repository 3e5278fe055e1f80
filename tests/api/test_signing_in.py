"""Signing in, refreshing, revoking: what a client sees."""


async def test_me(as_role, clinic):
    answer = await as_role("nurse").get("/v1/auth/me")
    assert answer.status_code == 200, answer.text
    assert answer.json()["clinic_id"] == str(clinic.id)
