"""The list of parts and the question whether any of them is known to be vulnerable."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tools import audit, sbom

LINES = "openssl\t3.0.15-1\tamd64\topenssl\t3.0.15-1\nlibssl3\t3.0.15-1\tamd64\topenssl\t3.0.15-1\n"
PYTHON = [{"name": "aiohttp", "version": "3.9.1", "purl": "pkg:pypi/aiohttp@3.9.1"}]


@contextmanager
def service(answer: bytes) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Something on loopback that answers every question so; and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.requirement("M29")
def test_an_image_is_listed_as_cyclonedx() -> None:
    made = sbom.document("madoguchi/redis", "0.1.0", sbom.packages(LINES))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.5")
    assert [each["purl"] for each in made["components"]] == [
        "pkg:deb/debian/openssl@3.0.15-1?arch=amd64",
        "pkg:deb/debian/libssl3@3.0.15-1?arch=amd64",
    ]
    assert len({each["bom-ref"] for each in made["components"]}) == 2


def test_debian_is_asked_once_for_each_source() -> None:
    queries = audit.debian_queries(sbom.packages(LINES), "Debian:12")
    assert queries == [
        {"package": {"name": "openssl", "ecosystem": "Debian:12"}, "version": "3.0.15-1"}
    ]


@pytest.mark.requirement("M29")
def test_what_is_known_is_found() -> None:
    answer = json.dumps({"results": [{"vulns": [{"id": "GHSA-1"}, {"id": "CVE-2"}]}]}).encode()
    with service(answer) as (url, asked):
        found = audit.ask(url, audit.python_queries(PYTHON))
    assert found == [audit.Found("aiohttp", "3.9.1", ("GHSA-1", "CVE-2"))]
    assert asked[0]["queries"][0]["version"] == "3.9.1"


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"results": []}'])
def test_no_answer_is_not_taken_for_a_clean_one(answer: bytes) -> None:
    with service(answer) as (url, _), pytest.raises(audit.NobodyAnswers):
        audit.ask(url, audit.python_queries(PYTHON))


def test_nobody_there_is_said_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "_components", lambda name: PYTHON if name == "python" else [])
    monkeypatch.setenv("MADOGUCHI_OSV", "http://127.0.0.1:9")
    assert audit.main() == audit.UNKNOWN
    assert "nothing is known" in capsys.readouterr().err
    monkeypatch.setenv("MADOGUCHI_AUDIT", "if-reachable")
    assert audit.main() == 0
    said = capsys.readouterr().err
    assert "nothing is known" in said
    assert "NOT DONE" in said


@pytest.mark.parametrize("setting", ["", "if-reachable"])
def test_what_is_known_fails_whatever_is_set(
    setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "_components", lambda name: PYTHON if name == "python" else [])
    monkeypatch.setattr(audit, "ask", lambda _, queries: [audit.Found("aiohttp", "3.9.1", ("C",))])
    monkeypatch.setenv("MADOGUCHI_AUDIT", setting)
    with service(b'{"results": []}') as (url, _):
        monkeypatch.setenv("MADOGUCHI_OSV", url)
        assert audit.main() == 1
    assert "aiohttp 3.9.1: C" in capsys.readouterr().out


def test_without_a_list_nothing_is_asked_and_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "_components", lambda _: [])
    with service(b'{"results": []}') as (url, _):
        monkeypatch.setenv("MADOGUCHI_OSV", url)
        assert audit.main() == audit.UNKNOWN
    said = capsys.readouterr()
    assert "make sbom" in said.err
    assert "0 Python packages" not in said.out


def test_an_image_that_debian_cannot_be_asked_about_is_not_clean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "_components", lambda name: PYTHON)
    monkeypatch.setattr(audit, "ask", lambda _, queries: [])
    monkeypatch.setattr(audit, "_lacks", lambda image: None)
    with service(b'{"results": []}') as (url, _):
        monkeypatch.setenv("MADOGUCHI_OSV", url)
        assert audit.main() == audit.UNKNOWN
        monkeypatch.setenv("MADOGUCHI_AUDIT", "if-reachable")
        assert audit.main() == 0
    assert "image redis: Debian could not be asked, so nothing is known" in capsys.readouterr().err


def test_a_security_update_that_an_image_lacks_is_seen() -> None:
    said = """Inst libssl3 [3.0.15-1] (3.0.17-1~deb12u3 Debian-Security:12/stable-security [amd64])
Inst tzdata [2025a] (2025b Debian:12.11/stable [all])
Conf libssl3 (3.0.17-1~deb12u3 Debian-Security:12/stable-security [amd64])
"""
    assert audit.security_updates(said) == [("libssl3", "3.0.15-1", "3.0.17-1~deb12u3")]
