"""Decisions over HTTP: refused, overridden, acknowledged, kept, explained, asked again."""

import pytest

from tests.factories import made
from tests.factories_sessions import (
    SCREENING,
    book,
    booking,
    component,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    move_on,
    moved,
    treated,
)

COMMENT = "Travelling next week; agreed after examination."
FIRST, FIVE_DAYS, SIX_DAYS = "2026-03-03T09:00:00Z", "2026-03-08T09:00:00Z", "2026-03-09T09:00:00Z"
ELEVEN_DAYS = "2026-03-14T09:00:00Z"
TOO_SOON, TOO_LATE = "SPACING-MIN-INTERVAL", "SPACING-MAX-GAP"
SAME_INGREDIENT = "SPACING-INGREDIENT-MIN"  # found once for each of the two ingredients


@pytest.fixture
async def plan(as_role, clinic):
    """An active plan with its first session booked on 3 March."""
    plan = await make_active_plan(as_role, clinic)
    await book(as_role("receptionist"), plan, clinic, FIRST)
    return plan


def override(code=TOO_SOON, **over):
    return {"code": code, "reason": "patient_travel", "comment": COMMENT} | over


def both(**over):
    """Overrides of everything that stands in the way of a day too soon."""
    return [override(**over), override(SAME_INGREDIENT, **over)]


async def ask(client, plan, clinic, starts_at, query="", **answers):
    return await client.post(
        f"/v1/sessions{query}", json=booking(plan, clinic, starts_at, **answers)
    )


async def decision(client, decision_id):
    answer = await client.get(f"/v1/decisions/{decision_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(findings):
    return [finding["code"] for finding in findings]


async def test_a_day_too_soon_needs_an_override_and_the_next_day_none(as_role, clinic, plan):
    client = as_role("receptionist")
    refused = await ask(client, plan, clinic, FIVE_DAYS)
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "/problems/refused-by-rules"
    assert (problem["outcome"], problem["decision_id"]) == ("needs_override", None)
    assert problem["detail"] == "3 findings stand in the way."
    assert problem["unanswered"] == [SAME_INGREDIENT, TOO_SOON]
    finding = problem["findings"][0]
    assert (finding["code"], finding["severity"]) == (TOO_SOON, "override")
    assert (finding["measured"], finding["limit"], finding["unit"]) == ("5", "6", "d")
    assert (finding["pointer"], finding["first_day"]) == ("/starts_at", "2026-03-09")
    assert (finding["override_role"], finding["resolved_by"]) == ("prescriber", None)
    assert finding["source"]
    assert problem["window"]["earliest_on"] == "2026-03-09"
    assert problem["window"]["target_on"] == "2026-03-10"
    assert problem["window"]["latest_on"] == "2026-03-13"
    allowed = await ask(client, plan, clinic, SIX_DAYS)
    assert allowed.status_code == 201
    assert allowed.json()["findings"] == []


async def test_an_override_is_kept_and_explained(as_role, clinic, plan):
    client = as_role("practitioner")
    answer = await ask(client, plan, clinic, FIVE_DAYS, overrides=both())
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert session["findings"][0]["resolved_by"] == "override"
    kept = await decision(client, session["decision_id"])
    assert kept["question"] == "May session 2 of the plan take place on 2026-03-08?"
    assert (kept["verdict"], kept["outcome"]) == ("needs_override", "allowed")
    assert (kept["subject_kind"], kept["subject_id"]) == ("session", session["id"])
    assert [each["code"] for each in kept["answers"]] == [TOO_SOON, SAME_INGREDIENT]
    given = kept["answers"][0]
    assert (given["code"], given["reason"]) == (TOO_SOON, "patient_travel")
    assert (given["comment"], given["role"]) == (COMMENT, "practitioner")
    assert given["decided_by"] == str(clinic.staff["practitioner"])
    assert given["decided_by_name"] == "Practitioner"
    words = "\n".join(kept["explanation"])
    assert "5 days after session 1 (2026-03-03)" in words
    assert "phase A asks for at least 6." in words
    assert "Found 5" not in words, "the message has told the figures"
    assert f"overrode “Too soon after another session” ({TOO_SOON}) on 2026-03-02 at" in words
    assert COMMENT in words
    assert {each["code"]: each["outcome"] for each in kept["rules"]}[TOO_SOON] == "fail"
    assert kept["facts"]["plan"]["session_number"] == 2
    assert kept["rule_set"]["number"] == 1


async def test_a_kept_decision_replays_byte_for_byte(as_role, clinic, plan):
    client = as_role("practitioner")
    answer = await ask(client, plan, clinic, FIVE_DAYS, overrides=both())
    path = f"/v1/decisions/{answer.json()['decision_id']}/replay"
    replayed = (await client.post(path)).json()
    assert (replayed["identical"], replayed["differences"]) == (True, [])
    assert (replayed["verdict"], replayed["rule_set_number"]) == ("needs_override", 1)


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"comment": "x" * 19}, "/overrides/0/comment"),
        ({"comment": f" {'x' * 19} "}, "/overrides/0/comment"),
        ({"reason": "Because"}, "/overrides/0/reason"),
        ({"code": "no rule"}, "/overrides/0/code"),
        ({"code": "CONSENT-VALID"}, "/overrides/0/code"),
        ({"pointer": "/performed_at"}, "/overrides/0/code"),
        ({"role": "owner"}, "/overrides/0/role"),
    ],
)
async def test_an_override_that_answers_nothing_is_pointed_at(as_role, clinic, plan, over, pointer):
    client = as_role("practitioner")
    answer = await ask(client, plan, clinic, FIVE_DAYS, overrides=[override(**over)])
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_twenty_characters_are_a_comment(as_role, clinic, plan):
    answers = both(comment="x" * 20)
    answer = await ask(as_role("practitioner"), plan, clinic, FIVE_DAYS, overrides=answers)
    assert answer.status_code == 201


