"""What changed between two versions of a formula, as data and in words."""

from collections import defaultdict
from collections.abc import Iterator

from api.fields import plain
from api.formulas.answers import (
    Change,
    ComponentRead,
    FormulaDiff,
    MeasureRead,
    VersionRead,
)

Place = tuple[str, int, int]


def difference(before: VersionRead, after: VersionRead) -> FormulaDiff:
    """What `after` says differently: lines first, in their order, then the whole.

    Lines are matched by ingredient and syringe, and by their order where there are several.
    """
    was, now = _placed(before), _placed(after)
    changes: list[Change] = []
    for place, component in now.items():
        earlier = was.get(place)
        if earlier is None:
            changes.append(_added(component))
        else:
            changes.extend(_changed(earlier, component))
    changes.extend(_removed(component) for place, component in was.items() if place not in now)
    changes.extend(_whole(before, after))
    return FormulaDiff(number=after.number, against=before.number, changes=tuple(changes))


def _placed(version: VersionRead) -> dict[Place, ComponentRead]:
    seen: defaultdict[tuple[str, int], int] = defaultdict(int)
    placed: dict[Place, ComponentRead] = {}
    for component in version.components:
        key = (component.ingredient_code, component.syringe)
        placed[(*key, seen[key])] = component
        seen[key] += 1
    return placed


def _line(component: ComponentRead) -> str:
    stock, amount = _measured(component.stock_concentration), _measured(component.amount)
    return f"{plain(component.volume_ml)} mL of {stock} ({amount})"


def _added(component: ComponentRead) -> Change:
    code, line = component.ingredient_code, _line(component)
    return Change(
        kind="component_added",
        pointer=f"/components/{component.position}",
        ingredient_code=code,
        before=None,
        after=line,
        words=f"{code} added: {line}",
    )


def _removed(component: ComponentRead) -> Change:
    code, line = component.ingredient_code, _line(component)
    return Change(
        kind="component_removed",
        pointer=f"/components/{component.position}",
        ingredient_code=code,
        before=line,
        after=None,
        words=f"{code} removed: it was {line}",
    )


def _changed(before: ComponentRead, after: ComponentRead) -> Iterator[Change]:
    was, now = _stated(before), _stated(after)
    for (field, said), old, new in zip(_FIELDS.items(), was, now, strict=True):
        if old != new:
            yield Change(
                kind="component_changed",
                pointer=f"/components/{after.position}/{field}",
                ingredient_code=after.ingredient_code,
                before=old,
                after=new,
                words=f"{after.ingredient_code}: {said} {old or 'none'} → {new or 'none'}",
            )


_FIELDS = {
    "stock_concentration": "stock",
    "percent_wv": "label",
    "volume_ml": "volume",
    "amount": "amount",
    "final_concentration": "final concentration",
    "product_name": "product",
    "label": "leaflet",
    "excipient_classes": "excipients",
}


def _stated(component: ComponentRead) -> tuple[str | None, ...]:
    """The values of `_FIELDS`, as they are written."""
    label, excipients = component.label, component.excipient_classes
    return (
        _measured(component.stock_concentration),
        None if component.percent_wv is None else f"{plain(component.percent_wv)} %",
        f"{plain(component.volume_ml)} mL",
        _measured(component.amount),
        _measured(component.final_concentration),
        component.product_name,
        None if label is None else ", ".join(f"{k}: {_said(v)}" for k, v in sorted(label.items())),
        None if excipients is None else ", ".join(excipients) or "none listed",
    )


def _said(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['value']} {value['unit']}"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _measured(measure: MeasureRead) -> str:
    return f"{plain(measure.value)} {measure.unit}"


def _whole(before: VersionRead, after: VersionRead) -> Iterator[Change]:
    fields = (
        ("total_volume_ml", "total volume", _millilitres(before), _millilitres(after)),
        ("ph", "pH", _acidity(before), _acidity(after)),
        ("notes", "notes", before.notes, after.notes),
    )
    for field, said, old, new in fields:
        if old != new:
            yield Change(
                kind="field_changed",
                pointer=f"/{field}",
                ingredient_code=None,
                before=old,
                after=new,
                words=f"{said}: {old or 'none'} → {new or 'none'}",
            )


def _millilitres(version: VersionRead) -> str:
    return f"{plain(version.total_volume_ml)} mL"


def _acidity(version: VersionRead) -> str | None:
    return None if version.ph is None else plain(version.ph)
