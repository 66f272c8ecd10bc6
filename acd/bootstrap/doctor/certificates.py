"""Is the certificate that browsers see good: whole chain, key that fits, long enough valid?"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import math
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from acd.adapters.certificates import Certificate
from acd.bootstrap.doctor.finding import Finding, Said, fault, note, nothing, told, well
from acd.bootstrap.doctor.scene import Scene
from acd.errors import ConfigError

#: A certificate that ends within this is to be renewed now.
RENEW_DAYS = 21
_DAY_S = 86_400


async def look(scene: Scene) -> Finding:
    """The certificate of ``[tls]``."""
    tls = scene.settings.tls
    if not tls.certificate:
        return nothing(
            "このセンター自身の証明書はありません"
            + (
                " (前段のプロキシが受け持ちます)"
                if tls.proxy
                else " (このマシンの中だけで使います)"
            ),
            "no certificate of its own"
            + (" (a proxy in front has it)" if tls.proxy else " (used on this machine alone)"),
        )
    try:
        Certificate(Path(tls.certificate), Path(tls.key))
        chain = await asyncio.to_thread(_chain, tls.certificate)
    except ConfigError as error:
        return fault(
            told(error),
            Said(
                "証明書と鍵の組み合わせ、ファイルの権限を確かめてください",
                "look whether certificate and key belong together, and at the files' rights",
            ),
        )
    except (OSError, ValueError):
        return fault(
            Said(f"{tls.certificate} を読めません", f"{tls.certificate} cannot be read"),
            Said("PEM形式か、権限を確かめてください", "is it PEM, and may this user read it?"),
        )
    return judge(chain, scene.now())


def _chain(file: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(Path(file).read_bytes())


def judge(chain: list[x509.Certificate], now_s: float) -> Finding:
    """What to say of a chain, the server's own certificate first. ``now_s`` is Unix seconds."""
    ends = min(each.not_valid_after_utc for each in chain)
    days = math.floor((ends.timestamp() - now_s) / _DAY_S)
    until = f"{ends.astimezone(dt.UTC):%Y-%m-%d}"
    renew = Said(
        "証明書を更新してください (置き換えると1分以内に使われます)",
        "renew it (a replaced file is taken over within a minute)",
    )
    if days < 0:
        return fault(Said(f"{until} に期限が切れています", f"it ended on {until}"), renew)
    if chain[0].not_valid_before_utc.timestamp() > now_s:
        return fault(
            Said("まだ有効期間の前です", "it is not valid yet"),
            Said("時計と証明書を確かめてください", "look at the clock and at the certificate"),
        )
    broken = _broken(chain)
    if broken:
        return fault(
            Said(
                f"証明書の連なりが {broken} 枚目で切れています",
                f"the chain breaks at its certificate number {broken}",
            ),
            Said(
                "サーバー証明書のあとに中間証明書を順に並べたファイルにしてください",
                "put the intermediate certificates behind the server's own, in order",
            ),
        )
    alone = len(chain) == 1 and chain[0].issuer != chain[0].subject
    if alone:
        return note(
            Said(
                f"{until} まで有効ですが、中間証明書がありません",
                f"valid until {until}, but no intermediate certificate comes with it",
            ),
            Said(
                "認証局の中間証明書を同じファイルの後ろに足してください",
                "append the authority's intermediate certificate to the same file",
            ),
        )
    if days < RENEW_DAYS:
        return note(
            Said(f"あと{days}日で期限が切れます ({until})", f"ends in {days} days ({until})"),
            renew,
        )
    own = chain[0].issuer == chain[0].subject
    return well(
        f"{until} まで有効、鍵と一致、{len(chain)}枚" + ("、自己署名(お試し用)" if own else ""),
        f"valid until {until}, fits its key, {len(chain)} in the chain"
        + (", signed by itself (for trying out)" if own else ""),
    )


def _broken(chain: list[x509.Certificate]) -> int:
    """Which certificate (from 2) is the first that did not issue the one before it; 0: none."""
    for number, (lower, upper) in enumerate(itertools.pairwise(chain), start=2):
        try:
            lower.verify_directly_issued_by(upper)
        except (ValueError, TypeError, InvalidSignature):
            return number
    return 0