async def test_who_may_not_override_is_forbidden(as_role, clinic, plan):
    for role in ("receptionist", "nurse", "owner"):
        answer = await ask(as_role(role), plan, clinic, FIVE_DAYS, overrides=[override()])
        assert answer.status_code == 403
        assert answer.json()["missing_scope"] == "rules:override"


async def test_an_api_key_acknowledges_but_never_overrides(as_role, clinic, plan, anonymous):
    scopes = ["sessions:schedule", "sessions:read", "rules:read"]
    key = await made(as_role("owner"), "/v1/api-keys", {"name": "Script", "scopes": scopes})
    anonymous.headers["Authorization"] = f"Bearer {key['secret']}"
    refused = await ask(anonymous, plan, clinic, FIVE_DAYS, overrides=both())
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "rules:override")
    booked = await ask(anonymous, plan, clinic, ELEVEN_DAYS, acknowledged=[TOO_LATE])
    assert booked.status_code == 201
    (given,) = (await decision(anonymous, booked.json()["decision_id"]))["answers"]
    assert (given["kind"], given["decided_by_name"]) == ("acknowledgement", None)


async def test_a_warning_must_be_acknowledged(as_role, clinic, plan):
    client = as_role("receptionist")
    refused = await ask(client, plan, clinic, ELEVEN_DAYS)
    assert refused.status_code == 409
    assert refused.json()["outcome"] == "needs_acknowledgement"
    assert codes(refused.json()["findings"]) == [TOO_LATE]
    typo = await ask(client, plan, clinic, ELEVEN_DAYS, acknowledged=["SPACING-MAX-GAPS"])
    assert [e["pointer"] for e in typo.json()["errors"]] == ["/acknowledged/0"]
    answer = await ask(client, plan, clinic, ELEVEN_DAYS, acknowledged=[TOO_LATE])
    assert answer.status_code == 201
    assert answer.json()["findings"][0]["resolved_by"] == "acknowledgement"
    kept = await decision(client, answer.json()["decision_id"])
    assert [(a["kind"], a["code"], a["reason"]) for a in kept["answers"]] == [
        ("acknowledgement", TOO_LATE, None)
    ]


