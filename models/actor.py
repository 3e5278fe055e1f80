"""The kinds of who acts: a person, a key, or the product itself."""

from enum import StrEnum


class ActorKind(StrEnum):
    """Who an actor id belongs to; `system` and `anonymous` have none."""

    STAFF = "staff"
    API_KEY = "api_key"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"
