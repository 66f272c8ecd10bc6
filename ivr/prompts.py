"""The sentences common to all flows, in Japanese and English, each under a prompt id.

A prompt id names a sentence; what is played is ``sounds/<language>/<id>.ulaw``, rendered from
these texts by ``tools/render_prompts.py``. Positions and waits are whole sentences rather than
numbers put together, because that is how a person would say them. A city's own sentences stand in
its flows.
"""

from __future__ import annotations

from msgspec import Struct

#: Languages that callers may hear; the first is the one without a choice.
LANGUAGES = ("ja", "en")
#: The highest position that is told as a number.
MAX_POSITION = 20
#: Minutes that are told: the ends of a range of expected waits.
WAIT_MINUTES = (1, 2, 3, 5, 10, 15, 20, 30)


class Prompt(Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence in each language; an empty text means that nothing is said."""

    ja: str = ""
    en: str = ""

    def text(self, language: str) -> str:
        """The sentence in a language; ``""`` for an unknown one."""
        return self.ja if language == "ja" else self.en if language == "en" else ""


_FIXED = {
    "greeting": Prompt(
        "お電話ありがとうございます。",
        "Thank you for calling.",
    ),
    "recording-notice": Prompt(
        "お話を正確にうかがうため、この通話を録音いたします。",
        "This call is recorded so that we get your request right.",
    ),
    # Offered in English to callers who hear Japanese, and to nobody else.
    "offer-english": Prompt("For English, press nine.", ""),
    "menu-again": Prompt(
        "恐れ入りますが、もう一度お選びください。",
        "Sorry, please choose again.",
    ),
    "connecting": Prompt(
        "おつなぎします。このままお待ちください。",
        "We are connecting you now. Please hold.",
    ),
    "transferring": Prompt(
        "担当の課におつなぎします。このままお待ちください。",
        "We are putting you through to the department. Please hold.",
    ),
    "please-hold": Prompt(
        "ただいま混み合っております。順番におつなぎしますので、お待ちください。",
        "Many people are calling. Please hold, and we will answer you in turn.",
    ),
    "hold-comfort": Prompt(
        "お待たせしております。順番におつなぎしますので、もうしばらくお待ちください。",
        "Sorry to keep you waiting. We will answer you in turn.",
    ),
    "stay-on-line": Prompt("そのままお待ちください。", "Please stay on the line."),
    "congestion": Prompt(
        "申し訳ございません。ただいま電話が大変混み合っており、おつなぎすることができません。"
        "恐れ入りますが、しばらくたってからおかけ直しください。",
        "We are sorry. So many people are calling that we cannot answer you now. "
        "Please call again a little later.",
    ),
    "call_back_taken": Prompt(
        "折り返しのお電話を承りました。担当者からご連絡いたします。",
        "We have noted that you want to be called back. One of us will ring you.",
    ),
    "closed-hours": Prompt(
        "ただいまの時間は、受付をしておりません。",
        "We are closed at this time of day.",
    ),
    "closed-day": Prompt(
        "本日は、お休みをいただいております。",
        "We are closed today.",
    ),
    "closed-ad-hoc": Prompt(
        "本日は、臨時に受付を休んでおります。",
        "We are closed today for an unforeseen reason.",
    ),
    "trouble": Prompt(
        "申し訳ございません。ただいまお電話をおつなぎすることができません。"
        "恐れ入りますが、しばらくたってからおかけ直しください。",
        "We are sorry, we cannot connect you now. Please call again a little later.",
    ),
    # Asked after the talk; the answer is one of the keys named.
    # To an operator on an outside telephone, so that no answering machine takes a caller.
    "accept-call": Prompt(
        "窓口の電話です。お受けになるときは、いちを押してください。",
        "A call for you. To take it, press one.",
    ),
    "survey-question": Prompt(
        "よろしければ、本日の応対について教えてください。とても良かった方は5、良かった方は4、"
        "ふつうの方は3、あまり良くなかった方は2、良くなかった方は1を押してください。",
        "Please tell us how we did. Press five for very good, four for good, three for fair, "
        "two for poor, or one for very poor.",
    ),
    "survey-thanks": Prompt(
        "ご回答ありがとうございます。",
        "Thank you for your answer.",
    ),
    "goodbye": Prompt(
        "お電話ありがとうございました。失礼いたします。",
        "Thank you for calling. Goodbye.",
    ),
}


def _positions() -> dict[str, Prompt]:
    """``position-1`` ... and ``position-many``."""
    sentences = {
        "position-1": Prompt("次の順番でお待ちいただいております。", "You are next in line."),
    }
    for place in range(2, MAX_POSITION + 1):
        sentences[f"position-{place}"] = Prompt(
            f"ただいま、{place}番目にお待ちいただいております。",
            f"You are number {place} in line.",
        )
    sentences["position-many"] = Prompt(
        f"ただいま、{MAX_POSITION}人を超える皆さまにお待ちいただいております。",
        f"More than {MAX_POSITION} people are waiting.",
    )
    return sentences


def _waits() -> dict[str, Prompt]:
    """``wait-within-5``, ``wait-5-10`` and ``wait-over-30`` for every useful pair of minutes."""
    sentences: dict[str, Prompt] = {}
    for minutes in WAIT_MINUTES:
        plural = "minute" if minutes == 1 else "minutes"
        sentences[f"wait-within-{minutes}"] = Prompt(
            f"おつなぎするまで、{minutes}分以内の見込みです。",
            f"We expect to answer you within {minutes} {plural}.",
        )
        sentences[f"wait-over-{minutes}"] = Prompt(
            f"おつなぎするまで、{minutes}分以上かかる見込みです。",
            f"We expect you to wait more than {minutes} {plural}.",
        )
    for low, high in _pairs():
        sentences[f"wait-{low}-{high}"] = Prompt(
            f"おつなぎするまで、およそ{low}分から{high}分の見込みです。",
            f"We expect you to wait about {low} to {high} minutes.",
        )
    return sentences


def _pairs() -> list[tuple[int, int]]:
    """All ranges of minutes that are told."""
    return [(low, high) for low in WAIT_MINUTES for high in WAIT_MINUTES if low < high]


#: Every common sentence by prompt id.
CATALOGUE: dict[str, Prompt] = {**_FIXED, **_positions(), **_waits()}


def position_prompt(position: int) -> str:
    """The prompt for a place in the line, 1 = next."""
    if position < 1:
        raise ValueError("positions count from 1")
    return f"position-{position}" if position <= MAX_POSITION else "position-many"


class WaitRange(Struct, frozen=True):
    """An expected wait in minutes that are told: ``low_min`` 0 = may be none at all, ``high_min``
    0 = no upper end."""

    low_min: int
    high_min: int

    @property
    def prompt(self) -> str:
        """The prompt that tells it."""
        if not self.high_min:
            return f"wait-over-{self.low_min}"
        if not self.low_min:
            return f"wait-within-{self.high_min}"
        return f"wait-{self.low_min}-{self.high_min}"


def wait_range(low_s: float, high_s: float) -> WaitRange | None:
    """An expected wait between two times, widened to minutes that are told; None = too wide.

    The lower end is rounded down and the upper end up, so that what is said holds whenever the
    estimate does: 130-280 s becomes "2 to 5 minutes".
    """
    if not 0.0 <= low_s <= high_s:
        raise ValueError("an expected wait runs from a lower to a higher time")
    low = max((m for m in WAIT_MINUTES if m * 60 <= low_s), default=0)
    high = min((m for m in WAIT_MINUTES if m * 60 >= high_s and m > low), default=0)
    return WaitRange(low, high) if low or high else None
