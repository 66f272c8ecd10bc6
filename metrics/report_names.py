"""What the values in a report are called: queues, numbers, languages, outcomes, hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from msgspec import Struct

from acd.core.events import CallOutcome, VisitOutcome
from acd.core.plan import CallType, Plan, TargetKind
from metrics.intervals import Grain, Span
from metrics.report_model import Name

NONE = Name("(なし)", "(none)")
OTHERS = Name("そのほか", "others")
TOTAL = Name("合計", "total")
UNLISTED = Name("一覧にない番号", "unlisted numbers")
UNCLASSIFIED = Name("分類なし", "not classified")
NOT_QUEUED = Name("窓口に入らなかった電話", "never came to a queue")
IN_PROGRESS = Name("進行中", "in progress")

WEEKDAYS = tuple(
    Name(ja, en)
    for ja, en in zip("月火水木金土日", "Mon Tue Wed Thu Fri Sat Sun".split(), strict=True)
)
LANGUAGES = {
    "ja": Name("日本語", "Japanese"),
    "en": Name("英語", "English"),
    "zh": Name("中国語", "Chinese"),
    "ko": Name("韓国・朝鮮語", "Korean"),
    "pt": Name("ポルトガル語", "Portuguese"),
    "es": Name("スペイン語", "Spanish"),
    "vi": Name("ベトナム語", "Vietnamese"),
    "tl": Name("フィリピノ語", "Filipino"),
    "ne": Name("ネパール語", "Nepali"),
    "id": Name("インドネシア語", "Indonesian"),
    "th": Name("タイ語", "Thai"),
}
CALL_TYPES = {
    CallType.ENQUIRY: Name("問い合わせ", "enquiries"),
    CallType.SWITCHBOARD: Name("代表電話の取り次ぎ", "switchboard"),
}
CALL_OUTCOMES = {
    CallOutcome.ANSWERED: Name("応答", "answered"),
    CallOutcome.ABANDONED: Name("放棄 (つながる前に切れた)", "abandoned"),
    CallOutcome.LEFT_IN_MENU: Name("案内中の切断", "left in the menu"),
    CallOutcome.SELF_SERVED: Name("自動案内で完了", "self-served"),
    CallOutcome.CALL_BACK: Name("折り返し受付", "call-back taken"),
    CallOutcome.MESSAGE: Name("伝言", "message"),
    CallOutcome.SENT_ELSEWHERE: Name("ほかへ転送", "sent elsewhere"),
    CallOutcome.CLOSED: Name("時間外", "closed"),
    CallOutcome.BLOCKED: Name("呼損 (満杯)", "blocked"),
    CallOutcome.FAILED: Name("故障", "failed"),
    CallOutcome.LOST: Name("障害で失われた", "lost with its node"),
}
VISIT_OUTCOMES = {
    VisitOutcome.ANSWERED: CALL_OUTCOMES[CallOutcome.ANSWERED],
    VisitOutcome.ABANDONED: CALL_OUTCOMES[CallOutcome.ABANDONED],
    VisitOutcome.OVERFLOWED: Name("あふれ (ほかの窓口へ)", "overflowed"),
    VisitOutcome.CALL_BACK: CALL_OUTCOMES[CallOutcome.CALL_BACK],
    VisitOutcome.SENT_ELSEWHERE: CALL_OUTCOMES[CallOutcome.SENT_ELSEWHERE],
    VisitOutcome.WITHDRAWN: Name("取り下げ", "withdrawn"),
    VisitOutcome.LOST: CALL_OUTCOMES[CallOutcome.LOST],
}
_TARGETS = {
    TargetKind.AGENT: Name("ほかのオペレーター", "another operator"),
    TargetKind.OUTSIDE: Name("外線", "an outside number"),
    TargetKind.ANNOUNCEMENT: Name("案内", "an announcement"),
    TargetKind.CALL_BACK: Name("折り返し", "call-back"),
}


class Names(Struct, frozen=True):
    """The names of one centre. ``channels``: how many callers a trunk may bring at once, where that
    is limited."""

    queues: Mapping[str, Name] = {}
    agents: Mapping[str, Name] = {}
    numbers: Mapping[str, Name] = {}
    directory: Mapping[str, Name] = {}
    dispositions: Mapping[str, Name] = {}
    channels: Mapping[str, int] = {}

    def target(self, kind: TargetKind, value: str) -> Name:
        """Where a call was sent; other operators and outside numbers are not told apart."""
        if kind is TargetKind.QUEUE:
            return self.queues.get(value, Name(value, value))
        if kind is TargetKind.NUMBER:
            return self.directory.get(value, Name(value, value))
        return _TARGETS[kind]


def names_of(
    plan: Plan,
    dispositions: Mapping[str, Name] | None = None,
    channels: Mapping[str, int] | None = None,
) -> Names:
    """The names that a plan gives; ``dispositions`` are the settings'."""
    return Names(
        queues={each.id: Name(each.name_ja, each.name_en) for each in plan.queues},
        agents={each.id: Name(each.name, each.name) for each in plan.agents},
        numbers={
            each.number: Name(
                f"{each.number} {each.name_ja}".strip(), f"{each.number} {each.name_en}".strip()
            )
            for each in plan.numbers
        },
        directory={each.id: Name(each.name_ja, each.name_en) for each in plan.directory},
        dispositions=dispositions or {},
        channels={trunk: most for trunk, most in (channels or {}).items() if most},
    )


def interval_name(span: Span, grain: Grain, tz: tzinfo, *, with_date: bool = False) -> Name:
    """What an interval is called by people; hours of a day on which clocks change carry their
    offset, because one of them comes twice."""
    at = datetime.fromtimestamp(span.from_ms / 1000, tz)
    if grain is Grain.YEAR:
        return Name(f"{at:%Y}年", f"{at:%Y}")
    if grain is Grain.MONTH:
        return Name(f"{at.year}年{at.month}月", f"{at:%Y-%m}")
    weekday = WEEKDAYS[at.weekday()]
    day = Name(f"{at.month}/{at.day}({weekday.ja})", f"{weekday.en} {at:%m-%d}")
    if grain is Grain.DAY:
        return day
    if grain is Grain.WEEK:
        return Name(f"{day.ja}〜", f"from {day.en}")
    end = datetime.fromtimestamp(span.to_ms / 1000, tz)
    clock = f"{at:%H:%M}–{'24:00' if (end.hour, end.minute) == (0, 0) else f'{end:%H:%M}'}"
    before = datetime.fromtimestamp(span.from_ms / 1000 - 86_400, tz)
    after = datetime.fromtimestamp(span.to_ms / 1000 + 86_400, tz)
    if before.utcoffset() != after.utcoffset():
        clock = f"{clock} ({at:%z})"
    return Name(f"{day.ja} {clock}", f"{day.en} {clock}") if with_date else Name(clock, clock)
