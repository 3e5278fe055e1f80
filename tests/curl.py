"""A stand-in for `curl` on machines without it: the few options that the README uses."""

import argparse
import sys
from pathlib import Path

import httpx


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-X")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d", action="append", default=[])
    parser.add_argument("-o")
    parser.add_argument("-D", choices=["-"])
    parser.add_argument("-w", default="")
    return parser.parse_args(words)


def main() -> None:
    """Ask, and print what curl prints: headers (-D -), the body unless -o, then the -w line."""
    asked = options(sys.argv[1:])
    headers = [tuple(line.split(": ", 1)) for line in asked.H]
    parts = [sys.stdin.read() if part == "@-" else part for part in asked.d]
    body = "&".join(parts).encode() if parts else None
    if body is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    method = asked.X or ("GET" if body is None else "POST")
    answer = httpx.request(method, asked.url, headers=headers, content=body, timeout=60)
    if asked.D:
        sys.stdout.write("".join(f"{name}: {value}\r\n" for name, value in answer.headers.items()))
    if asked.o:
        Path(asked.o).write_bytes(answer.content)
    else:
        sys.stdout.write(answer.text)
    line = asked.w.replace("\\n", "\n").replace("%{http_code}", str(answer.status_code))
    sys.stdout.write(line)


if __name__ == "__main__":
    main()