@pytest.mark.parametrize(
    ("starts_at", "answers", "outcome"),
    [
        (SIX_DAYS, {}, "allowed"),
        (FIVE_DAYS, {}, "needs_override"),
        (FIVE_DAYS, {"overrides": both()}, "allowed"),
        (FIVE_DAYS, {"overrides": [override()]}, "needs_override"),
        (ELEVEN_DAYS, {}, "needs_acknowledgement"),
        (ELEVEN_DAYS, {"acknowledged": [TOO_LATE]}, "allowed"),
    ],
)
async def test_a_dry_run_gives_the_decision_of_the_write(
    as_role, clinic, plan, starts_at, answers, outcome
):
    client = as_role("practitioner")
    before = (await client.get("/v1/decisions?with_total=true")).json()["total"]
    dry = await ask(client, plan, clinic, starts_at, "?dry_run=true", **answers)
    assert dry.status_code == 200, dry.text
    assert dry.json()["dry_run"] is True
    assert (dry.json()["outcome"], dry.json()["decision_id"]) == (outcome, None)
    assert (await client.get("/v1/decisions?with_total=true")).json()["total"] == before
    real = await ask(client, plan, clinic, starts_at, **answers)
    assert real.status_code == (201 if outcome == "allowed" else 409)
    assert real.json()["findings"] == dry.json()["findings"]


async def test_an_override_lasts_until_its_session(as_role, clinic, clock, plan):
    client = as_role("practitioner")
    first = (await client.get(f"/v1/sessions?plan_id={plan['id']}")).json()["items"][0]
    clock.advance(days=1, hours=1)
    await moved(client, f"/v1/sessions/{first['id']}", "check-in", SCREENING)
    second = await ask(client, plan, clinic, FIVE_DAYS, overrides=both())
    await perform(client, first, "2026-03-03T09:05:00Z")
    clock.advance(days=5)
    session = second.json()
    done = await moved(as_role("nurse"), f"/v1/sessions/{session['id']}", "check-in", SCREENING)
    decisions = (await client.get(f"/v1/decisions?subject_id={session['id']}")).json()["items"]
    assert [each["stage"] for each in decisions] == ["check_in", "scheduling"]
    kept = await decision(client, decisions[0]["id"])
    assert [(f["code"], f["resolved_by"]) for f in kept["findings"]] == [(TOO_SOON, "override")]
    assert kept["outcome"] == "allowed"
    assert kept["answers"] == []
    assert f"({TOO_SOON}) was overridden earlier" in "\n".join(kept["explanation"])
    assert done["state"] == "checked_in"


async def perform(client, session, performed_at, volume="1.5", lots=None):
    """Record an administration with lots of both ingredients."""
    lots = lots if lots is not None else [await make_a_lot(client, "BIOTIN")]
    body = {
        "performed_at": performed_at,
        "preparation_started_at": performed_at,
        "areas": [treated("SCALP_FRONTAL", volume)],
        "lots": [{"lot_id": lot["id"], "volume_ml": "0.5"} for lot in lots],
        "discarded_ml": str(2 - float(volume)),
        "observation_minutes": 30,
    }
    return await moved(client, f"/v1/sessions/{session['id']}", "administration", body)


async def make_a_lot(client, code):
    body = {
        "ingredient_code": code, "product_name": code.title(), "manufacturer": "Acme",
        "lot_number": f"L-{code}", "expires_on": "2027-08", "container": "multi_dose",
        "received_volume_ml": "50", "excipient_classes": [],
    }  # fmt: skip
    return await made(client, "/v1/lots", body)


# The leaflet of a ready product names its cosolvent.
LEAFLET = {"label": {"vehicle_covers_dilution": True, "oil": False, "ethanol_ml": "0"}}
MINOXIDIL = (component("MINOXIDIL", "5", "2") | LEAFLET,)


