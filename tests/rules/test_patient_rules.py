"""Whom not to treat: consent, pregnancy, allergies, conditions, age, diagnosis, vital signs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rules.facts import (
    Consent,
    Diagnosis,
    Facts,
    LotInUse,
    Patient,
    Plan,
    PriorReaction,
    Screening,
)
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    DAY,
    FORMULA,
    PLAN,
    SCHED,
    asked,
    changed,
    formula,
    line,
    man,
    parameter,
    sound_facts,
    woman,
    words,
)

PREGNANCY, TESTED, ALLERGY = "CONTRA-PREGNANCY", "CONTRA-PREGNANCY-5ARI", "CONTRA-ALLERGY-CLASS"


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def consented(*consents: Consent) -> Facts:
    return Facts(on=DAY, consents=consents)


@pytest.mark.parametrize("stage", [PLAN, CHECK_IN, ADMIN])
@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, []), (365, []), (366, ["fail block"]), (-1, ["fail block"])],
)
def test_consent_is_valid_for_a_year(stage, days, expected):
    facts = consented(Consent("treatment", ago(days)))
    assert words(asked("CONSENT-VALID", stage, facts)) == expected


def test_consent_withdrawn_missing_or_renewed():
    withdrawn = Consent("treatment", ago(10), withdrawn_on=DAY)
    (finding,) = asked("CONSENT-VALID", CHECK_IN, consented(withdrawn)) or ()
    assert finding.message == "Every consent was withdrawn."
    later = Consent("treatment", ago(10), withdrawn_on=DAY + timedelta(days=1))
    assert asked("CONSENT-VALID", CHECK_IN, consented(later)) == ()
    assert asked("CONSENT-VALID", CHECK_IN, consented(withdrawn, Consent("t", DAY))) == ()
    for none in (Facts(on=DAY), consented()):
        assert words(asked("CONSENT-VALID", CHECK_IN, none)) == ["not_evaluable block"]


def test_a_document_may_hold_shorter_but_never_longer():
    short = Consent("treatment", ago(31), valid_days=30)
    (finding,) = asked("CONSENT-VALID", CHECK_IN, consented(short)) or ()
    assert finding.message == "The consent of 2025-05-02 is 31 days old; it holds 30 days."
    long = Consent("treatment", ago(366), valid_days=1000)
    assert words(asked("CONSENT-VALID", CHECK_IN, consented(long))) == ["fail block"]


def test_consent_is_a_figure_of_the_day():
    strict = changed(parameter("consent.valid_days", "180"))
    facts = consented(Consent("treatment", ago(181)))
    assert words(asked("CONSENT-VALID", CHECK_IN, facts, strict)) == ["fail block"]


def test_consent_covers_aliases_and_only_while_in_force():
    code = "CONSENT-COVERS-INGREDIENTS"
    named = Consent("treatment", ago(1), ingredient_codes=("LIDOCAINE_HYDROCHLORIDE",))
    facts = Facts(on=DAY, formula=formula("LIDOCAINE"), consents=(named,), patient=man())
    assert asked(code, CHECK_IN, facts) == ()
    old = replace(facts, consents=(replace(named, signed_on=ago(366)),))
    assert words(asked(code, CHECK_IN, old)) == ["fail block"]
    assert asked(code, FORMULA, replace(facts, patient=None)) is None


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        (woman(), []),
        (man(), []),
        (woman(pregnancy="pregnant"), ["fail block"]),
        (woman(pregnancy_test="positive"), ["fail block"]),
        (man(conditions=("PREGNANCY",)), ["fail block"]),
        (woman(pregnancy=None), ["not_evaluable block"]),
        (woman(pregnancy=None, childbearing_potential=False), []),
        (man(sex="unknown"), ["not_evaluable block", "not_evaluable override"]),
        (man(childbearing_potential=True), ["not_evaluable block", "not_evaluable override"]),
        (woman(lactating=True), ["fail override"]),
        (woman(conditions=("LACTATION",), lactating=None), ["fail override"]),
        (woman(lactating=None), ["not_evaluable override"]),
        (None, ["not_evaluable block"]),
    ],
)
def test_pregnancy_and_breastfeeding(patient, expected):
    for stage in (PLAN, CHECK_IN, ADMIN):
        assert words(asked(PREGNANCY, stage, Facts(on=DAY, patient=patient))) == expected


def test_pregnancy_is_asked_on_the_day():
    yesterday = Facts(on=DAY, patient=woman(pregnancy_asked_on=ago(1)))
    assert asked(PREGNANCY, PLAN, yesterday) == ()
    (finding,) = asked(PREGNANCY, CHECK_IN, yesterday) or ()
    assert words((finding,)) == ["not_evaluable block"]
    assert finding.pointer == "/pregnancy_status"
    today = Facts(on=DAY, patient=woman(pregnancy_asked_on=DAY))
    assert asked(PREGNANCY, CHECK_IN, today) == ()


def with_test(days: int | None = 0, **more) -> Patient:
    base = woman(
        childbearing_potential=True,
        pregnancy_test="negative",
        pregnancy_tested_on=None if days is None else ago(days),
        effective_contraception=True,
    )
    return replace(base, **more)


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        (with_test(0), []),
        (with_test(7), []),
        (with_test(8), ["fail block"]),
        (with_test(-1), ["fail block"]),
        (with_test(None), ["not_evaluable block"]),
        (with_test(pregnancy_test=None), ["not_evaluable block"]),
        (with_test(effective_contraception=False), ["fail block"]),
        (with_test(effective_contraception=None), ["not_evaluable block"]),
        (with_test(lactating=True), ["fail block"]),
        (with_test(pregnancy="pregnant"), ["fail block"]),
        (man(), []),
        (with_test(None, childbearing_potential=False), []),
        (with_test(None, childbearing_potential=False, lactating=True), ["fail block"]),
    ],
)
def test_pregnancy_with_an_ingredient_that_harms_the_child(patient, expected):
    for code in ("DUTASTERIDE", "FINASTERIDE", "VITAMIN_A", "RETINYL_PALMITATE"):
        facts = Facts(on=DAY, patient=patient, formula=formula(code))
        assert words(asked(TESTED, CHECK_IN, facts)) == expected
        assert words(asked(TESTED, FORMULA, facts)) == expected
    harmless = Facts(on=DAY, patient=patient, formula=formula("BIOTIN"))
    assert asked(TESTED, CHECK_IN, harmless) is None


def test_a_formula_for_nobody_in_particular_asks_no_pregnancy_test():
    assert asked(TESTED, FORMULA, Facts(on=DAY, formula=formula("DUTASTERIDE"))) is None
    at_session = Facts(on=DAY, formula=formula("DUTASTERIDE"))
    assert words(asked(TESTED, ADMIN, at_session)) == ["not_evaluable block"]


def allergic(*allergies: str, codes=("PDRN",), **more) -> Facts:
    patient = man(allergies=allergies, no_known_allergies=not allergies)
    return sound_facts(patient=patient, formula=formula(*codes), **more)


@pytest.mark.parametrize(
    ("allergies", "codes", "expected"),
    [
        ((), ("PDRN",), []),
        (("FISH",), ("PDRN",), ["fail block"]),
        (("FISH_ALLERGY",), ("BIOTIN",), []),
        (("PROPYLENE_GLYCOL",), ("MINOXIDIL",), ["fail block"]),
        (("BIOTIN",), ("BIOTIN",), ["fail block"]),
        (("LIDOCAINE_HYDROCHLORIDE",), ("LIDOCAINE",), ["fail block"]),
        (("FISH",), ("PDRN", "POLYNUCLEOTIDE_GEL"), ["fail block", "fail block"]),
        (("LATEX",), ("HOMEOPATHIC_MIX",), ["not_evaluable block"]),
        ((), ("HOMEOPATHIC_MIX",), []),
    ],
)
def test_allergy_classes(allergies, codes, expected):
    for stage in (FORMULA, CHECK_IN, ADMIN):
        assert words(asked(ALLERGY, stage, allergic(*allergies, codes=codes))) == expected


def test_an_empty_list_of_allergies_is_not_asked():
    for patient in (man(no_known_allergies=False), None, man(allergies=None)):
        facts = sound_facts(patient=patient, formula=formula("PDRN"))
        if patient is not None:
            facts = replace(facts, patient=replace(patient, no_known_allergies=False))
        assert words(asked(ALLERGY, CHECK_IN, facts)) == ["not_evaluable block"]


def test_allergies_are_asked_again_at_check_in():
    facts = allergic(screening=Screening(allergies_confirmed=None))
    (finding,) = asked(ALLERGY, CHECK_IN, facts) or ()
    assert finding.pointer == "/allergies_confirmed"
    assert asked(ALLERGY, ADMIN, facts) == ()


def test_excipients_of_products_and_lots_count():
    stated = formula(line("BIOTIN", excipient_classes=("PARABEN",)))
    facts = sound_facts(patient=man(allergies=("PARABEN",)), formula=stated)
    assert words(asked(ALLERGY, FORMULA, facts)) == ["fail block"]
    lot = LotInUse("l", "BIOTIN", DAY, "available", "B-7", excipient_classes=("PARABEN",))
    fine = LotInUse("k", "BIOTIN", DAY, "available", "B-6", excipient_classes=())
    (finding,) = (
        asked(ALLERGY, ADMIN, allergic("PARABEN", codes=("BIOTIN",), lots=(fine, lot))) or ()
    )
    assert finding.pointer == "/lots/1/lot_id"
    assert finding.message == "Lot B-7 carries PARABEN."


def test_conditions_block_or_ask_for_an_override():
    code = "CONTRA-CONDITION-INGREDIENT"

    def found(patient: Patient | None, ingredient: str = "MINOXIDIL"):
        facts = Facts(on=DAY, patient=patient, formula=formula(ingredient))
        return words(asked(code, PLAN, facts))

    assert found(man(conditions=("RECENT_MI",))) == ["fail block"]
    assert found(man(born_on=date(2007, 6, 2))) == []
    assert found(man(born_on=date(2007, 6, 3))) == ["fail override"]
    assert found(man(conditions=("SEVERE_RENAL_IMPAIRMENT",)), "ZINC") == ["fail override"]
    assert found(woman(lactating=True)) == ["fail block"]
    assert found(woman(childbearing_potential=True), "VITAMIN_A") == ["fail block"]
    assert found(man(conditions=None)) == ["not_evaluable override"]
    assert found(man(), "NO_SUCH_THING") == ["not_evaluable block"]


def test_medicines_ask_for_a_prescriber():
    facts = Facts(on=DAY, patient=man(medications=None), formula=formula("LIDOCAINE"))
    assert words(asked("CONTRA-INTERACTION-DRUG", PLAN, facts)) == ["not_evaluable override"]


@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        ("2008-02-29", "2026-02-28", ["fail override"]),
        ("2008-02-29", "2026-03-01", []),
        ("2007-06-02", "2025-06-02", []),
        ("2007-06-03", "2025-06-02", ["fail override"]),
    ],
)
def test_age_and_leap_day_birthdays(born, on, expected):
    facts = Facts(on=date.fromisoformat(on), patient=man(born_on=date.fromisoformat(born)))
    assert words(asked("PAT-AGE-MIN", SCHED, facts)) == expected


@pytest.mark.parametrize(
    ("diagnoses", "expected"),
    [
        ([("L64.9", "confirmed")], []),
        ([("L64.0", "confirmed")], ["fail override"]),
        ([("L63.9", "confirmed")], ["fail override"]),
        ([("L63.1", "confirmed")], ["fail block"]),
        ([("L64.9", "suspected")], ["not_evaluable block"]),
        ([("L64.9", "confirmed"), ("L66.1", "suspected")], ["fail block"]),
        ([("L64.9", "confirmed"), ("L66.1", "excluded")], []),
        ([("X99", "confirmed")], ["not_evaluable block"]),
        ([], ["not_evaluable block"]),
    ],
)
def test_diagnosis(diagnoses, expected):
    plan = Plan("p", diagnoses=tuple(Diagnosis(*each) for each in diagnoses))
    assert words(asked("DX-REQUIRED-SUITABLE", PLAN, Facts(on=DAY, plan=plan))) == expected


@pytest.mark.parametrize(
    ("seen", "codes", "expected"),
    [
        (Screening(systolic=90, diastolic=109, pulse=120), ("BIOTIN",), []),
        (Screening(systolic=179, diastolic=70, pulse=50), ("BIOTIN",), []),
        (Screening(systolic=180, diastolic=110, pulse=49), ("BIOTIN",), ["fail override"] * 3),
        (Screening(systolic=99, diastolic=70, pulse=101), ("MINOXIDIL",), ["fail override"] * 2),
        (Screening(systolic=100, diastolic=70), ("BIOTIN",), ["not_evaluable warn"]),
        (Screening(systolic=100, diastolic=70), ("LIDOCAINE",), ["not_evaluable block"]),
        (None, ("MINOXIDIL",), ["not_evaluable block"] * 3),
    ],
)
def test_vital_signs(seen, codes, expected):
    facts = Facts(on=DAY, screening=seen, formula=formula(*codes))
    assert words(asked("CONTRA-VITALS", CHECK_IN, facts)) == expected


def test_site_and_temperature():
    code = "CONTRA-SITE-INFECTION"
    bad = Facts(on=DAY, screening=Screening(site_infection=True, temperature_tenths=380))
    assert words(asked(code, CHECK_IN, bad)) == ["fail block", "fail block"]
    assert words(asked(code, ADMIN, Facts(on=DAY))) == ["not_evaluable block"] * 2


def test_a_suspect_of_an_earlier_allergy_is_not_given_again():
    def found(*prior: PriorReaction, code: str = "THIAMINE"):
        facts = Facts(on=DAY, patient=man(), formula=formula(code), prior_reactions=prior)
        return words(asked("AE-RECHALLENGE", CHECK_IN, facts))

    assert found(PriorReaction("THIAMINE_HYDROCHLORIDE", 2, "possible")) == ["fail block"]
    assert found(PriorReaction("THIAMINE", 4, "unlikely")) == []
    assert found(PriorReaction("THIAMINE", None, "certain")) == ["not_evaluable block"]
    tested_negative = PriorReaction("THIAMINE", 2, "probable", negative_test=True)
    assert found(tested_negative) == ["fail override"]
    assert found(PriorReaction("THIAMINE", 4, "certain"), code="BIOTIN") == []


def test_at_check_in_findings_point_at_the_answers():
    facts = Facts(
        on=DAY,
        patient=woman(lactating=None, pregnancy=None, weight_g=None, childbearing_potential=True),
        formula=formula("DUTASTERIDE", "LIDOCAINE"),
        screening=Screening(temperature_tenths=400, systolic=80),
    )
    codes = (PREGNANCY, TESTED, "DOSE-WEIGHT-MAX", "CONTRA-SITE-INFECTION", "CONTRA-VITALS")
    found = [each.pointer for code in codes for each in asked(code, CHECK_IN, facts) or ()]
    assert found == [
        "/pregnancy_status", "/lactating", "/pregnancy_test_result", "/contraception_effective",
        "/weight_kg", "/site_clear", "/temperature_c", "/systolic_mmhg", "/diastolic_mmhg",
        "/pulse_bpm",
    ]  # fmt: skip
    elsewhere = [each.pointer for code in codes[:2] for each in asked(code, ADMIN, facts) or ()]
    assert set(elsewhere) == {None}
