"""A whole centre for tests: real Asterisk, the controller as a process of its own, SIP phones.

The controller runs as ``madoguchi serve``, so that it can be killed and started again while
Asterisk, callers and phones go on. What came of the calls is read with plain SQL from its database,
and pyst2's Manager looks at Asterisk as an independent witness.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from acd.adapters.asterisk.process import AsteriskProcess
from acd.adapters.secrets import Secrets
from acd.adapters.sql.database import sqlite_file
from acd.bootstrap.switch import conf_spec, directory_phones, paths_of, start_asterisk
from acd.config import Centre, load_centre
from sim.load.ports import free_ports
from tests.fakes.sip_agent import Dialog, SipAgent
from web.auth import TokenStore
from web.roles import Role

NUMBER = "0466001111"
HOST = "127.0.0.1"

_SETTINGS = """
state_dir = "var"
[switch]
sip_port = {sip}
ami_port = {ami}
rtp_from_port = {rtp}
rtp_to_port = {rtp_to}
beat_max_s = {beat_max}
[agi]
port = {agi}
[api]
port = {api}
[softphone]
ws_port = 0
[store]
spool_mib = 32
reserve_mib = 4
[trunks.carrier]
kind = "address"
match = ["127.0.0.1"]
[log]
level = "warning"
"""

_FLOW = """
name_ja = "直通"
name_en = "Direct"
start = "wait"
operator = "wait"
goodbye = {goodbye}
[nodes.wait]
kind = "queue"
queue = "{queue}"
"""

#: Two skills, one queue each, and one queue that wants an expert.
PLAN = """
version = "test"
timezone = "Asia/Tokyo"
default_queue = "tax"
default_flow = "tax"
[cooldown]
no_answer_s = {no_answer_s}
rejected_s = 1
busy_s = 1
unreachable_s = 1
[skills]
tax = {{ ja = "税", en = "Taxes" }}
waste = {{ ja = "ごみ", en = "Waste" }}
[queues.tax]
name = {{ ja = "税", en = "Taxes" }}
needs = {{ tax = 1 }}
ring_timeout_s = {ring_s}
wrap_up_s = 0
max_length = 500
[queues.expert]
name = {{ ja = "税(専門)", en = "Taxes, expert" }}
needs = {{ tax = 5 }}
ring_timeout_s = {ring_s}
wrap_up_s = 0
[queues.waste]
name = {{ ja = "ごみ", en = "Waste" }}
needs = {{ waste = 1 }}
ring_timeout_s = {ring_s}
wrap_up_s = 0
[[numbers]]
number = "0466-00-1111"
flow = "tax"
name = {{ ja = "税", en = "Taxes" }}
[[numbers]]
number = "0466-00-1112"
flow = "expert"
name = {{ ja = "税(専門)", en = "Taxes, expert" }}
[[numbers]]
number = "0466-00-1113"
flow = "waste"
name = {{ ja = "ごみ", en = "Waste" }}
"""


class CentreKit:
    """One running centre and everything around it.

    ``sip_host`` is where its telephones find Asterisk, ``phones_host`` where they are themselves;
    ``reach`` is how a command gets to the controller's machine, when that is another one.
    """

    sip_host = phones_host = HOST
    reach: tuple[str, ...] = ()

    def __init__(self, folder: Path, centre: Centre) -> None:
        self.folder = folder
        self.centre = centre
        self.settings = centre.settings
        self.phones: dict[str, SipAgent] = {}
        #: Telephones of departments, by the device's name.
        self.departments: dict[str, SipAgent] = {}
        self.witness_secret = secrets.token_hex(16)
        self.switch: AsteriskProcess
        self.controller: asyncio.subprocess.Process | None = None
        #: Where Asterisk's manager interface is, which is not where the controller looks for it
        #: when a test has put something in between.
        self.ami_port = self.settings.switch.ami_port
        self.token = TokenStore(self.settings.state_dir).add(Role.ADMINISTRATOR, label="test")
        default = self.settings.state_dir / "madoguchi.sqlite"
        self.database = sqlite_file(self.settings.database_url) or default
        self._callers: list[SipAgent] = []

    @property
    def url(self) -> str:
        """Where the controller's interface is."""
        scheme = "https" if self.settings.tls.certificate else "http"
        return f"{scheme}://{self.settings.api.bind}:{self.settings.api.port}"

    # -- the parts --------------------------------------------------------------------------

    async def start_switch(self) -> None:
        """Asterisk with the product's configuration, phones at fixed addresses."""
        server = (HOST, self.settings.switch.sip_port)
        for agent in self.centre.plan.agents:
            self.phones[agent.id] = await SipAgent.open(agent.device, server)
        contacts = {
            agent.device: f"sip:{agent.device}@{HOST}:{self.phones[agent.id].port}"
            for agent in self.centre.plan.agents
        }
        for device in directory_phones(self.centre.plan):
            phone = self.departments[device] = await SipAgent.open(device, server)
            contacts[device] = f"sip:{device}@{HOST}:{phone.port}"
        switch = self.settings.switch.model_copy(update={"ami_port": self.ami_port})
        settings = self.settings.model_copy(update={"switch": switch})
        paths = paths_of(settings)
        spec = conf_spec(
            replace(self.centre, settings=settings),
            Secrets(self.settings.state_dir),
            paths,
            phone_contacts=contacts,
            witness_secret=self.witness_secret,
        )
        self.switch = await start_asterisk(settings, spec, paths)

    async def start_controller(self) -> None:
        """``madoguchi serve`` as a process of its own; returns when it is healthy and its database
        can be asked: callers do not wait for the tables, tests that read them must."""
        log = (self.folder / "controller.log").open("ab")
        self.controller = await asyncio.create_subprocess_exec(
            *self.reach,
            sys.executable,
            "-m",
            "acd",
            "serve",
            "--centre",
            str(self.folder),
            stdout=log,
            stderr=log,
        )
        log.close()
        await self.until(self._started, 60.0)

    async def _started(self) -> bool:
        assert self.controller is not None
        assert self.controller.returncode is None, f"it ended at once:\n{self.log()[-3000:]}"
        return await self.healthy() and self.has_tables()

    async def kill_controller(self) -> None:
        """kill -9: no farewell of any kind."""
        assert self.controller is not None
        self.controller.send_signal(signal.SIGKILL)
        await self.controller.wait()

    async def stop_controller(self) -> None:
        """SIGTERM, and its exit code must say that all went well."""
        assert self.controller is not None
        if self.controller.returncode is None:
            self.controller.terminate()
        code = await asyncio.wait_for(self.controller.wait(), 20.0)
        assert code == 0, self.log()

    async def stop(self) -> None:
        """Everything, in order."""
        if self.controller is not None and self.controller.returncode is None:
            self.controller.kill()
            await self.controller.wait()
        for agent in (*self.phones.values(), *self.departments.values(), *self._callers):
            agent.close()
        if hasattr(self, "switch"):
            await self.switch.stop(grace_s=2.0)

    # -- asking the controller ----------------------------------------------------------------

    async def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One API request as the administrator; the answer must be a success."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.url + path, json=body, ssl=False) as answer,
        ):
            found = await answer.json()
            assert answer.status == 200, (path, found)
            return found

    async def healthy(self) -> bool:
        """Whether the controller says that callers can be served."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(self.url + "/readyz", ssl=False) as answer,
            ):
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def state(self) -> Any:
        """Queues, operators and calls as the API shows them."""
        return await self.request("GET", "/api/state")

    async def agents_in(self, state: str) -> list[str]:
        """Operators in a state."""
        agents = (await self.state())["agents"]
        return [name for name, agent in agents.items() if agent["state"] == state]

    async def waiting(self) -> int:
        """Callers waiting in all queues."""
        return sum(queue["waiting"] for queue in (await self.state())["queues"].values())

    async def work(self, *agents: str) -> None:
        """Let operators log in and be ready (all without names)."""
        for agent in agents or tuple(self.phones):
            await self.request("POST", f"/api/agents/{agent}/login", {})
            await self.request("POST", f"/api/agents/{agent}/ready", {})

    # -- callers ------------------------------------------------------------------------------

    async def caller(self, name: str = "0466123456") -> SipAgent:
        """A telephone at the carrier."""
        server = (self.sip_host, self.settings.switch.sip_port)
        agent = await SipAgent.open(name, server, host=self.phones_host)
        self._callers.append(agent)
        return agent

    async def call(self, number: str = NUMBER, name: str = "0466123456") -> Dialog:
        """Somebody calls; returns at once, before the answer."""
        return await (await self.caller(name)).call(number)

    # -- what came of it ------------------------------------------------------------------------

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the controller's database, by plain SQL."""
        url = f"file:{self.database}?mode=ro"
        with contextlib.closing(sqlite3.connect(url, uri=True)) as database:
            return database.execute(query).fetchall()

    def has_tables(self) -> bool:
        """Whether the controller has made its tables; the version is written last, in the same
        transaction."""
        try:
            return bool(self.sql("select version_num from alembic_version"))
        except sqlite3.OperationalError:
            return False

    def log(self) -> str:
        """What the controller wrote."""
        path = self.folder / "controller.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    async def cli(self, command: str) -> str:
        """What Asterisk answers to a command of its console."""
        return await self.switch.cli(command)

    async def channels(self) -> list[str]:
        """Names of all channels of Asterisk."""
        text = await self.cli("core show channels concise")
        return [line.partition("!")[0] for line in text.splitlines() if "!" in line]

    async def no_channels(self) -> bool:
        """Whether Asterisk has taken all channels down; that comes a moment after their end."""
        return await self.channels() == []

    async def until(self, true: Callable[[], Any], within_s: float = 20.0) -> None:
        """Wait until something is true; AssertionError with state and log if it is not."""
        end = time.monotonic() + within_s
        while True:
            found = true()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            assert time.monotonic() < end, f"not within {within_s} s\n{await self.story()}"
            await asyncio.sleep(0.05)

    async def story(self) -> str:
        """What the controller says of itself, for a test that failed."""
        state = await self.state() if await self.healthy() else "no answer"
        told = [await self.cli(each) for each in ("core show channels concise", "bridge show all")]
        said = [path.read_text()[-2000:] for path in self.folder.rglob("messages.log")]
        return "\n".join((str(state), *told, *said, self.log()[-3000:]))


