"""Does the controller run, and can it serve callers?"""

from __future__ import annotations

from acd.bootstrap.doctor.finding import Finding, Said, fault, note, unknown, well
from acd.bootstrap.doctor.scene import Scene

_PARTS = {
    "switch": Said("Asteriskとの接続", "the connection to Asterisk"),
    "journal": Said("ジャーナル(手元の記録)", "the journal on the local disk"),
    "menus": Said("音声ガイダンス", "the menus"),
}


async def look(scene: Scene) -> Finding:
    """A controller that is down is a note: the doctor is also for before the first start."""
    found = await scene.controller()
    if not found.answers and scene.settings.cluster.on:
        return unknown(
            f"{scene.url} では応答がありません (待機中なら正常です)",
            f"nobody answers at {scene.url} (as it should be on one that stands by)",
        )
    if not found.answers:
        return note(
            Said(
                f"{scene.url} で動いていません。お待ちの方と通話中の方はAsteriskに"
                f"つながったままで、{scene.settings.switch.beat_max_s}秒後から固定の窓口が応対します",
                f"does not run at {scene.url}. Callers who wait or talk stay in Asterisk; after "
                f"{scene.settings.switch.beat_max_s} s its static queue serves them",
            ),
            Said("`madoguchi serve` で起動してください", "start it: `madoguchi serve`"),
        )
    if not found.ready:
        parts = [_PARTS.get(each, Said(each, each)) for each in found.missing]
        return fault(
            Said(
                "動いていますが、電話を受けられません。ないもの: "
                + "、".join(each.ja for each in parts),
                "runs, but cannot serve callers. Missing: " + ", ".join(each.en for each in parts),
            ),
            Said("下の各行とログを見てください", "look at the lines below and at its log"),
        )
    return well(
        f"動いていて、電話を受けられます ({scene.url})", f"runs and can serve callers ({scene.url})"
    )
