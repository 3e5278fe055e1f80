"""How a story is told: who asks what, and that a dry run gave the decision of the write."""

from typing import Any

import httpx

from tests.stories.situations import World

Answer = dict[str, Any]


class Teller:
    """One clinic over HTTP. `who` is always the role of the person who asks."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def get(self, who: str, path: str) -> Any:
        answer = await self.world.as_role(who).get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, who: str, path: str, body: Answer) -> Answer:
        """Something new, which must succeed."""
        answer = await self.world.as_role(who).post(path, json=body)
        assert answer.status_code == 201, answer.text
        result: Answer = answer.json()
        return result

    async def asks(
        self, who: str, path: str, move: str = "", body: Answer | None = None, query: str = ""
    ) -> httpx.Response:
        """POST, with the present ETag where it is a move; whatever comes of it."""
        client, headers = self.world.as_role(who), {}
        if move:
            # The receptionist reads no formulas and no side effects; she can still know an ETag.
            read = await self.world.as_role("medical_director").get(path)
            headers = {"If-Match": read.headers["etag"]}
        url = f"{path}/{move}{query}" if move else f"{path}{query}"
        return await client.post(url, json=body or {}, headers=headers)

    async def move(self, who: str, path: str, move: str, body: Answer | None = None) -> Answer:
        """A move that must succeed."""
        answer = await self.asks(who, path, move, body)
        assert answer.status_code in {200, 201}, answer.text
        result: Answer = answer.json()
        return result

    async def decided(
        self, who: str, path: str, move: str = "", body: Answer | None = None
    ) -> httpx.Response:
        """A rule-checked request: first as a dry run, then for real; both decide the same."""
        dry = await self.asks(who, path, move, body, "?dry_run=true")
        real = await self.asks(who, path, move, body)
        assert dry.status_code == 200, dry.text
        assert dry.json()["dry_run"] is True
        outcome = real.json().get("outcome", "?") if real.status_code == 409 else "allowed"
        assert dry.json()["outcome"] == outcome, real.text
        findings = real.json().get("findings")
        if findings is not None:
            assert dry.json()["findings"] == findings
        return real


def codes(problem: Answer) -> set[str]:
    """The rules that stand in the way."""
    return {finding["code"] for finding in problem["findings"]}


def found(problem: Answer, code: str) -> Answer:
    """The first finding of that rule."""
    finding: Answer = next(each for each in problem["findings"] if each["code"] == code)
    return finding
