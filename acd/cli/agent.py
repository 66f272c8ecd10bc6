"""``madoguchi agent ...``: an operator's work without a screen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from acd.cli.client import Client
from acd.cli.labels import state_label
from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.core.plan import CallType
from agents.state import CHOSEN_REASONS

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("オペレーターとして操作します。", "Act as an operator."),
)

Reason = StrEnum("Reason", {each.name: each.value.replace("_", "-") for each in CHOSEN_REASONS})  # type: ignore[misc]
Next = StrEnum(  # type: ignore[misc]
    "Next",
    {"READY": "ready", "LOG_OUT": "logout"}
    | {each.name: each.value.replace("_", "-") for each in CHOSEN_REASONS},
)

AgentArgument = Annotated[str, typer.Argument(help=say("オペレーターのID。", "The operator's id."))]


class To(StrEnum):
    """Where a call may be transferred to."""

    QUEUE = "queue"
    NUMBER = "number"


def ask(centre: Any, agent: str, verb: str, body: dict[str, Any] | None = None) -> Any:
    """Send a request for an operator and print the state that follows."""
    from urllib.parse import quote

    answer = Client.of(centre).post(f"/api/agents/{quote(agent, safe='')}/{verb}", body)
    if "state" in answer:
        line = f"{answer['agent']} {answer['name']}: "
        line += state_label(answer["state"], answer["reason"])
        if answer["next_state"]:
            after = state_label(answer["next_state"], answer["next_reason"])
            line += say(f" → 次は {after}", f", then {after}")
        typer.echo(line)
    return answer


@app.command("login", help=say("ログインします(まだ受付可にはなりません)。", "Log in."))
def log_in(
    agent: AgentArgument,
    device: Annotated[
        str, typer.Option(help=say("今日使う電話機。", "Today's telephone, if another."))
    ] = "",
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Log in; the operator is not ready yet."""
    ask(centre, agent, "login", {"device": device})


@app.command("logout", help=say("ログオフします(通話中なら通話後)。", "Log out."))
def log_out(agent: AgentArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Log out now, or after the present talk."""
    ask(centre, agent, "logout")


@app.command("ready", help=say("受付可にします。", "Take calls."))
def ready(agent: AgentArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Take calls now, or after the present talk."""
    ask(centre, agent, "ready")


@app.command("not-ready", help=say("理由をつけて離席にします。", "Take no calls, with a reason."))
def not_ready(agent: AgentArgument, reason: Reason, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """Take no calls now, or after the present talk."""
    ask(centre, agent, "not-ready", {"reason": reason.value.replace("-", "_")})


@app.command("reserve", help=say("通話後の状態を予約します。", "Reserve the state after the call."))
def reserve(
    agent: AgentArgument,
    state: Annotated[
        Next,
        typer.Argument(help=say("受付可、ログオフ、離席の理由。", "The state after the call.")),
    ],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Say in a call what to be after it."""
    body = {
        "ready": {"state": "ready"},
        "logout": {"state": "logged_out"},
    }.get(state.value, {"state": "not_ready", "reason": state.value.replace("-", "_")})
    ask(centre, agent, "reserve", body)


@app.command("extend", help=say("後処理を延長します。", "Prolong the wrap-up."))
def extend(
    agent: AgentArgument,
    seconds: Annotated[float, typer.Argument(min=1, max=1800)],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Prolong the running wrap-up."""
    ask(centre, agent, "wrap-up/extend", {"extra_s": seconds})


@app.command("done", help=say("後処理を終えます。", "End the wrap-up."))
def done(agent: AgentArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """End the running wrap-up."""
    ask(centre, agent, "wrap-up/end")


@app.command("hang-up", help=say("通話を終えます。", "End the present talk."))
def hang_up(agent: AgentArgument, centre: CentreOption = DEFAULT_CENTRE) -> None:
    """End the present talk."""
    ask(centre, agent, "hang-up")


@app.command("transfer", help=say("相談せずに転送します。", "Send the caller on without asking."))
def transfer(
    agent: AgentArgument,
    kind: To,
    target: Annotated[
        str,
        typer.Argument(help=say("窓口か取り次ぎ先のID。", "The queue's or directory entry's id.")),
    ],
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Blind transfer to a queue or a directory entry."""
    ask(centre, agent, "transfer", {"kind": kind.value, "target": target})


@app.command("disposition", help=say("通話を分類します。", "Classify a call."))
def disposition(
    agent: AgentArgument,
    code: str,
    resolved: Annotated[
        bool | None,
        typer.Option(
            "--resolved/--not-resolved", help=say("解決したか。", "Whether it was settled.")
        ),
    ] = None,
    call_type: Annotated[
        CallType | None,
        typer.Option(help=say("問い合わせか、取り次ぎか。", "Enquiry or switchboard.")),
    ] = None,
    call: Annotated[
        str | None,
        typer.Option(help=say("通話のID(省略時は最後の通話)。", "The call; else the last one.")),
    ] = None,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """Say what the present or last call was about."""
    given = {
        "code": code,
        "resolved": resolved,
        "call_type": call_type.value if call_type else None,
        "call": call,
    }
    body = {key: value for key, value in given.items() if value is not None}
    answer = ask(centre, agent, "disposition", body)
    typer.echo(say(f"{answer['call']} を分類しました", f"{answer['call']} is classified"))
