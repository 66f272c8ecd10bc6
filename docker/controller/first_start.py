"""What the service ``init`` does before anything else starts, each time: secrets are drawn where
there are none, certificates made or renewed, and the switches' configuration is written.

Volumes below ``/srv``: ``authority`` (nobody else has it), ``secrets`` (the controllers'),
``postgres``, ``redis`` and ``monitoring`` (theirs), ``switch`` and ``switch-<id>`` (read by an
Asterisk each).
Nothing that it draws has a default, and nothing is printed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from acd.adapters.certificates import make_certificate
from acd.adapters.secrets import Secrets
from acd.config import load_settings
from docker.controller.certificates import CA, CERTIFICATE, Authority, days_left, write
from web.auth import TokenStore
from web.roles import Role

MADOGUCHI = "/usr/local/bin/madoguchi"
SRV = Path("/srv")
SECRETS, POSTGRES, REDIS = SRV / "secrets", SRV / "postgres", SRV / "redis"
MONITORING = SRV / "monitoring"
#: A certificate towards browsers that ends sooner is replaced.
_RENEW_DAYS = 60


def main() -> int:
    """Everything in an order that may be interrupted and done again."""
    settings = load_settings(Path(os.environ["MADOGUCHI_CENTRE"]))
    secrets, authority = Secrets(SECRETS), Authority(SRV / "authority")
    _database(secrets, authority)
    if settings.cluster.on:
        _lease(secrets, authority)
    _browsers()
    if os.environ.get("MADOGUCHI_MONITORING"):
        _monitoring(secrets, Path(settings.tls.certificate))
    for id_, switch in settings.nodes.items():
        status = _switch(id_, SRV / (f"switch-{id_}" if switch.further else "switch"))
        if status:
            return status
    return 0


def _database(secrets: Secrets, authority: Authority) -> None:
    """The same password for the server, which keeps a hash of it, and for who asks it."""
    password = secrets.get("database")
    line = f"postgres:5432:madoguchi:madoguchi:{password}\n".encode()
    authority.serve(POSTGRES, ["postgres"])
    write(POSTGRES / "password", password.encode())
    for folder in (POSTGRES, SECRETS):
        write(folder / "pgpass", line)
    shutil.copyfile(POSTGRES / CA, SECRETS / CA)


def _lease(secrets: Secrets, authority: Authority) -> None:
    """The servers of the lease and their sentinels, by the addresses that they have."""
    authority.serve(REDIS, os.environ["MADOGUCHI_LEASE_NAMES"].split())
    write(REDIS / "password", secrets.get("redis").encode())
    write(REDIS / "sentinel-password", secrets.get("sentinel").encode())


def _browsers() -> None:
    """For trying out; a real one is named by ``MADOGUCHI_TLS__CERTIFICATE`` and ``_KEY``."""
    if days_left(SECRETS / "tls" / CERTIFICATE) < _RENEW_DAYS:
        make_certificate(SECRETS / "tls", os.environ["MADOGUCHI_NAMES"].split())


def _monitoring(secrets: Secrets, certificate: Path) -> None:
    """Prometheus' token, which lets it read figures and nothing else; the certificate that it
    believes; the password of Grafana's first person."""
    token, tokens = MONITORING / "token", TokenStore(SECRETS)
    if not token.exists() or tokens.identify(token.read_text()) is None:
        write(token, tokens.add(Role.MONITOR, label="Prometheus").encode())
    write(MONITORING / "controller.pem", certificate.read_bytes())
    write(MONITORING / "grafana-password", secrets.get("grafana").encode())


def _switch(id_: str, home: Path) -> int:
    """Asterisk's folder: configuration and prompts as new, what it wrote itself stays."""
    new = home / "new"
    shutil.rmtree(new, ignore_errors=True)
    command = [MADOGUCHI, "asterisk-conf", "--switch", id_, str(new)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        return done.returncode
    for name in ("etc", "sounds"):
        shutil.rmtree(home / f"{name}.old", ignore_errors=True)
        if (home / name).exists():
            (home / name).rename(home / f"{name}.old")
        (new / name).rename(home / name)
        shutil.rmtree(home / f"{name}.old", ignore_errors=True)
    if not (home / "run").exists():
        (new / "run").rename(home / "run")
    shutil.rmtree(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
