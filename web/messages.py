"""What the interface says when it says no: one sentence in each language for every code."""

from __future__ import annotations

#: code -> (Japanese, English). A code that is not here is said in the error's own words.
MESSAGES: dict[str, tuple[str, str]] = {
    "unauthenticated": (
        "トークンがないか、正しくありません。",
        "There is no token, or it is not valid.",
    ),
    "forbidden": (
        "この操作を行う権限がありません。",
        "This token may not do that.",
    ),
    "no_such_route": ("そのような操作はありません。", "There is nothing at this address."),
    "method_not_allowed": ("この方法では操作できません。", "This method is not allowed here."),
    "bad_json": ("本文が正しいJSONではありません。", "The body is not valid JSON."),
    "bad_body": ("本文の内容に誤りがあります。", "The body is not as it should be."),
    "bad_query": ("検索条件に誤りがあります。", "The query is not as it should be."),
    "not_json": (
        "本文はapplication/jsonで送ってください。",
        "Send the body as application/json.",
    ),
    "too_large": ("本文が大きすぎます。", "The body is too large."),
    "too_many_connections": (
        "接続が多すぎます。ほかの画面を閉じてください。",
        "Too many connections: close other screens.",
    ),
    "bad_origin": ("このページからは接続できません。", "This page may not connect."),
    "bad_protocol": ("SIPの接続ではありません。", "This is no connection for SIP."),
    "no_softphones": (
        "このセンターでは、ブラウザーを電話機として使えません。",
        "Browsers are no telephones in this centre.",
    ),
    "timeout": (
        "時間内に終わりませんでした。状態を確かめてください。",
        "This took too long: look at the state before you try again.",
    ),
    "internal": ("内部の誤りです。記録を確認してください。", "An internal error: see the log."),
    "config_invalid": (
        "設定に誤りがあるため、何も変更していません。",
        "The files have faults, and nothing was changed.",
    ),
    "unknown_agent": ("そのオペレーターはいません。", "There is no such operator."),
    "unknown_call": ("その通話は見つかりません。", "There is no such call."),
    "unknown_target": ("その転送先はありません。", "There is no such destination."),
    "unknown_device": ("その電話機は登録されていません。", "There is no such telephone."),
    "unknown_offer": ("その着信の記録はありません。", "There is no record of such an offer."),
    "not_logged_in": ("ログインしていません。", "The operator is not logged in."),
    "already_logged_in": ("すでにログインしています。", "The operator is logged in already."),
    "not_in_a_call": ("通話中ではありません。", "The operator is not in a call."),
    "not_in_wrap_up": ("後処理中ではありません。", "The operator is not in wrap-up."),
    "reason_not_allowed": (
        "この理由は選べません。",
        "This reason cannot be chosen by a person.",
    ),
    "not_recorded": ("この通話は録音していません。", "This talk is not recorded."),
    "recording_off": ("録音の機能は使われていません。", "Nothing is recorded here."),
    "unknown_recording": ("その録音はありません。", "There is no such recording."),
    "recording_deleted": ("その録音は削除されました。", "This recording was deleted."),
    "recording_held": (
        "この録音は保全中のため、削除できません。",
        "This recording is under legal hold and cannot be deleted.",
    ),
    "recording_missing": (
        "録音のデータが見つかりません。管理者に知らせてください。",
        "The sound of this recording is not there: tell an administrator.",
    ),
    "recording_damaged": (
        "録音のデータが変わっています。管理者に知らせてください。",
        "The sound of this recording was changed: tell an administrator.",
    ),
    "out_of_bounds": ("値が範囲の外です。", "A value is out of its bounds."),
}


def both(code: str, own: str) -> dict[str, str]:
    """The sentence for a code in both languages, or the error's own words."""
    ja, en = MESSAGES.get(code, (own, own))
    return {"ja": ja, "en": en}
