"""Two controllers, two nodes, Redis with Sentinel as containers: neither a dead leader is missed,
nor the dead master of the lease."""

from __future__ import annotations

import pytest

from tests.containers.stack_kit import OPERATOR, Stack, ends, until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

OVERLAYS = ("cluster.yaml",)
CONTROLLERS = ("controller", "controller-b")
#: For what comes at once on a machine that has nothing else to do.
LIMIT_S = 120.0
_WHO = """REDISCLI_AUTH="$(cat /run/madoguchi/sentinel-password)" exec redis-cli --tls \
 --cacert /run/madoguchi/ca.pem -h "$ADDRESS" -p 26379 sentinel get-master-addr-by-name madoguchi"""


def _find_leader(stack: Stack, among: tuple[str, ...]) -> bool:
    for service in among:
        if stack.leads(service):
            stack.leader = service
            return True
    return False


@pytest.mark.requirement("M18")
async def test_callers_of_both_nodes_outlive_the_leading_controller(stack: Stack) -> None:
    await until(lambda: _find_leader(stack, CONTROLLERS), LIMIT_S, "one leads")
    phone = await stack.phone(OPERATOR)
    stack.madoguchi("agent", "login", OPERATOR)
    here = await stack.callers(1)
    there = await stack.callers(1, at=f"{stack.net}.139")
    try:
        both = lambda: _find_leader(stack, CONTROLLERS) and stack.waiting() == 2  # noqa: E731
        await until(both, LIMIT_S, "one waits on each node")
        died = stack.leader
        stack.compose("kill", "-s", "KILL", died)
        (other,) = set(CONTROLLERS) - {died}
        await until(lambda: _find_leader(stack, (other,)), LIMIT_S, "the other one leads")
        await until(lambda: stack.waiting() == 2, LIMIT_S, "it knows who waits")
        stack.madoguchi("agent", "ready", OPERATOR)
        for callers in (here, there):
            await callers.wait()
        assert ends([*here.facts, *there.facts]) == ["was_hung_up"] * 2
        stack.compose("up", "-d", "--no-recreate")
        await until(lambda: stack.healthy(died), LIMIT_S, "the dead one stands by again")
    finally:
        for process in (here, there, phone):
            await process.stop()
    stack.madoguchi("ledger", "check", *_cels())


@pytest.mark.requirement("M18")
async def test_the_lead_outlives_the_master_of_the_lease(stack: Stack) -> None:
    """Its container is gone for good, and its name with it; who leads then may be either."""
    await until(lambda: _find_leader(stack, CONTROLLERS), LIMIT_S, "one leads")
    dead = _master(stack)
    stack.compose("kill", "-s", "KILL", f"redis-{dead[-1]}")
    await until(lambda: _master(stack) != dead, LIMIT_S, "another one is master")
    await until(lambda: _find_leader(stack, CONTROLLERS), LIMIT_S, "somebody leads with it")
    callers = await stack.callers(1)
    try:
        await until(lambda: stack.waiting() == 1, LIMIT_S, "calls are taken")
    finally:
        await callers.stop()
    stack.compose("up", "-d", "--no-recreate")
    for controller in CONTROLLERS:
        await until(lambda at=controller: stack.healthy(at), LIMIT_S, "both are well")  # type: ignore[misc]


def _master(stack: Stack) -> str:
    """The address of the Redis that the sentinels name."""
    return stack.inside("sentinel-1", "sh", "-c", _WHO).split()[0]


def _cels() -> list[str]:
    nodes = ("switch", "switch-b")
    return [word for node in nodes for word in ("--cel", f"/srv/{node}/run/log/cel.csv")]
