"""Lots over HTTP: receipt, states, and who was given what."""

from datetime import UTC, datetime
from typing import Any

from tests.factories_formulary import make_lot
from tests.factories_sessions import (
    administer,
    book,
    check_in,
    make_active_plan,
    make_treatable_patient,
    moved,
)
from tests.queries import counted_queries

REASON = {"reason": "Particles seen in one vial"}


def match(lot):
    return {"If-Match": f'"{lot["version"]}"'}


async def move(client, lot, name, body=None):
    """POST a move with the lot's ETag; whatever comes of it."""
    path = f"/v1/lots/{lot['id']}/{name}"
    return await client.post(path, json=REASON if body is None else body, headers=match(lot))


async def read(client, lot):
    answer = await client.get(f"/v1/lots/{lot['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_lot_is_received(as_role, clinic):
    client = as_role("nurse")
    lot = await make_lot(client)
    assert (lot["state"], lot["possible"]) == (
        "available",
        ["open", "quarantine", "recall", "use-up"],
    )
    assert (lot["received_volume_ml"], lot["remaining_volume_ml"]) == ("50", "50")
    assert (lot["expires_on"], lot["received_on"]) == ("2027-08-31", "2026-03-02")
    assert lot["excipient_classes"] == ["PARABEN"]
    assert lot["recorded_by"] == str(clinic.staff["nurse"])
    assert await read(client, lot) == lot
    etag = (await client.get(f"/v1/lots/{lot['id']}")).headers["etag"]
    assert etag == f'"{lot["version"]}"'


async def test_a_month_on_the_label_means_its_last_day(as_role):
    client = as_role("nurse")
    for printed, last in (
        ("2028-02", "2028-02-29"),
        ("2027-02", "2027-02-28"),
        ("2027-12", "2027-12-31"),
        ("2027-06-15", "2027-06-15"),
    ):
        assert (await make_lot(client, expires_on=printed))["expires_on"] == last


async def test_an_alias_names_its_ingredient(as_role):
    lot = await make_lot(as_role("nurse"), ingredient_code="LIDOCAINE_HYDROCHLORIDE")
    assert lot["ingredient_code"] == "LIDOCAINE"


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"expires_on": "2027-13"}, "/expires_on"),
    ({"expires_on": "2027-02-30"}, "/expires_on"),
    ({"expires_on": "27-02"}, "/expires_on"),
    ({"ingredient_code": "NO_SUCH"}, "/ingredient_code"),
    ({"container": "bucket"}, "/container"),
    ({"received_volume_ml": "0"}, "/received_volume_ml"),
    ({"received_volume_ml": "-1"}, "/received_volume_ml"),
    ({"received_volume_ml": "0.0001"}, "/received_volume_ml"),
    ({"received_on": "2026-03-03"}, "/received_on"),
    ({"excipient_classes": ["PARABENS"]}, "/excipient_classes/0"),
    ({"lot_number": ""}, "/lot_number"),
]


async def test_what_no_label_says_is_refused(as_role):
    client = as_role("nurse")
    body = {
        "ingredient_code": "LIDOCAINE", "product_name": "Lidocaine", "manufacturer": "Acme",
        "lot_number": "1", "expires_on": "2027-08", "container": "single_dose",
        "received_volume_ml": "5", "excipient_classes": [],
    }  # fmt: skip
    for over, pointer in UNFIT:
        answer = await client.post("/v1/lots", json=body | over)
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await client.get("/v1/lots")).json()["items"] == []


async def test_a_lot_expires_after_its_last_local_day(as_role, clock):
    client = as_role("nurse")
    lot = await make_lot(client, expires_on="2026-03-31")
    clock.set(datetime(2026, 3, 31, 21, 59, tzinfo=UTC))  # 23:59 in Paris, summer time
    assert (await read(client, lot))["state"] == "available"
    clock.set(datetime(2026, 3, 31, 22, 0, tzinfo=UTC))
    assert (await read(client, lot))["state"] == "expired"
    assert (await read(client, lot))["possible"] == ["quarantine", "recall"]
    refused = await move(client, lot, "open", {})
    assert (refused.status_code, refused.json()["state"]) == (409, "expired")
    for state, listed in (("expired", 1), ("available", 0)):
        page = (await client.get(f"/v1/lots?state={state}")).json()
        assert len(page["items"]) == listed


