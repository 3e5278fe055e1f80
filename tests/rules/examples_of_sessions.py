"""The worked examples of techniques, days, patients and side effects as facts."""

from datetime import UTC, datetime
from typing import Any

from rules.arithmetic import exact
from rules.facts import (
    Administration,
    CaseReport,
    Emergency,
    Facts,
    GivenDose,
    LotInUse,
    OpenEffect,
    OtherTherapy,
    People,
    Plan,
    PlannedArea,
    PlanSession,
    PriorReaction,
    Screening,
)
from rules.protocol import Phase, Protocol
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    DAY,
    FORMULA,
    PLAN,
    REPORT,
    SCHED,
    administration,
    figure,
    formula,
    woman,
)
from tests.rules.example_facts import (
    Given,
    Input,
    codes_of,
    day,
    example,
    ul,
)


@example("MIX-BUD")
def _minutes(i: Input) -> Given:
    began, given = (
        datetime.fromisoformat(i[key]).astimezone(UTC)
        for key in ("preparation_started_at", "administration_started_at")
    )
    what = administration(preparation_started_at=began, performed_at=given)
    return Given(ADMIN, Facts(on=DAY, administration=what))


def _treated(**more: Any) -> Given:
    return Given(ADMIN, Facts(on=DAY, administration=Administration((PlannedArea(**more),))))


@example("VOL-POINT-MAX")
def _per_point(i: Input) -> Given:
    return _treated(area="SCALP", technique=i["technique"], points=int(i["points"]),
                    volume_ul=ul(i["total_ml"]))  # fmt: skip


@example("VOL-AREA-MAX")
def _volume(i: Input) -> Given:
    return _treated(area=i["area"], volume_ul=ul(i["total_ml"]))


@example("TECH-DEPTH-MAX")
def _depth(i: Input) -> Given:
    return _treated(area=i["area"], technique=i["technique"], depth_um=exact(i["depth_mm"], 3))


@example("TECH-POINT-DENSITY")
def _density(i: Input) -> Given:
    assert i["spacing_cm"] == "1"  # that of the scalp
    return _treated(area="SCALP", points=i["points"], area_cm2_hundredths=exact(i["area_cm2"], 2))


def _spaced(i: Input, phase: Phase) -> Given:
    plan = Plan("p", 2, protocol=Protocol("P", (phase,)))
    before = (PlanSession(1, day(i["previous"]), performed=True),)
    return Given(SCHED, Facts(on=day(i["proposed"]), plan=plan, sessions=before))


@example("SPACING-MIN-INTERVAL")
def _interval(i: Input) -> Given:
    return _spaced(i, Phase(i["phase"], 4, 7, i["min_days"], 10))


@example("SPACING-MAX-GAP")
def _gap(i: Input) -> Given:
    return _spaced(i, Phase(i["phase"], 4, 28, 25, i["max_days"]))


@example("SPACING-INGREDIENT-MIN")
def _ingredient(i: Input) -> Given:
    given = (GivenDose(i["ingredient"], day(i["previous"]), 1),)
    facts = Facts(on=day(i["proposed"]), formula=formula(i["ingredient"]), given=given)
    return Given(SCHED, facts, figure(i["ingredient"], "min_interval", str(i["min_days"])))


@example("SPACING-OTHER-PROCEDURE")
def _procedure(i: Input) -> Given:
    others = (OtherTherapy(i["procedure"], day(i["previous"])),)
    return Given(SCHED, Facts(on=day(i["proposed"]), other_therapies=others))


@example("PLAN-REASSESS-DUE")
def _reassess(i: Input) -> Given:
    plan = Plan("p", last_assessed_on=day(i["last_assessed"]))
    return Given(SCHED, Facts(on=day(i["service_date"]), plan=plan))


@example("CONTRA-PREGNANCY")
def _pregnancy(i: Input) -> Given:
    return Given(PLAN, Facts(on=DAY, patient=woman(pregnancy=i["pregnancy_status"])))


@example("CONTRA-PREGNANCY-5ARI")
def _five_ari(i: Input) -> Given:
    patient = woman(
        childbearing_potential=i["childbearing_potential"],
        pregnancy_test=i["test_result"],
        pregnancy_tested_on=day(i["test_date"]),
        effective_contraception=i["effective_contraception"],
    )
    facts = Facts(on=day(i["service_date"]), patient=patient, formula=codes_of(i))
    return Given(CHECK_IN, facts)


