"""The documentation page works without any other host, under a strict content policy."""

import hashlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from api import documentation
from api.problems import NotFound


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(docs_url=None, redoc_url=None)
    app.include_router(documentation.router)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def linked(client: httpx.AsyncClient) -> list[str]:
    html = (await client.get("/docs")).text
    return re.findall(r'(?:src|href)="([^"]+)"', html)


async def test_the_page_loads_nothing_from_another_host(client):
    links = await linked(client)
    assert "openapi.json" in links
    assert [link for link in links if "//" in link] == []

    start = (documentation.ASSETS / "anagen-docs.js").read_text()
    assert "://" not in start
    assert "validatorUrl: null" in start


async def test_the_policy_forbids_inline_script_and_other_hosts(client):
    answer = await client.get("/docs")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert re.findall(r"<script(?![^>]* src=)|<style| on\w+=| style=", answer.text) == []


async def test_every_asset_is_served_for_good_under_its_hash(client):
    assets = [link for link in await linked(client) if link.startswith("docs/assets/")]
    assert len(assets) == 3
    for link in assets:
        answer = await client.get(f"/{link}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert link.split(".")[-2] == hashlib.sha256(answer.content).hexdigest()[:16]
        kind = "text/css" if link.endswith(".css") else "text/javascript"
        assert answer.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("name", ["swagger-ui.css", "index.html", "SHA256SUMS"])
async def test_no_other_file_can_be_reached(client, name):
    with pytest.raises(NotFound):
        await client.get(f"/docs/assets/{name}")


def test_the_vendored_files_are_the_published_ones():
    lines = (documentation.ASSETS / "SHA256SUMS").read_text().splitlines()
    pairs = [line.split() for line in lines if not line.startswith("#")]
    sums = {name: digest for digest, name in pairs}
    assert {"swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"} <= sums.keys()
    for name, expected in sums.items():
        content = (documentation.ASSETS / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == expected, name
