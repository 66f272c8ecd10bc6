"""The words of a cut-over, for the terminal and for the evidence."""

from __future__ import annotations

from acd.bootstrap.doctor.finding import Said

STAGES = {
    "prepared": Said("準備中", "prepared"),
    "checked": Said("点検済み", "checked"),
    "rehearsed": Said("リハーサル済み", "rehearsed"),
    "switched": Said("切替済み(確認前)", "switched, not proven yet"),
    "proven": Said("切替完了", "switched and proven"),
    "rolled_back": Said("切り戻し済み", "rolled back"),
}
DEEDS = {
    "check_passed": Said("事前点検: 合格", "check: passed"),
    "check_failed": Said("事前点検: 不合格", "check: not passed"),
    "rehearsal_passed": Said("リハーサル: 合格", "rehearsal: passed"),
    "rehearsal_failed": Said("リハーサル: 不合格", "rehearsal: not passed"),
    "no_go": Said("判定: 切り替えない", "decision: no go"),
    "switched": Said("切替", "switched"),
    "switch_failed": Said("切替できず(変更なし)", "switch failed, nothing changed"),
    "proof_passed": Said("切替後の確認: 合格", "proof: passed"),
    "proof_failed": Said("切替後の確認: 不合格", "proof: not passed"),
    "rolled_back": Said("切り戻し", "rolled back"),
    "rollback_failed": Said("切り戻しできず", "roll-back failed"),
}
KINDS = {
    "ordinary": Said("通常", "ordinary"),
    "withheld": Said("非通知", "number withheld"),
    "payphone": Said("公衆電話", "payphone"),
    "no_number": Said("表示圏外", "no number available"),
    "unlisted": Said("案内していない番号", "number not listed"),
    "overseas": Said("海外から", "from overseas"),
    "fax": Said("FAXの音", "fax tone"),
    "relay": Said("電話リレーサービス", "telephone relay service"),
}
BY = {"machine": Said("自動", "machine"), "person": Said("人", "person")}
WRONG = {
    "status": Said("SIPの応答", "SIP's answer"),
    "sound": Said("案内の音声", "sound"),
    "ledger": Said("通話記録", "ledger"),
    "caller": Said("発信者の種類", "kind of caller"),
    "number": Said("発信者番号", "caller's number"),
    "listed": Said("案内している番号か", "listed"),
    "outcome": Said("結果", "outcome"),
    "queue": Said("窓口", "queue"),
}
