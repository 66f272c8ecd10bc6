"""Does sound go through Asterisk and come back whole? A real call of two seconds says so."""

from __future__ import annotations

from acd.bootstrap.doctor.echo_call import LEVEL, Looped
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, well
from acd.bootstrap.doctor.nodes import each_node
from acd.bootstrap.doctor.scene import Scene

#: µ-law keeps a tone within a percent or two; half is a fault of the line.
LEAST = LEVEL / 2
#: To and back; beyond it people begin to talk at the same time.
LONG_S = 0.3
LOST_NOTE = 0.02
_OK, _UNAUTHORIZED = 200, (401, 403)


async def look(scene: Scene) -> Finding:
    """The doctor's own call to the echo of each, measured."""
    return await each_node(scene, _look)


async def _look(scene: Scene, node: str) -> Finding:
    switch = scene.settings.nodes[node]
    try:
        looped = await scene.echo(node)
    except OSError as error:
        return fault(
            Said(
                f"試験通話をかけられません ({error.strerror})",
                f"the test call has no way there ({error.strerror})",
            ),
            Said("[switch] の sip_bind を確かめてください", "look at sip_bind of [switch]"),
        )
    return judge(looped, f"{switch.sip_bind}:{switch.sip_port}")


def judge(looped: Looped, where: str) -> Finding:
    """What to say of the call."""
    if looped.status == 0:
        return fault(
            Said(f"{where} (UDP) からSIPの応答がありません", f"no SIP answer from {where} (UDP)"),
            Said(
                "Asteriskが動いているか、ファイアウォールがUDPを通すか確かめてください",
                "does Asterisk run, and does a firewall let UDP through?",
            ),
        )
    if looped.status in _UNAUTHORIZED:
        return fault(
            Said(
                "Asteriskが試験用の電話機を知りません", "Asterisk does not know the test telephone"
            ),
            Said(
                "Asteriskの設定を新しくしてください (`madoguchi reload`、別マシンなら "
                "`madoguchi asterisk-conf`)",
                "bring it this version's configuration (`madoguchi reload`; on another machine "
                "`madoguchi asterisk-conf`)",
            ),
        )
    if looped.status != _OK:
        return fault(
            Said(
                f"試験通話が断られました (SIP {looped.status})",
                f"the test call was refused (SIP {looped.status})",
            ),
            Said("Asteriskのログを見てください", "look at Asterisk's log"),
        )
    if looped.level < LEAST:
        return fault(
            Said(
                f"試験通話で音が戻りません (受けたパケット {looped.heard})",
                f"no sound came back in the test call ({looped.heard} packets heard)",
            ),
            Said(
                "音声のUDPポート (rtp_from_port–rtp_to_port) が通るか確かめてください",
                "are the UDP ports for sound (rtp_from_port–rtp_to_port) open?",
            ),
        )
    share = looped.lost / max(1, looped.heard + looped.lost)
    found = Said(
        f"試験通話の音は往復 {looped.around_s * 1000:.0f} ミリ秒で戻りました "
        f"(音量 {looped.level / LEVEL:.0%}、欠け {share:.1%})",
        f"the test call's sound was back in {looped.around_s * 1000:.0f} ms "
        f"(level {looped.level / LEVEL:.0%}, lost {share:.1%})",
    )
    if share > LOST_NOTE or looped.around_s > LONG_S:
        return note(
            found,
            Said(
                "マシンの負荷と、間のネットワークを見てください",
                "look at the machine's load and at the network between",
            ),
        )
    return well(found.ja, found.en)
