"""One machine's stack, really built and run: it answers, it holds, and it keeps what is secret."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sim.load.sipp import Sipp
from tests.containers.stack_kit import OPERATOR, SECRETS, Stack, ends, until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

SERVICES = ("controller", "asterisk", "postgres")
#: For what comes at once on a machine that has nothing else to do.
LIMIT_S = 120.0
#: Asterisk's time to stop in compose.yaml.
GRACE_S = 45.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def phone(stack: Stack) -> AsyncIterator[Sipp]:
    """The operator's telephone; its owner is logged in, and not ready yet."""
    phone = await stack.phone(OPERATOR)
    stack.madoguchi("agent", "login", OPERATOR)
    yield phone
    await phone.stop()


def _rest(stack: Stack) -> None:
    stack.madoguchi("agent", "not-ready", OPERATOR, "training")


def _answered(phone: Sipp) -> int:
    return len([fact for fact in phone.facts if fact.what == "answered"])


def _balances(stack: Stack) -> None:
    """The ledger against itself and against Asterisk's own record."""
    stack.madoguchi("ledger", "check", "--cel", "/srv/switch/run/log/cel.csv")


async def test_callers_are_answered_and_the_ledger_balances(stack: Stack, phone: Sipp) -> None:
    stack.madoguchi("agent", "ready", OPERATOR)
    callers = await stack.callers(2)
    try:
        await callers.wait()
    finally:
        await callers.stop()
    assert ends(callers.facts) == ["was_hung_up"] * 2, "operators end the talks"
    assert _answered(phone) == 2
    _balances(stack)


@pytest.mark.requirement("M18")
async def test_who_waits_is_kept_whatever_else_is_restarted(stack: Stack, phone: Sipp) -> None:
    _rest(stack)
    before = _answered(phone)
    callers = await stack.callers(2)
    try:
        await until(lambda: stack.waiting() == 2, LIMIT_S, "both wait")
        for service in ("postgres", "controller"):
            stack.compose("restart", service)
        # As an out-of-memory or a power cut of the process would: without a word.
        stack.compose("kill", "-s", "KILL", "controller")
        stack.up()
        await until(lambda: stack.waiting() == 2, LIMIT_S, "their place and age are known again")
        stack.madoguchi("agent", "ready", OPERATOR)
        await callers.wait()
    finally:
        await callers.stop()
    assert ends(callers.facts) == ["was_hung_up"] * 2
    assert _answered(phone) == before + 2
    _balances(stack)


@pytest.mark.requirement("M29")
async def test_a_switch_that_is_told_to_stop_lets_talks_end(stack: Stack, phone: Sipp) -> None:
    stack.madoguchi("agent", "ready", OPERATOR)
    before = _answered(phone)
    callers = await stack.callers(1)
    try:
        await until(lambda: _answered(phone) == before + 1, LIMIT_S, "they talk")
        began = time.monotonic()
        await asyncio.to_thread(stack.compose, "stop", "asterisk")
        took_s = time.monotonic() - began
        await callers.wait()
    finally:
        await callers.stop()
    assert ends(callers.facts) == ["was_hung_up"], "the operator's hang-up, not the switch's end"
    assert "hung_up" in [fact.what for fact in phone.facts[-1:]], "the operator ended it"
    assert took_s < GRACE_S
    assert stack.inspect("asterisk")["State"]["ExitCode"] == 0
    stack.compose("up", "-d")
    await until(lambda: stack.healthy("controller"), LIMIT_S, "the controller found it again")
    callers = await stack.callers(1)
    try:
        await until(lambda: len(callers.facts) >= 2, LIMIT_S, "a call is taken again")
        await callers.wait()
    finally:
        await callers.stop()
    assert ends(callers.facts) == ["was_hung_up"]


@pytest.mark.requirement("M29")
async def test_the_controller_stops_in_stages_within_its_time(stack: Stack) -> None:
    began = time.monotonic()
    stack.compose("stop", "controller")
    assert time.monotonic() - began < 30.0
    state = stack.inspect("controller")["State"]
    assert (state["ExitCode"], state["OOMKilled"]) == (0, False), "it ended by itself"
    stack.up()


async def test_nobody_is_root_and_nothing_can_be_written_but_volumes(stack: Stack) -> None:
    for service in SERVICES:
        assert stack.inside(service, "id", "-u").strip() == "10001"
        host = stack.inspect(service)["HostConfig"]
        assert host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"]
        assert host["Privileged"] is False


async def test_no_image_holds_a_secret(stack: Stack) -> None:
    drawn = json.loads(stack.inside("controller", "cat", SECRETS))
    assert len(set(drawn.values())) == len(drawn), "each was drawn by itself"
    for service in SERVICES:
        image = stack.inspect(service)["Config"]["Image"]
        keys = r"find / -xdev \( -name '*.key' -o -name 'key.pem' -o -name 'secrets.json' \)"
        there = _alone(image, f"{keys} -not -path '/proc/*'; find / -xdev -name 'ssl-cert-*.key'")
        assert there == "", f"{image} holds {there}"
        history = subprocess.run(
            ["docker", "history", "--no-trunc", image], capture_output=True, text=True, check=True
        ).stdout
        assert "BEGIN CERTIFICATE" not in history
        assert not [value for value in drawn.values() if value in history]


async def test_the_database_speaks_tls_to_those_who_know_the_password(stack: Stack) -> None:
    ask = "host=postgres user=madoguchi dbname=madoguchi sslmode={mode} connect_timeout=3"
    run = "PGPASSFILE={file} psql -tAX -c 'SELECT ssl FROM pg_stat_ssl WHERE pid=pg_backend_pid()'"
    known, nobody = "/run/madoguchi/pgpass", "/dev/null"
    query = run.format(file=known) + f' "{ask.format(mode="require")}"'
    assert stack.inside("postgres", "sh", "-c", query).strip() == "t"
    for file, mode in ((known, "disable"), (nobody, "require")):
        query = run.format(file=file) + f' -w "{ask.format(mode=mode)}" && echo in || echo refused'
        assert stack.inside("postgres", "sh", "-c", query).strip() == "refused"


async def test_backups_are_made_beside_it_and_are_whole(stack: Stack) -> None:
    stack.compose("--profile", "backup", "up", "-d", "--wait", "--wait-timeout", "300", "backup")
    stack.inside("backup", "madoguchi", "verify", "/srv/backup")
    assert stack.inside("backup", "stat", "-c", "%a", "/srv/backup").strip() == "700"
    said = json.loads(
        stack.inside("backup", "madoguchi", "backup", "--to", "/srv/backup", "--json")
    )
    assert (said["whole"], said["database"]) == (False, True), "the next one is an increment"
    stack.compose("--profile", "backup", "stop", "backup")
    assert stack.inspect("backup")["State"]["ExitCode"] == 0


async def test_another_start_draws_nothing_anew(stack: Stack) -> None:
    sums = ("sh", "-c", "cd /srv/secrets && sha256sum *.json ca.pem pgpass")
    before = stack.inside("controller", *sums)
    stack.compose("run", "--rm", "init")
    assert stack.inside("controller", *sums) == before
    stack.inside("asterisk", "healthy")
    stack.inside("controller", "madoguchi", "check")


def _alone(image: str, script: str) -> str:
    command = ["docker", "run", "--rm", "--network=none", "--user=0", "--entrypoint=sh", image]
    done = subprocess.run([*command, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()
