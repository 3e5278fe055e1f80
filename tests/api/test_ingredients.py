"""The formulary: what a client reads, and adds."""

from typing import Any

OWN = {
    "code": "HOSPITAL_B_COMPLEX",
    "name": "Vitamin B complex, hospital pharmacy",
    "category": "vitamin",
    "status": "allowed",
    "unit": "mg",
    "aliases": ["B_COMPLEX"],
    "attributes": ["vasodilator"],
    "allergy_classes": ["PARABEN"],
    "contra_block": ["PREGNANCY"],
    "limits": {
        "max_session": {
            "value": "100.5",
            "unit": "mg",
            "source": "Pharmacy monograph 12",
            "evidence": "convention",
        },
        "min_interval": {
            "value": "7",
            "unit": "d",
            "source": "Pharmacy monograph 12",
            "evidence": "convention",
        },
    },
    "source": "Pharmacy monograph 12",
    "evidence": "convention",
}


async def test_the_reference_formulary_is_there_from_the_start(as_role):
    answer = await as_role("nurse").get("/v1/ingredients?limit=200&with_total=true")
    assert answer.status_code == 200, answer.text
    codes = [item["code"] for item in answer.json()["items"]]
    assert answer.json()["total"] == 54
    assert codes == sorted(codes)
    assert {"MINOXIDIL", "DUTASTERIDE", "BUFLOMEDIL", "SODIUM_CHLORIDE_0_9"} <= set(codes)


async def test_every_limit_in_force_says_where_it_comes_from(as_role):
    answer = await as_role("auditor").get("/v1/ingredients/LIDOCAINE")
    assert answer.status_code == 200, answer.text
    lidocaine = answer.json()
    assert (lidocaine["atc"], lidocaine["cas"]) == ("N01BB02", "73-78-9")
    assert lidocaine["limits"]["max_session"] | {"loosenable": None} == {
        "value": "300",
        "unit": "mg",
        "source": "label [LID-LBL]",
        "evidence": "label",
        "loosenable": None,
    }
    assert lidocaine["limits"]["max_per_kg"]["value"] == "4.5"
    assert lidocaine["limits"]["max_per_kg"]["unit"] == "mg/kg"
    assert lidocaine["limits_origin"]["kind"] == "rule_set"
    assert "medical director" in lidocaine["limits_origin"]["notice"]
    assert lidocaine["attributes"] == ["local_anaesthetic", "aqueous"]


async def test_an_unknown_limit_is_null_and_a_prohibition_is_a_status(as_role):
    client = as_role("nurse")
    mix = (await client.get("/v1/ingredients/AMINO_ACID_MIX")).json()
    assert mix["limits"]["max_session"] is None
    assert mix["status"] == "restricted"
    assert (await client.get("/v1/ingredients/BUFLOMEDIL")).json()["status"] == "prohibited"


async def test_an_alias_reads_its_ingredient(as_role):
    answer = await as_role("nurse").get("/v1/ingredients/LIDOCAINE_HYDROCHLORIDE")
    assert answer.json()["code"] == "LIDOCAINE"


async def test_an_unknown_code_is_not_found(as_role):
    for code in ("NO_SUCH", "lidocaine", "%00", "A" * 500):
        assert (await as_role("nurse").get(f"/v1/ingredients/{code}")).status_code == 404


async def test_an_unchanged_ingredient_is_not_sent_again(as_role):
    client = as_role("nurse")
    etag = (await client.get("/v1/ingredients/BIOTIN")).headers["etag"]
    again = await client.get("/v1/ingredients/BIOTIN", headers={"If-None-Match": etag})
    assert again.status_code == 304


async def test_the_list_is_filtered_and_paged(as_role):
    client = as_role("nurse")
    prohibited = await client.get("/v1/ingredients?status=prohibited")
    assert [item["code"] for item in prohibited.json()["items"]] == [
        "BUFLOMEDIL", "EXOSOMES", "IRON_SALT",
    ]  # fmt: skip
    codes: list[str] = []
    url: str | None = "/v1/ingredients?limit=20"
    while url:
        page = (await client.get(url)).json()
        codes += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        url = f"/v1/ingredients?limit=20&cursor={cursor}" if cursor else None
    assert len(codes) == len(set(codes)) == 54


async def test_a_clinic_adds_its_own_ingredient(as_role):
    client = as_role("practitioner")
    created = await client.post("/v1/ingredients", json=OWN)
    assert created.status_code == 201, created.text
    assert created.headers["location"] == "/v1/ingredients/HOSPITAL_B_COMPLEX"
    read = (await client.get("/v1/ingredients/B_COMPLEX")).json()
    assert read == created.json()
    assert read["reference"] is False
    assert read["limits"]["max_session"]["value"] == "100.5"
    assert read["limits"]["min_interval"]["source"] == "Pharmacy monograph 12"
    assert read["limits"]["max_concentration"] is None
    assert read["limits_origin"]["kind"] == "clinic"
    assert (read["attributes"], read["contra_block"]) == (["vasodilator"], ["PREGNANCY"])
    own = (await client.get("/v1/ingredients?reference=false")).json()["items"]
    assert [item["code"] for item in own] == ["HOSPITAL_B_COMPLEX"]
    assert (await as_role("other:nurse").get("/v1/ingredients/B_COMPLEX")).status_code == 404


async def test_a_code_means_one_thing(as_role):
    taken = ({"code": "LIDOCAINE"}, {"code": "LEVOCARNITINE"}, {"aliases": ["BIOTIN"]})
    for over in taken:
        answer = await as_role("practitioner").post("/v1/ingredients", json=OWN | over)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-exists")


def _limit(**over):
    limit = {"value": "10", "unit": "mg", "source": "Monograph", "evidence": "label"} | over
    return {name: value for name, value in limit.items() if value is not None}


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"max_session": _limit(unit=None)}, "/limits/max_session/unit"),
    ({"max_session": _limit(source=None)}, "/limits/max_session/source"),
    ({"max_session": _limit(evidence=None)}, "/limits/max_session/evidence"),
    ({"max_session": _limit(evidence="rumour")}, "/limits/max_session/evidence"),
    ({"max_session": _limit(unit="g")}, "/limits/max_session/unit"),
    ({"max_concentration": _limit(unit="mg")}, "/limits/max_concentration/unit"),
    (
        {"max_concentration": _limit(unit="mg/mL", value="0.0005")},
        "/limits/max_concentration/value",
    ),
    ({"min_interval": _limit(unit="d", value="6.5")}, "/limits/min_interval/value"),
    ({"max_session": _limit(value="-1")}, "/limits/max_session/value"),
    ({"cumulative_max": _limit()}, "/limits/cumulative_max"),
    ({"max_sesion": _limit()}, "/limits/max_sesion"),
]


async def test_a_figure_needs_its_unit_source_and_mark(as_role):
    client = as_role("practitioner")
    for limits, pointer in UNFIT:
        answer = await client.post("/v1/ingredients", json=OWN | {"limits": limits})
        assert answer.status_code == 422, answer.text
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert (await client.get(f"/v1/ingredients/{OWN['code']}")).status_code == 404


async def test_a_misspelt_allergy_class_is_refused(as_role):
    body = OWN | {"allergy_classes": ["PARABENS"]}
    answer = await as_role("practitioner").post("/v1/ingredients", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/allergy_classes/0"


async def test_only_authors_add_ingredients(as_role):
    for role in ("nurse", "owner", "auditor"):
        answer = await as_role(role).post("/v1/ingredients", json=OWN)
        assert (answer.status_code, answer.json()["missing_scope"]) == (403, "formulas:write")
