"""What the interface says when it says no: one sentence in each language for every code."""

from __future__ import annotations

from acd.japanese import in_japanese
from web.answer import Words

#: code -> (Japanese, English). A code that is not here is said in the error's own words.
MESSAGES: dict[str, tuple[str, str]] = {
    "unauthenticated": (
        "サインインしていないか、トークンが正しくありません。",
        "Nobody is signed in, or the token is not valid.",
    ),
    "sign_in_refused": (
        "ユーザー名またはパスワードが正しくありません。",
        "The user name or the password is wrong.",
    ),
    "code_wanted": ("確認コードを入力してください。", "Enter the code of your second factor."),
    "code_wrong": (
        "確認コードが正しくありません。新しいコードを入力してください。",
        "The code is wrong or was used already: enter a new one.",
    ),
    "account_locked": (
        "失敗が続いたため、しばらくサインインできません。30分ほど待つか、管理者に伝えてください。",
        "Too many failures: wait half an hour, or ask an administrator.",
    ),
    "too_many_requests": (
        "短い間に何度も問い合わせがありました。少し待ってください。",
        "Too many requests from here: wait a little.",
    ),
    "unknown_screen": ("その画面はありません。", "There is no such screen."),
    "too_many_attempts": (
        "サインインの失敗が多すぎます。10分ほど待ってください。",
        "Too many failed sign-ins from here: wait ten minutes.",
    ),
    "second_factor_missing": (
        "この役割には確認コードの設定が必要です。管理者に伝えてください。",
        "This role needs a second factor: ask an administrator to set one up.",
    ),
    "link_used": (
        "このリンクは使用済みか、期限が切れています。",
        "This link was used already, or it is too old.",
    ),
    "not_added": (
        "このアカウントはまだ登録されていません。管理者に伝えてください。",
        "This account has not been added here: ask an administrator.",
    ),
    "oidc_refused": (
        "市のアカウントでのサインインを確認できませんでした。もう一度お試しください。",
        "The city's account could not be confirmed: try again.",
    ),
    "oidc_unavailable": (
        "市のアカウントのサーバーにつながりません。少し待ってからお試しください。",
        "The server of the city's accounts does not answer: try again in a moment.",
    ),
    "people_unknown": (
        "利用者の情報をまだ読み込めません。少し待ってからもう一度お試しください。",
        "Who may sign in cannot be read yet: try again in a moment.",
    ),
    "busy": (
        "混み合っています。少し待ってからもう一度お試しください。",
        "Too many at once: try again in a moment.",
    ),
    "bad_csrf": (
        "画面が古くなっています。読み込み直してください。",
        "This page is out of date: load it again.",
    ),
    "password_wrong": ("今のパスワードが正しくありません。", "The present password is wrong."),
    "password_length": (
        "パスワードは12文字以上200文字以下にしてください。",
        "A password has 12 to 200 characters.",
    ),
    "password_weak": (
        "推測されやすいパスワードです。名前や同じ文字の繰り返しは避けてください。",
        "This password is easily guessed: avoid names and repetitions.",
    ),
    "person_exists": (
        "そのユーザー名はすでに使われています。",
        "There is a person with this user name.",
    ),
    "last_administrator": (
        "管理者がひとりもいなくなるため、変更できません。",
        "There must be an administrator: make somebody else one first.",
    ),
    "person_disabled": ("この人はサインインできない設定です。", "This person may not sign in."),
    "unknown_person": ("その利用者はいません。", "There is no such person."),
    "unknown_role": ("そのような役割はありません。", "There is no such role for people."),
    "agent_wanted": (
        "オペレーターには計画のオペレーターIDが必要で、ほかの役割には付けられません。",
        "An operator is one of the plan's operators, and nobody else is.",
    ),
    "bad_name": (
        "名前は1行、80文字以内にしてください。",
        "A name is one line of up to 80 characters.",
    ),
    "not_yourself": (
        "自分自身には行えません。ほかの管理者に頼んでください。",
        "Ask another administrator to do that to you.",
    ),
    "operation_log_full": (
        "操作記録を残せないため、表示も変更もできません。管理者に伝えてください。",
        "What cannot be logged cannot be shown or changed: tell an administrator.",
    ),
    "forbidden": (
        "この操作を行う権限がありません。",
        "You may not do that.",
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
    "no_seat": (
        "フロア用の電話機がすべて使われています。",
        "All telephones of the floor are in use.",
    ),
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
    "unknown_alarm": ("その警告はもうありません。", "There is no such alarm any more."),
    "unknown_call": ("その通話は見つかりません。", "There is no such call."),
    "unknown_target": ("その転送先はありません。", "There is no such destination."),
    "unknown_device": ("その電話機は登録されていません。", "There is no such telephone."),
    "unknown_offer": ("その着信の記録はありません。", "There is no record of such an offer."),
    "not_logged_in": ("ログインしていません。", "The operator is not logged in."),
    "already_logged_in": ("すでにログインしています。", "The operator is logged in already."),
    "not_in_a_call": ("通話中ではありません。", "The operator is not in a call."),
    "not_on_hold": (
        "保留中ではありません。電話機で保留したときは、電話機で戻してください。",
        "The caller is not on hold; what the telephone holds, the telephone resumes.",
    ),
    "no_consultation": (
        "相談先がまだ応答していないか、相談中ではありません。",
        "Nobody is being asked, or has not answered yet.",
    ),
    "another_party": (
        "すでにほかの方とつながっています。先にその方との通話を終えてください。",
        "Somebody else is in the talk already: let them go first.",
    ),
    "colleague_busy": (
        "その方は今、応対できません。",
        "This colleague cannot be rung at present.",
    ),
    "nobody_free": (
        "この窓口には今、手の空いている担当がいません。",
        "Nobody of this line is free at present.",
    ),
    "too_many_keys": (
        "番号の送信が続きすぎています。少し待ってください。",
        "Too many digits at once: wait a moment.",
    ),
    "closed": ("今は受付時間外です。", "Nobody is there at this hour."),
    "number_not_allowed": (
        "この番号には発信できません。",
        "This number may not be called from here.",
    ),
    "sign_out_in_call": (
        "通話が終わってからサインアウトしてください。",
        "Please sign out after the call.",
    ),
    "in_a_call": ("通話中です。", "The operator is in a call."),
    "limit_reached": (
        "今日の発信回数の上限に達しました。急ぐときは、管理者に伝えてください。",
        "The day's limit of outgoing calls is reached: if it is urgent, tell a supervisor.",
    ),
    "not_in_wrap_up": ("後処理中ではありません。", "The operator is not in wrap-up."),
    "reason_not_allowed": (
        "この理由は選べません。",
        "This reason cannot be chosen by a person.",
    ),
    "unknown_skill": ("その技能は登録されていません。", "There is no such skill in the plan."),
    "not_waiting": ("その通話は待っていません。", "The call does not wait."),
    "not_talking": ("その通話は通話中ではありません。", "Nobody talks in that call."),
    "device_busy": (
        "その電話機は使用中です。",
        "That telephone is in use.",
    ),
    "device_wanted": (
        "電話機を指定するか、ログオンしてください。",
        "Name a telephone, or log in at one.",
    ),
    "switch_down": ("電話交換機につながりません。", "The switch cannot be reached."),
    "nothing_to_change": ("すでにその状態です。", "It is so already."),
    "no_disaster_plan": (
        "災害時の設定(disaster.toml)がありません。",
        "Nothing is prepared for a disaster: there is no disaster.toml.",
    ),
    "spying_unproven": (
        "このAsteriskでは、ささやきがお客様に聞こえないことを確かめていません。",
        "Nobody has proven that this Asterisk keeps whispers from callers.",
    ),
    "not_recorded": ("この通話は録音していません。", "This talk is not recorded."),
    "recording_off": ("録音の機能は使われていません。", "Nothing is recorded here."),
    "unknown_recording": ("その録音はありません。", "There is no such recording."),
    "no_alarms": ("このセンターに警報の設定はありません。", "This centre has no alarms."),
    "test_too_soon": (
        "次のテストまで数秒お待ちください。",
        "Wait a few seconds before the next test.",
    ),
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


def both(code: str, own: str, ja: str = "") -> Words:
    """The sentence for a code in both languages, or the error's own words."""
    if code not in MESSAGES:
        return {"ja": ja or in_japanese(own) or own, "en": own}
    japanese, english = MESSAGES[code]
    return {"ja": japanese, "en": english}