@example("CONTRA-ALLERGY-CLASS")
def _allergy(i: Input) -> Given:
    patient = woman(allergies=tuple(i["allergies"]), no_known_allergies=False)
    return Given(FORMULA, Facts(on=DAY, patient=patient, formula=codes_of(i)))


@example("CONTRA-CONDITION-INGREDIENT")
def _condition(i: Input) -> Given:
    patient = woman(conditions=tuple(i["conditions"]))
    return Given(PLAN, Facts(on=DAY, patient=patient, formula=codes_of(i)))


@example("CONTRA-INTERACTION-DRUG")
def _interaction(i: Input) -> Given:
    patient = woman(medications=tuple(i["medications"]))
    return Given(PLAN, Facts(on=DAY, patient=patient, formula=codes_of(i)))


@example("CONTRA-SITE-INFECTION")
def _site(i: Input) -> Given:
    seen = Screening(
        site_infection=i["site_infection"], temperature_tenths=exact(i["temperature_c"], 1)
    )
    return Given(CHECK_IN, Facts(on=DAY, screening=seen))


@example("CONTRA-VITALS")
def _vitals(i: Input) -> Given:
    assert i["vasodilator"] is True
    seen = Screening(systolic=i["sbp"], diastolic=i["dbp"], pulse=i["hr"])
    return Given(CHECK_IN, Facts(on=DAY, screening=seen, formula=formula("MINOXIDIL")))


@example("LOT-EXPIRY")
def _expiry(i: Input) -> Given:
    lot = LotInUse("l", "BIOTIN", day(i["expiry_date"]), "available")
    return Given(ADMIN, Facts(on=day(i["service_date"]), lots=(lot,)))


@example("LOT-CONTAINER-USE")
def _container(i: Input) -> Given:
    lot = LotInUse("l", "BIOTIN", None, "available", container=i["container"],
                   opened_on=day(i["opened_on"]))  # fmt: skip
    return Given(ADMIN, Facts(on=day(i["service_date"]), lots=(lot,)))


@example("AE-HOLD-GRADE")
def _grade(i: Input) -> Given:
    effects = tuple(OpenEffect(each["term"], each["grade"]) for each in i["open_events"])
    return Given(CHECK_IN, Facts(on=DAY, effects=effects))


@example("AE-SHED-ESCALATE")
def _shedding(i: Input) -> Given:
    effect = OpenEffect("AE_SHED_EARLY", 1, onset_on=day(i["shedding_onset"]),
                        patchy_or_scarring=i["patchy_or_scarring"])  # fmt: skip
    return Given(CHECK_IN, Facts(on=day(i["service_date"]), effects=(effect,)))


@example("AE-DELAYED-NODULE")
def _nodule(i: Input) -> Given:
    assert i["lesion"] == "nodule"
    effect = OpenEffect("AE_GRANULOMA", 1, onset_on=day(i["onset_date"]),
                        last_session_on=day(i["session_date"]))  # fmt: skip
    return Given(REPORT, Facts(on=DAY, effects=(effect,)))


@example("AE-RECHALLENGE")
def _rechallenge(i: Input) -> Given:
    prior = tuple(PriorReaction(p["code"], p["grade"], p["causality"]) for p in i["prior"])
    facts = Facts(on=DAY, patient=woman(), formula=codes_of(i), prior_reactions=prior)
    return Given(CHECK_IN, facts)


@example("AE-REPORT-CLOCK")
def _clock(i: Input) -> Given:
    fatal = i["fatal_or_life_threatening"]
    report = CaseReport(True, fatal, day(i["day0"]), day(i["submitted"]))
    return Given(REPORT, Facts(on=DAY, report=report))


@example("ADMIN-EMERGENCY-READY")
def _emergency(i: Input) -> Given:
    on = day(i["service_date"])
    assert i["adrenaline_in_date"] is True
    ready = Emergency(day(i["kit_checked_on"]), on, i["observed_minutes"], i["first_exposure"])
    return Given(ADMIN, Facts(on=on, emergency=ready))


@example("ROLE-FOUR-EYES")
def _four_eyes(i: Input) -> Given:
    people = People(i["author"], i["approver"], (i["approver_role"],))
    return Given(FORMULA, Facts(on=DAY, people=people))
