"""The interactive documentation at `/docs`: served whole from here, no other host is asked.

The framework's own page loads scripts from a content network and starts them inline. This one
carries its assets (swagger-ui-dist, see `docs_assets/SHA256SUMS`) and starts them from a file,
so a strict Content-Security-Policy holds and the page works without internet access.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from api.problems import NotFound

ASSETS = Path(__file__).parent / "docs_assets"
MEDIA_TYPES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "anagen-docs.js": "text/javascript",
}

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@cache
def hashed_names() -> Mapping[str, str]:
    """Served name → file name; the content's hash in the name lets browsers keep it for good."""
    names = {}
    for name in MEDIA_TYPES:
        path = ASSETS / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        names[f"{path.stem}.{digest}{path.suffix}"] = name
    return names


@cache
def page() -> str:
    """The page; every address in it is relative, so it also works below a proxy's prefix."""
    html = (ASSETS / "index.html").read_text(encoding="utf-8")
    for served, name in hashed_names().items():
        html = html.replace("{{" + name + "}}", f"docs/assets/{served}")
    return html


@router.get("/docs", name="show_documentation")
async def show_documentation() -> HTMLResponse:
    """The API's documentation, to read and to try."""
    return HTMLResponse(
        page(), headers={"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}
    )


@router.get("/docs/assets/{served}", name="get_documentation_asset")
async def get_documentation_asset(served: str) -> FileResponse:
    """A script or style of the documentation page, under a name that contains its hash."""
    name = hashed_names().get(served)
    if name is None:
        raise NotFound
    return FileResponse(
        ASSETS / name,
        media_type=MEDIA_TYPES[name],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