async def two_plans_at_the_ceiling(as_role, clinic, author="practitioner"):
    """Minoxidil 10 mg a session in two plans of one patient: four booked, 40 mg in 28 days."""
    practitioner, director = as_role(author), as_role("second:medical_director")
    patient = await make_treatable_patient(as_role("practitioner"))
    formula = await make_approved_formula(practitioner, director, *MINOXIDIL)
    plans = [
        await make_active_plan(as_role, clinic, patient=patient, formula=formula) for _ in range(2)
    ]
    for day in ("02", "08", "14", "20"):
        await book(practitioner, plans[0], clinic, f"2026-03-{day}T14:00:00Z")
    return plans


async def test_a_rolling_ceiling_counts_booked_doses_of_other_plans(as_role, clinic):
    plans = await two_plans_at_the_ceiling(as_role, clinic)
    client = as_role("practitioner")
    refused = await ask(client, plans[1], clinic, "2026-03-29T10:00:00Z")
    assert refused.status_code == 409, refused.text
    (finding,) = refused.json()["findings"]
    assert finding["code"] == "DOSE-CUMULATIVE-WINDOW"
    assert (finding["measured"], finding["limit"], finding["unit"]) == ("50", "40", "mg")
    assert (finding["override_role"], finding["second_person"]) == ("medical_director", True)
    # 2 March is exactly 28 days before the 30th, and so outside.
    outside = await ask(client, plans[1], clinic, "2026-03-30T10:00:00Z")
    assert outside.status_code == 201, outside.text


async def test_the_medical_directors_findings_need_a_director_who_did_not_propose(as_role, clinic):
    plans = await two_plans_at_the_ceiling(as_role, clinic)
    answers = {"overrides": [override("DOSE-CUMULATIVE-WINDOW", reason="clinical_judgement")]}
    when = "2026-03-29T10:00:00Z"
    low = await ask(as_role("practitioner"), plans[1], clinic, when, **answers)
    assert low.status_code == 409
    assert low.json()["rejected_overrides"] == [
        {"code": "DOSE-CUMULATIVE-WINDOW", "reason": "role"}
    ]
    treating = {"practitioner_id": str(clinic.staff["medical_director"])}
    own = await ask(as_role("medical_director"), plans[1], clinic, when, **treating, **answers)
    assert own.status_code == 409
    assert own.json()["rejected_overrides"] == [
        {"code": "DOSE-CUMULATIVE-WINDOW", "reason": "second_person"}
    ]
    other = await ask(as_role("medical_director"), plans[1], clinic, when, **answers)
    assert other.status_code == 201, other.text
    kept = await decision(as_role("medical_director"), other.json()["decision_id"])
    assert kept["answers"][0]["role"] == "medical_director"


async def test_lists_filter_by_subject_stage_and_verdict(as_role, clinic, plan):
    client = as_role("practitioner")
    answer = await ask(client, plan, clinic, FIVE_DAYS, overrides=both())
    session_id, decision_id = answer.json()["id"], answer.json()["decision_id"]
    for query in (
        f"subject_id={session_id}",
        "verdict=needs_override&stage=scheduling",
        f"patient_id={plan['patient_id']}&stage=scheduling&limit=1",
    ):
        page = (await client.get(f"/v1/decisions?{query}")).json()
        assert [each["id"] for each in page["items"]] == [decision_id], query
    plans = (await client.get(f"/v1/decisions?subject_id={plan['id']}")).json()["items"]
    assert [each["stage"] for each in plans] == ["plan_activation"]


async def test_pages_follow_each_other(as_role, clinic, plan):
    client = as_role("practitioner")
    await ask(client, plan, clinic, SIX_DAYS)
    seen, link = [], "</v1/decisions?limit=1>"
    while link:
        answer = await client.get(link[1 : link.index(">")])
        seen += [each["id"] for each in answer.json()["items"]]
        link = answer.headers.get("link", "")
    everything = (await client.get("/v1/decisions")).json()["items"]
    assert seen == [each["id"] for each in everything]
    assert len(seen) >= 4


