"""The composed stack as a test sees it: compose from outside, telephones and callers beside it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from sim.load import scenario, sound
from sim.load.counts import Fact
from sim.load.ports import free_ports
from sim.load.sipp import Load, Sipp

PROJECT = Path(__file__).parents[2]
NUMBER = "0466001111"
#: Key 3 of the example city's menu: general enquiries, which op09 knows best.
KEYS = ((1.0, "3"),)
OPERATOR = "op09"
SECRETS = "/srv/secrets/secrets.json"
#: For a start on a machine that has much else to do.
UP_S = 300.0
_EVERY_DAY = ", ".join(f'{day} = ["00:00-24:00"]' for day in "mon tue wed thu fri sat sun".split())


def open_centre(example: Path, into: Path) -> None:
    """The example city, day and night, whose callers wait for a controller on a busy machine."""
    shutil.copytree(example, into, dirs_exist_ok=True)
    calendars = tomllib.loads((example / "calendars.toml").read_text(encoding="utf-8"))
    tables = [f"[calendars.{name}]\nweek = {{ {_EVERY_DAY} }}\n" for name in calendars["calendars"]]
    (into / "calendars.toml").write_text("\n".join(tables), encoding="utf-8")
    settings = (example / "settings.toml").read_text(encoding="utf-8")
    assert settings.count("[switch]\n") == 1
    patient = settings.replace("[switch]\n", "[switch]\nbeat_max_s = 60\n")
    (into / "settings.toml").write_text(patient, encoding="utf-8")
    into.chmod(0o755)


class Stack:
    """One project of compose; files, project and addresses come from the environment."""

    def __init__(self, centre: Path, folder: Path, overlays: Sequence[str] = ()) -> None:
        self.net = os.environ["MADOGUCHI_NET"]
        self.gateway, self.switch = f"{self.net}.129", f"{self.net}.138"
        self._folder = folder
        files = [os.environ["COMPOSE_FILE"], *(f"docker/{name}" for name in overlays)]
        self._env = os.environ | {
            "MADOGUCHI_CENTRE_DIR": str(centre),
            "COMPOSE_FILE": os.pathsep.join(files),
        }
        #: The service that leads.
        self.leader = "controller"
        self._runs = 0

    def compose(self, *words: str, text: str = "", limit_s: float = 400.0) -> str:
        """What `docker compose` answers; a failure is the test's."""
        done = subprocess.run(
            ["docker", "compose", *words],
            cwd=PROJECT,
            env=self._env,
            input=text,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
        assert done.returncode == 0, f"compose {' '.join(words)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def up(self, *services: str) -> None:
        """Everything in one command (or these and what they need), healthy when it returns. Who was
        not healthy within a check's own time is waited for again: a busy machine starts slowly."""
        end_s = time.monotonic() + UP_S
        while True:
            try:
                self.compose("up", "-d", "--wait", "--wait-timeout", "300", *services)
            except AssertionError:
                if time.monotonic() < end_s:
                    continue
                print(self.compose("logs", "--no-color", "--tail", "30"))
                raise
            return

    def down(self) -> None:
        """Away with containers, networks and volumes of this project."""
        self.compose("--profile", "*", "down", "-v", "--remove-orphans")

    def inside(self, service: str, *command: str, text: str = "") -> str:
        """What a command says inside a service's container."""
        return self.compose("exec", "-T", service, *command, text=text)

    def madoguchi(self, *words: str) -> str:
        """The leading controller's own command."""
        return self.inside(self.leader, "madoguchi", *words)

    def inspect(self, service: str) -> dict[str, Any]:
        """The engine's own account of a service's container, stopped ones too."""
        name = self.compose("ps", "-a", "-q", service).strip()
        done = subprocess.run(["docker", "inspect", name], capture_output=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)[0]
        return found

    def healthy(self, service: str) -> bool:
        """Whether its own check says so."""
        return bool(self.inspect(service)["State"]["Health"]["Status"] == "healthy")

    def leads(self, service: str) -> bool:
        """Whether this controller says that callers can be served now."""
        check = "/opt/madoguchi/docker/controller/healthy.py || true"
        said = self.inside(service, "sh", "-c", f"/opt/madoguchi/.venv/bin/python {check}")
        return said.startswith("200 ")

    def waiting(self) -> int:
        """How many callers wait in all queues."""
        status = json.loads(self.madoguchi("floor", "status", "--json"))
        return sum(int(queue["waiting"]) for queue in status["queues"].values())

    def secret(self, name: str) -> str:
        """One of the secrets that were drawn at the first start."""
        return str(json.loads(self.inside("controller", "cat", SECRETS))[name])

    async def phone(self, user: str, *, talk_s: float = 2.0) -> Sipp:
        """An operator's telephone: registered, and answering after a moment."""
        port, media = free_ports(2, self.gateway)
        password = self.secret(f"phone.{user}")
        words = f"[authentication username={user} password={password}]"
        register = Load(
            name="register",
            scenario=scenario.register(),
            port=port,
            media_port=media,
            calls=1,
            limit_s=60.0,
            remote=f"{self.switch}:5060",
            rows=[[user, words, str(port), "600"]],
            host=self.gateway,
        )
        counts = await (await Sipp.start(register, self._place())).wait()
        assert counts.successful == 1, "the telephone could not register"
        waits = Load(
            name="phone",
            scenario=scenario.phone(),
            port=port,
            media_port=media,
            calls=1_000,
            limit_s=1_200.0,
            rows=[[str(scenario.ANSWER), "300", str(round(1000 * talk_s))]] * 100,
            host=self.gateway,
            echo=True,
        )
        return await Sipp.start(waits, self._place())

    async def callers(self, count: int, *, patience_s: float = 300.0, at: str = "") -> Sipp:
        """So many callers, half a second apart, who choose key 3 of the menu; ``at`` is another
        switch than the first."""
        folder = self._place()
        folder.mkdir(parents=True)
        file = folder / "keys.pcap"
        file.write_bytes(sound.stream(KEYS, 150.0, hz=350))
        self._runs += 1
        port, media = free_ports(2, self.gateway)
        load = Load(
            name="callers",
            scenario=scenario.caller([file]),
            port=port,
            media_port=media,
            calls=count,
            limit_s=patience_s + 60.0,
            remote=f"{at or self.switch}:5060",
            rows=[self._caller(n, patience_s) for n in range(count)],
            at_once=count,
            host=self.gateway,
        )
        return await Sipp.start(load, folder)

    def _caller(self, n: int, patience_s: float) -> list[str]:
        identity = f"<sip:04660{self._runs:02d}{n:03d}@{self.gateway}>"
        return [
            str(500 * n),
            NUMBER,
            identity,
            f"P-Asserted-Identity: {identity}",
            "Privacy: none",
            "1",
            str(round(1000 * patience_s)),
        ]

    def _place(self) -> Path:
        """A folder for one more SIPp."""
        taken = len(list(self._folder.iterdir()))
        return self._folder / f"run{taken}"


def ends(facts: Sequence[Fact]) -> list[str]:
    """How each caller's call ended, of those that did."""
    return sorted(fact.what for fact in facts if fact.what in ENDS)


ENDS = ("hung_up", "was_hung_up", "refused")


async def until(true: Callable[[], bool | Awaitable[bool]], limit_s: float, what: str) -> None:
    """Ask twice a second."""
    end_s = time.monotonic() + limit_s
    while True:
        answer = true()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert time.monotonic() < end_s, f"not within {limit_s:g} s: {what}"
        await asyncio.sleep(0.5)
