"""Stopping the server: who listens hears the end, who does not read is not waited for."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

pytestmark = pytest.mark.slow

STREAM = "/v1/events/stream"
FEW_SECONDS = 10  # three, and what a busy machine adds; the server's own patience is twenty
_PART = 536  # bytes: so small that little is on its way, and most waits in the server


@contextmanager
def asking(address: str, key: str, *paths: str) -> Iterator[socket.socket]:
    """A client that has asked for these, one after the other, and has read nothing yet."""
    host, _, port = address.removeprefix("http://").partition(":")
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * _PART)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _PART)
        client.settimeout(FEW_SECONDS)
        client.connect((host, int(port)))
        for path in paths:
            lines = f"GET {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {key}"
            client.sendall("\r\n".join((*lines, "", "")).encode())
        yield client


def until(client: socket.socket, wanted: bytes = b"\0") -> bytes:
    """All that comes until that has come, or until the server closes."""
    got = b""
    while wanted not in got and (part := client.recv(65536)):
        got += part
    return got


def test_who_never_reads_does_not_keep_the_server_from_stopping(founded):
    made = founded("api-key", "create", "Screen", "--scope=events:read", "--json")
    key, address = made.document["secret"], founded.start()
    with (
        asking(address, key, STREAM) as listener,
        asking(address, key, "/openapi.json", STREAM) as deaf,
    ):
        assert until(listener, b": listening")
        assert deaf.recv(8, socket.MSG_PEEK) == b"HTTP/1.1"
        begun = time.monotonic()
        assert founded.stop(signal.SIGTERM) == 0
        assert time.monotonic() - begun < FEW_SECONDS
        assert b'data: {"reason": "shutdown"}' in until(listener)
        assert b"text/event-stream" not in until(deaf)
    log = (founded.folder / "server.log").read_text()
    assert log.count(f'"route": "{STREAM}", "status": 200') == 2
    assert "failed" not in log
    assert "Traceback" not in log
