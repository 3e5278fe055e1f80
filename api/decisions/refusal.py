"""The answer where findings stand in the way."""

from typing import Any

from api.problems import Problem


class Refused(Problem):
    """Nothing was written: findings are left that nobody may, or did, answer for.

    outcome: `refused`, `needs_override` or `needs_acknowledgement`, by the worst finding left.
    """

    name, status, title = "refused-by-rules", 409, "Refused by rules"
    what_to_do = (
        "Read `findings`: each says what was measured, the limit, its source and a remedy. Correct"
        " the input; or, for severity `override`, have a person of the role it names repeat the"
        " request with `overrides` (code, reason, comment); for `warn`, repeat it with the code in"
        " `acknowledged`. For spacing, `window` says when the session may take place."
    )

    def __init__(self, left: int, document: dict[str, Any]) -> None:
        verb = "finding stands" if left == 1 else "findings stand"
        super().__init__(f"{left} {verb} in the way.", **document)
        self.decision = document
