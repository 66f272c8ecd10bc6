"""Are the ports of the settings ours, or free to be taken?"""

from __future__ import annotations

import asyncio
import ipaddress
from pathlib import Path

from acd.adapters.asterisk.listen import Listen, holder, require_free
from acd.adapters.asterisk.proctree import name_of
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, well
from acd.bootstrap.doctor.scene import Scene
from acd.bootstrap.switch import paths_of
from acd.config.settings import SwitchKind
from acd.errors import AsteriskStartFailed


async def look(scene: Scene) -> Finding:
    """Every address that this machine's parts listen on: free, ours, or somebody else's."""
    running = (await scene.controller()).answers
    return await asyncio.to_thread(_look, scene, running)


def _look(scene: Scene, running: bool) -> Finding:
    own = _own(scene, running)
    free, ours, strange, elsewhere = [], [], [], []
    for name, listen in addresses(scene):
        shown = f"{name} {listen.protocol} {listen.host}:{listen.port}"
        try:
            require_free([listen])
        except AsteriskStartFailed:
            pid = holder(listen)
            if pid in own or (pid is None and (running or own)):
                ours.append(shown)
            elif pid is None and not _of_this_machine(listen.host):
                elsewhere.append(shown)
            else:
                by = f" ({name_of(pid)}, {pid})" if pid else ""
                strange.append(shown + by)
        else:
            free.append(shown)
    if elsewhere:
        return fault(
            Said(
                f"このマシンのアドレスではありません: {'、'.join(elsewhere)}",
                f"no addresses of this machine: {', '.join(elsewhere)}",
            ),
            Said(
                "settings.toml のアドレスを直してください", "correct the addresses in settings.toml"
            ),
        )
    if strange:
        return fault(
            Said(
                f"ほかのプログラムが使っています: {'、'.join(strange)}",
                f"taken by another program: {', '.join(strange)}",
            ),
            Said(
                "そのプログラムを止めるか、settings.toml で別のポートにしてください",
                "stop that program, or choose another port in settings.toml",
            ),
        )
    count = len(free) + len(ours)
    if ours and free and running:
        return note(
            Said(
                f"{len(ours)}個は使用中、動いているはずなのに空いています: {'、'.join(free)}",
                f"{len(ours)} are ours; nobody listens on: {', '.join(free)}",
            ),
            Said("設定を変えたあとなら再起動してください", "restart, if the settings were changed"),
        )
    return well(
        f"{count}個すべて空いているか、このセンターが使っています (使用中 {len(ours)})",
        f"all {count} are free or our own ({len(ours)} in use)",
    )


def addresses(scene: Scene) -> list[tuple[str, Listen]]:
    """What this machine's parts listen on, by the section that says so."""
    settings, switch = scene.settings, scene.settings.switch
    agi, over_tls = settings.agi, {each.link_tls for each in settings.nodes.values()}
    found = [
        ("agi", Listen("tcp", agi.bind, agi.tls_port if tls else agi.port))
        for tls in sorted(over_tls)
    ]
    found.append(("api", Listen("tcp", settings.api.bind, settings.api.port)))
    if switch.kind is not SwitchKind.REMOTE:
        found += [
            ("sip", Listen("udp", switch.sip_bind, switch.sip_port)),
            ("sip", Listen("tcp", switch.sip_bind, switch.sip_port)),
            ("ami", Listen("tcp", "127.0.0.1", switch.ami_port)),
        ]
        if switch.tls and settings.switches:
            found.append(("sip", Listen("tcp", switch.sip_bind, switch.sip_tls_port)))
        if settings.softphone.ws_port:
            found.append(("softphone", Listen("tcp", "127.0.0.1", settings.softphone.ws_port)))
    return found


def _own(scene: Scene, running: bool) -> set[int]:
    """The processes of this centre, as far as they can be known: its Asterisk by the file in which
    that writes its number, its controller by the interface that answered to our token."""
    found = set[int]()
    settings = scene.settings
    if settings.switch.kind is not SwitchKind.REMOTE:
        try:
            text = Path(paths_of(settings).run, "asterisk.pid").read_text(encoding="ascii")
            found.add(int(text.strip()))
        except (OSError, ValueError, AsteriskStartFailed):
            pass
    api = Listen("tcp", settings.api.bind, settings.api.port)
    if running and (pid := holder(api)) is not None:
        found.add(pid)
    return found


def _of_this_machine(host: str) -> bool:
    try:
        require_free([Listen("tcp", host, 0)])
    except AsteriskStartFailed:
        return False
    except OSError:
        return not _is_address(host)
    return True


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
