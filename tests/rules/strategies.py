"""Facts of every kind for property tests: unknowns, edges and nonsense included."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from rules.facts import (
    Administration,
    Component,
    Consent,
    CourseCount,
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
from rules.protocol import IngredientException, Phase, Protocol
from tests.rules.cases import DAY, REFERENCE

CODES = sorted(REFERENCE.ingredients)
maybe = st.none() | st.booleans()


def or_none(some: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | some


def several(some: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    return st.lists(some, max_size=most).map(tuple)


days = st.integers(-120, 120).map(lambda n: DAY + timedelta(days=n))
codes = st.sampled_from([*CODES, "LIDOCAINE_HYDROCHLORIDE", "NO_SUCH_THING"])
areas = st.sampled_from([*sorted(REFERENCE.areas), "NOWHERE"])
effects = st.sampled_from([*sorted(REFERENCE.effects), "NO_SUCH_EFFECT"])
classes = several(st.sampled_from(["FISH", "PARABEN", "SULFITE", "LIDOCAINE", "LATEX"]), 2)
volumes = st.integers(0, 20_000)
micro = st.integers(0, 500_000_000)

patients = st.builds(
    Patient,
    born_on=or_none(st.dates(date(1930, 1, 1), date(2015, 1, 1))),
    sex=st.sampled_from([None, "female", "male", "other", "unknown"]),
    childbearing_potential=maybe,
    pregnancy=st.sampled_from([None, "pregnant", "not_pregnant"]),
    pregnancy_asked_on=or_none(days),
    pregnancy_test=st.sampled_from([None, "negative", "positive"]),
    pregnancy_tested_on=or_none(days),
    lactating=maybe,
    effective_contraception=maybe,
    allergies=or_none(classes),
    no_known_allergies=st.booleans(),
    conditions=or_none(several(st.sampled_from(["PREGNANCY", "HEART_FAILURE", "LACTATION"]), 2)),
    medications=or_none(several(st.sampled_from(["ORAL_5ARI", "THEOPHYLLINE", "MAOI"]), 2)),
    weight_g=or_none(st.integers(1, 200_000)),
    weighed_on=or_none(days),
)
components = st.builds(
    Component,
    ingredient_code=codes,
    concentration_milli=or_none(st.integers(0, 300_000)),
    volume_ul=or_none(volumes),
    syringe=st.integers(1, 2),
    product=st.sampled_from([None, "ampoule", "vial"]),
    percent_milli=or_none(st.integers(0, 30_000)),
    excipient_classes=or_none(classes),
    label_max_session_micro=or_none(micro),
    do_not_mix=maybe,
    oil=maybe,
    ethanol_ul=or_none(st.integers(0, 500)),
    vehicle_covers_dilution=maybe,
)
formulas = st.builds(
    Formula,
    formula_id=st.just("f"),
    version=st.integers(1, 9),
    components=several(components, 5),
    total_volume_ul=or_none(volumes),
    ph_hundredths=or_none(st.integers(0, 1_400)),
    areas=several(areas, 2),
    stability_stated=maybe,
)
phases = st.builds(
    Phase,
    name=st.sampled_from("ABC"),
    sessions=st.integers(1, 4),
    target_days=st.integers(6, 30),
    min_days=or_none(st.integers(1, 28)),
    max_days=or_none(st.integers(28, 60)),
)
protocols = st.builds(
    Protocol,
    code=st.just("P"),
    phases=several(phases),
    maintenance=or_none(st.just(Phase("maintenance", None, 84, 70, 120))),
    exceptions=several(st.builds(IngredientException, codes, st.integers(1, 28)), 1),
    approved=st.booleans(),
)
treated = st.builds(
    PlannedArea,
    area=areas,
    volume_ul=or_none(volumes),
    side=st.sampled_from([None, "L", "R"]),
    points=or_none(st.integers(0, 200)),
    depth_um=or_none(st.integers(0, 15_000)),
    technique=or_none(st.sampled_from([*sorted(REFERENCE.techniques), "NO_SUCH_WAY"])),
    area_cm2_hundredths=or_none(st.integers(0, 60_000)),
)
plans = st.builds(
    Plan,
    plan_id=st.just("p"),
    session_number=or_none(st.integers(1, 12)),
    areas=several(treated, 2),
    volume_per_session_ul=or_none(volumes),
    protocol=or_none(protocols),
    last_assessed_on=or_none(days),
)
instants = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: datetime(2025, 5, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
given_doses = st.builds(GivenDose, codes, days, micro, or_none(instants), st.booleans())
sessions = st.builds(PlanSession, st.integers(1, 12), days, st.booleans())


def facts(**fixed: st.SearchStrategy) -> st.SearchStrategy[Facts]:
    """Any facts; a keyword replaces what is drawn for that group."""
    parts = {
        "on": days,
        "at": or_none(instants),
        "patient": or_none(patients),
        "consents": or_none(several(st.builds(Consent, st.just("t"), days, or_none(days)), 2)),
        "formula": or_none(formulas),
        "plan": or_none(plans),
        "sessions": or_none(several(sessions, 4)),
        "given": or_none(several(given_doses, 5)),
        "course_counts": or_none(several(st.builds(CourseCount, codes, st.integers(0, 9)), 1)),
        "also_given": several(st.builds(OtherDose, codes, micro), 1),
        "other_therapies": or_none(
            several(st.builds(OtherTherapy, st.sampled_from(["LASER", "PRP"]), days, areas), 1)
        ),
        "screening": or_none(
            st.builds(Screening, maybe, maybe, or_none(st.integers(340, 420)),
                      or_none(st.integers(60, 220)))
        ),
        "administration": or_none(
            st.builds(Administration, several(treated, 2), or_none(volumes), or_none(volumes),
                      or_none(instants), or_none(instants))
        ),
        "lots": or_none(
            several(st.builds(LotInUse, st.just("l"), codes, or_none(days),
                              st.sampled_from(["available", "recalled", "expired"])), 2)
        ),
        "effects": or_none(
            several(st.builds(OpenEffect, effects, or_none(st.integers(1, 5)), st.just(""),
                              or_none(days), or_none(days), maybe, st.booleans()), 2)
        ),
        "prior_reactions": or_none(
            several(st.builds(PriorReaction, codes, or_none(st.integers(1, 5)),
                              st.sampled_from([None, "certain", "unlikely"])), 1)
        ),
        "people": or_none(
            st.builds(People, st.sampled_from([None, "a"]), st.sampled_from(["a", "b"]),
                      or_none(several(st.sampled_from(["nurse", "physician"]), 2)))
        ),
        "retrospective": st.booleans(),
    }  # fmt: skip
    return st.builds(Facts, **(parts | fixed))
