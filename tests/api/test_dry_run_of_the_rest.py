"""As `test_dry_run`: moving a session, approving a formula, checking in, and side effects.

Lots, holds, rule sets and the end of a plan have no dry run: no rule judges them.
"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.test_dry_run import ANSWERED, NOW, ROLES, ask_and_make, by_chance
from tests.contracts.requests import snapshot
from tests.factories import made
from tests.factories_sessions import SCREENING, book, component, make_active_plan, moved
from tests.factories_side_effects import effect_body, make_effect, make_treated_plan

WEEKLY = ("2026-03-10T09:00:00Z", "2026-03-17T09:00:00Z", "2026-03-24T09:00:00Z")


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def course(as_role, clinic, plan):
    return [await book(as_role("receptionist"), plan, clinic, each) for each in WEEKLY]


@given(
    which=st.integers(0, 2),
    days=st.integers(1, 30),
    half_hours=st.integers(0, 4),
    role=ROLES,
    how=ANSWERED,
)
@by_chance
async def test_moving(app, as_role, course, which, days, half_hours, role, how):
    """The next session and what comes onto the worklist are compared as well."""
    client, path = as_role(role), f"/v1/sessions/{course[which]['id']}"
    tag = {"If-Match": (await client.get(path)).headers["etag"]}
    starts_at = (NOW + timedelta(days=days, minutes=30 * half_hours)).isoformat()
    await ask_and_make(app, client, path, {"starts_at": starts_at}, how, tag, "PATCH")


LINES = st.sampled_from(
    [
        component("BIOTIN", "5", "1"),
        component("DUTASTERIDE", "0.5", "1"),
        component("DUTASTERIDE", "5", "1"),
        component("LIDOCAINE", "20", "1"),
        component("MEPIVACAINE", "20", "20"),
        component("PDRN", "2", "2"),
        component("MINOXIDIL", "5", "1"),
    ]
)


@given(
    lines=st.lists(LINES, min_size=1, max_size=4, unique_by=lambda each: each["ingredient_code"]),
    role=st.sampled_from(["medical_director", "second:medical_director"]),
    how=ANSWERED,
)
@by_chance
async def test_approving_a_formula(app, as_role, lines, role, how):
    body = {"name": "By chance", "areas": ["SCALP"], "components": lines}
    formula = await made(as_role("medical_director"), "/v1/formulas", body)
    path = f"/v1/formulas/{formula['id']}/versions/1/approve"
    tag = {"If-Match": f'"{formula["version"]}"'}
    await ask_and_make(app, as_role(role), path, {}, how, tag)


SAID = {
    "allergies_confirmed": st.sampled_from([True, True, True, None]),
    "systolic_mmhg": st.sampled_from([120, 120, 120, 181, 250, None]),
    "temperature_c": st.sampled_from(["36.8", "36.8", "38.5"]),
    "site_clear": st.sampled_from([True, True, True, False, None]),
    "pregnancy_status": st.sampled_from(["not_applicable", "not_applicable", "pregnant", None]),
    "changes_asked": st.sampled_from([True, True, None]),
    "weight_kg": st.sampled_from(["80", "80", "19", None]),
}


@given(said=st.fixed_dictionaries(SAID), role=ROLES, how=ANSWERED)
@by_chance
async def test_checking_in(app, as_role, clinic, plan, said, role, how):
    """Each example has a visit of its own, at the same time: the one before is cancelled."""
    desk = as_role("receptionist")
    session = await book(desk, plan, clinic, "2026-03-02T08:30:00Z")
    path = f"/v1/sessions/{session['id']}"
    tag = {"If-Match": (await desk.get(path)).headers["etag"]}
    body = {name: value for name, value in (SCREENING | said).items() if value is not None}
    await ask_and_make(app, as_role(role), f"{path}/check-in", body, how, tag)
    await moved(desk, path, "cancel", {"reason": "Next example."})


@pytest.fixture
async def treated(as_role, clinic, clock):
    return await make_treated_plan(as_role, clinic, clock)


async def told_and_done(app, client, path, body):
    """A report is never refused by a rule: what the rules find of it is compared, and its holds
    are opened by the write alone."""
    before = await snapshot(app)
    dry = await client.post(f"{path}?dry_run=true", json=body)
    assert await snapshot(app) == before
    write = await client.post(path, json=body)
    told, done = dry.json(), write.json()
    if write.status_code == 201:
        assert dry.status_code == 200, told
        assert (told["dry_run"], told["findings"]) == (True, done["findings"])
    else:
        assert (dry.status_code, told["type"]) == (write.status_code, done["type"])
        assert told.get("errors") == done.get("errors")


@given(
    code=st.sampled_from(["AE_HEADACHE", "AE_NODULE", "AE_SHED_EARLY", "AE_ANAPHYLAXIS", "NONE"]),
    grade=st.integers(1, 5),
    hours=st.integers(-3, 2),
    seriousness=st.sampled_from([[], ["hospitalisation"], ["death"]]),
    suspects=st.sampled_from([[], ["BIOTIN"], ["NOTHING"]]),
)
@by_chance
async def test_reporting_a_side_effect(
    app, as_role, treated, clock, code, grade, hours, seriousness, suspects
):
    body = effect_body(
        treated,
        code=code,
        grade=grade,
        started_at=clock() + timedelta(hours=hours),
        seriousness=seriousness,
        suspect_ingredient_codes=suspects,
    )
    await told_and_done(app, as_role("practitioner"), "/v1/side-effects", body)


@pytest.fixture
async def effect(as_role, treated, clock):
    started_at = clock() - timedelta(minutes=5)
    return await make_effect(as_role("nurse"), treated, started_at=started_at)


@given(
    grade=st.sampled_from([None, 1, 2, 3, 4]),
    outcome=st.sampled_from([None, "recovering", "recovered", "fatal"]),
    significant=st.booleans(),
    seriousness=st.sampled_from([[], ["hospitalisation"]]),
    suspects=st.sampled_from([[], ["DEXPANTHENOL"], ["NOTHING"]]),
)
@by_chance
async def test_following_up(
    app, as_role, effect, grade, outcome, significant, seriousness, suspects
):
    body = {
        "text": "More is known.",
        "grade": grade,
        "outcome": outcome,
        "significant": significant,
        "seriousness": seriousness,
        "suspect_ingredient_codes": suspects,
    }
    body = {name: value for name, value in body.items() if value is not None}
    path = f"/v1/side-effects/{effect['id']}/follow-ups"
    await told_and_done(app, as_role("nurse"), path, body)


@given(
    decision=st.sampled_from(["submitted", "not_required"]),
    recipient=st.sampled_from(["National medicines agency", "The maker", None]),
    kind=st.sampled_from(["authority", "manufacturer", None]),
    days=st.sampled_from([0, 0, 0, -1, 1]),
    comment=st.sampled_from([None, "Labelled reaction, voluntary report."]),
)
@by_chance
async def test_submitting_a_case(
    app, as_role, effect, clock, decision, recipient, kind, days, comment
):
    body = {
        "decision": decision,
        "recipient": recipient,
        "recipient_kind": kind,
        "submitted_on": str((clock() + timedelta(days=days)).date()),
        "comment": comment,
    }
    body = {name: value for name, value in body.items() if value is not None}
    path = f"/v1/side-effects/{effect['id']}/submissions"
    await told_and_done(app, as_role("medical_director"), path, body)
