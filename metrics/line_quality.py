"""How a line sounds, as one number: a mean opinion score estimated from loss, jitter and delay.

ITU-T G.107's E-model with its defaults, cut down to what a telephone switch can see of G.711. It
is an estimate for watching trends and faults, not a measurement of what people heard.
"""

from __future__ import annotations

#: R of a perfect narrow-band line with all defaults (G.107).
R_BEST = 93.2
#: Packet-loss robustness of G.711 with concealment, random loss (G.113, appendix I).
BPL = 25.1
#: Packets of 20 ms.
PACKET_MS = 20.0


def mos(loss: float, jitter_ms: float, delay_ms: float = 0.0) -> float:
    """Mean opinion score, 1 (bad) to 4.41. ``loss`` is a share, ``delay_ms`` one way.

    R = 93.2 - Id - Ie,eff, where Ie,eff = 95 * P / (P + 25.1) with P the loss in %, and
    Id = 0.024 d + 0.11 (d - 177.3) above 177.3 ms, d = delay + packet + a buffer of twice the
    jitter. MOS = 1 + 0.035 R + R (R - 60) (100 - R) * 7e-6.

    >>> round(mos(0.0, 0.0), 2), round(mos(0.1, 2.0), 2), round(mos(1.0, 500.0, 500.0), 2)
    (4.4, 3.38, 1.0)
    """
    delay = max(0.0, delay_ms) + PACKET_MS + 2 * max(0.0, jitter_ms)
    impaired = 0.024 * delay + 0.11 * max(0.0, delay - 177.3)
    percent = 100 * min(1.0, max(0.0, loss))
    r = min(R_BEST, max(0.0, R_BEST - impaired - 95 * percent / (percent + BPL)))
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