def flow_text(queue: str) -> str:
    """A flow that leads to one queue at once."""
    return _FLOW.format(queue=queue, goodbye="false" if queue == "waste" else "true")


def write_centre(
    folder: Path,
    agents: dict[str, str],
    *,
    ring_s: float = 5.0,
    no_answer_s: float = 1.0,
    beat_max_s: float = 5.0,
    database_url: str = "",
    more_settings: str = "",
    more_plan: str = "",
) -> Centre:
    """A centre's directory for a test; ``agents`` gives skills by operator in TOML."""
    sip, ami, agi, api = free_ports(4)
    rtp = 30_000 + 200 * secrets.randbelow(100)
    (folder / "flows").mkdir(parents=True)
    (folder / "settings.toml").write_text(
        _SETTINGS.format(
            sip=sip,
            ami=ami,
            agi=agi,
            api=api,
            rtp=rtp,
            rtp_to=rtp + 599,
            beat_max=beat_max_s,
        ).replace("[store]", f'[store]\ndatabase_url = "{database_url}"')
        + more_settings
    )
    for queue in ("tax", "expert", "waste"):
        # Waste is led straight into the waiting bridge, without the menu server.
        (folder / "flows" / f"{queue}.toml").write_text(flow_text(queue))
    people = "".join(
        f'[agents.{name}]\nname = "{name}"\ndevice = "{name}"\nskills = {{ {skills} }}\n'
        for name, skills in agents.items()
    )
    (folder / "plan.toml").write_text(
        PLAN.format(ring_s=ring_s, no_answer_s=no_answer_s) + people + more_plan
    )
    (folder / "calendars.toml").write_text("")
    return load_centre(folder)


@contextlib.asynccontextmanager
async def running_kit(agents: dict[str, str], **rules: Any) -> AsyncIterator[CentreKit]:
    """A centre at work with these operators (not logged in); all is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mdg-e2e-"))
    kit = CentreKit(folder, write_centre(folder, agents, **rules))
    try:
        await kit.start_switch()
        await kit.start_controller()
        yield kit
    finally:
        await kit.stop()
        shutil.rmtree(folder, ignore_errors=True)
