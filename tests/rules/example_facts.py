"""The inputs of the worked examples as facts: one small function per rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from rules.arithmetic import exact
from rules.facts import (
    Administration,
    CaseReport,
    Consent,
    CourseCount,
    Diagnosis,
    Emergency,
    Facts,
    Formula,
    GivenDose,
    LotInUse,
    OpenEffect,
    OtherDose,
    OtherTherapy,
    Patient,
    People,
    Plan,
    PlannedArea,
    PlanSession,
    PriorReaction,
    Screening,
)
from rules.protocol import Phase, Protocol
from rules.stage import Stage
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
    line,
    parameter,
    woman,
)

Input = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """An example as the rule sees it; `change` sets the figures that it states."""

    stage: Stage
    facts: Facts
    change: Callable[[Input], None] | None = None


_EXAMPLES: dict[str, Callable[[Input], Given]] = {}


def of(code: str, example: Input) -> Given:
    return _EXAMPLES[code](example)


def told(code: str, computed: Input) -> list[str]:
    """The computed values that the message or the measured field must show."""
    keys = {
        "age_days", "age_years", "missing", "prohibited", "not_allowed", "dose_mg", "do_not_mix",
        "window_total_mg", "session_number", "ethanol_percent_vv", "products", "ph", "minutes",
        "ml_per_point", "total_ml", "interval_days", "days", "test_age_days", "match",
        "temperature_c", "days_open", "max_open_grade", "onset_day", "kit_age_days", "suspects",
        "mg_per_ml", "max_points", "due", "effective_max_mg", "max_mg",
    }  # fmt: skip
    skip = {"PAT-AGE-MIN": {"age_days"}}.get(code, set())
    found = []
    for key in keys & computed.keys() - skip:
        value = computed[key]
        for each in value if isinstance(value, list) else [value]:
            text = str(each)
            shown = text.rstrip("0").rstrip(".") if "." in text else text
            found.append(NAMES.get(text, shown))
    return found


NAMES = {
    "BUFLOMEDIL": "Buflomedil",
    "PHOSPHATIDYLCHOLINE_DC": "Phosphatidylcholine",
    "PENICILLIN": "PENICILLIN",
}


def _example(code: str) -> Callable[[Callable[[Input], Given]], Callable[[Input], Given]]:
    def keep(read: Callable[[Input], Given]) -> Callable[[Input], Given]:
        _EXAMPLES[code] = read
        return read

    return keep


def day(text: str) -> date:
    return date.fromisoformat(text)


def ul(text: str) -> int:
    return exact(text, 3)


def milli(text: str) -> int:
    return exact(text, 3)


def micro(text: str) -> int:
    return exact(text, 6)


def _codes(i: Input) -> Formula:
    return formula(*(line(code, 1, 1_000) for code in i["formula"]))


def _formula_only(i: Input) -> Given:
    return Given(FORMULA, Facts(on=DAY, formula=_codes(i)))


for _code in ("STATUS-PROHIBITED", "MIX-INCOMPATIBLE-PAIR", "MIX-DO-NOT-ADMIX",
              "MIX-TWO-ANAESTHETICS"):  # fmt: skip
    _EXAMPLES[_code] = _formula_only


@_example("PAT-AGE-MIN")
def _age(i: Input) -> Given:
    patient = Patient(born_on=day(i["date_of_birth"]))
    return Given(SCHED, Facts(on=day(i["service_date"]), patient=patient))


@_example("DX-REQUIRED-SUITABLE")
def _diagnosis(i: Input) -> Given:
    diagnoses = tuple(Diagnosis(d["icd10"], d["status"]) for d in i["diagnoses"])
    return Given(PLAN, Facts(on=DAY, plan=Plan("p", diagnoses=diagnoses)))


@_example("CONSENT-VALID")
def _consent(i: Input) -> Given:
    consent = Consent("treatment", day(i["signed_on"]))
    assert i["withdrawn"] is False
    return Given(CHECK_IN, Facts(on=day(i["service_date"]), consents=(consent,)))


@_example("CONSENT-COVERS-INGREDIENTS")
def _covers(i: Input) -> Given:
    consent = Consent("treatment", DAY, ingredient_codes=tuple(i["consented"]))
    return Given(CHECK_IN, Facts(on=DAY, consents=(consent,), formula=_codes(i)))


@_example("STATUS-AREA-RESTRICTED")
def _area(i: Input) -> Given:
    made = formula(*i["formula"], areas=(i["area"],))
    return Given(FORMULA, Facts(on=DAY, formula=made))


@_example("STATUS-LIMIT-UNKNOWN")
def _limit_unknown(i: Input) -> Given:
    return Given(FORMULA, Facts(on=DAY, formula=formula(*(each["code"] for each in i["lines"]))))


@_example("DOSE-UNIT-CONSISTENCY")
def _percent(i: Input) -> Given:
    stated = line("BIOTIN", milli(i["mg_per_ml"]), percent_milli=milli(i["percent_wv"]))
    return Given(FORMULA, Facts(on=DAY, formula=formula(stated)))


@_example("DOSE-CONC-MAX")
def _concentration(i: Input) -> Given:
    dose, total = exact(i["dose_mg"], 3), ul(i["total_ml"])
    lines = line(i["ingredient"], dose, 1_000), line("SODIUM_CHLORIDE_0_9", 1_000, total - 1_000)
    change = figure(i["ingredient"], "max_concentration", i["max_mg_per_ml"])
    return Given(FORMULA, Facts(on=DAY, formula=formula(*lines)), change)


@_example("DOSE-ABS-MAX")
def _absolute(i: Input) -> Given:
    made = formula(line(i["ingredient"], milli(i["mg_per_ml"]), ul(i["volume_ml"])))
    return Given(
        FORMULA,
        Facts(on=DAY, formula=made),
        figure(i["ingredient"], "max_session", i["max_abs_mg"]),
    )


@_example("DOSE-WEIGHT-MAX")
def _weight(i: Input) -> Given:
    volume = ul(i["volume_ml"])
    made = formula(line(i["ingredient"], milli(i["mg_per_ml"]), volume))
    patient = woman(weight_g=exact(i["weight_kg"], 3))
    facts = Facts(on=DAY, formula=made, patient=patient, administration=administration(volume))
    return Given(ADMIN, facts, figure(i["ingredient"], "max_per_kg", i["max_mg_per_kg"]))


@_example("DOSE-WEIGHT-STALE")
def _weighed(i: Input) -> Given:
    patient = woman(weighed_on=day(i["weighed_on"]))
    on = day(i["service_date"])
    return Given(CHECK_IN, Facts(on=on, formula=formula("LIDOCAINE"), patient=patient))


@_example("DOSE-LA-ADDITIVE")
def _anaesthetics(i: Input) -> Given:
    doses = tuple(OtherDose(a["code"], micro(a["dose_mg"])) for a in i["anaesthetics"])
    patient = woman(weight_g=exact(i["weight_kg"], 3))
    return Given(ADMIN, Facts(on=DAY, patient=patient, also_given=doses))


@_example("DOSE-CUMULATIVE-WINDOW")
def _cumulative(i: Input) -> Given:
    given = tuple(GivenDose(i["ingredient"], day(h["date"]), micro(h["mg"])) for h in i["history"])
    made = formula(line(i["ingredient"], milli(i["proposed_mg"]), 1_000))
    on = day(i["service_date"])
    facts = Facts(on=on, formula=made, given=given, administration=administration(1_000))
    return Given(ADMIN, facts, figure(i["ingredient"], "cumulative_max", i["max_mg"]))


@_example("DOSE-COURSE-MAX-SESSIONS")
def _course(i: Input) -> Given:
    counts = (CourseCount(i["ingredient"], i["performed_before"]),)
    facts = Facts(on=DAY, formula=formula(i["ingredient"]), course_counts=counts)
    return Given(SCHED, facts, figure(i["ingredient"], "max_sessions", str(i["max_sessions"])))


@_example("DOSE-AREA-ADJUSTED")
def _per_area(i: Input) -> Given:
    volume, size = ul(i["volume_ml"]), exact(i["area_cm2"], 2)
    areas = (PlannedArea("SUBMENTAL", volume, area_cm2_hundredths=size),)
    made = formula(line(i["ingredient"], milli(i["mg_per_ml"]), volume))
    facts = Facts(on=DAY, formula=made, administration=Administration(areas))
    return Given(ADMIN, facts, figure(i["ingredient"], "max_per_cm2", i["mg_per_cm2"]))


@_example("MIX-VOLUME-BALANCE")
def _balance(i: Input) -> Given:
    lines = [line("BIOTIN", 1, ul(each)) for each in i["component_ml"]]
    made = formula(*lines, total_volume_ul=ul(i["declared_total_ml"]))
    return Given(FORMULA, Facts(on=DAY, formula=made))


@_example("MIX-OIL-ALCOHOL")
def _alcohol(i: Input) -> Given:
    stated = line("BIOTIN", 1, ul(i["total_ml"]), oil=i["oil"], ethanol_ul=ul(i["ethanol_ml"]))
    return Given(FORMULA, Facts(on=DAY, formula=formula(stated)))


@_example("MIX-SOLUBILITY")
def _solubility(i: Input) -> Given:
    total = ul(i["total_ml"])
    covered = i["cosolvent_or_ifu"]
    stated = line(i["ingredient"], exact(i["dose_mg"], 3), 1_000, vehicle_covers_dilution=covered)
    made = formula(stated, line("BIOTIN", 1, total - 1_000))
    change = figure(i["ingredient"], "solubility", i["solubility_mg_per_ml"])
    return Given(FORMULA, Facts(on=DAY, formula=made), change)


@_example("MIX-PRODUCT-COUNT")
def _products(i: Input) -> Given:
    lines = [line("BIOTIN", product=product) for product in i["sterile_products"]]
    change = parameter("mix.products_max", str(i["max"]))
    return Given(FORMULA, Facts(on=DAY, formula=formula(*lines)), change)


@_example("MIX-PH-RANGE")
def _ph(i: Input) -> Given:
    made = formula("BIOTIN", ph_hundredths=exact(i["ph"], 2))
    return Given(FORMULA, Facts(on=DAY, formula=made))


@_example("MIX-BUD")
def _minutes(i: Input) -> Given:
    began, given = (
        datetime.fromisoformat(i[key]).astimezone(UTC)
        for key in ("preparation_started_at", "administration_started_at")
    )
    what = administration(preparation_started_at=began, performed_at=given)
    return Given(ADMIN, Facts(on=DAY, administration=what))


def _treated(**more: Any) -> Given:
    return Given(ADMIN, Facts(on=DAY, administration=Administration((PlannedArea(**more),))))


@_example("VOL-POINT-MAX")
def _per_point(i: Input) -> Given:
    return _treated(area="SCALP", technique=i["technique"], points=int(i["points"]),
                    volume_ul=ul(i["total_ml"]))  # fmt: skip


@_example("VOL-AREA-MAX")
def _volume(i: Input) -> Given:
    return _treated(area=i["area"], volume_ul=ul(i["total_ml"]))


@_example("TECH-DEPTH-MAX")
def _depth(i: Input) -> Given:
    return _treated(area=i["area"], technique=i["technique"], depth_um=exact(i["depth_mm"], 3))


@_example("TECH-POINT-DENSITY")
def _density(i: Input) -> Given:
    assert i["spacing_cm"] == "1"  # that of the scalp
    return _treated(area="SCALP", points=i["points"], area_cm2_hundredths=exact(i["area_cm2"], 2))


def _spaced(i: Input, phase: Phase) -> Given:
    plan = Plan("p", 2, protocol=Protocol("P", (phase,)))
    before = (PlanSession(1, day(i["previous"]), performed=True),)
    return Given(SCHED, Facts(on=day(i["proposed"]), plan=plan, sessions=before))


@_example("SPACING-MIN-INTERVAL")
def _interval(i: Input) -> Given:
    return _spaced(i, Phase(i["phase"], 4, 7, i["min_days"], 10))


@_example("SPACING-MAX-GAP")
def _gap(i: Input) -> Given:
    return _spaced(i, Phase(i["phase"], 4, 28, 25, i["max_days"]))


@_example("SPACING-INGREDIENT-MIN")
def _ingredient(i: Input) -> Given:
    given = (GivenDose(i["ingredient"], day(i["previous"]), 1),)
    facts = Facts(on=day(i["proposed"]), formula=formula(i["ingredient"]), given=given)
    return Given(SCHED, facts, figure(i["ingredient"], "min_interval", str(i["min_days"])))


@_example("SPACING-OTHER-PROCEDURE")
def _procedure(i: Input) -> Given:
    others = (OtherTherapy(i["procedure"], day(i["previous"])),)
    return Given(SCHED, Facts(on=day(i["proposed"]), other_therapies=others))


@_example("PLAN-REASSESS-DUE")
def _reassess(i: Input) -> Given:
    plan = Plan("p", last_assessed_on=day(i["last_assessed"]))
    return Given(SCHED, Facts(on=day(i["service_date"]), plan=plan))


@_example("CONTRA-PREGNANCY")
def _pregnancy(i: Input) -> Given:
    return Given(PLAN, Facts(on=DAY, patient=woman(pregnancy=i["pregnancy_status"])))


@_example("CONTRA-PREGNANCY-5ARI")
def _five_ari(i: Input) -> Given:
    patient = woman(
        childbearing_potential=i["childbearing_potential"],
        pregnancy_test=i["test_result"],
        pregnancy_tested_on=day(i["test_date"]),
        effective_contraception=i["effective_contraception"],
    )
    facts = Facts(on=day(i["service_date"]), patient=patient, formula=_codes(i))
    return Given(CHECK_IN, facts)


@_example("CONTRA-ALLERGY-CLASS")
def _allergy(i: Input) -> Given:
    patient = woman(allergies=tuple(i["allergies"]), no_known_allergies=False)
    return Given(FORMULA, Facts(on=DAY, patient=patient, formula=_codes(i)))


@_example("CONTRA-CONDITION-INGREDIENT")
def _condition(i: Input) -> Given:
    patient = woman(conditions=tuple(i["conditions"]))
    return Given(PLAN, Facts(on=DAY, patient=patient, formula=_codes(i)))


@_example("CONTRA-INTERACTION-DRUG")
def _interaction(i: Input) -> Given:
    patient = woman(medications=tuple(i["medications"]))
    return Given(PLAN, Facts(on=DAY, patient=patient, formula=_codes(i)))


@_example("CONTRA-SITE-INFECTION")
def _site(i: Input) -> Given:
    seen = Screening(
        site_infection=i["site_infection"], temperature_tenths=exact(i["temperature_c"], 1)
    )
    return Given(CHECK_IN, Facts(on=DAY, screening=seen))


@_example("CONTRA-VITALS")
def _vitals(i: Input) -> Given:
    assert i["vasodilator"] is True
    seen = Screening(systolic=i["sbp"], diastolic=i["dbp"], pulse=i["hr"])
    return Given(CHECK_IN, Facts(on=DAY, screening=seen, formula=formula("MINOXIDIL")))


@_example("LOT-EXPIRY")
def _expiry(i: Input) -> Given:
    lot = LotInUse("l", "BIOTIN", day(i["expiry_date"]), "available")
    return Given(ADMIN, Facts(on=day(i["service_date"]), lots=(lot,)))


@_example("LOT-CONTAINER-USE")
def _container(i: Input) -> Given:
    lot = LotInUse("l", "BIOTIN", None, "available", container=i["container"],
                   opened_on=day(i["opened_on"]))  # fmt: skip
    return Given(ADMIN, Facts(on=day(i["service_date"]), lots=(lot,)))


@_example("AE-HOLD-GRADE")
def _grade(i: Input) -> Given:
    effects = tuple(OpenEffect(each["term"], each["grade"]) for each in i["open_events"])
    return Given(CHECK_IN, Facts(on=DAY, effects=effects))


@_example("AE-SHED-ESCALATE")
def _shedding(i: Input) -> Given:
    effect = OpenEffect("AE_SHED_EARLY", 1, onset_on=day(i["shedding_onset"]),
                        patchy_or_scarring=i["patchy_or_scarring"])  # fmt: skip
    return Given(CHECK_IN, Facts(on=day(i["service_date"]), effects=(effect,)))


@_example("AE-DELAYED-NODULE")
def _nodule(i: Input) -> Given:
    assert i["lesion"] == "nodule"
    effect = OpenEffect("AE_GRANULOMA", 1, onset_on=day(i["onset_date"]),
                        last_session_on=day(i["session_date"]))  # fmt: skip
    return Given(REPORT, Facts(on=DAY, effects=(effect,)))


@_example("AE-RECHALLENGE")
def _rechallenge(i: Input) -> Given:
    prior = tuple(PriorReaction(p["code"], p["grade"], p["causality"]) for p in i["prior"])
    facts = Facts(on=DAY, patient=woman(), formula=_codes(i), prior_reactions=prior)
    return Given(CHECK_IN, facts)


@_example("AE-REPORT-CLOCK")
def _clock(i: Input) -> Given:
    fatal = i["fatal_or_life_threatening"]
    report = CaseReport(True, fatal, day(i["day0"]), day(i["submitted"]))
    return Given(REPORT, Facts(on=DAY, report=report))


@_example("ADMIN-EMERGENCY-READY")
def _emergency(i: Input) -> Given:
    on = day(i["service_date"])
    assert i["adrenaline_in_date"] is True
    ready = Emergency(day(i["kit_checked_on"]), on, i["observed_minutes"], i["first_exposure"])
    return Given(ADMIN, Facts(on=on, emergency=ready))


@_example("ROLE-FOUR-EYES")
def _four_eyes(i: Input) -> Given:
    people = People(i["author"], i["approver"], (i["approver_role"],))
    return Given(FORMULA, Facts(on=DAY, people=people))
