"""The feed: everything that changes, in order, from wherever somebody was."""

from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from api.feeds import positions
from api.feeds.addresses import ADDRESSES
from tests.contracts.operations import operations
from tests.factories import make_patient
from tests.queries import counted_queries


async def whole(client, **query):
    answer = await client.get("/v1/events", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_is_done_is_in_the_feed_in_order(as_role, clinic):
    owner = as_role("owner")
    before = await whole(owner)
    assert [each["number"] for each in before["items"]] == list(range(1, len(before["items"]) + 1))
    assert before["next_cursor"] is None

    patient = await make_patient(as_role("nurse"))
    after = await whole(owner, after=before["resume_after"])
    (event,) = after["items"]
    assert event["type"] == "patient.registered"
    assert event["number"] == len(before["items"]) + 1
    assert (event["resource_type"], event["resource_id"]) == ("patient", patient["id"])
    assert event["href"] == f"/v1/patients/{patient['id']}"
    assert event["cursor"] == after["resume_after"]
    assert (await as_role("nurse").get(event["href"])).status_code == 200
    # Nothing of the record itself is in it.
    assert "Moreau" not in str(after)

    nothing = await whole(owner, after=after["resume_after"])
    assert (nothing["items"], nothing["resume_after"]) == ([], after["resume_after"])


async def test_pages_join_without_gap_or_repetition(as_role):
    owner = as_role("owner")
    for _ in range(5):
        await make_patient(owner)
    everything = (await whole(owner))["items"]
    pages, path = [], "/v1/events?limit=3"
    while path:
        answer = await owner.get(path)
        pages.extend(answer.json()["items"])
        assert (answer.json()["next_cursor"] is not None) == ("next" in answer.links)
        path = answer.links.get("next", {}).get("url")
    assert pages == everything


async def test_types_are_filtered_alone_or_by_noun(as_role):
    owner = as_role("owner")
    patient = await make_patient(owner)
    tag = {"If-Match": '"1"'}
    path = f"/v1/patients/{patient['id']}"
    assert (await owner.patch(path, json={"phone": "+33611"}, headers=tag)).status_code == 200
    await owner.post("/v1/rooms", json={"name": "Lamp"})
    found = {
        query: [each["type"] for each in (await whole(owner, types=query))["items"]][-2:]
        for query in ("patient.changed", "patient.*", "nothing.happened")
    }
    assert found == {
        "patient.changed": ["patient.changed"],
        "patient.*": ["patient.registered", "patient.changed"],
        "nothing.happened": [],
    }
    both = await owner.get("/v1/events?types=patient.changed&types=room.added&after=latest")
    assert both.json()["items"] == []
    both = await owner.get("/v1/events?types=patient.changed&types=room.added&limit=200")
    assert [each["type"] for each in both.json()["items"]][-2:] == ["patient.changed", "room.added"]


async def test_latest_is_where_the_feed_ends(as_role):
    owner = as_role("owner")
    latest = await whole(owner, after="latest")
    assert latest["items"] == []
    await make_patient(owner)
    following = await whole(owner, after=latest["resume_after"])
    assert [each["type"] for each in following["items"]] == ["patient.registered"]


async def test_a_cursor_that_is_not_ours_is_refused(as_role, clinic):
    owner = as_role("owner")
    ours = (await whole(owner))["items"][2]["cursor"]
    foreign = (await whole(as_role("other:owner")))["items"][2]["cursor"]
    strange = (
        foreign,
        positions.beginning(clinic.other_id),
        positions.cursor(10**9, uuid7()),  # before a restore, the feed was longer
        positions.cursor(2**63, uuid7()),
        ours[:-4],
        ours + "AAAA",
        "not base64 at all!",
        "é" * 32,
    )
    for cursor in strange:
        answer = await owner.get("/v1/events", params={"after": cursor})
        assert answer.status_code == 422, cursor
        assert answer.json()["errors"][0]["pointer"] == "/after"
        assert cursor not in answer.text
    begin = positions.beginning(UUID(str(clinic.id)))
    assert (await whole(owner, after=begin))["items"][0]["number"] == 1


@pytest.mark.parametrize("query", ["types=session", "types=*.*", "limit=0", "limit=201", "page=2"])
async def test_what_cannot_be_meant_is_refused(as_role, query):
    answer = await as_role("owner").get(f"/v1/events?{query}")
    assert answer.status_code == 422


async def test_a_dry_run_and_a_refusal_are_not_in_the_feed(as_role):
    owner = as_role("owner")
    start = (await whole(owner, after="latest"))["resume_after"]
    assert (await owner.post("/v1/rooms", json={"name": "Room 1"})).status_code == 409
    assert (await whole(owner, after=start))["items"] == []


async def test_a_page_costs_the_same_anywhere_in_the_feed(as_role, app):
    owner = as_role("owner")
    cursor = (await whole(owner))["items"][5]["cursor"]
    for _ in range(6):
        await make_patient(owner)
    with counted_queries(app) as sent:
        await whole(owner, after=cursor)
    asked = [each for each in sent if each.startswith("SELECT")]
    assert len(asked) == 3  # who asks, the position, the events


def test_every_address_is_one_that_can_be_read():
    readable = {each.path.rpartition("/{")[0] for each in operations().values()
                if each.method == "GET" and each.path.endswith("}")}  # fmt: skip
    assert {address.removesuffix("/{id}") for address in ADDRESSES.values()} <= readable
