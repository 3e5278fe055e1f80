"""Protocols: the reference ones, versions, and approval by a second person."""

import pytest

from tests.factories import made

DRAFT = {
    "name": "Weekly, then monthly",
    "phases": [
        {"name": "A", "sessions": 4, "target_days": 7, "min_days": 6, "max_days": 10},
        {"name": "B", "sessions": 2, "target_days": 28, "min_days": 25, "max_days": 35},
    ],
    "maintenance": {"target_days": 84, "min_days": 70, "max_days": 120},
    "reassess_after_sessions": [6, 4],
    "ingredient_exceptions": {"DUTASTERIDE": 6},
    "source": "Our own practice",
    "evidence": "convention",
}


def content(**over):
    return {key: value for key, value in (DRAFT | over).items() if key != "name"}


def match(answer):
    return {"If-Match": answer.headers["etag"]}


async def reference(client, code):
    answer = await client.get("/v1/protocols", params={"code": code})
    (protocol,) = answer.json()["items"]
    return protocol


async def approved(author, approver, **over):
    """A protocol whose first version is approved."""
    protocol = await made(author, "/v1/protocols", DRAFT | over)
    answer = await approver.post(
        f"/v1/protocols/{protocol['id']}/versions/1/approve", headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_reference_protocols_are_there_from_the_start(as_role):
    answer = await as_role("nurse").get("/v1/protocols", params={"with_total": True})
    assert answer.status_code == 200
    page = answer.json()
    assert page["total"] == 19
    names = [protocol["name"] for protocol in page["items"]]
    assert len(set(names)) == 19
    for protocol in page["items"]:
        assert protocol["reference"] is True
        assert protocol["latest"]["state"] == "approved"
        assert protocol["latest"]["source"]
        assert protocol["latest"]["evidence"]
        assert protocol["approved_version"] == 1


async def test_the_classic_course_reads_as_in_the_reference(as_role):
    latest = (await reference(as_role("auditor"), "P-CLASSIC-442"))["latest"]
    spacing = [
        (p["name"], p["sessions"], p["target_days"], p["min_days"], p["max_days"])
        for p in latest["phases"]
    ]
    assert spacing == [("A", 4, 7, 6, 10), ("B", 4, 14, 12, 18), ("C", 3, 28, 25, 35)]
    assert latest["maintenance"] == {"target_days": 84, "min_days": 70, "max_days": 120}
    assert latest["total_sessions"] == 11
    assert latest["reassess_after_sessions"] == [4, 8]
    assert latest["evidence"] == "convention"


async def test_a_spacing_that_was_never_published_stays_unknown(as_role):
    latest = (await reference(as_role("nurse"), "P-DUTA-SOB"))["latest"]
    (phase,) = latest["phases"]
    assert (phase["sessions"], phase["target_days"], phase["min_days"]) == (9, None, None)


async def test_an_exception_of_the_reference_is_kept_with_its_version(as_role):
    latest = (await reference(as_role("nurse"), "P-DUTA-ABD"))["latest"]
    assert latest["ingredient_exceptions"] == {"DUTASTERIDE": 6}


async def test_pages_of_protocols_hold_each_once(as_role):
    client, path = as_role("nurse"), "/v1/protocols?limit=7"
    seen: list[str] = []
    while path:
        answer = await client.get(path)
        seen += [protocol["id"] for protocol in answer.json()["items"]]
        path = str(answer.links["next"]["url"]) if "next" in answer.links else ""
    assert len(seen) == len(set(seen)) == 19


async def test_a_new_protocol_is_a_draft(as_role):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/protocols", json=DRAFT)
    assert created.status_code == 201
    body = created.json()
    assert created.headers["location"] == f"/v1/protocols/{body['id']}"
    assert body["latest"]["state"] == "draft"
    assert body["latest"]["reassess_after_sessions"] == [4, 6]
    assert body["approved_version"] is None
    again = await practitioner.get(created.headers["location"])
    assert again.json() == body
    assert again.headers["etag"] == created.headers["etag"]


async def test_approval_needs_a_second_person(as_role):
    director = as_role("medical_director")
    created = await director.post("/v1/protocols", json=DRAFT)
    path = f"/v1/protocols/{created.json()['id']}/versions/1/approve"

    own = await director.post(path, headers=match(created))
    assert own.status_code == 403
    assert own.json()["type"] == "/problems/forbidden"
    lacking = await as_role("practitioner").post(path, headers=match(created))
    assert lacking.json()["missing_scope"] == "protocols:approve"

    second = await as_role("second:medical_director").post(path, headers=match(created))
    assert second.status_code == 200
    assert second.json()["approved_version"] == 1
    assert second.json()["latest"]["approved_at"] == "2026-03-02T08:00:00Z"

    once_more = await as_role("second:medical_director").post(path, headers=match(second))
    assert once_more.status_code == 409
    assert (once_more.json()["state"], once_more.json()["possible"]) == ("approved", ["retire"])


async def test_a_change_is_a_new_version_and_the_old_one_stays(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    first = await approved(author, director)
    path = f"/v1/protocols/{first['id']}"

    changed = content(ingredient_exceptions={}, maintenance=None)
    phases = [dict(changed["phases"][0], min_days=7), changed["phases"][1]]
    etag = {"If-Match": f'"{first["version"]}"'}
    second = await author.post(f"{path}/versions", json=changed | {"phases": phases}, headers=etag)
    assert second.status_code == 201
    assert second.headers["location"] == f"{path}/versions/2"
    assert second.json()["latest"]["number"] == 2
    assert second.json()["approved_version"] == 1

    listed = (await author.get(f"{path}/versions")).json()["items"]
    assert [(v["number"], v["state"]) for v in listed] == [(2, "draft"), (1, "approved")]
    kept = (await author.get(f"{path}/versions/1")).json()
    assert kept["phases"][0]["min_days"] == 6

    diff = (await author.get(f"{path}/versions/2/diff", params={"against": 1})).json()
    words = {change["pointer"]: change["words"] for change in diff["changes"]}
    assert words == {
        "/phases/0/min_days": "phases 1 min_days: 6 → 7",
        "/maintenance/target_days": "maintenance target_days: 84 → none",
        "/maintenance/min_days": "maintenance min_days: 70 → none",
        "/maintenance/max_days": "maintenance max_days: 120 → none",
        "/ingredient_exceptions/DUTASTERIDE": "ingredient_exceptions DUTASTERIDE: 6 → none",
    }


async def test_a_retired_version_is_approved_no_more(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    protocol = await approved(author, director)
    path = f"/v1/protocols/{protocol['id']}/versions/1/retire"
    etag = {"If-Match": f'"{protocol["version"]}"'}
    reason = {"reason": "Replaced by the shorter course."}

    retired = await director.post(path, json=reason, headers=etag)
    assert retired.status_code == 200
    assert retired.json()["approved_version"] is None
    assert retired.json()["latest"]["retired_reason"] == reason["reason"]

    again = await director.post(path, json=reason, headers=match(retired))
    assert (again.status_code, again.json()["possible"]) == (409, [])


async def test_a_draft_cannot_be_retired(as_role):
    created = await as_role("practitioner").post("/v1/protocols", json=DRAFT)
    answer = await as_role("medical_director").post(
        f"/v1/protocols/{created.json()['id']}/versions/1/retire",
        json={"reason": "Not wanted."},
        headers=match(created),
    )
    assert answer.status_code == 409
    assert (answer.json()["state"], answer.json()["possible"]) == ("draft", ["approve"])


async def test_changes_say_which_version_they_change(as_role):
    author = as_role("practitioner")
    created = await author.post("/v1/protocols", json=DRAFT)
    path = f"/v1/protocols/{created.json()['id']}/versions"
    assert (await author.post(path, json=content())).status_code == 428
    assert (await author.post(path, json=content(), headers=match(created))).status_code == 201
    stale = await author.post(path, json=content(), headers=match(created))
    assert stale.status_code == 412
    assert len((await author.get(path)).json()["items"]) == 2


def phase(**over):
    base = {"name": "A", "sessions": 4, "target_days": 7, "min_days": 6, "max_days": 10}
    return DRAFT | {"phases": [base | over], "reassess_after_sessions": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (phase(min_days=8), "/phases/0"),
        (phase(max_days=6), "/phases/0"),
        (phase(max_days=None), "/phases/0"),
        (phase(sessions=0), "/phases/0/sessions"),
        (phase(sessions=1001), "/phases/0/sessions"),
        (phase(sessions=True), "/phases/0/sessions"),
        (phase(min_days="6"), "/phases/0/min_days"),
        (phase(target_days=3651), "/phases/0/target_days"),
        (DRAFT | {"phases": []}, "/phases"),
        (phase() | {"phases": [dict(phase()["phases"][0], sessions=600)] * 2}, ""),
        (DRAFT | {"reassess_after_sessions": [4, 4]}, "/reassess_after_sessions"),
        (DRAFT | {"ingredient_exceptions": {"NOBODY": 6}}, "/ingredient_exceptions/NOBODY"),
        (DRAFT | {"ingredient_exceptions": {"DUTASTERIDE": 0}},
         "/ingredient_exceptions/DUTASTERIDE"),
        (DRAFT | {"evidence": "hearsay"}, "/evidence"),
        (DRAFT | {"phasess": []}, "/phasess"),
    ],
)  # fmt: skip
async def test_a_protocol_that_cannot_be_is_refused_at_the_field(as_role, body, pointer):
    answer = await as_role("practitioner").post("/v1/protocols", json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    listed = await as_role("practitioner").get("/v1/protocols", params={"with_total": True})
    assert listed.json()["total"] == 19


@pytest.mark.parametrize("days", [(6, 6, 6), (1, 1, 3650)])
async def test_bounds_of_a_phase_are_inclusive(as_role, days):
    low, target, high = days
    body = phase(min_days=low, target_days=target, max_days=high)
    answer = await as_role("practitioner").post("/v1/protocols", json=body)
    assert answer.status_code == 201, answer.text


async def test_another_clinics_protocol_does_not_exist(as_role):
    protocol = await made(as_role("practitioner"), "/v1/protocols", DRAFT)
    path = f"/v1/protocols/{protocol['id']}"
    stranger = as_role("other:medical_director")
    etag = {"If-Match": '"1"'}
    for answer in [
        await stranger.get(path),
        await stranger.get(f"{path}/versions"),
        await stranger.get(f"{path}/versions/1"),
        await stranger.get(f"{path}/versions/1/diff", params={"against": 1}),
        await stranger.post(f"{path}/versions", json=content(), headers=etag),
        await stranger.post(f"{path}/versions/1/approve", headers=etag),
        await stranger.post(f"{path}/versions/1/retire", json={"reason": "x"}, headers=etag),
    ]:
        assert answer.status_code == 404


async def test_a_receptionist_writes_no_protocol(as_role):
    answer = await as_role("receptionist").post("/v1/protocols", json=DRAFT)
    assert answer.status_code == 403
    assert answer.json()["missing_scope"] == "formulas:write"
