"""Several switches of one centre: what each must know of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from acd.adapters.asterisk.conf_nodes import NodeSpec
from acd.adapters.secrets import Secrets
from acd.config.settings import Settings, SwitchSettings
from acd.core.ids import SwitchId, node_endpoint

#: With which a dialplan asks the menu server.
AGI_KEY = "agi.key"


def own_secret(name: str, switch: SwitchSettings) -> str:
    """The name of a secret of one switch: the first one's is bare, as if it were alone."""
    return f"{name}-{switch.id}" if switch.further else name


def further_keys(settings: Settings, secrets: Secrets) -> dict[str, SwitchId]:
    """By key with which the dialplans ask the menu server: which switch beside the first asks."""
    return {
        secrets.get(own_secret(AGI_KEY, each)): SwitchId(node)
        for node, each in settings.switches.items()
    }


def node_specs(
    settings: Settings, secrets: Secrets, members: Sequence[str], homes: Mapping[str, str]
) -> tuple[NodeSpec, ...]:
    """The other switches as the one that ``settings`` are about sees them. ``members`` are the
    telephones of the fallback queue, ``homes`` where each is at home."""
    here = settings.switch.id
    wanted = [
        _between(*pair) for other in settings.switches for pair in ((other, here), (here, other))
    ]
    made = secrets.get_all(wanted)
    return tuple(
        NodeSpec(
            name=node_endpoint(SwitchId(other)),
            own_name=node_endpoint(SwitchId(here)),
            host=there.sip_bind,
            port=there.sip_tls_port if there.tls else there.sip_port,
            tls=there.tls,
            secret_in=made[_between(other, here)],
            secret_out=made[_between(here, other)],
            devices=tuple(device for device in members if homes.get(device) == other),
        )
        for other, there in settings.switches.items()
    )


def _between(caller: str, called: str) -> str:
    return f"node.{caller}_to_{called}"
