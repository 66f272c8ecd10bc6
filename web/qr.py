"""QR codes, drawn here: what is in them is a secret that no other machine shall see."""

from __future__ import annotations

from typing import TypedDict

import segno

#: The light rim that readers need (ISO/IEC 18004), in modules.
RIM = 4


class QrCode(TypedDict):
    """A square of ``size`` modules, and the path of an SVG that fills the dark ones."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """A QR code as a square of ``size`` modules and the path of an SVG that fills the dark ones."""
    code = segno.make(text, error="m", micro=False)
    rows = list(code.matrix_iter(border=RIM))
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return {"size": len(rows), "path": path}
