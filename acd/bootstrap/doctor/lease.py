"""Of several controllers: does the place of the lease answer, and who leads?"""

from __future__ import annotations

from acd.adapters.lease_redis import RedisLeases
from acd.bootstrap.cluster.parts import lease_store
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, nothing, told, well
from acd.bootstrap.doctor.scene import Scene
from acd.errors import MadoguchiError
from acd.ports_cluster import Lease


async def look(scene: Scene) -> Finding:
    """What the lease says now; it is only read."""
    cluster = scene.settings.cluster
    if not cluster.on:
        return nothing(
            "コントローラーは1台です ([cluster] なし)", "a single controller ([cluster] is not set)"
        )
    store = lease_store(scene.settings)
    try:
        return judge(await store.look(), cluster.node)
    except MadoguchiError as error:
        return fault(
            told(error),
            Said(
                "Redis (Sentinel) を起動してください。なければどのコントローラーも待つだけです",
                "start Redis (Sentinel): without a lease every controller waits",
            ),
        )
    finally:
        await store.close()


def judge(lease: Lease | None, own: str) -> Finding:
    """What to say of the lease as it stands."""
    if lease is None or lease.given_back:
        return note(
            Said("どのコントローラーも先頭に立っていません", "no controller leads"),
            Said(
                "`madoguchi serve` をどちらかで起動してください", "start `madoguchi serve` on one"
            ),
        )
    here = lease.node == own
    return well(
        f"{lease.node} が先頭です (第{lease.token}代)" + (" ← このマシン" if here else ""),
        f"{lease.node} leads (term {lease.token})" + (": this machine" if here else ""),
    )


async def redis_about(scene: Scene) -> tuple[str, float] | None:
    """Redis' version and its clock (Unix seconds); None where none is used. Raises
    StoreUnavailable."""
    if not scene.settings.cluster.on:
        return None
    store = lease_store(scene.settings)
    try:
        return await store.about() if isinstance(store, RedisLeases) else None
    finally:
        await store.close()
