"""The usual coded reasons for an override. A clinic's own code is accepted beside them."""

USUAL_REASONS: dict[str, str] = {
    "clinical_judgement": "Judged right for this patient after examination.",
    "specialist_opinion": "A specialist was asked and agrees.",
    "product_label": "The label of the product in use allows it.",
    "pharmacy_compounded": "Prepared by a pharmacy that answers for the mixture.",
    "documented_tolerance": "The patient has tolerated it before, on record.",
    "patient_travel": "The patient cannot come on a day within the interval.",
    "closure": "The clinic was closed when the session was due.",
    "continuation": "A course begun elsewhere, or before a gap, is continued.",
    "data_correction": "The finding rests on an entry that is being corrected.",
    "retrospective_entry": "The injection has happened; its record is entered afterwards.",
    "other": "None of these; the comment says what.",
}
