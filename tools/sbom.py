"""What everything is made of, as CycloneDX 1.5 files in ``build/sbom``: the Python environment as
``uv.lock`` pins it, and each image that this machine's container engine has. Run it with
``python -m tools.sbom``.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

PROJECT = Path(__file__).parents[1]
FOLDER = PROJECT / "build" / "sbom"
IMAGES = ("controller", "asterisk", "postgres", "redis", "prometheus")
_UV = PROJECT / ".venv" / "bin" / "uv"
_FIELDS = "${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\n"


def main() -> int:
    """Write the files and say what is in each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.cdx.json"):
        old.unlink()
    ours = version()
    python = _python()
    _write("python", python)
    for name in IMAGES:
        listed = _debian(f"madoguchi/{name}:{ours}")
        if listed is None:
            sys.stdout.write(f"  {name}: there is no such image here (make test-containers)\n")
            continue
        made = document(f"madoguchi/{name}", ours, packages(listed))
        if name == "controller":
            made["components"] += python["components"]
        _write(name, made)
    return 0


def packages(lines: str) -> list[dict[str, Any]]:
    """Components of the lines ``package version architecture source source-version``."""
    return [_component(*line.split("\t")) for line in lines.splitlines()]


def document(name: str, version: str, components: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A whole CycloneDX document about one image."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "component": {"type": "container", "name": name, "version": version},
        },
        "components": list(components),
    }


def _component(
    package: str, version: str, architecture: str, source: str, source_version: str
) -> dict[str, Any]:
    purl = f"pkg:deb/debian/{quote(package)}@{quote(version)}?arch={architecture}"
    properties = {"debian:source": source, "debian:source-version": source_version}
    return {
        "type": "library",
        "bom-ref": f"{package}:{architecture}@{version}",
        "name": package,
        "version": version,
        "purl": purl,
        "properties": [{"name": key, "value": value} for key, value in properties.items()],
    }


def version() -> str:
    """The project's, which its images bear."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _python() -> dict[str, Any]:
    command = [str(_UV), "export", "--frozen", "--no-dev", "--quiet"]
    command += ["--format", "cyclonedx1.5", "--preview-features", "sbom-export"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _debian(image: str) -> str | None:
    """The packages of an image; None when there is no engine or no such image."""
    command = ["docker", "run", "--rm", "--network=none", "--pull=never"]
    command += ["--entrypoint=dpkg-query", image, "-W", "-f", _FIELDS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _write(name: str, made: dict[str, Any]) -> None:
    file = FOLDER / f"{name}.cdx.json"
    file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    said = f"{file.relative_to(PROJECT)}: {len(made['components'])} components"
    sys.stdout.write(f"  {said}\n")


if __name__ == "__main__":
    sys.exit(main())
