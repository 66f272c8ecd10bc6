"""The words of states and reasons, as screens and the command line show them."""

from __future__ import annotations

from acd.cli.words import japanese, say
from agents.state import AgentState, NotReadyReason

_STATES = {
    AgentState.LOGGED_OUT: ("ログオフ", "logged out"),
    AgentState.READY: ("受付可", "ready"),
    AgentState.RINGING: ("着信中", "ringing"),
    AgentState.TALKING: ("通話中", "talking"),
    AgentState.HOLD: ("保留中", "on hold"),
    AgentState.WRAP_UP: ("後処理", "wrap-up"),
    AgentState.NOT_READY: ("離席", "not ready"),
}
_REASONS = {
    NotReadyReason.BREAK: ("休憩", "break"),
    NotReadyReason.LUNCH: ("昼休み", "lunch"),
    NotReadyReason.TRAINING: ("研修", "training"),
    NotReadyReason.MEETING: ("会議", "meeting"),
    NotReadyReason.OTHER_WORK: ("他業務", "other work"),
    NotReadyReason.LOGGED_IN: ("ログイン直後", "just logged in"),
    NotReadyReason.NO_ANSWER: ("応答なし", "ring no answer"),
    NotReadyReason.REJECTED: ("着信拒否", "rejected"),
    NotReadyReason.BUSY: ("電話機が話中", "telephone busy"),
    NotReadyReason.UNREACHABLE: ("電話機につながらない", "telephone unreachable"),
}


def state_label(state: str, reason: str | None = None) -> str:
    """``離席 (昼休み)`` or ``not ready (lunch)``."""
    label = say(*_STATES[AgentState(state)])
    return f"{label} ({say(*_REASONS[NotReadyReason(reason)])})" if reason else label


#: How calls and visits end; the codes stand in the records and in CSV files.
_OUTCOMES_JA = {
    "answered": "応答",
    "abandoned": "放棄呼",
    "left_in_menu": "案内中の切断",
    "self_served": "案内で用件済み",
    "call_back": "折り返し",
    "message": "伝言",
    "sent_elsewhere": "ほかへ転送",
    "closed": "時間外",
    "blocked": "呼損",
    "failed": "失敗",
    "lost": "不明",
    "overflowed": "あふれ呼",
    "withdrawn": "取り下げ",
}


def outcome_in(lang: str, outcome: str) -> str:
    """``案内中の切断`` in ``ja``, ``left in menu`` in any other language."""
    return _OUTCOMES_JA.get(outcome, outcome) if lang == "ja" else outcome.replace("_", " ")


def outcome_label(outcome: str) -> str:
    """The same in the language of this terminal."""
    return outcome_in("ja" if japanese() else "en", outcome)


def call_type_label(call_type: str) -> str:
    """``代表`` or ``switchboard``: which of the number's two jobs it is."""
    return say(
        {"enquiry": "問い合わせ", "switchboard": "代表"}.get(call_type, call_type), call_type
    )
