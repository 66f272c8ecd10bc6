"""Do the carriers' lines answer? Each is asked as SIP asks, by OPTIONS: those over UDP from here,
those over TCP by Asterisk, which is asked for its registrations as well."""

from __future__ import annotations

import asyncio
import contextlib

from msgspec import Struct, field

from acd.adapters.asterisk.codec import Action
from acd.adapters.asterisk.line_states import LineStates
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, nothing, well
from acd.bootstrap.doctor.scene import Scene, within
from acd.bootstrap.trunks import asked_trunks
from acd.config.settings import Transport, TrunkKind, TrunkSettings
from acd.errors import MadoguchiError
from sim.load.options import ask_options

#: How long Asterisk may take for its list, and a carrier for a connection.
ANSWER_S, CONNECT_S = 3.0, 3.0
_REGISTRATIONS = Action("PJSIPShowRegistrationsOutbound")
_REGISTERED = "Registered"


async def look(scene: Scene) -> Finding:
    """Trunks with an address of their own are asked; one that only calls us cannot be."""
    trunks = scene.settings.trunks
    if not trunks:
        return note(
            Said("回線がひとつもありません", "there is no trunk at all"),
            Said(
                "settings.toml に [trunks.ID] を書いてください",
                "write [trunks.ID] in settings.toml",
            ),
        )
    names = sorted(trunks)
    seen = await _seen(scene)
    states = await asyncio.gather(*(_state(scene, name, trunks[name], seen) for name in names))
    shown = Said(
        "、".join(f"{name} {state.ja}" for name, (_, state) in zip(names, states, strict=True)),
        ", ".join(f"{name} {state.en}" for name, (_, state) in zip(names, states, strict=True)),
    )
    down = sum(good is False for good, _ in states)
    look_there = Said(
        "業者のアドレスとファイアウォール、登録のパスワード (`madoguchi secret trunk.ID`) を"
        "確かめてください",
        "look at the carrier's address, the firewall, the password (`madoguchi secret trunk.ID`)",
    )
    if down and down == sum(good is not None for good, _ in states):
        return fault(shown, look_there)
    if down:
        return note(shown, look_there)
    if all(good is None for good, _ in states):
        return nothing(shown.ja, shown.en)
    return well(shown.ja, shown.en)


class _Seen(Struct):
    """What the Asterisks know of the lines: whether they answer OPTIONS, and the worst state of
    each registration. What no Asterisk could say is not there."""

    up: dict[str, bool] = field(default_factory=dict)
    registered: dict[str, str] = field(default_factory=dict)


async def _seen(scene: Scene) -> _Seen:
    found = _Seen()
    trunks = scene.settings.trunks
    asked = asked_trunks(scene.settings)
    registering = any(each.kind is TrunkKind.REGISTRATION for each in trunks.values())
    for node in scene.settings.nodes:
        with contextlib.suppress(MadoguchiError):
            session = await scene.session(node)
            for name, is_up in (await LineStates(lambda s=session: s).up(asked)).items():  # type: ignore[misc]
                found.up[name] = found.up.get(name, True) and is_up
            told = await session.collect(_REGISTRATIONS, ANSWER_S) if registering else []
            # Each is followed by its account, which is nobody's business here.
            details = [each for each in told if each.event == "OutboundRegistrationDetail"]
            for each in details:
                name, status = each.get("ObjectName"), each.get("Status")
                if found.registered.get(name, _REGISTERED) == _REGISTERED:
                    found.registered[name] = status
    return found


async def _state(
    scene: Scene, name: str, trunk: TrunkSettings, seen: _Seen
) -> tuple[bool | None, Said]:
    if trunk.kind is TrunkKind.REGISTRATION:
        try:
            scene.secrets.given(f"trunk.{name}")
        except MadoguchiError:
            return False, Said("(パスワードがありません)", "(no password is set)")
        status = seen.registered.get(name, "")
        if status == "Rejected":
            return False, Said(
                "(登録を断られました。ユーザー名かパスワードが違います)",
                "(the carrier refused the registration: user name or password)",
            )
        if status and status != _REGISTERED:
            return False, Said("(登録できていません)", "(not registered)")
        if status:
            return True, Said("(登録済み)", "(registered)")
    if not trunk.host:
        return None, Said("(こちらからは尋ねられない回線)", "(only calls us: cannot be asked)")
    if trunk.transport is not Transport.UDP:
        return await _by_tcp(name, trunk, seen)
    answer = await ask_options((trunk.host, trunk.port))
    if answer == 0:
        return False, Said("(応答なし)", "(no answer)")
    return True, Said(f"(応答あり、SIP {answer})", f"(answers, SIP {answer})")


async def _by_tcp(name: str, trunk: TrunkSettings, seen: _Seen) -> tuple[bool | None, Said]:
    """A line over TCP: what Asterisk's own OPTIONS found; without them, whether there is a port."""
    if seen.up.get(name):
        return True, Said("(TCP、応答あり)", "(TCP, answers)")
    try:
        _, writer = await within(asyncio.open_connection(trunk.host, trunk.port), CONNECT_S)
        writer.close()
    except (OSError, TimeoutError):
        return False, Said("(TCPでつながりません)", "(TCP: no connection)")
    if name in seen.up:
        return False, Said(
            "(TCPでつながりますが、SIPの応答がありません)",
            "(TCP: connects, but does not speak SIP)",
        )
    return True, Said("(TCPでつながります)", "(TCP: connects)")
