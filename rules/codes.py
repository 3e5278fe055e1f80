"""The code lists of the clinical reference: what a request may name, each code with its words.

Lists that the rules draw on come from the same tables as the rules; the others are written out
here with their section. All are mappings from code to words, in the order of the reference.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

Codes = Mapping[str, str]


def _rows(name: str) -> list[dict[str, Any]]:
    text = files("rules").joinpath("reference", f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _named(rows: Iterable[Mapping[str, Any]], key: str = "code") -> Codes:
    return MappingProxyType({row[key]: row["name"] for row in rows})


def _in_words(codes: Iterable[str], names: Codes | None = None) -> Codes:
    """The codes with their names, or with themselves in lower case where they have none."""
    known = names or {}
    return MappingProxyType({c: known.get(c, c.replace("_", " ").lower()) for c in codes})


_INGREDIENTS = _rows("ingredients")


def _of_ingredients(*columns: str) -> list[str]:
    """Every code that some ingredient names in these columns, sorted."""
    return sorted({code for row in _INGREDIENTS for c in columns for code in row.get(c, ())})


AREAS: Codes = _named(_rows("areas"))
# By area, the whole that it belongs to (section 3.2); wholes themselves are not in it.
AREA_WHOLES: Codes = MappingProxyType(
    {row["code"]: row["parent"] for row in _rows("areas") if row["parent"] is not None}
)
TECHNIQUES: Codes = _named(_rows("techniques"))
DIAGNOSES: Codes = _named(_rows("diagnoses"), "icd10")
SIDE_EFFECTS: Codes = _named(_rows("effects"))

# Section 1C, last paragraph, and what can be touched during a session.
ALLERGY_CLASSES: Codes = _in_words(
    (
        "ESTER_LA_PABA", "AMIDE_LA", "PARABEN", "SULFITE", "BENZYL_ALCOHOL", "PROPYLENE_GLYCOL",
        "POLYSORBATE_80", "FISH", "SOY", "EGG", "ASTERACEAE", "SALICYLATE", "COBALT", "COPPER",
        "XANTHINE", "ETHYLENEDIAMINE", "HYMENOPTERA_VENOM", "STREPTOCOCCAL_PROTEIN",
        "ANIMAL_PROTEIN", "HUMAN_PROTEIN", "HUMAN_ALBUMIN", "BOVINE_PROTEIN", "COW_MILK",
        "HEPARIN", "IRON", "THIAMINE", "LATEX", "CHLORHEXIDINE", "IODINE",
        "ANTICOAGULANT_CITRATE", "SULFUR_DRUG",
    ),
    {
        "ESTER_LA_PABA": "ester local anaesthetics, PABA (also many sunscreens, parabens history)",
        "AMIDE_LA": "amide local anaesthetics",
        "FISH": "fish (not shellfish)",
    },
)  # fmt: skip

# Follow from something else than an entry: age, area, or nothing at all.
_NOT_CONDITIONS = {"ALL", "AGE_LT_18", "WOCBP_WITHOUT_CONTRACEPTION"}
# Section 5.1 and the contributory diagnoses of 5.2, beside what table 1C names.
_GENERAL_CONDITIONS = {
    "PREGNANCY", "LACTATION", "INFECTION_AT_SITE", "FEVER_SYSTEMIC_INFECTION",
    "SCARRING_ALOPECIA_ACTIVE", "UNDIAGNOSED_ALOPECIA", "BLEEDING_DISORDER", "ANTICOAGULANT",
    "IMMUNOSUPPRESSION", "ACTIVE_MALIGNANCY", "DIABETES_UNCONTROLLED", "KELOID_TENDENCY",
    "KOEBNER_DISEASE", "AUTOIMMUNE_ACTIVE", "CARDIAC_SEVERE", "RENAL_HEPATIC_SEVERE",
    "SEIZURE_DISORDER", "ISOTRETINOIN_RECENT", "BODY_DYSMORPHIC", "NEEDLE_PHOBIA_VASOVAGAL",
    "G6PD_DEFICIENCY", "BLOOD_DONOR", "HYPOTHYROIDISM", "IRON_DEFICIENCY",
    "POLYCYSTIC_OVARY_SYNDROME",
}  # fmt: skip
CONDITIONS: Codes = _in_words(
    sorted(
        {
            code
            for code in _of_ingredients("contra_block", "contra_override")
            if code not in _NOT_CONDITIONS and not code.startswith("AREA_")
        }
        | _GENERAL_CONDITIONS
    )
)

# Interaction classes of table 1C, and of the mixing pairs that look at oral medicines.
MEDICATIONS: Codes = _in_words(
    sorted(
        {*_of_ingredients("interacts", "interactions")}
        | {code for pair in _rows("pairs") for code in pair.get("medications", ())}
        | {"LEVOTHYROXINE"}
    )
)

ALTERNATIVES: Codes = _in_words(  # section 5.7
    (
        "TOPICAL_MINOXIDIL", "ORAL_MINOXIDIL_LOW_DOSE", "ORAL_FINASTERIDE", "ORAL_DUTASTERIDE",
        "TOPICAL_FINASTERIDE", "SPIRONOLACTONE", "PRP", "LLLT", "MICRONEEDLING",
        "HAIR_TRANSPLANT", "CAMOUFLAGE_WIG", "JAK_INHIBITOR", "NO_TREATMENT",
    ),
    {
        "PRP": "platelet-rich plasma", "LLLT": "low-level light therapy",
        "JAK_INHIBITOR": "JAK inhibitor",
    },
)  # fmt: skip

_WASH_OUTS = _named(_rows("wash_outs"))
THERAPIES: Codes = _in_words(  # sections 5.7 and 5.8
    dict.fromkeys((*(code for code in ALTERNATIVES if code != "NO_TREATMENT"), *_WASH_OUTS)),
    {**ALTERNATIVES, **_WASH_OUTS},
)

# Section 0.3 C26 (prevention), and the confounders of the last row of table 5.8.
LIFESTYLE_FACTORS: Codes = _in_words(
    (
        "DIET", "CRASH_DIET", "HEAT_STYLING", "CHEMICAL_HAIR_TREATMENT", "TIGHT_HAIRSTYLE",
        "SUN_EXPOSURE", "STRESS", "SLEEP", "EXERCISE", "SMOKING", "FEVER_OR_COVID", "ILLNESS",
        "SURGERY", "CHILDBIRTH", "DRUG_CAUSING_EFFLUVIUM", "OTHER",
    )
)  # fmt: skip

CONSENT_ELEMENTS: Codes = MappingProxyType(  # section 5.4
    {
        "1": "identity, procedure, area, laterality, practitioner, date, version, language",
        "2": "diagnosis, why mesotherapy is proposed, limits of the evidence, expected range",
        "3": "every ingredient by name, off-label or unlicensed status, source",
        "4": "number of sessions, spacing, duration, maintenance, cost",
        "5": "common effects with their windows",
        "6": "temporary shedding, whose true frequency is unknown and is measured",
        "7": "rare and serious effects",
        "8": "ingredient-specific risks",
        "9": "alternatives",
        "10": "right to refuse, stop and ask; emergency number",
        "11": "photographs: clinical use; separate choice for teaching and marketing",
        "12": "registry use of de-identified data: separate choice",
        "13": "signature, clinician, validity 365 days; when consent is asked again",
    }
)

# Section 5.3: the grades of each scale, in order; empty where the scale is a number.
SCALES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "NORWOOD_HAMILTON": (
            "I", "II", "IIa", "III", "IIIa", "III_VERTEX", "IV", "IVa", "V", "Va", "VI", "VII",
        ),
        "LUDWIG": ("I", "II", "III"),
        "SINCLAIR": ("1", "2", "3", "4", "5"),
        "OLSEN_CENTRAL": ("yes", "no"),
        "BASP": (
            "L", "M0", "M1", "M2", "M3", "C0", "C1", "C2", "C3", "U1", "U2", "U3", "V1", "V2",
            "V3", "F1", "F2", "F3",
        ),
        "SALT": ("S0", "S1", "S2", "S3", "S4", "S5"),
        "HAIR_SHEDDING_SCALE": ("1", "2", "3", "4", "5", "6"),
        "HAIR_SHEDDING_VISUAL": ("1", "2", "3", "4", "5", "6", "7", "8", "9"),
        "PULL_TEST": (),
        "FITZPATRICK": ("I", "II", "III", "IV", "V", "VI"),
        "MMASI": (),
        "GAIS": ("-1", "0", "1", "2", "3"),
    }
)  # fmt: skip