async def test_an_expired_lot_can_be_recorded(as_role):
    lot = await make_lot(as_role("nurse"), expires_on="2026-02")
    assert (lot["state"], lot["expires_on"]) == ("expired", "2026-02-28")


async def test_a_container_is_opened_once(as_role, clock):
    client = as_role("nurse")
    lot = await make_lot(client)
    clock.advance(days=2)
    early = await move(client, lot, "open", {"opened_on": "2026-03-01"})
    late = await move(client, lot, "open", {"opened_on": "2026-03-05"})
    assert (early.status_code, late.status_code) == (422, 422)
    opened = await move(client, lot, "open", {})
    assert opened.status_code == 200, opened.text
    assert opened.json()["opened_on"] == "2026-03-04"
    assert opened.json()["possible"] == ["quarantine", "recall", "use-up"]
    again = await move(client, opened.json(), "open", {})
    assert again.status_code == 409
    assert again.json()["possible"] == ["quarantine", "recall", "use-up"]
    assert await read(client, lot) == opened.json()


async def test_quarantine_and_release(as_role):
    nurse, prescriber = as_role("nurse"), as_role("practitioner")
    lot = await make_lot(nurse)
    assert (await move(nurse, lot, "quarantine", {})).status_code == 422
    held = (await move(nurse, lot, "quarantine")).json()
    assert (held["state"], held["state_reason"]) == ("quarantined", REASON["reason"])
    assert held["state_changed_at"] == "2026-03-02T08:00:00Z"
    assert held["possible"] == ["recall", "release"]
    refused = await move(nurse, held, "release")
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "holds:release")
    released = await move(prescriber, held, "release")
    assert released.status_code == 200, released.text
    assert (await read(nurse, lot))["state"] == "available"


async def test_a_recall_is_final_and_reaches_used_up_lots(as_role):
    client = as_role("nurse")
    lot = await make_lot(client)
    used = (await move(client, lot, "use-up")).json()
    assert (used["state"], used["remaining_volume_ml"]) == ("used_up", "0")
    recalled = await move(client, used, "recall")
    assert recalled.status_code == 200, recalled.text
    answer = recalled.json()
    assert answer["lot"]["state"] == "recalled"
    assert answer["exposures"] == {
        "lot_id": lot["id"], "patients": [], "sessions": [], "open_side_effects": [],
        "look_back_days": 90, "same_formula": [],
    }  # fmt: skip
    for name in ("recall", "quarantine", "use-up"):
        again = await move(client, answer["lot"], name)
        assert (again.status_code, again.json()["possible"]) == (409, [])


