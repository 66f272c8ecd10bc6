"""Which ways of packing sound does Asterisk really speak, and are the trunks' among them?"""

from __future__ import annotations

from acd.bootstrap.doctor.finding import Finding, Said, fault, unknown, well
from acd.bootstrap.doctor.scene import Scene

#: What an SDP calls the codecs of telephone networks, by the settings' words.
_NAMES = {"ulaw": "PCMU", "alaw": "PCMA"}
_SHOWN = {"PCMU": "µ-law", "PCMA": "A-law"}


async def look(scene: Scene) -> Finding:
    """Offered by a real call and read from Asterisk's answer; held against each trunk's."""
    try:
        looped = await scene.echo(scene.settings.switch.id)
    except OSError:
        looped = None
    if looped is None or not looped.codecs:
        return unknown(
            "試験通話がつながらず、Asteriskに聞けません",
            "Asterisk could not be asked: the test call did not come through",
        )
    spoken = [_SHOWN[each] for each in looped.codecs]
    trunks = scene.settings.trunks
    missing = [
        f"{name} {codec}"
        for name, trunk in trunks.items()
        for codec in trunk.codecs
        if _NAMES.get(codec, looped.codecs[0]) not in looped.codecs
    ]
    if missing:
        return fault(
            Said(
                f"回線の {'、'.join(missing)} をAsteriskが話せません ({'、'.join(spoken)} だけ)",
                f"Asterisk does not speak {', '.join(missing)} of the trunks, only "
                + ", ".join(spoken),
            ),
            Said(
                "codec_ulaw.so と codec_alaw.so が読み込まれているか確かめてください",
                "are its modules codec_ulaw.so and codec_alaw.so loaded?",
            ),
        )
    lines = [f"{name} {' '.join(trunk.codecs)}" for name, trunk in trunks.items()]
    return well(
        f"Asteriskは {'、'.join(spoken)} を話します。回線: {'、'.join(lines) or 'なし'}",
        f"Asterisk speaks {', '.join(spoken)}. Trunks: {', '.join(lines) or 'none'}",
    )
