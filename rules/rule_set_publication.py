"""What a clinic's own rule set may say: tighter freely, looser only where the reference allows."""

from collections.abc import Iterable
from typing import Any

from rules.reading import Problem
from rules.rule_set_difference import Change, difference
from rules.rule_set_direction import Direction
from rules.rule_set_reader import check

Json = Any
SHORTEST_REASON = 20
"""Characters that a reason for loosening needs at least, as for an override."""


def objections(document: Json, in_force: Json, reference: Json) -> list[Problem]:
    """All that keeps a document from being published; empty when nothing does.

    in_force: the latest published document; reference: the one that ships with the product. Both
    read well. Refused is what cannot be read, a hard ceiling or other bound of the reference that
    is loosened, a loosened figure without a reason of 20 characters or more, and a changed value
    that still cites the source of the old one.
    """
    problems = check(document)
    if problems:
        return problems
    against_reference, against_force = (
        difference(reference, document),
        difference(in_force, document),
    )
    hard = [each for each in against_reference if _is_loose(each) and not each.may_loosen]
    refused = {each.figure for each in hard}
    return [
        *(Problem(each.pointer, _refusal(each)) for each in hard),
        *(Problem(f"{each.pointer}/source", "is the source of the old value; name the new one's")
          for each in against_force if each.stale_source and each.figure not in refused),
        *_unreasoned(document, [*against_force, *against_reference], refused),
    ]  # fmt: skip


def loosened(document: Json, in_force: Json, reference: Json) -> dict[str, Change]:
    """What is looser than in the version before, or than in the reference, by figure."""
    changes = [*difference(in_force, document), *difference(reference, document)]
    found: dict[str, Change] = {}
    for each in changes:
        if _is_loose(each):
            found.setdefault(each.figure, each)
    return found


def reasons(document: Json) -> dict[str, str]:
    """Why each figure is looser, as the document itself says."""
    return {row["figure"]: row["reason"] for row in document.get("loosened") or ()}


def _unreasoned(document: Json, changes: Iterable[Change], refused: set[str]) -> list[Problem]:
    given = reasons(document)
    loose = list(dict.fromkeys(each.figure for each in changes if _is_loose(each)))
    problems = [
        Problem(f"/loosened/{_escaped(figure)}", "is looser than before: give a reason of"
                f" {SHORTEST_REASON} characters or more")
        for figure in loose
        if figure not in refused and len(given.get(figure, "").strip()) < SHORTEST_REASON
    ]  # fmt: skip
    problems += [
        Problem(f"/loosened/{_escaped(figure)}", "is not looser, so there is nothing to give"
                " a reason for")
        for figure in given
        if figure not in loose
    ]  # fmt: skip
    return problems


def _refusal(change: Change) -> str:
    if change.after is None and change.pointer.count("/") == 1:
        return f"lacks {change.figure.partition('/')[2]}, which the reference has"
    return "is looser than the reference lets a clinic make it"


def _is_loose(change: Change) -> bool:
    return change.direction is Direction.LOOSER


def _escaped(figure: str) -> str:
    return figure.replace("~", "~0").replace("/", "~1")
