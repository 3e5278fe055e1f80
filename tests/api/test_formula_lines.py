"""What a line of a formula may say: strengths, labels and excipients, each read exactly."""

from typing import Any

from tests.factories_formulary import line, make_formula

STRENGTHS: list[tuple[dict[str, Any], tuple[str, str], tuple[str, str]]] = [
    (line("LIDOCAINE", "2", "%", "0.5"), ("20", "mg/mL"), ("10", "mg")),
    (line("MINOXIDIL", "0.5", "%", "1"), ("5", "mg/mL"), ("5", "mg")),
    (line("BIOTIN", "0.005", "g/mL", "0.3"), ("5", "mg/mL"), ("1.5", "mg")),
    (line("BIOTIN", "5000", "µg/ml", "0.3"), ("5", "mg/mL"), ("1.5", "mg")),
    (line("SELENIUM", "0.04", "mg/mL", "0.125"), ("40", "ug/mL"), ("5", "ug")),
    (line("SELENIUM", "0.004", "%", "0.125"), ("40", "ug/mL"), ("5", "ug")),
    (line("VITAMIN_A", "5000", "IU/mL", "0.001"), ("5000", "IU/mL"), ("5", "IU")),
    (line("HYALURONIDASE", "150", "U/mL", "1"), ("150", "U/mL"), ("150", "U")),
    ({"ingredient_code": "PRP", "volume_ml": "5"}, ("1", "mL/mL"), ("5", "mL")),
    (
        {"ingredient_code": "LIDOCAINE_HYDROCHLORIDE", "percent_wv": "1", "volume_ml": "1"},
        ("10", "mg/mL"),
        ("10", "mg"),
    ),
]


async def test_strengths_are_read_in_the_ingredients_own_unit(as_role):
    for component, stock, amount in STRENGTHS:
        body = {"name": "One line", "components": [component]}
        answer = await as_role("practitioner").post("/v1/formulas", json=body)
        assert answer.status_code == 201, answer.text
        (read_line,) = answer.json()["latest"]["components"]
        assert tuple(read_line["stock_concentration"].values()) == stock, component
        assert tuple(read_line["amount"].values()) == amount, component
        assert answer.json()["latest"]["total_volume_ml"] == component["volume_ml"]


UNFIT: list[tuple[dict[str, Any], str, str]] = [
    (line("NO_SUCH", "1", "mg/mL", "1"), "ingredient_code", "unknown_ingredient"),
    (line("LIDOCAINE", "20", "IU/mL", "1"), "stock_concentration", "unit"),
    (line("LIDOCAINE", "20", "mg", "1"), "stock_concentration", "unit"),
    (line("LIDOCAINE", "20", "mg/L", "1"), "stock_concentration", "unit"),
    (line("VITAMIN_A", "20", "U/mL", "1"), "stock_concentration", "unit"),
    (line("VITAMIN_A", "2", "%", "1"), "stock_concentration", "unit"),
    (line("LIDOCAINE", "0.05", "ug/mL", "1"), "stock_concentration", "decimal_max_places"),
    (line("LIDOCAINE", "101", "%", "1"), "stock_concentration", "range"),
    (line("VITAMIN_A", "1", "IU/mL", "1", percent_wv="2"), "percent_wv", "unit"),
    ({"ingredient_code": "LIDOCAINE", "volume_ml": "1"}, "stock_concentration", "missing"),
    (
        line("BIOTIN", "5", "mg/mL", "1", label={"max_session": {"value": "1", "unit": "IU"}}),
        "label/max_session",
        "unit",
    ),
    (line("BIOTIN", "5", "mg/mL", "-1"), "volume_ml", "decimal_range"),
    (line("BIOTIN", "5", "mg/mL", "0"), "volume_ml", "decimal_range"),
    (line("BIOTIN", "5", "mg/mL", "0.0001"), "volume_ml", "decimal_max_places"),
    (line("BIOTIN", "1e3", "mg/mL", "1"), "stock_concentration/value", "decimal_parsing"),
    (
        line("BIOTIN", "5", "mg/mL", "1", excipient_classes=["PARABENS"]),
        "excipient_classes/0",
        "unknown_code",
    ),
]


async def test_what_is_not_exact_is_refused_where_it_stands(as_role):
    client = as_role("practitioner")
    for component, pointer, code in UNFIT:
        body = {"name": "Two lines", "components": [line("BIOTIN", "5", "mg/mL", "1"), component]}
        answer = await client.post("/v1/formulas", json=body)
        assert answer.status_code == 422, answer.text
        found = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
        assert found == [(f"/components/1/{pointer}", code)]
    assert (await client.get("/v1/formulas")).json()["items"] == []


async def test_a_formula_larger_than_can_be_stored_is_refused(as_role):
    lines = [line("BIOTIN", "5", "mg/mL", "600"), line("ZINC", "1", "mg/mL", "400.001")]
    body = {"name": "Too much", "components": lines}
    answer = await as_role("practitioner").post("/v1/formulas", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/components"


async def test_several_syringes_are_reckoned_apart(as_role):
    lines = [
        line("LIDOCAINE", "20", "mg/mL", "1"),
        line("BIOTIN", "5", "mg/mL", "3"),
        line("LIDOCAINE", "10", "mg/mL", "0.5", syringe=2),
        line("LIDOCAINE_HYDROCHLORIDE", "20", "mg/mL", "0.5", syringe=2),
    ]
    formula = await make_formula(
        as_role("practitioner"), components=lines, total_volume_ml="5", ph=None
    )
    first, _, third, fourth = formula["latest"]["components"]
    assert first["final_concentration"]["value"] == "5"
    assert third["final_concentration"]["value"] == fourth["final_concentration"]["value"] == "15"
    assert fourth["ingredient_code"] == "LIDOCAINE"
    amounts = {a["ingredient_code"]: a["amount"]["value"] for a in formula["latest"]["amounts"]}
    assert amounts == {"BIOTIN": "15", "LIDOCAINE": "35"}


async def test_a_product_label_beats_the_ingredients_default(as_role):
    label = {"max_session": {"value": "0.004", "unit": "g"}, "do_not_mix": False}
    lines = [line("BIOTIN", "5", "mg/mL", "1", label=label, product_name="Biotin Acme")]
    formula = await make_formula(as_role("practitioner"), components=lines, total_volume_ml="1")
    (component,) = formula["latest"]["components"]
    assert component["label"] == {"max_session": {"value": "4", "unit": "mg"}, "do_not_mix": False}
    finding = next(f for f in formula["latest"]["findings"] if f["code"] == "DOSE-ABS-MAX")
    assert (finding["measured"], finding["limit"], finding["unit"]) == ("5", "4", "mg")


async def test_excipients_not_looked_up_are_not_excipients_without(as_role):
    lines = [
        line("BIOTIN", "5", "mg/mL", "1"),
        line("ZINC", "1", "mg/mL", "1", excipient_classes=[]),
        line("LIDOCAINE", "10", "mg/mL", "1", excipient_classes=["SULFITE", "PARABEN"]),
    ]
    formula = await make_formula(as_role("practitioner"), components=lines, total_volume_ml="3")
    stated = [c["excipient_classes"] for c in formula["latest"]["components"]]
    assert stated == [None, [], ["PARABEN", "SULFITE"]]
