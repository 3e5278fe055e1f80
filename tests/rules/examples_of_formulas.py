"""The worked examples of doses and mixtures as facts."""

from rules.arithmetic import exact
from rules.facts import (
    Administration,
    Consent,
    CourseCount,
    Diagnosis,
    Facts,
    GivenDose,
    OtherDose,
    Patient,
    Plan,
    PlannedArea,
)
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    DAY,
    FORMULA,
    PLAN,
    SCHED,
    administration,
    figure,
    formula,
    line,
    parameter,
    woman,
)
from tests.rules.example_facts import (
    EXAMPLES,
    Given,
    Input,
    codes_of,
    day,
    example,
    micro,
    milli,
    ul,
)


def _formula_only(i: Input) -> Given:
    return Given(FORMULA, Facts(on=DAY, formula=codes_of(i)))


for _code in ("STATUS-PROHIBITED", "MIX-INCOMPATIBLE-PAIR", "MIX-DO-NOT-ADMIX",
              "MIX-TWO-ANAESTHETICS"):  # fmt: skip
    EXAMPLES[_code] = _formula_only


@example("PAT-AGE-MIN")
def _age(i: Input) -> Given:
    patient = Patient(born_on=day(i["date_of_birth"]))
    return Given(SCHED, Facts(on=day(i["service_date"]), patient=patient))


@example("DX-REQUIRED-SUITABLE")
def _diagnosis(i: Input) -> Given:
    diagnoses = tuple(Diagnosis(d["icd10"], d["status"]) for d in i["diagnoses"])
    return Given(PLAN, Facts(on=DAY, plan=Plan("p", diagnoses=diagnoses)))


@example("CONSENT-VALID")
def _consent(i: Input) -> Given:
    consent = Consent("treatment", day(i["signed_on"]))
    assert i["withdrawn"] is False
    return Given(CHECK_IN, Facts(on=day(i["service_date"]), consents=(consent,)))


@example("CONSENT-COVERS-INGREDIENTS")
def _covers(i: Input) -> Given:
    consent = Consent("treatment", DAY, ingredient_codes=tuple(i["consented"]))
    return Given(CHECK_IN, Facts(on=DAY, consents=(consent,), formula=codes_of(i)))


@example("STATUS-AREA-RESTRICTED")
def _area(i: Input) -> Given:
    made = formula(*i["formula"], areas=(i["area"],))
    return Given(FORMULA, Facts(on=DAY, formula=made))


@example("STATUS-LIMIT-UNKNOWN")
def _limit_unknown(i: Input) -> Given:
    return Given(FORMULA, Facts(on=DAY, formula=formula(*(each["code"] for each in i["lines"]))))


@example("DOSE-UNIT-CONSISTENCY")
def _percent(i: Input) -> Given:
    stated = line("BIOTIN", milli(i["mg_per_ml"]), percent_milli=milli(i["percent_wv"]))
    return Given(FORMULA, Facts(on=DAY, formula=formula(stated)))


@example("DOSE-CONC-MAX")
def _concentration(i: Input) -> Given:
    dose, total = exact(i["dose_mg"], 3), ul(i["total_ml"])
    lines = line(i["ingredient"], dose, 1_000), line("SODIUM_CHLORIDE_0_9", 1_000, total - 1_000)
    change = figure(i["ingredient"], "max_concentration", i["max_mg_per_ml"])
    return Given(FORMULA, Facts(on=DAY, formula=formula(*lines)), change)


@example("DOSE-ABS-MAX")
def _absolute(i: Input) -> Given:
    made = formula(line(i["ingredient"], milli(i["mg_per_ml"]), ul(i["volume_ml"])))
    return Given(
        FORMULA,
        Facts(on=DAY, formula=made),
        figure(i["ingredient"], "max_session", i["max_abs_mg"]),
    )


@example("DOSE-WEIGHT-MAX")
def _weight(i: Input) -> Given:
    volume = ul(i["volume_ml"])
    made = formula(line(i["ingredient"], milli(i["mg_per_ml"]), volume))
    patient = woman(weight_g=exact(i["weight_kg"], 3))
    facts = Facts(on=DAY, formula=made, patient=patient, administration=administration(volume))
    return Given(ADMIN, facts, figure(i["ingredient"], "max_per_kg", i["max_mg_per_kg"]))


