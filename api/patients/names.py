"""Words for finding people: without case, accents and punctuation.

A patient is found by any word of their name from its beginning, by record number, and by any run
of at least four digits of their phone number that reaches its end or is typed from where it
starts. National numbers ("06 12 …") find international ones ("+33 6 12 …").
"""

import re
import unicodedata
from difflib import SequenceMatcher

_NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_SHORTEST_SUFFIX = 4
_COMPARED_DIGITS = 9
_SIMILAR = 0.85
_PHONE_LIKE = re.compile(r"[+(]?[\d\s().\-/]+")
_RECORD_LIKE = re.compile(r"p-?([0-9]{1,9})")
_LONGEST_TERM = 60
_MOST_WORDS = 8


def plain(text: str) -> str:
    """`text` in lower case without accents: "Œuvré" is "oeuvre"."""
    folded = text.casefold().translate(_NOT_DECOMPOSED)
    letters = unicodedata.normalize("NFKD", folded)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def search_text(given_name: str, family_name: str) -> str:
    """The name as it is compared: plain words with single spaces."""
    return " ".join(_pieces(f"{given_name} {family_name}"))


def _pieces(text: str) -> list[str]:
    return [piece[:_LONGEST_TERM] for piece in re.split(r"[\W_]+", plain(text)) if piece]


def digits(text: str | None) -> str | None:
    """A phone number's digits without leading zeros, or None where there are none."""
    return re.sub(r"\D", "", text or "").lstrip("0") or None


def number_of(record_number: str) -> str:
    """The digits of a record number without leading zeros: what people say."""
    return re.sub(r"\D", "", record_number).lstrip("0")


def phone_key(phone_digits: str) -> str:
    """The part of a phone number that is the same in national and international writing."""
    return phone_digits[-_COMPARED_DIGITS:]


def terms(
    given_name: str, family_name: str, record_number: str, phone_digits: str | None
) -> set[str]:
    """Every word by which this patient is found."""
    found = {*_pieces(given_name), *_pieces(family_name)}
    for word in f"{given_name} {family_name}".split():
        found.add("".join(_pieces(word))[:_LONGEST_TERM])  # obrien finds O'Brien
    found |= {"".join(_pieces(record_number)), number_of(record_number)}
    if phone_digits is not None:
        last = max(0, len(phone_digits) - _SHORTEST_SUFFIX)
        found |= {phone_digits[start:] for start in range(last + 1)}
    return found - {""}


def asked(question: str) -> list[str]:
    """The words of a search, each of which must begin one of the patient's words.

    The longest come first, at most eight. A question that looks like a
    phone number is one word, however it is grouped.
    """
    if _PHONE_LIKE.fullmatch(question.strip()):
        number = digits(question)
        return [number] if number is not None else []
    words: set[str] = set()
    for word in question.split():
        record = _RECORD_LIKE.fullmatch(plain(word))
        if record is not None:
            words.add(f"p{int(record[1]):06d}")
            continue
        for piece in _pieces(word):
            words.add(piece.lstrip("0") or piece if piece.isdecimal() else piece)
    return sorted(words, key=lambda word: (-len(word), word))[:_MOST_WORDS]


def similar(one: str, other: str) -> bool:
    """Whether two search texts may be the same person's: misspelt, swapped, or one name short."""
    first, second = sorted(one.split()), sorted(other.split())
    shorter, longer = sorted((set(first), set(second)), key=len)
    if len(shorter) > 1 and shorter <= longer:
        return True
    matcher = SequenceMatcher(None, " ".join(first), " ".join(second))
    return matcher.ratio() >= _SIMILAR
