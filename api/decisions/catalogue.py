"""The rules, readable: what each does, why, and its figures in force today."""

from dataclasses import asdict

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.figures import RuleSetInForce, in_force
from api.decisions.reading_schemas import RuleParameter, RuleRead, RuleSetUsed
from api.paging import Page, PageQuery
from api.problems import NotFound, invalid
from api.security import Caller
from models import DecisionStage
from rules.catalogue import all_rules, rule_named
from rules.registry import Rule
from rules.table_figures import table_figures


async def list_rules(db: AsyncSession, caller: Caller, query: PageQuery) -> Page[RuleRead]:
    """The rules in catalogue order; the cursor is the number of the last one seen."""
    cursor, limit = query.cursor, query.limit
    if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
        raise invalid("/cursor", "cursor", "This cursor does not belong to this list.")
    rule_set = await in_force(db, caller.clinic_id, caller.today)
    after = int(cursor or 0)
    rules = [rule for rule in all_rules() if rule.number > after]
    more = len(rules) > limit
    return Page[RuleRead](
        items=[_shown(rule, rule_set) for rule in rules[:limit]],
        next_cursor=str(rules[limit - 1].number) if more else None,
        total=len(all_rules()) if query.with_total else None,
    )


async def read_rule(db: AsyncSession, caller: Caller, code: str) -> RuleRead:
    """One rule; NotFound for a code that the catalogue does not have."""
    rule = rule_named(code)
    if rule is None:
        raise NotFound
    rule_set = await in_force(db, caller.clinic_id, caller.today)
    shown = _shown(rule, rule_set)
    shown.parameters.extend(
        RuleParameter(**asdict(row)) for row in table_figures(code, rule_set.figures)
    )
    return shown


def _shown(rule: Rule, rule_set: RuleSetInForce) -> RuleRead:
    return RuleRead(
        code=rule.code,
        number=rule.number,
        title=rule.title,
        description=_description(rule),
        active=rule.code in rule_set.figures.active,
        stages=[DecisionStage(stage.value) for stage in rule.stages],
        severities=[severity.value for severity in rule.severities],
        if_missing=rule.if_missing.value if rule.if_missing else None,
        override_role=rule.override_role,
        second_person=rule.second_person,
        patient_bound=rule.patient_bound,
        remedy=rule.remedy,
        source=rule.source,
        evidence=rule.evidence,
        passing=rule.passing,
        failing=rule.failing,
        parameters=_parameters(rule, rule_set),
        rule_set=RuleSetUsed(
            id=rule_set.id,
            number=rule_set.number,
            label=rule_set.label,
            valid_from=rule_set.valid_from,
            content_hash=rule_set.content_hash,
        ),
    )


def _description(rule: Rule) -> str:
    return f"{rule.why} {rule.does}".strip()


def _parameters(rule: Rule, rule_set: RuleSetInForce) -> list[RuleParameter]:
    known = rule_set.figures.parameters
    return [
        RuleParameter(
            key=key,
            value=known[key].text,
            unit=known[key].unit,
            source=known[key].source,
            evidence=known[key].evidence,
            loosenable=known[key].loosenable,
        )
        for key in rule.parameters
        if key in known
    ]
