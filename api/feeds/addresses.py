"""Where the thing that an event is about is read."""

from uuid import UUID

# By the name of its table; what has no address of its own is read with what it belongs to.
ADDRESSES = {
    "api_key": "/v1/api-keys/{id}",
    "formula": "/v1/formulas/{id}",
    "hold": "/v1/holds/{id}",
    "lot": "/v1/lots/{id}",
    "operation": "/v1/operations/{id}",
    "patient": "/v1/patients/{id}",
    "room": "/v1/rooms/{id}",
    "side_effect": "/v1/side-effects/{id}",
    "staff_member": "/v1/staff/{id}",
    "treatment_plan": "/v1/plans/{id}",
    "treatment_protocol": "/v1/protocols/{id}",
    "treatment_session": "/v1/sessions/{id}",
    "waitlist_entry": "/v1/waitlist/{id}",
    "waitlist_offer": "/v1/waitlist/offers/{id}",
}


def address(resource_type: str, resource_id: UUID) -> str | None:
    """The path of a row, or None where it has none of its own."""
    template = ADDRESSES.get(resource_type)
    return None if template is None else template.replace("{id}", str(resource_id))
