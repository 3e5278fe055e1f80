"""Formulas over HTTP: arithmetic, drafts, approval by a second person, versions that stay."""

from tests.factories_formulary import SCALP_CLASSIC, approve_formula, line, make_formula
from tests.queries import counted_queries

COMMENT = "Agreed in the formulary meeting of February."


def match(formula):
    return {"If-Match": f'"{formula["version"]}"'}


async def read(client, formula):
    answer = await client.get(f"/v1/formulas/{formula['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(findings):
    return {finding["code"] for finding in findings}


async def test_a_formula_is_a_draft_with_exact_arithmetic(as_role, clinic):
    client = as_role("practitioner")
    answer = await client.post("/v1/formulas", json=SCALP_CLASSIC)
    assert answer.status_code == 201, answer.text
    formula = answer.json()
    assert answer.headers["location"] == f"/v1/formulas/{formula['id']}"
    assert answer.headers["etag"] == f'"{formula["version"]}"'
    latest = formula["latest"]
    assert (latest["number"], latest["state"], latest["possible"]) == (1, "draft", ["approve"])
    assert latest["author_id"] == str(clinic.staff["practitioner"])
    lines = {c["ingredient_code"]: c for c in latest["components"]}
    assert lines["DEXPANTHENOL"]["amount"] == {"value": "500", "unit": "mg"}
    assert lines["DEXPANTHENOL"]["final_concentration"] == {"value": "142.8571", "unit": "mg/mL"}
    assert lines["BIOTIN"]["amount"] == {"value": "5", "unit": "mg"}
    assert lines["LIDOCAINE"]["amount"] == {"value": "10", "unit": "mg"}
    assert lines["LIDOCAINE"]["final_concentration"] == {"value": "2.8571", "unit": "mg/mL"}
    assert lines["LIDOCAINE"]["stock_concentration"] == {"value": "20", "unit": "mg/mL"}
    assert (latest["total_volume_ml"], latest["ph"]) == ("3.5", "6.2")
    assert {f["severity"] for f in latest["findings"]} <= {"info", "warn"}
    assert await read(client, formula) == formula


async def test_an_unknown_area_is_refused(as_role):
    answer = await as_role("practitioner").post(
        "/v1/formulas", json=SCALP_CLASSIC | {"areas": ["SCALP", "ELBOW"]}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/areas/1"


async def test_a_draft_shows_what_approval_will_find(as_role):
    for declared, found in (("3.6", False), ("3.601", True), ("3.4", False), ("3.399", True)):
        formula = await make_formula(as_role("practitioner"), total_volume_ml=declared)
        balance = [f for f in formula["latest"]["findings"] if f["code"] == "MIX-VOLUME-BALANCE"]
        assert bool(balance) is found, declared
        assert (formula["latest"]["outcome"] == "refused") is found, declared
        if found:
            assert balance[0]["pointer"] == "/total_volume_ml"


async def test_a_prohibited_ingredient_can_be_drafted_and_never_approved(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    lines = [line("BUFLOMEDIL", "10", "mg/mL", "1")]
    formula = await make_formula(author, components=lines, total_volume_ml="1")
    assert "STATUS-PROHIBITED" in codes(formula["latest"]["findings"])
    override = {"code": "STATUS-PROHIBITED", "reason": "clinical_judgement", "comment": COMMENT}
    refused = await director.post(
        f"/v1/formulas/{formula['id']}/versions/1/approve",
        json={"overrides": [override]},
        headers=match(formula),
    )
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"] == "/problems/refused-by-rules"
    assert refused.json()["outcome"] == "refused"
    assert (await read(author, formula))["latest"]["state"] == "draft"


async def test_a_second_person_approves(as_role, clinic):
    author, director = as_role("practitioner"), as_role("medical_director")
    formula = await make_formula(author)
    approved = await approve_formula(director, formula)
    latest = (await read(author, formula))["latest"]
    assert latest == approved["latest"]
    assert (latest["state"], latest["possible"]) == ("approved", ["retire"])
    assert latest["approved_by"] == str(clinic.staff["medical_director"])
    assert latest["approved_at"] == "2026-03-02T08:00:00Z"
    assert latest["decision_id"] is not None
    assert approved["approved_version"] == 1
    assert approved["version"] == formula["version"] + 1
    again = await director.post(
        f"/v1/formulas/{formula['id']}/versions/1/approve", json={}, headers=match(approved)
    )
    assert again.status_code == 409
    assert (again.json()["state"], again.json()["possible"]) == ("approved", ["retire"])


async def test_nobody_approves_their_own_formula(as_role):
    director, second = as_role("medical_director"), as_role("second:medical_director")
    formula = await make_formula(director)
    assert "ROLE-FOUR-EYES" not in codes(formula["latest"]["findings"])
    own = await director.post(
        f"/v1/formulas/{formula['id']}/versions/1/approve", json={}, headers=match(formula)
    )
    assert own.status_code == 409
    assert "ROLE-FOUR-EYES" in codes(own.json()["findings"])
    assert (await approve_formula(second, formula))["latest"]["state"] == "approved"


async def test_a_dry_run_of_an_approval_stores_nothing(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    formula = await make_formula(author)
    answer = await director.post(
        f"/v1/formulas/{formula['id']}/versions/1/approve?dry_run=true",
        json={},
        headers=match(formula),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["dry_run"] is True
    assert answer.json()["outcome"] in {"allowed", "needs_acknowledgement"}
    assert await read(author, formula) == formula


async def test_an_override_answers_for_a_concentration_over_the_limit(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    at_limit = [line("BIOTIN", "10", "mg/mL", "1")]
    formula = await make_formula(author, components=at_limit, total_volume_ml="1")
    assert "DOSE-CONC-MAX" not in codes(formula["latest"]["findings"])
    over = [line("BIOTIN", "10.001", "mg/mL", "1")]
    formula = await make_formula(author, components=over, total_volume_ml="1")
    finding = next(f for f in formula["latest"]["findings"] if f["code"] == "DOSE-CONC-MAX")
    assert (finding["severity"], finding["pointer"]) == ("override", "/components/0")
    url = f"/v1/formulas/{formula['id']}/versions/1/approve"
    refused = await director.post(url, json={}, headers=match(formula))
    assert (refused.status_code, refused.json()["outcome"]) == (409, "needs_override")
    override = {"code": "DOSE-CONC-MAX", "reason": "clinical_judgement", "comment": COMMENT}
    approved = await director.post(url, json={"overrides": [override]}, headers=match(formula))
    assert approved.status_code == 200, approved.text
    assert approved.json()["latest"]["state"] == "approved"


async def test_a_new_version_leaves_the_approved_one_as_it_was(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    first = await approve_formula(director, await make_formula(author))
    url = f"/v1/formulas/{first['id']}"
    before = (await author.get(f"{url}/versions/1")).json()
    components = [
        SCALP_CLASSIC["components"][0],
        line("LIDOCAINE", "20", "mg/mL", "1"),
        line("ZINC", "1", "mg/mL", "0.5"),
    ]
    body = {"components": components, "total_volume_ml": "3.5", "change_reason": "Less sting"}
    drafted = await author.post(f"{url}/versions", json=body, headers=match(first))
    assert drafted.status_code == 201, drafted.text
    second = drafted.json()
    assert drafted.headers["location"] == f"{url}/versions/2"
    assert (second["latest"]["number"], second["latest"]["supersedes"]) == (2, 1)
    assert (second["latest"]["state"], second["approved_version"]) == ("draft", 1)
    assert second["version"] == first["version"] + 1
    assert (await author.get(f"{url}/versions/1")).json() == before
    listed = (await author.get(f"{url}/versions")).json()["items"]
    assert [(v["number"], v["state"]) for v in listed] == [(2, "draft"), (1, "approved")]
    diff = (await author.get(f"{url}/versions/2/diff?against=1")).json()
    assert (diff["number"], diff["against"]) == (2, 1)
    assert [change["words"] for change in diff["changes"]] == [
        "LIDOCAINE: volume 0.5 mL → 1 mL",
        "LIDOCAINE: amount 10 mg → 20 mg",
        "LIDOCAINE: final concentration 2.8571 mg/mL → 5.7143 mg/mL",
        "ZINC added: 0.5 mL of 1 mg/mL (0.5 mg)",
        "BIOTIN removed: it was 1 mL of 5 mg/mL (5 mg)",
        "pH: 6.2 → none",
    ]
    assert (await author.get(f"{url}/versions/2/diff")).json() == diff
    assert (await author.get(f"{url}/versions/1/diff?against=1")).json()["changes"] == []


async def test_a_change_needs_the_version_that_was_seen(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    formula = await make_formula(author)
    url = f"/v1/formulas/{formula['id']}/versions"
    approve = f"{url}/1/approve"
    assert (await director.post(approve, json={})).status_code == 428
    stale = {"If-Match": f'"{formula["version"] + 1}"'}
    assert (await director.post(approve, json={}, headers=stale)).status_code == 412
    mixture = {"components": SCALP_CLASSIC["components"]}
    assert (await author.post(url, json=mixture)).status_code == 428
    assert (await author.post(url, json=mixture, headers=stale)).status_code == 412
    assert await read(author, formula) == formula


async def test_retiring(as_role, clinic):
    author, director = as_role("practitioner"), as_role("medical_director")
    formula = await make_formula(author)
    url = f"/v1/formulas/{formula['id']}/versions/1/retire"
    draft = await director.post(url, json={"reason": "Unused"}, headers=match(formula))
    assert draft.status_code == 409
    assert (draft.json()["state"], draft.json()["possible"]) == ("draft", ["approve"])
    approved = await approve_formula(director, formula)
    retired = await director.post(url, json={"reason": "Unused"}, headers=match(approved))
    assert retired.status_code == 200, retired.text
    latest = (await read(author, formula))["latest"]
    assert (latest["state"], latest["retired_reason"]) == ("retired", "Unused")
    assert latest["retired_by"] == str(clinic.staff["medical_director"])
    assert latest["possible"] == []
    assert retired.json()["approved_version"] is None


async def test_the_list_and_its_filters(as_role):
    author, director = as_role("practitioner"), as_role("medical_director")
    classic = await approve_formula(director, await make_formula(author))
    zinc = await make_formula(
        author,
        name="A zinc line",
        indication=None,
        components=[line("ZINC", "1", "mg/mL", "1")],
        total_volume_ml="1",
    )

    async def ids(query):
        return [item["id"] for item in (await author.get(f"/v1/formulas{query}")).json()["items"]]

    assert await ids("") == [zinc["id"], classic["id"]]
    assert await ids("?state=approved") == [classic["id"]]
    assert await ids("?state=draft") == [zinc["id"]]
    assert await ids("?ingredient_code=LIDOCAINE") == [classic["id"]]
    assert await ids("?ingredient_code=ZINC&state=approved") == []
    assert await ids("?indication=L64.9") == [classic["id"]]
    first = (await author.get("/v1/formulas?limit=1&with_total=true")).json()
    assert (first["total"], len(first["items"])) == (2, 1)
    item = first["items"][0]
    assert (item["latest_number"], item["latest_state"], item["approved_version"]) == (
        1,
        "draft",
        None,
    )
    assert (item["ingredient_codes"], item["total_volume_ml"]) == (["ZINC"], "1")
    rest = (await author.get(f"/v1/formulas?limit=1&cursor={first['next_cursor']}")).json()
    # the cursor belongs to the question without the total as well
    assert [entry["id"] for entry in rest["items"]] == [classic["id"]]


async def test_only_authors_draft(as_role):
    for role in ("nurse", "owner", "auditor"):
        answer = await as_role(role).post("/v1/formulas", json=SCALP_CLASSIC)
        assert (answer.status_code, answer.json()["missing_scope"]) == (403, "formulas:write")


async def test_only_a_medical_director_approves(as_role):
    formula = await make_formula(as_role("practitioner"))
    answer = await as_role("second:practitioner").post(
        f"/v1/formulas/{formula['id']}/versions/1/approve", json={}, headers=match(formula)
    )
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "formulas:approve")


async def test_another_clinics_formula_is_not_found(as_role):
    formula = await make_formula(as_role("practitioner"))
    stranger = as_role("other:medical_director")
    url = f"/v1/formulas/{formula['id']}"
    for path in (url, f"{url}/versions", f"{url}/versions/1", f"{url}/versions/1/diff?against=1"):
        assert (await stranger.get(path)).status_code == 404, path
    for path in (f"{url}/versions/1/approve", f"{url}/versions/1/retire"):
        body = {} if path.endswith("approve") else {"reason": "None of mine"}
        answer = await stranger.post(path, json=body, headers=match(formula))
        assert answer.status_code == 404, path
    copy = SCALP_CLASSIC | {"derived_from_id": formula["id"]}
    answer = await stranger.post("/v1/formulas", json=copy)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/derived_from_id"


async def test_a_clinics_own_ingredient_is_judged_by_its_own_figures(as_role):
    client = as_role("practitioner")
    figure = {"value": "10", "unit": "mg", "source": "Monograph", "evidence": "label"}
    own = {
        "code": "OWN_VITAMIN", "name": "Own vitamin", "category": "vitamin", "status": "allowed",
        "unit": "mg", "source": "Monograph", "evidence": "label",
        "limits": {
            "max_session": figure,
            "max_concentration": figure | {"unit": "mg/mL"},
        },
    }  # fmt: skip
    assert (await client.post("/v1/ingredients", json=own)).status_code == 201
    for volume, refused in (("1", False), ("1.001", True)):
        lines = [line("OWN_VITAMIN", "10", "mg/mL", volume)]
        formula = await make_formula(client, components=lines, total_volume_ml=volume)
        assert ("DOSE-ABS-MAX" in codes(formula["latest"]["findings"])) is refused


async def test_a_formula_is_read_in_a_bounded_number_of_queries(as_role, app):
    author = as_role("practitioner")
    formula = await make_formula(author)
    with counted_queries(app) as few:
        await read(author, formula)
    for _ in range(5):
        answer = await author.post(
            f"/v1/formulas/{formula['id']}/versions",
            json={"components": SCALP_CLASSIC["components"] * 5},
            headers=match(formula),
        )
        assert answer.status_code == 201, answer.text
        formula = answer.json()
    with counted_queries(app) as many:
        await read(author, formula)
    # the version that a draft was drafted after is one more row to read
    assert len(many) <= len(few) + 1


async def test_what_needs_no_answers_is_approved_without_a_body(as_role):
    formula = await make_formula(as_role("practitioner"), ph="6.2")
    path = f"/v1/formulas/{formula['id']}/versions/1/approve"
    dry = await as_role("medical_director").post(
        f"{path}?dry_run=true", headers={"If-Match": f'"{formula["version"]}"'}
    )
    assert dry.status_code == 200, dry.text
    assert dry.json()["dry_run"] is True
