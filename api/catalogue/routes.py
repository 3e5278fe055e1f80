"""`/problems/{name}`: the page that every problem's `type` points to."""

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import Field

from api.fields import Answer
from api.problems import NotFound, catalogue
from api.routing import Router

router = Router(tags=["Problems"])
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{title} — Anagen</title></head><body><main>
<h1>{title}</h1><p>Status {status}, type <code>/problems/{name}</code>.</p>
<h2>What it means</h2><p>{meaning}</p><h2>What to do</h2><p>{what_to_do}</p>
</main></body></html>"""


class ProblemExplained(Answer):
    """A kind of problem: what it means and what to do about it."""

    name: str = Field(description="Last part of its address.", examples=["refused-by-rules"])
    status: int = Field(description="The HTTP status that it comes with.", examples=[409])
    title: str = Field(description="In a few words.", examples=["Refused by rules"])
    meaning: str = Field(
        description="What it means.", examples=["Nothing was written: findings are left."]
    )
    what_to_do: str = Field(description="What to do.", examples=["Read `findings`."])


@router.get(
    "/problems/{name}",
    name="explain_problem",
    summary="What a problem means",
    responses={
        200: {
            "model": ProblemExplained,
            "content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}},
        }
    },
)
async def explain_problem(name: str, request: Request) -> Response:
    """What this kind of problem means and what to do; HTML for people, JSON if asked for."""
    kind = catalogue().get(name)
    if kind is None:
        raise NotFound
    meaning = " ".join((kind.__doc__ or kind.title).split())
    headers = {"Cache-Control": "public, max-age=3600"}
    facts = ProblemExplained(
        name=kind.name,
        status=kind.status,
        title=kind.title,
        meaning=meaning if kind.__doc__ else kind.title + ".",
        what_to_do=kind.what_to_do,
    ).model_dump()
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(facts, headers=headers)
    html = _PAGE.format(**{key: escape(str(value)) for key, value in facts.items()})
    return HTMLResponse(html, headers=headers)
