"""Side effects beside the rules: causality, expectedness, escalation, aftercare."""

from datetime import date, timedelta

import pytest

from rules.aftercare import aftercare
from rules.causality import CRITERIA, QUESTIONS, Answer, Causality, naranjo
from rules.citations import citations_in
from rules.escalation import Reported, escalate
from rules.expectedness import expectedness
from rules.grading import grade_text
from tests.rules.cases import DAY, REFERENCE

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


@pytest.mark.parametrize(
    ("answers", "score", "category"),
    [
        ([YES, YES, YES, UNKNOWN, YES, UNKNOWN, NO, NO, NO, YES], 4, "possible"),
        ([YES, YES, YES, YES, NO, UNKNOWN, NO, NO, YES, YES], 10, "definite"),
        ([YES, YES, YES, UNKNOWN, NO, UNKNOWN, NO, NO, NO, YES], 7, "probable"),
        ([NO, NO, NO, UNKNOWN, YES, UNKNOWN, NO, NO, NO, NO], -2, "doubtful"),
        ([YES, YES, YES, YES, NO, NO, YES, YES, YES, YES], 13, "definite"),
        ([NO, NO, NO, NO, YES, YES, NO, NO, NO, NO], -4, "doubtful"),
        ([UNKNOWN] * 10, 0, "doubtful"),
    ],
)
def test_naranjo(answers, score, category):
    found = naranjo(answers)
    assert (found.score, found.category) == (score, category)


def test_naranjo_needs_all_ten_answers():
    assert len(QUESTIONS) == 10
    with pytest.raises(ValueError, match="10 questions, not 9"):
        naranjo([YES] * 9)


def test_every_category_has_its_criteria():
    assert set(CRITERIA) == set(Causality)


def expected(code: str, onset: int | None, lasting: int | None = 0, ended: int | None = None):
    """Onset in days after the session; today `lasting` days after the onset."""
    onset_on = None if onset is None else DAY + timedelta(days=onset)
    start = onset_on or DAY
    return expectedness(
        REFERENCE.effects.get(code),
        last_session_on=DAY,
        onset_on=onset_on,
        ended_on=None if ended is None else start + timedelta(days=ended),
        today=start + timedelta(days=lasting or 0),
    )


@pytest.mark.parametrize(
    ("code", "onset", "lasting", "answer"),
    [
        ("AE_PAIN", 0, 3, True),
        ("AE_PAIN", 1, 2, True),
        ("AE_PAIN", 1, 3, False),
        ("AE_PAIN", 2, 0, False),
        ("AE_SHED_EARLY", 6, 0, False),
        ("AE_SHED_EARLY", 7, 90, True),
        ("AE_SHED_EARLY", 56, 90, True),
        ("AE_SHED_EARLY", 56, 91, False),
        ("AE_SHED_EARLY", 57, 0, False),
        ("AE_SHED_TE", 57, 180, True),
        ("AE_VASOVAGAL", 0, 0, True),
        ("AE_ALOPECIA_PATCH", 300, 600, True),
        ("AE_PAIN", None, 0, None),
        ("AE_OTHER", 1, 0, None),
        ("NO_SUCH_EFFECT", 1, 0, None),
    ],
)
def test_expected_by_both_windows(code, onset, lasting, answer):
    assert expected(code, onset, lasting).expected is answer


def test_expectedness_in_words_and_days():
    found = expected("AE_BRUISE", 1, 14)
    assert (found.onset_day, found.in_onset_window, found.overdue) == (1, True, True)
    assert found.end_by == DAY + timedelta(days=14)
    assert found.because == (
        "bruising usually begins on day 0 to 2 after a session; this began on day 1. "
        "It was expected to be over by 2025-06-16."
    )
    over = expected("AE_BRUISE", 1, 100, ended=13)
    assert (over.expected, over.overdue) == (True, False)


def triggers(code: str, grade: int | None, **more) -> list[str]:
    return [row.trigger for row in escalate(Reported(code, grade, **more), REFERENCE)]


