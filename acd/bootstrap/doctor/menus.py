"""Does each Asterisk reach the menu server? A real call of the test telephone's says so: it is
answered when the menu server has, through the tunnel where there is one."""

from __future__ import annotations

import asyncio

from acd.bootstrap.doctor.echo_call import call
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, unknown, well
from acd.bootstrap.doctor.nodes import each_node
from acd.bootstrap.doctor.scene import Scene

#: What the test telephone dials for it (extensions.conf).
ASK_MENUS = "*44"
#: A tunnel whose other end stands still gives up sooner.
WITHIN_S = 6.0
#: Beyond this a caller hears the silence.
SLOW_S = 1.0
_OK, _NO_ANSWER, _UNAVAILABLE = 200, 0, 503


async def look(scene: Scene) -> Finding:
    """The doctor's own call at each, which asks the menu server of whoever leads."""
    if not scene.settings.cluster.on and not (await scene.controller()).answers:
        return unknown(
            "コントローラーが動いていないので確かめられません",
            "no controller runs, so there are no menus to reach",
        )
    return await each_node(scene, _look)


async def _look(scene: Scene, node: str) -> Finding:
    settings = scene.settings.at(node)
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    try:
        phone = await call(settings, scene.secrets, ASK_MENUS, WITHIN_S)
    except OSError as error:
        return unknown(
            f"試験通話をかけられません ({error.strerror})",
            f"the test call has no way there ({error.strerror})",
        )
    took_s = loop.time() - asked_s
    await phone.hang_up()
    return judge(phone.status, took_s, tunnel=settings.switch.link_tls)


def judge(status: int, took_s: float, *, tunnel: bool) -> Finding:
    """What to say of the call's answer. ``tunnel``: AGI goes through one there."""
    if status == _OK:
        way_ja, way_en = ("、トンネル経由", " through the tunnel") if tunnel else ("", "")
        found = Said(
            f"案内に {took_s * 1000:.0f} ミリ秒で届きました{way_ja}",
            f"reached in {took_s * 1000:.0f} ms{way_en}",
        )
        if took_s > SLOW_S:
            look_at = Said(
                "Asteriskとコントローラーの負荷、間のネットワークを見てください",
                "look at the load of Asterisk and controller and at the network between",
            )
            return note(found, look_at)
        return well(found.ja, found.en)
    if status == _NO_ANSWER:
        return unknown("試験通話に応答がありません", "the test call was not answered at all")
    if status != _UNAVAILABLE:
        return fault(
            Said(
                f"試験通話が断られました (SIP {status})",
                f"the test call was refused (SIP {status})",
            ),
            Said(
                "Asteriskの設定を新しくしてください (`madoguchi reload`、別マシンなら "
                "`madoguchi asterisk-conf`)",
                "bring it this version's configuration (`madoguchi reload`; on another machine "
                "`madoguchi asterisk-conf`)",
            ),
        )
    return fault(
        Said(
            "Asteriskから案内に届きません。発信者は案内を聞けません",
            "not reached from Asterisk: callers hear no menu",
        ),
        _TUNNEL if tunnel else _FIREWALL,
    )


_TUNNEL = Said(
    "Asteriskのマシンで stunnel が動いているか (`systemctl status madoguchi-tunnel`)、"
    "[agi] tls_port へ届くか、証明書が新しいか確かめてください",
    "does stunnel run on Asterisk's machine (`systemctl status madoguchi-tunnel`), does it get to "
    "[agi] tls_port, and are its certificates this centre's?",
)
_FIREWALL = Said(
    "[agi] の advertise と port、間のファイアウォールを確かめてください",
    "look at advertise and port of [agi], and at the firewall between",
)
