"""Calls and what became of them: counts, and rates of two counts.

Of the whole centre, a number, a line, a language these are calls; of a queue or a skill
(``Params.by_visit``) every visit counts as one: there a call that went over from one queue to
another stands in both, and *offered* is *entered the queue*.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.core.events import CallOutcome
from metrics.measure import Better, Family, Of, Params, Part, Unit, measure, within
from metrics.tally import Sums


def _count(
    key: str, ja: str, en: str, formula_ja: str, better: Better = Better.NEITHER
) -> Callable[[Of], Of]:
    return measure(key, ja, en, Family.CALLS, Unit.COUNT, better, formula_ja)


def _rate(key: str, ja: str, en: str, better: Better, formula_ja: str) -> Callable[[Of], Of]:
    return measure(key, ja, en, Family.CALLS, Unit.SHARE, better, formula_ja)


# -- counts ----------------------------------------------------------------------------------


@_count(
    "offered", "総着信数", "offered", "かかってきた電話の数(時間外、話し中、案内中の切断も含む)"
)
def offered(sums: Sums, params: Params) -> Part:
    """All calls to our numbers, closed hours, blocked and hung up in the menu included.

    >>> from metrics.sample import calls_of
    >>> offered(calls_of(answered=90, closed=10), Params()).value
    100
    """
    return Part(sums.visits.entered if params.by_visit else sums.calls.offered)


@_count(
    "offered_in_hours",
    "受付時間内着信数",
    "offered in hours",
    "総着信数 − 時間外の案内で終わった電話",
)
def offered_in_hours(sums: Sums, params: Params) -> Part:
    """Offered − calls that ended with the words for closed hours.

    >>> from metrics.sample import calls_of
    >>> offered_in_hours(calls_of(answered=90, closed=10), Params()).value
    90
    """
    return Part(sums.visits.entered if params.by_visit else sums.calls.offered_in_hours)


@_count("queued", "窓口に入った数", "queued", "窓口の列に入った電話の数")
def queued(sums: Sums, params: Params) -> Part:
    """Calls that came to a queue.

    >>> from metrics.sample import calls_of
    >>> queued(calls_of(queued=96, answered=90, abandoned=6, closed=4), Params()).value
    96
    """
    return Part(sums.visits.entered if params.by_visit else sums.calls.queued)


@_count("answered", "応答数", "answered", "オペレーターにつながった電話の数", Better.HIGHER)
def answered(sums: Sums, params: Params) -> Part:
    """Calls connected to an operator.

    >>> from metrics.sample import calls_of
    >>> answered(calls_of(queued=96, answered=90, abandoned=6), Params()).value
    90
    """
    return Part(sums.visits.answered if params.by_visit else sums.calls.count(CallOutcome.ANSWERED))


@_count("abandoned", "放棄呼数", "abandoned", "窓口の列で切れた電話の数", Better.LOWER)
def abandoned(sums: Sums, params: Params) -> Part:
    """Calls whose caller hung up in a queue.

    >>> from metrics.sample import calls_of
    >>> abandoned(calls_of(queued=96, answered=90, abandoned=6), Params()).value
    6
    """
    return Part(
        sums.visits.abandoned if params.by_visit else sums.calls.count(CallOutcome.ABANDONED)
    )


@_count("short_abandoned", "短い放棄", "short abandons", "放棄のうち、待ち時間が s 秒以内のもの")
def short_abandoned(sums: Sums, params: Params) -> Part:
    """Abandoned after at most s.

    >>> from metrics.sample import visits_of
    >>> short_abandoned(visits_of(abandoned=[5, 5.001]), Params(by_visit=True)).value
    1
    """
    waits = sums.visits.abandoned_waits if params.by_visit else sums.calls.abandoned_waits
    return Part(within(waits, params.short_ms))


def _outcome(outcome: CallOutcome, ja: str, en: str, formula_ja: str, formula_en: str) -> None:
    def of(sums: Sums, _: Params) -> Part:
        return Part(sums.calls.count(outcome))

    of.__doc__ = f"""{formula_en}.

    >>> from metrics.measures import MEASURES
    >>> from metrics.sample import calls_of
    >>> MEASURES["{outcome}"].of(calls_of(answered=9, {outcome}=2), Params()).value
    2
    """
    _count(str(outcome), ja, en, formula_ja)(of)


_O = CallOutcome
_outcome(
    _O.LEFT_IN_MENU,
    "案内中の切断",
    "left in the menu",
    "案内の途中で切れた電話の数",
    "Calls whose caller hung up in the menu",
)
_outcome(
    _O.SELF_SERVED,
    "自動案内で完了",
    "self-served",
    "自動案内で用が済んだ電話の数",
    "Calls that the menu itself could help",
)
_outcome(
    _O.CALL_BACK,
    "折り返し受付",
    "call-back taken",
    "折り返しを受け付けた電話の数",
    "Calls that left a request to be called back",
)
_outcome(_O.MESSAGE, "伝言", "message", "伝言を残した電話の数", "Calls that left a message")
_outcome(
    _O.SENT_ELSEWHERE,
    "ほかへ案内",
    "sent elsewhere",
    "センターの外へ回した電話の数",
    "Calls sent out of the centre from a queue",
)
_outcome(
    _O.CLOSED,
    "時間外",
    "closed",
    "時間外の案内で終わった電話の数",
    "Calls that heard the words for closed hours",
)
_outcome(
    _O.BLOCKED,
    "呼損数",
    "blocked",
    "回線または窓口が満杯で受けられなかった電話の数",
    "Calls refused for want of a line or of room in the queue",
)
_outcome(
    _O.FAILED, "故障", "failed", "故障で終わった電話の数", "Calls that ended by a fault of ours"
)
_outcome(
    _O.LOST,
    "障害で失われた数",
    "lost with its node",
    "装置の停止とともに失われた電話の数",
    "Calls lost with the machine they were on",
)


# -- rates -----------------------------------------------------------------------------------


@_rate("answer_rate_a", "応答率A", "answer rate A", Better.HIGHER, "応答数 ÷ 受付時間内着信数")
def answer_rate_a(sums: Sums, params: Params) -> Part:
    """answered ÷ offered in hours.

    >>> from metrics.sample import calls_of
    >>> answer_rate_a(calls_of(queued=96, answered=90, left_in_menu=10), Params()).value
    0.9
    """
    return Part(answered(sums, params).top, offered_in_hours(sums, params).top)


@_rate("answer_rate_b", "応答率B", "answer rate B", Better.HIGHER, "応答数 ÷ 窓口に入った数")
def answer_rate_b(sums: Sums, params: Params) -> Part:
    """answered ÷ queued.

    >>> from metrics.sample import calls_of
    >>> answer_rate_b(calls_of(queued=96, answered=90, abandoned=6), Params()).value
    0.9375
    """
    return Part(answered(sums, params).top, queued(sums, params).top)


@_rate(
    "answer_rate_c",
    "応答率C",
    "answer rate C",
    Better.HIGHER,
    "応答数 ÷ (窓口に入った数 − 短い放棄)",
)
def answer_rate_c(sums: Sums, params: Params) -> Part:
    """answered ÷ (queued − short abandons).

    >>> from metrics.sample import visits_of
    >>> answer_rate_c(visits_of([1] * 9, [3, 30]), Params(by_visit=True)).value
    0.9
    """
    return Part(answered(sums, params).top, _less(queued, sums, params))


@_rate(
    "abandonment_in_hours",
    "放棄率(受付時間内着信比)",
    "abandonment of offered in hours",
    Better.LOWER,
    "放棄呼数 ÷ 受付時間内着信数",
)
def abandonment_in_hours(sums: Sums, params: Params) -> Part:
    """abandoned ÷ offered in hours.

    >>> from metrics.sample import calls_of
    >>> abandonment_in_hours(calls_of(answered=90, abandoned=10, closed=9), Params()).value
    0.1
    """
    return Part(abandoned(sums, params).top, offered_in_hours(sums, params).top)


@_rate(
    "abandonment_in_hours_excl_short",
    "放棄率(受付時間内着信比、短い放棄を除く)",
    "abandonment of offered in hours, without short ones",
    Better.LOWER,
    "(放棄呼数 − 短い放棄) ÷ (受付時間内着信数 − 短い放棄)",
)
def abandonment_in_hours_excl_short(sums: Sums, params: Params) -> Part:
    """(abandoned − short abandons) ÷ (offered in hours − short abandons).

    >>> from metrics.sample import visits_of
    >>> some = visits_of([1] * 9, [3, 30])
    >>> abandonment_in_hours_excl_short(some, Params(by_visit=True)).value
    0.1
    """
    return Part(_less(abandoned, sums, params), _less(offered_in_hours, sums, params))


@_rate(
    "abandonment_of_queued",
    "放棄率(窓口比)",
    "abandonment of queued",
    Better.LOWER,
    "放棄呼数 ÷ 窓口に入った数",
)
def abandonment_of_queued(sums: Sums, params: Params) -> Part:
    """abandoned ÷ queued.

    >>> from metrics.sample import calls_of
    >>> abandonment_of_queued(calls_of(queued=96, answered=90, abandoned=6), Params()).value
    0.0625
    """
    return Part(abandoned(sums, params).top, queued(sums, params).top)


@_rate(
    "abandonment_of_queued_excl_short",
    "放棄率(窓口比、短い放棄を除く)",
    "abandonment of queued, without short ones",
    Better.LOWER,
    "(放棄呼数 − 短い放棄) ÷ (窓口に入った数 − 短い放棄)",
)
def abandonment_of_queued_excl_short(sums: Sums, params: Params) -> Part:
    """(abandoned − short abandons) ÷ (queued − short abandons).

    >>> from metrics.sample import visits_of
    >>> some = visits_of([1] * 4, [3, 30])
    >>> abandonment_of_queued_excl_short(some, Params(by_visit=True)).value
    0.2
    """
    return Part(_less(abandoned, sums, params), _less(queued, sums, params))


@_rate(
    "blocked_rate",
    "呼損率(回線・窓口の満杯)",
    "blocked rate (lines, room in the queue)",
    Better.LOWER,
    "呼損数 ÷ 受付時間内着信数",
)
def blocked_rate(sums: Sums, _: Params) -> Part:
    """blocked ÷ offered in hours.

    >>> from metrics.sample import calls_of
    >>> blocked_rate(calls_of(answered=199, blocked=1), Params()).value
    0.005
    """
    return Part(sums.calls.count(CallOutcome.BLOCKED), sums.calls.offered_in_hours)


@_rate(
    "lost_call_rate",
    "呼損率(放棄)",
    "lost calls (blocked or abandoned)",
    Better.LOWER,
    "(呼損数 + 放棄呼数) ÷ 受付時間内着信数",
)
def lost_call_rate(sums: Sums, _: Params) -> Part:
    """(blocked + abandoned) ÷ offered in hours.

    The other use of the Japanese word: who did not get through, for whatever reason.

    >>> from metrics.sample import calls_of
    >>> lost_call_rate(calls_of(answered=189, abandoned=10, blocked=1), Params()).value
    0.055
    """
    lost = sums.calls.count(CallOutcome.BLOCKED) + sums.calls.count(CallOutcome.ABANDONED)
    return Part(lost, sums.calls.offered_in_hours)


@_rate(
    "resolved_in_centre",
    "一次完結率",
    "resolved in the centre",
    Better.HIGHER,
    "転送しなかった応答済みの問い合わせ ÷ 応答済みの問い合わせ(代表電話の取り次ぎを除く)",
)
def resolved_in_centre(sums: Sums, _: Params) -> Part:
    """answered enquiries that were not forwarded ÷ answered enquiries.

    >>> from metrics.tally import CallTally
    >>> sums = Sums(CallTally(answered_enquiries=50, forwarded_enquiries=5))
    >>> resolved_in_centre(sums, Params()).value
    0.9
    """
    enquiries = sums.calls.answered_enquiries
    return Part(enquiries - sums.calls.forwarded_enquiries, enquiries)


@_rate(
    "transfer_rate",
    "取次率",
    "transfer rate",
    Better.NEITHER,
    "担当課などへ回した応答済みの電話 ÷ 応答数",
)
def transfer_rate(sums: Sums, _: Params) -> Part:
    """answered calls that were forwarded ÷ answered calls.

    >>> from metrics.tally import CallTally
    >>> transfer_rate(Sums(CallTally(10, {CallOutcome.ANSWERED: 10}, forwarded=1)), Params()).value
    0.1
    """
    return Part(sums.calls.forwarded, sums.calls.count(CallOutcome.ANSWERED))


@_rate(
    "mis_transfer_rate",
    "誤転送率",
    "mis-transfer rate",
    Better.LOWER,
    "戻ってきた、または再び回した電話 ÷ 回した電話",
)
def mis_transfer_rate(sums: Sums, _: Params) -> Part:
    """calls that came back or were forwarded again ÷ calls sent on.

    >>> from metrics.tally import CallTally
    >>> mis_transfer_rate(Sums(CallTally(sent_on=50, mis_sent=1)), Params()).value
    0.02
    """
    return Part(sums.calls.mis_sent, sums.calls.sent_on)


def _less(of: Of, sums: Sums, params: Params) -> int:
    """The count without short abandons."""
    count, short = of(sums, params).top, short_abandoned(sums, params).top
    assert count is not None
    assert short is not None
    return count - short