@example("DOSE-WEIGHT-STALE")
def _weighed(i: Input) -> Given:
    patient = woman(weighed_on=day(i["weighed_on"]))
    on = day(i["service_date"])
    return Given(CHECK_IN, Facts(on=on, formula=formula("LIDOCAINE"), patient=patient))


@example("DOSE-LA-ADDITIVE")
def _anaesthetics(i: Input) -> Given:
    doses = tuple(OtherDose(a["code"], micro(a["dose_mg"])) for a in i["anaesthetics"])
    patient = woman(weight_g=exact(i["weight_kg"], 3))
    return Given(ADMIN, Facts(on=DAY, patient=patient, also_given=doses))


@example("DOSE-CUMULATIVE-WINDOW")
def _cumulative(i: Input) -> Given:
    given = tuple(GivenDose(i["ingredient"], day(h["date"]), micro(h["mg"])) for h in i["history"])
    made = formula(line(i["ingredient"], milli(i["proposed_mg"]), 1_000))
    on = day(i["service_date"])
    facts = Facts(on=on, formula=made, given=given, administration=administration(1_000))
    return Given(ADMIN, facts, figure(i["ingredient"], "cumulative_max", i["max_mg"]))


@example("DOSE-COURSE-MAX-SESSIONS")
def _course(i: Input) -> Given:
    counts = (CourseCount(i["ingredient"], i["performed_before"]),)
    facts = Facts(on=DAY, formula=formula(i["ingredient"]), course_counts=counts)
    return Given(SCHED, facts, figure(i["ingredient"], "max_sessions", str(i["max_sessions"])))


@example("DOSE-AREA-ADJUSTED")
def _per_area(i: Input) -> Given:
    volume, size = ul(i["volume_ml"]), exact(i["area_cm2"], 2)
    areas = (PlannedArea("SUBMENTAL", volume, area_cm2_hundredths=size),)
    made = formula(line(i["ingredient"], milli(i["mg_per_ml"]), volume))
    facts = Facts(on=DAY, formula=made, administration=Administration(areas))
    return Given(ADMIN, facts, figure(i["ingredient"], "max_per_cm2", i["mg_per_cm2"]))


@example("MIX-VOLUME-BALANCE")
def _balance(i: Input) -> Given:
    lines = [line("BIOTIN", 1, ul(each)) for each in i["component_ml"]]
    made = formula(*lines, total_volume_ul=ul(i["declared_total_ml"]))
    return Given(FORMULA, Facts(on=DAY, formula=made))


@example("MIX-OIL-ALCOHOL")
def _alcohol(i: Input) -> Given:
    stated = line("BIOTIN", 1, ul(i["total_ml"]), oil=i["oil"], ethanol_ul=ul(i["ethanol_ml"]))
    return Given(FORMULA, Facts(on=DAY, formula=formula(stated)))


@example("MIX-SOLUBILITY")
def _solubility(i: Input) -> Given:
    total = ul(i["total_ml"])
    covered = i["cosolvent_or_ifu"]
    stated = line(i["ingredient"], exact(i["dose_mg"], 3), 1_000, vehicle_covers_dilution=covered)
    made = formula(stated, line("BIOTIN", 1, total - 1_000))
    change = figure(i["ingredient"], "solubility", i["solubility_mg_per_ml"])
    return Given(FORMULA, Facts(on=DAY, formula=made), change)


@example("MIX-PRODUCT-COUNT")
def _products(i: Input) -> Given:
    lines = [line("BIOTIN", product=product) for product in i["sterile_products"]]
    change = parameter("mix.products_max", str(i["max"]))
    return Given(FORMULA, Facts(on=DAY, formula=formula(*lines)), change)


@example("MIX-PH-RANGE")
def _ph(i: Input) -> Given:
    made = formula("BIOTIN", ph_hundredths=exact(i["ph"], 2))
    return Given(FORMULA, Facts(on=DAY, formula=made))