@pytest.mark.parametrize(
    ("code", "grade", "more", "expected_triggers"),
    [
        ("AE_PAIN", 1, {}, ["local_grade_1_in_window"]),
        ("AE_PAIN", 1, {"overdue": True}, ["local_grade_1_overdue"]),
        ("AE_PAIN", 1, {"overdue": True, "resolved": True}, ["local_grade_1_in_window"]),
        ("AE_PAIN", 2, {}, ["grade_2"]),
        ("AE_PAIN", 2, {"resolved": True}, []),
        ("AE_PAIN", None, {}, ["grade_2"]),
        ("AE_PAIN", 3, {}, ["grade_3"]),
        ("AE_PAIN", 3, {"resolved": True}, ["grade_3"]),
        ("AE_PAIN", 1, {"serious": True}, ["serious"]),
        ("AE_SHED_EARLY", 1, {"days_lasting": 90}, ["shedding_in_window"]),
        ("AE_SHED_EARLY", 1, {"days_lasting": 91}, ["shedding_s3"]),
        ("AE_SHED_EARLY", 1, {"shedding_severity": "S3"}, ["shedding_s3"]),
        ("AE_SHED_EARLY", 1, {"shedding_severity": "S4"}, ["patchy_or_scarring"]),
        ("AE_ALOPECIA_PATCH", 1, {}, ["patchy_or_scarring"]),
        ("AE_ABSCESS", 1, {"onset_day": 6}, ["infection"]),
        ("AE_ABSCESS", 1, {"onset_day": 7}, ["delayed_nodule", "infection"]),
        ("AE_GRANULOMA", 1, {}, ["delayed_nodule"]),
        ("AE_SWELLING", 1, {"draining": True, "onset_day": 7}, ["delayed_nodule"]),
        ("AE_ALLERGY", 1, {}, ["local_grade_1_in_window"]),
        ("AE_ALLERGY", 2, {}, ["allergy_grade_2", "grade_2"]),
        ("AE_ANAPHYLAXIS", 4, {"serious": True},
         ["grade_3", "serious", "allergy_grade_2", "anaphylaxis_or_last"]),
        ("AE_PAIN", 1, {"pregnancy": True}, ["pregnancy"]),
        ("AE_PAIN", 1, {"lot_patients": 2}, ["lot_cluster"]),
        ("NO_SUCH_EFFECT", 2, {}, ["grade_2"]),
    ],
)  # fmt: skip
def test_escalation(code, grade, more, expected_triggers):
    assert triggers(code, grade, **more) == expected_triggers


def test_what_a_late_nodule_stops_and_who_may_release_it():
    row = escalate(Reported("AE_ABSCESS", 1, onset_day=9), REFERENCE)[0]
    assert (row.effect, row.scopes, row.release_role) == (
        "block",
        ("plan", "lot"),
        "medical_director",
    )
    assert {"quarantine_lots", "culture_mycobacteria", "look_back_90_days"} == set(row.tasks)


def test_every_row_that_holds_says_who_releases_and_when():
    for row in REFERENCE.escalations:
        assert row.target
        if row.effect in ("hold", "block"):
            assert row.scopes
            assert row.release_role in ("prescriber", "medical_director")
            assert row.release_criteria


def test_aftercare_of_a_scalp_session_tells_of_shedding():
    found = aftercare(["MINOXIDIL", "BIOTIN"], ["SCALP_FRONTAL"], REFERENCE)
    usual = {effect.code for effect in found.usual}
    assert {"AE_SHED_EARLY", "AE_FRONTAL_OEDEMA", "AE_PAIN", "AE_DIZZY_HYPOTENSION"} <= usual
    texts = " ".join(each.text for each in found.advice)
    assert "hair products" in texts
    assert "biotin" in texts
    assert "make-up" not in texts
    starts = [each.from_hours for each in found.advice]
    assert starts == sorted(starts)
    assert any("breathing" in flag.text for flag in found.red_flags)


def test_aftercare_follows_ingredient_and_area():
    neck = aftercare(["HYALURONIC_ACID_NCL"], ["NECK"], REFERENCE)
    assert "AE_SHED_EARLY" not in {effect.code for effect in neck.usual}
    assert any("make-up" in each.text for each in neck.advice)
    duta = aftercare(["DUTASTERIDE"], ["SCALP"], REFERENCE)
    blood = [each for each in duta.advice if "give blood" in each.text]
    assert [(each.to_hours, each.evidence) for each in blood] == [(4392, "label")]
    told = [*neck.advice, *duta.advice]
    assert all(each.source and each.evidence for each in told)
    assert all(each.source and each.evidence for each in duta.red_flags)


def test_the_catalogue_windows_are_those_of_the_reference():
    shedding = REFERENCE.effects["AE_SHED_EARLY"]
    assert (shedding.onset_from, shedding.onset_to, shedding.end_days) == (7, 56, 90)
    assert shedding.ends_after == "onset"
    assert "unknown for mesotherapy" in shedding.frequency
    assert REFERENCE.effects["AE_PAIN"].meddra == ("10049120", "10033474")
    assert date.min < REFERENCE.valid_from


@pytest.mark.parametrize(
    ("terms", "grade", "text"),
    [
        (["Bruising"], 1, "localised or dependent"),
        (["Headache"], 3, "severe; self-care"),
        (["Alopecia"], 3, None),
        (["Vasovagal reaction", "Presyncope"], 3, "present"),
        (["Presyncope"], 2, "near-faint"),
        (["Presyncope"], 3, None),
        (["Syncope"], 3, "fainting"),
        (["Hypertrichosis"], 2, "moderate; minimal/local intervention; limits instrumental ADL"),
        ([], 5, "death"),
        ([], 6, None),
    ],
)
def test_words_of_a_grade(terms, grade, text):
    assert grade_text(terms, grade) == text


def test_citations_are_found_in_their_order():
    found = citations_in("RCT [ABD-2009]; label [LID-LBL], [ABD-2009], [NOBODY-1999]")
    assert [each.key for each in found] == ["ABD-2009", "LID-LBL"]
    assert found[0].citation.startswith("Abdallah M")
    assert found[0].seen.startswith("seen")