async def test_a_move_needs_the_version_that_was_seen(as_role):
    client = as_role("nurse")
    lot = await make_lot(client)
    path = f"/v1/lots/{lot['id']}/quarantine"
    assert (await client.post(path, json=REASON)).status_code == 428
    stale = await client.post(path, json=REASON, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    assert await read(client, lot) == lot


async def test_the_list_and_its_filters(as_role):
    client = as_role("nurse")
    early = await make_lot(client, expires_on="2026-06", lot_number="A")
    late = await make_lot(client, expires_on="2027-06", lot_number="B")
    biotin = await make_lot(client, ingredient_code="BIOTIN", lot_number="C")
    assert (await move(client, late, "quarantine")).status_code == 200

    async def numbers(query):
        page = (await client.get(f"/v1/lots{query}")).json()
        return [item["lot_number"] for item in page["items"]]

    assert await numbers("") == ["C", "B", "A"]
    assert await numbers("?ingredient_code=LIDOCAINE") == ["B", "A"]
    assert await numbers("?state=quarantined") == ["B"]
    assert await numbers("?state=available") == ["C", "A"]
    assert await numbers("?expires_before=2026-06-30") == []
    assert await numbers("?expires_before=2026-07-01") == ["A"]
    assert await numbers("?lot_number=C&ingredient_code=BIOTIN") == ["C"]
    page = (await client.get("/v1/lots?limit=2")).json()
    rest = (await client.get(f"/v1/lots?limit=2&cursor={page['next_cursor']}")).json()
    ids = [item["id"] for item in page["items"] + rest["items"]]
    assert ids == [biotin["id"], late["id"], early["id"]]


async def test_who_may_do_what(as_role):
    lot = await make_lot(as_role("owner"))
    for role in ("receptionist", "auditor"):
        answer = await move(as_role(role), lot, "recall")
        assert (answer.status_code, answer.json()["missing_scope"]) == (403, "lots:write")
    assert (await as_role("receptionist").get("/v1/lots")).status_code == 403
    stranger = as_role("other:nurse")
    assert (await stranger.get(f"/v1/lots/{lot['id']}")).status_code == 404
    assert (await stranger.get(f"/v1/lots/{lot['id']}/exposures")).status_code == 404
    assert (await move(stranger, lot, "recall")).status_code == 404
    assert (await stranger.get("/v1/lots")).json()["items"] == []


async def performed(as_role, clinic, clock, lot, patient):
    """A session in an hour of a new plan of that patient, performed with something of the lot."""
    practitioner = as_role("practitioner")
    plan = await make_active_plan(as_role, clinic, patient=patient)
    clock.advance(hours=1)
    session = await book(practitioner, plan, clinic, clock.now.isoformat())
    await check_in(practitioner, session)
    clock.advance(minutes=10)
    lots = [{"lot_id": lot["id"], "volume_ml": "1"}]
    await administer(practitioner, session, clock.now.isoformat(), lots=lots)
    return session


async def test_a_lot_leads_to_everybody_who_was_given_it(as_role, clinic, clock, app):
    nurse, practitioner = as_role("nurse"), as_role("practitioner")
    lot = await make_lot(nurse, ingredient_code="BIOTIN", excipient_classes=[])
    path = f"/v1/lots/{lot['id']}/exposures"
    ada = await make_treatable_patient(practitioner, given_name="Adam", phone="+33612345678")
    first = await performed(as_role, clinic, clock, lot, ada)
    with counted_queries(app) as few:
        assert (await nurse.get(path)).status_code == 200
    bo = await make_treatable_patient(practitioner, given_name="Bo")
    second = await performed(as_role, clinic, clock, lot, bo)
    effect = {
        "patient_id": ada["id"], "session_id": first["id"], "code": "AE_PAIN", "grade": 1,
        "started_at": "2026-03-02T10:00:00Z", "description": "Pain", "reported_by": "patient",
    }  # fmt: skip
    reported = await practitioner.post("/v1/side-effects", json=effect)
    assert reported.status_code == 201, reported.text
    with counted_queries(app) as many:
        answer = await nurse.get(path)
    assert len(many) == len(few)
    exposures = answer.json()
    assert [s["session_id"] for s in exposures["sessions"]] == [second["id"], first["id"]]
    assert [p["patient_id"] for p in exposures["patients"]] == [bo["id"], ada["id"]]
    assert exposures["patients"][1]["contact"]["phone"] == "+33612345678"
    assert exposures["patients"][1]["sessions"] == 1
    assert exposures["sessions"][0]["volume_ml"] == "1"
    (open_effect,) = exposures["open_side_effects"]
    assert (open_effect["id"], open_effect["link"]) == (reported.json()["id"], "session")
    assert (await as_role("owner").get(path)).json()["open_side_effects"] is None
    recalled = await move(nurse, await read(nurse, lot), "recall")
    assert recalled.json()["exposures"] == exposures


async def test_an_administration_entered_in_error_exposed_nobody(as_role, clinic, clock):
    practitioner = as_role("practitioner")
    lot = await make_lot(practitioner, ingredient_code="BIOTIN", excipient_classes=[])
    patient = await make_treatable_patient(practitioner)
    session = await performed(as_role, clinic, clock, lot, patient)
    body = {"reason": "Another patient's record"}
    await moved(practitioner, f"/v1/sessions/{session['id']}", "entered-in-error", body)
    exposures = (await practitioner.get(f"/v1/lots/{lot['id']}/exposures")).json()
    assert (exposures["patients"], exposures["sessions"]) == ([], [])
