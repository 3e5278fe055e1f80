"""Founding a clinic, its people and its keys from a terminal, and using them over HTTP."""

import httpx
import pytest

pytestmark = pytest.mark.slow

PASSWORD = "a-long-enough-password"
PARC = ("clinic", "create", "Clinique du Parc", "--country=FR", "--time-zone=Europe/Paris")


def test_from_nothing_to_a_clinic_that_works_over_http(anagen):
    clinic_id = anagen(*PARC, "--json").document["clinic_id"]
    person = anagen(
        "staff", "add", "Dr Ada Moreau", "ada@example.org", "--role=practitioner", "--role=owner",
        "--bookable", "--json", ANAGEN_NEW_PASSWORD=PASSWORD,
    )  # fmt: skip
    key = anagen("api-key", "create", "Reminders", "--scope=patients:read", "--json").document

    address = anagen.start()
    form = {"grant_type": "password", "username": "ada@example.org", "password": PASSWORD}
    token = httpx.post(f"{address}/v1/auth/token", data=form).json()
    assert token["clinic_id"] == clinic_id
    me = httpx.get(
        f"{address}/v1/auth/me", headers={"Authorization": f"Bearer {token['access_token']}"}
    ).json()
    assert me["actor_id"] == person.document["staff_id"]
    assert me["roles"] == ["owner", "practitioner"]

    machine = {"Authorization": f"Bearer {key['secret']}"}
    assert httpx.get(f"{address}/v1/patients", headers=machine).json()["items"] == []
    refused = httpx.get(f"{address}/v1/plans", headers=machine)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "plans:read")

    assert anagen("api-key", "revoke", key["id"]).code == 0
    assert httpx.get(f"{address}/v1/patients", headers=machine).status_code == 401
    assert anagen("audit", "verify").code == 0


def test_a_password_is_asked_for_and_never_shown(founded):
    done = founded(
        "staff", "add", "Bo Lind", "bo@example.org", "--role=nurse",
        stdin=f"{PASSWORD}\n{PASSWORD}\n",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert PASSWORD not in done.out + done.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("clinic", "create", "X", "--country=FR", "--time-zone=Mars"), 2, "--time-zone"),
        (("clinic", "create", "X", "--country=fr", "--time-zone=Europe/Paris"), 2, "--country"),
        (("clinic", "create", "", "--country=FR", "--time-zone=Europe/Paris"), 2, "name"),
        (("staff", "add", "Bo", "nobody", "--role=nurse", "--password=123456789012"), 2, "--email"),
        (("staff", "add", "Bo", "b@example.org", "--role=nurse", "--password=short"), 2, "12"),
        (("staff", "add", "Bo", "b@example.org", "--role=king"), 2, "--role"),
        (("api-key", "create", "K", "--scope=rules:override"), 2, "rules:override"),
        (("api-key", "create", "K", "--scope=everything"), 2, "patients:read"),
        (("api-key", "create", "K"), 2, "--scope"),
        (("api-key", "revoke", "01920000-0000-7000-8000-000000000000"), 1, "no such"),
        (("api-key", "revoke", "not-an-id"), 2, "valid uuid"),
        (("audit", "verify", "--clinic=01920000-0000-7000-8000-000000000000"), 1, "no such"),
    ],
)
def test_what_cannot_be_is_refused_in_words(founded, words, code, told):
    done = founded(*words)
    assert (done.code, done.out) == (code, "")
    assert told.lower() in done.err.lower()
    assert "Traceback" not in done.err


def test_one_must_say_which_of_two_clinics(founded):
    second = founded(
        "clinic", "create", "Other", "--country=IE", "--time-zone=Europe/Dublin", "--json"
    )
    key = ("api-key", "create", "K", "--scope=patients:read")
    assert founded(*key).code == 2
    assert founded(*key, "--clinic", second.document["clinic_id"]).code == 0
    chains = founded("audit", "verify", "--json").document
    assert [chain["first_bad"] for chain in chains] == [None, None]


def test_before_there_is_a_clinic_the_next_step_is_told(anagen):
    done = anagen("api-key", "create", "K", "--scope=patients:read")
    assert done.code == 2
    assert "anagen clinic create" in done.err
