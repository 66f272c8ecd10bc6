"""Can anybody but the owner read what must stay secret?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from acd.bootstrap.doctor.finding import Finding, Said, fault, well
from acd.bootstrap.doctor.scene import Scene

_SHOWN = 4
#: Files of the state directory that hold secrets or personal data.
SECRET = (
    "secrets.json",
    "tokens.json",
    "cli.token",
    "madoguchi.sqlite",
    "users.json",
    "spool",
    "recordings",
)


async def look(scene: Scene) -> Finding:
    """The state directory, the files in it that hold secrets, and the key of the certificate."""
    settings = scene.settings
    named = [settings.state_dir / name for name in SECRET]
    if settings.tls.key:
        named.append(Path(settings.tls.key))
    open_ones = [each for each in named if exposed(each)]
    if open_ones:
        shown = "、".join(str(each) for each in open_ones[:_SHOWN])
        names = " ".join(str(each) for each in open_ones[:_SHOWN])
        return fault(
            Said(
                f"ほかの利用者も読めます: {shown}",
                f"others can read: {shown.replace('、', ', ')}",
            ),
            Said(
                f"`chmod go-rwx {names}` を実行し、中の秘密を作り直してください",
                f"run `chmod go-rwx {names}`, and change the secrets that were in it",
            ),
        )
    count = sum(each.exists() for each in named)
    return well(
        f"秘密のファイル{count}個は所有者だけが読めます",
        f"the {count} secret files are readable by their owner alone",
    )


def exposed(path: Path) -> bool:
    """Whether somebody else may read it: a folder above that lets nobody in protects it too."""
    try:
        if not stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            return False
        return bool(stat.S_IMODE(os.stat(path.parent).st_mode) & 0o077)
    except OSError:
        return False
