"""Every error as an RFC 9457 problem document.

    Problem
    ├── MalformedJson 400          ├── NotFound 404            ├── PreconditionFailed 412
    ├── Unauthenticated 401        ├── MethodNotAllowed 405    ├── PayloadTooLarge 413
    ├── Forbidden 403              ├── Conflict 409 …          ├── UnsupportedMediaType 415
    ├── InvalidRequest 422         ├── PreconditionRequired 428├── TooManyRequests 429
    ├── IdempotencyKeyReused 422   └── Busy 503

A problem never repeats what was submitted and never shows an exception's text.
Refusals by rules and conflicts of the calendar carry more; they live with their features.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input: where (RFC 6901 pointer or parameter), which rule, why."""

    pointer: str
    code: str
    message: str
    location: str = "body"


class Problem(Exception):
    """An answer of 400 or above. `name` is the last part of its type, and its page."""

    name: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong on our side"
    what_to_do: ClassVar[str] = (
        "Try again later. If it stays, tell your administrator the request id."
    )

    def __init__(
        self, detail: str | None = None, *, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(self.name)
        self.detail = detail
        # What a dry run answers instead of this problem; set where a decision led to it.
        self.decision: dict[str, Any] | None = None
        self.headers = dict(headers or {})
        self.extra = extra

    def document(self, instance: str, request_id: str) -> dict[str, Any]:
        """The JSON object of `application/problem+json`."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.name}",
            "title": self.title,
            "status": self.status,
        }
        if self.detail is not None:
            body["detail"] = self.detail
        return body | {"instance": instance, "request_id": request_id} | self.extra


class MalformedJson(Problem):
    name, status, title = "malformed-json", 400, "The body is not acceptable JSON"
    what_to_do = (
        "Send one JSON document in UTF-8, without duplicate keys, NaN, Infinity or NUL characters."
    )


class Unauthenticated(Problem):
    name, status, title = "unauthenticated", 401, "Who are you?"
    what_to_do = "Send `Authorization: Bearer <access token or API key>`; sign in again if expired."

    def __init__(self, detail: str = "A valid access token or API key is required.") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="anagen"'})


class Forbidden(Problem):
    name, status, title = "forbidden", 403, "You may not do this"
    what_to_do = "Ask for the missing scope, or have somebody do it who holds it."

    def __init__(self, scope: str, detail: str | None = None) -> None:
        super().__init__(detail or f"The scope {scope} is needed.", missing_scope=scope)


class NotFound(Problem):
    name, status, title = "not-found", 404, "There is no such thing"
    what_to_do = "Check the address and the id. Another clinic's records answer the same."


class MethodNotAllowed(Problem):
    name, status, title = "method-not-allowed", 405, "This address does not take that method"
    what_to_do = "See the Allow header for the methods that it takes."


class NotAcceptable(Problem):
    name, status, title = "not-acceptable", 406, "That representation is not offered"
    what_to_do = "Ask for application/json."


class InUse(Problem):
    name, status, title = "in-use", 409, "Something else depends on it"
    what_to_do = "Change or remove what uses it first."


class AlreadyExists(Problem):
    name, status, title = "already-exists", 409, "It exists already"
    what_to_do = "Use the one that is there, or choose another name or number."


class IllegalTransition(Problem):
    """A move that the life cycle does not have; says the state and the moves it does have."""

    name, status, title = "illegal-transition", 409, "Not possible in this state"
    what_to_do = "Read the resource again; `possible` lists the moves it has from `state`."

    def __init__(self, state: str, possible: list[str], detail: str | None = None) -> None:
        super().__init__(detail, state=state, possible=sorted(possible))


class PossibleDuplicate(Problem):
    name, status, title = "possible-duplicate", 409, "This may exist already"
    what_to_do = "Look at `candidates`; repeat with `?allow_duplicate=true` to add it all the same."


class IdempotencyInProgress(Problem):
    name, status, title = "idempotency-in-progress", 409, "The same request is still running"
    what_to_do = "Wait a second and send the same request with the same key again."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class PreconditionFailed(Problem):
    name, status, title = "precondition-failed", 412, "Somebody changed it meanwhile"
    what_to_do = "Read it again, look at what changed, and repeat with the new ETag."


class PayloadTooLarge(Problem):
    name, status, title = "payload-too-large", 413, "The body is too large"
    what_to_do = "Send at most 1 MiB (1,048,576 bytes)."


class UnsupportedMediaType(Problem):
    name, status, title = "unsupported-media-type", 415, "That content type is not read here"
    what_to_do = "Send application/json (or application/merge-patch+json with PATCH)."


class InvalidRequest(Problem):
    name, status, title = "invalid-request", 422, "The request cannot be understood as sent"
    what_to_do = "Correct what `errors` points at; each has a JSON pointer, a code and a message."

    def __init__(self, errors: list[FieldError], detail: str | None = None) -> None:
        count = len(errors)
        text = detail or f"{count} {'thing needs' if count == 1 else 'things need'} correcting."
        super().__init__(text, errors=[asdict(error) for error in errors])


class IdempotencyKeyReused(Problem):
    name, status, title = "idempotency-key-reused", 422, "That key was used for another request"
    what_to_do = "Use a new Idempotency-Key for a new request."


class PreconditionRequired(Problem):
    name, status, title = "precondition-required", 428, "Say which version you are changing"
    what_to_do = "Send If-Match with the ETag of the version you read."


class TooManyRequests(Problem):
    name, status, title = "too-many-requests", 429, "Too many requests"
    what_to_do = "Wait for the seconds in Retry-After and try again."

    def __init__(self, retry_after_seconds: int, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class Busy(Problem):
    name, status, title = "busy", 503, "The database is busy"
    what_to_do = "Nothing was stored. Try again in a second."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


def invalid(pointer: str, code: str, message: str) -> InvalidRequest:
    """One thing wrong, found by a service rather than by the schema."""
    return InvalidRequest([FieldError(pointer, code, message)])


def instance_of(scope: Mapping[str, Any]) -> str:
    """The address that a problem is about: its route's, with the ids and numbers that were sent.

    Anything else in a path is somebody's input and is not repeated: the parameter's name stays,
    and a path that no route knows is "/".
    """
    instance = str(getattr(scope.get("route"), "path_format", "/"))
    for name, value in scope.get("path_params", {}).items():
        if _ID.fullmatch(str(value)):
            instance = instance.replace("{" + name + "}", str(value))
    return instance


def catalogue() -> dict[str, type[Problem]]:
    """Every problem there is by name, for the pages under /problems and for OpenAPI."""
    found: dict[str, type[Problem]] = {Problem.name: Problem}
    waiting = list(Problem.__subclasses__())
    while waiting:
        kind = waiting.pop()
        found[kind.name] = kind
        waiting.extend(kind.__subclasses__())
    return dict(sorted(found.items()))