async def test_the_desk_reads_bookings_but_nothing_clinical(as_role, clinic, plan):
    client = as_role("practitioner")
    activation = (await client.get(f"/v1/decisions?subject_id={plan['id']}")).json()["items"][0]
    desk = as_role("receptionist")
    stages = {d["stage"] for d in (await desk.get("/v1/decisions")).json()["items"]}
    assert stages == {"scheduling", "formula_approval"}
    forbidden = await desk.get(f"/v1/decisions/{activation['id']}")
    assert forbidden.status_code == 403
    assert forbidden.json()["missing_scope"] == "clinical:read"
    mine = (await desk.get("/v1/decisions?stage=scheduling")).json()["items"][0]
    assert (await decision(desk, mine["id"]))["facts"] is None
    assert (await decision(client, mine["id"]))["facts"]["patient"]["weight_g"] == 80_000


async def test_another_clinics_decision_is_not_there(as_role, clinic, plan):
    mine = (await as_role("practitioner").get("/v1/decisions")).json()["items"][0]
    other = as_role("other:practitioner")
    assert (await other.get(f"/v1/decisions/{mine['id']}")).status_code == 404
    assert (await other.post(f"/v1/decisions/{mine['id']}/replay")).status_code == 404
    assert (await other.get(f"/v1/decisions?subject_id={plan['id']}")).json()["items"] == []


async def test_overrides_are_in_the_audit(as_role, clinic, plan, app):
    await ask(as_role("practitioner"), plan, clinic, FIVE_DAYS, overrides=both())
    async with app.state.database.reading() as db:
        from sqlmodel import select

        from models import AuditEvent

        statement = select(AuditEvent).where(AuditEvent.action == "finding.overridden")
        entries = (await db.exec(statement)).all()
    assert [entry.reason for entry in entries] == [TOO_SOON, SAME_INGREDIENT]
    assert {str(entry.patient_id) for entry in entries} == {plan["patient_id"]}
    assert {entry.actor_id for entry in entries} == {clinic.staff["practitioner"]}


async def test_moving_asks_again_and_leaves_the_session_itself_out(as_role, clinic, plan):
    client = as_role("practitioner")
    session = (await ask(client, plan, clinic, SIX_DAYS)).json()
    path = f"/v1/sessions/{session['id']}"
    match = {"If-Match": (await client.get(path)).headers["etag"]}
    soon = await client.patch(path, json={"starts_at": FIVE_DAYS}, headers=match)
    assert soon.status_code == 409
    assert set(codes(soon.json()["findings"])) == {TOO_SOON, SAME_INGREDIENT}
    later = await client.patch(path, json={"starts_at": "2026-03-10T09:00:00Z"}, headers=match)
    assert later.status_code == 200, later.text
    assert later.json()["decision_id"] != session["decision_id"]


async def test_a_held_answer_to_a_check_in(as_role, clinic, clock, plan):
    """A check-in without allergies confirmed is refused by a block that nobody overrides."""
    client = as_role("practitioner")
    session = (await client.get(f"/v1/sessions?plan_id={plan['id']}")).json()["items"][0]
    clock.advance(days=1, hours=1)
    body = SCREENING | {"allergies_confirmed": False}
    refused = await move_on(client, f"/v1/sessions/{session['id']}", "check-in", body)
    assert (refused.status_code, refused.json()["outcome"]) == (409, "refused")
    assert codes(refused.json()["findings"]) == ["CONTRA-ALLERGY-CLASS"]
    answers = {"overrides": [override("CONTRA-ALLERGY-CLASS")]}
    again = await move_on(client, f"/v1/sessions/{session['id']}", "check-in", body | answers)
    assert (again.status_code, again.json()["outcome"]) == (409, "refused")
    allowed = await move_on(client, f"/v1/sessions/{session['id']}", "check-in", SCREENING)
    assert allowed.status_code == 200, allowed.text
