"""Known vulnerabilities in what ``build/sbom`` lists (``python -m tools.audit``).

OSV is asked about everything; Debian about its security updates, which an image lacks that was
built before them: each image asks its own package sources, where the container engine has it.

Exit code 0: none in the Python packages, no update is missing; 1: some; 4: somebody could not be
asked, or there is no list to ask about, so nothing is known. With
``MADOGUCHI_AUDIT=if-reachable`` 4 is told as loudly, and is 0: for runs on machines without the
internet, which would otherwise fail for nothing that anybody did.
What OSV has open about Debian's packages is told and is no failure: Debian mends what matters.
``MADOGUCHI_OSV`` names another service of the same kind.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from typing import Any, NamedTuple

from tools.sbom import FOLDER, IMAGES, version

OSV = "https://api.osv.dev"
#: The suite of each image whose packages OSV knows; Asterisk's, the unstable one, it does not.
SUITES = dict.fromkeys(("controller", "postgres", "prometheus", "redis"), "Debian:12")
AT_ONCE, TIMEOUT_S, MAX_BYTES = 500, 30.0, 20_000_000
#: Whether anybody is there at all is known sooner.
REACH_S = 4.0
UNKNOWN = 4
#: What apt would bring from Debian's security suite: package, version that is there, new version.
_UPDATE = re.compile(r"^Inst (\S+) \[(\S+)\] \((\S+) [^)]*Debian-Security", re.MULTILINE)
_UPDATES = """grep -rqs -e -security /etc/apt && apt-get -q update >/dev/null &&
apt-get -q -s -o Debug::NoLocking=1 upgrade"""


class Found(NamedTuple):
    """A package, its version, and the ids of what is known about it."""

    package: str
    version: str
    ids: tuple[str, ...]


class NobodyAnswers(Exception):
    """The service cannot be reached, or says something else."""


def main() -> int:
    """Ask for everything and say what was found."""
    known, missing = _python_and_images(), _updates()
    if 1 in (known, missing):
        return 1
    if UNKNOWN not in (known, missing):
        return 0
    if os.environ.get("MADOGUCHI_AUDIT") == "if-reachable":
        sys.stderr.write("audit: NOT DONE as a whole, no failure: MADOGUCHI_AUDIT=if-reachable\n")
        return 0
    return UNKNOWN


def _python_and_images() -> int:
    service = os.environ.get("MADOGUCHI_OSV", OSV)
    if not _components("python"):
        sys.stderr.write(f"audit: {FOLDER} is empty (make sbom): nothing is known.\n")
        return UNKNOWN
    try:
        _post(f"{service}/v1/querybatch", {"queries": []}, REACH_S)
        python = ask(service, python_queries(_components("python")))
        debian = {name: ask(service, _debian(name)) for name in SUITES}
    except NobodyAnswers as error:
        sys.stderr.write(f"audit: {error}: nothing is known. Run it where {service} is reached.\n")
        return UNKNOWN
    for found in python:
        sys.stdout.write(f"  {found.package} {found.version}: {', '.join(found.ids)}\n")
    for name in IMAGES:
        if not _components(name):
            sys.stdout.write(f"  image {name}: not listed (make test-containers)\n")
        elif name not in SUITES:
            sys.stdout.write(f"  image {name}: not asked, OSV does not know Debian's unstable\n")
        else:
            open_ = sum(len(found.ids) for found in debian[name])
            sys.stdout.write(f"  image {name}: {open_} entries about Debian's packages\n")
    sys.stdout.write(f"audit: {len(python)} Python packages with known vulnerabilities\n")
    return 1 if python else 0


def _updates() -> int:
    """Which images lack a security update of Debian; those that nobody can ask are said."""
    missing, unknown = 0, False
    for name in SUITES:
        if not _components(name):
            continue
        found = _lacks(f"madoguchi/{name}:{version()}")
        if found is None:
            sys.stderr.write(
                f"audit: image {name}: Debian could not be asked, so nothing is known of updates\n"
            )
            unknown = True
            continue
        missing += len(found)
        for package, there, new in found:
            sys.stdout.write(f"  image {name}: {package} {there}: {new} mends it, build anew\n")
        if not found:
            sys.stdout.write(f"  image {name}: no security update of Debian is missing\n")
    if missing:
        return 1
    return UNKNOWN if unknown else 0


def _lacks(image: str) -> list[tuple[str, str, str]] | None:
    command = ["docker", "run", "--rm", "--network=host", "--pull=never", "--user=0"]
    command += ["--entrypoint=sh", image, "-c", _UPDATES]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return security_updates(done.stdout) if done.returncode == 0 else None


def security_updates(said: str) -> list[tuple[str, str, str]]:
    """Package, version and new one, where ``apt-get -s upgrade`` names the security suite."""
    return [(match[1], match[2], match[3]) for match in _UPDATE.finditer(said)]


def python_queries(components: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One question for each Python package."""
    return [
        {"package": {"name": each["name"], "ecosystem": "PyPI"}, "version": each["version"]}
        for each in components
        if str(each.get("purl", "")).startswith("pkg:pypi/")
    ]


def debian_queries(components: Sequence[dict[str, Any]], suite: str) -> list[dict[str, Any]]:
    """One question for each source package of Debian."""
    sources = set()
    for each in components:
        said = {pair["name"]: pair["value"] for pair in each.get("properties", [])}
        if "debian:source" in said:
            sources.add((said["debian:source"], said["debian:source-version"]))
    return [
        {"package": {"name": name, "ecosystem": suite}, "version": version}
        for name, version in sorted(sources)
    ]


def ask(service: str, queries: Sequence[dict[str, Any]]) -> list[Found]:
    """What is known about each, leaving out what nothing is known about."""
    found = []
    for part in _parts(queries):
        results = _post(f"{service}/v1/querybatch", {"queries": part}).get("results")
        if not isinstance(results, list) or len(results) != len(part):
            raise NobodyAnswers(f"{service} answers something else than was asked")
        for query, result in zip(part, results, strict=True):
            ids = tuple(str(each["id"]) for each in (result or {}).get("vulns", []))
            if ids:
                found.append(Found(query["package"]["name"], query["version"], ids))
    return found


def _parts(queries: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [list(queries[at : at + AT_ONCE]) for at in range(0, len(queries), AT_ONCE)]


def _post(url: str, body: dict[str, Any], limit_s: float = TIMEOUT_S) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(asked, timeout=limit_s) as answer:
            found = json.loads(answer.read(MAX_BYTES))
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise NobodyAnswers(f"{url} does not answer ({reason})") from error
    if not isinstance(found, dict):
        raise NobodyAnswers(f"{url} answers no JSON object")
    return found


def _components(name: str) -> list[dict[str, Any]]:
    file = FOLDER / f"{name}.cdx.json"
    if not file.exists():
        return []
    components: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["components"]
    return components


def _debian(name: str) -> list[dict[str, Any]]:
    return debian_queries(_components(name), SUITES[name])


if __name__ == "__main__":
    sys.exit(main())
