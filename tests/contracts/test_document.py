"""The OpenAPI document is complete enough to generate a client from, and to learn the API from."""

import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.scopes import SCOPES
from tests.contracts.operations import Operation, document, ids_of, operations

# What a number counts or codes, so that it needs no unit.
COUNTS = frozenset(
    {
        "version", "number", "total", "sessions", "points", "syringe", "position", "grade",
        "session_number", "expected_session_number", "needle_gauge", "hairs", "pull_test_hairs",
        "hairs_per_day", "syringes", "no_place_for",
        "sixty_second_count", "naranjo_score", "score", "score_before", "shedding_score",
        "pain_score", "weekday", "limit", "against", "latest_number", "approved_version",
        "supersedes", "protocol_version", "formula_version", "newer_protocol_version",
        "newer_formula_version", "total_sessions", "reassess_after_sessions", "rule_set_number",
        "status", "doses_count", "patients", "performed", "planned", "sessions_planned",
        "sessions_completed", "number_of_sessions", "grade_min", "ingredient_exceptions", "days",
        "facts_version", "resource_version", "place", "done", "before", "after",
        "overrides", "decisions", "tighter", "looser", "reworded",
        "year", "imported", "count", "fold", "booked", "already_booked",
        "affected", "placed", "objective", "bound", "session_version", "without_place",
        "patient_moved", "day_off_target", "other_practitioner", "seconds",
    }
)  # fmt: skip
UNITS = re.compile(
    r"_(ml|ul|mm|cm2|kg|g|mg|c|mmhg|bpm|days|minutes|hours|years|seconds|wv|micro|percent)$"
    r"|^(days|minutes|expires_in|ph)(_|$)"
)
# A value beside its unit.
PAIRED = frozenset({"value", "measured", "limit", "dose"})
PERSONAL = re.compile(r"name|phone|mail|address|born|birth|^q$|note|contact|password|search")


def schemas() -> dict:
    found: dict = document()["components"]["schemas"]
    return found


def bodies(operation: Operation, kind: str) -> list[tuple[str, dict]]:
    """Media type and content of the request, or of every answer that is not a problem."""
    if kind == "request":
        holders = [operation.document.get("requestBody", {})]
    else:
        holders = list(operation.document["responses"].values())
    return [
        (media_type, content)
        for holder in holders
        for media_type, content in holder.get("content", {}).items()
        if "problem" not in media_type and "schema" in content
    ]


def test_the_document_is_openapi_3_1():
    assert document()["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document()).validate()


def test_operation_ids_are_unique_and_snake_case():
    named = [
        operation["operationId"]
        for methods in document()["paths"].values()
        for operation in methods.values()
    ]
    assert len(named) == len(set(named)) > 100
    assert [name for name in named if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []


@pytest.mark.parametrize("operation", ids_of())
def test_an_operation_explains_itself(operation):
    stated = operations()[operation].document
    assert 3 <= len(stated["summary"]) <= 80
    assert len(stated["description"]) >= 10
    assert len(stated["tags"]) == 1
    assert all(parameter.get("description") for parameter in stated.get("parameters", ()))


@pytest.mark.parametrize("operation", ids_of())
@pytest.mark.parametrize("kind", ["request", "answer"])
def test_a_body_has_an_example_that_its_schema_allows(operation, kind):
    stated = operations()[operation]
    for media_type, content in bodies(stated, kind):
        assert "example" in content or "examples" in content, media_type
        if "example" in content:
            whole = {**content["schema"], "components": document()["components"]}
            wrong = list(Draft202012Validator(whole).iter_errors(content["example"]))
            assert [f"{list(e.absolute_path)}: {e.message}" for e in wrong] == []
    if kind == "answer" and stated.success != 204:
        assert bodies(stated, kind), "an operation answers with something"


@pytest.mark.parametrize("operation", ids_of())
def test_all_problems_are_declared(operation):
    stated = operations()[operation]
    answers = stated.document["responses"]
    wanted = {"400", "413", "415", "422", "500", "503"}
    if stated.secured:
        wanted |= {"401", "403", "429"}
    if stated.named("path") or stated.body_ids:
        wanted |= {"404"}
    if stated.conditional:
        wanted |= {"409", "412", "428"}
    assert wanted <= set(answers)
    for status, answer in answers.items():
        assert answer["description"]
        if int(status) >= 400:
            problem = answer["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}


def test_every_scope_is_in_the_scheme():
    flows = document()["components"]["securitySchemes"]["bearer"]["flows"]
    assert flows["password"]["scopes"] == SCOPES


def fields() -> list[tuple[str, dict]]:
    return [
        (f"{name}.{field}", schema)
        for name, owner in schemas().items()
        for field, schema in owner.get("properties", {}).items()
    ]


def test_every_field_is_described():
    assert [name for name, schema in fields() if not schema.get("description")] == []


def test_every_number_has_a_unit_in_its_name_or_counts():
    wrong = []
    for name, schema in fields():
        field = name.partition(".")[2]
        kinds = [schema, *schema.get("anyOf", ())]
        number = any(
            kind.get("type") in {"integer", "number"} or kind.get("pattern", "").startswith("^-?")
            for kind in kinds
        )
        unit_beside = field in PAIRED and "unit" in schemas()[name.partition(".")[0]]["properties"]
        if number and not (field in COUNTS or UNITS.search(field) or unit_beside):
            wrong.append(name)
    assert wrong == []


def test_no_address_asks_for_personal_data():
    asked = {
        f"{operation.id}: {name}"
        for operation in operations().values()
        for name in (*operation.named("query"), *operation.named("path"))
        if PERSONAL.search(name) and operation.id != "explain_problem"
    }
    assert asked == set()


@pytest.mark.parametrize("operation", ids_of(lambda op: op.method != "GET"))
def test_every_answer_of_the_story_was_declared(story, operation):
    declared = operations()[operation].document["responses"]
    for answer in story.of(operation, ""):
        assert str(answer.status) in declared, f"{answer.what}: {answer.text}"
        stated = declared[str(answer.status)]
        media_type = answer.headers.get("content-type")
        assert (media_type in stated.get("content", {})) == (media_type is not None)
        told = {name.lower() for name in stated.get("headers", {})}
        conditional = {"etag", "location", "idempotency-replayed"} & set(answer.headers)
        assert conditional <= told
