"""Does Asterisk's manager interface answer, how fast, and do its events come in time?"""

from __future__ import annotations

import asyncio

from acd.adapters.asterisk.codec import Action
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, told, well
from acd.bootstrap.doctor.nodes import each_node
from acd.bootstrap.doctor.scene import Scene
from acd.errors import SwitchError

_PINGS = 5
_PAUSE_S = 0.05
ANSWER_S = 3.0
#: Beyond this a caller hears that something is slow.
SLOW_S = 0.5


async def look(scene: Scene) -> Finding:
    """Five pings of our own to each, and what the running controller measured of its events."""
    return await each_node(scene, _look)


async def _look(scene: Scene, node: str) -> Finding:
    switch = scene.settings.nodes[node]
    try:
        session = await scene.session(node)
        answers = []
        loop = asyncio.get_running_loop()
        for _ in range(_PINGS):
            sent_s = loop.time()
            await session.call(Action("Ping"), ANSWER_S)
            answers.append(loop.time() - sent_s)
            await asyncio.sleep(_PAUSE_S)
    except SwitchError as error:
        return fault(told(error), _what_to_do(error))
    slowest = max(answers)
    measured = (await scene.controller()).figures.get("madoguchi_ami_lag_seconds")
    lag_ja = "" if measured is None else f"、通知の遅れ {measured:.2f} 秒"
    lag_en = "" if measured is None else f", its events come {measured:.2f} s late"
    found = Said(
        f"{switch.host}:{switch.manager_port} は {slowest * 1000:.0f} ミリ秒以内に応答{lag_ja}",
        f"{switch.host}:{switch.manager_port} answers within {slowest * 1000:.0f} ms{lag_en}",
    )
    busy = Said(
        "Asteriskのマシンの負荷と、間のネットワークを見てください",
        "look at the load of Asterisk's machine and at the network between",
    )
    if measured is not None and measured > switch.lag_alarm_s:
        return fault(found, busy)
    if slowest > SLOW_S:
        return note(found, busy)
    return well(found.ja, found.en)


def _what_to_do(error: SwitchError) -> Said:
    if error.code == "login_refused":
        return Said(
            "このセンターの設定で動いているAsteriskではないか、秘密が新しくなっています。"
            "設定を書き直して (`madoguchi asterisk-conf`) 再起動してください",
            "it is not the Asterisk of this centre, or has older secrets: write its configuration "
            "anew (`madoguchi asterisk-conf`) and start it again",
        )
    if error.code == "certificate_refused":
        return Said(
            "上のとおりにしてください。tls = true にする前の設定のまま動いているのかもしれません",
            "do that; it may still run with the configuration from before tls = true",
        )
    return Said(
        "Asteriskを起動してください (`madoguchi up`、または別マシンのサービス)。"
        "動いているなら [switch] の host と ami_port、間のファイアウォールを確かめてください",
        "start Asterisk (`madoguchi up`, or its service on the other machine); if it runs, look at "
        "host and ami_port of [switch] and at the firewall between",
    )
