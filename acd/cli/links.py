"""The one-time links that ``up`` and ``demo`` print, so that a newcomer can take a call at once."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from acd.bootstrap import RunningCentre
from acd.cli.words import say
from acd.config.settings import Settings
from acd.core.plan import Plan
from web.roles import Role


def address(settings: Settings) -> str:
    """Where a browser on this machine finds the interface."""
    scheme = "https" if settings.tls.certificate else "http"
    host = f"[{settings.api.bind}]" if ":" in settings.api.bind else settings.api.bind
    return f"{scheme}://{host}:{settings.api.port}"


def print_links(console: Console, running: RunningCentre) -> None:
    """One link each for an operator and a supervisor; each signs in once, within the hour."""
    title = say("ブラウザーで開いてください (1回限り)", "Open in a browser (once each)")
    console.print(Text(title, "bold"))
    for name, link in _links(running):
        # Whole, on a line of its own and without breaks: it is to be clicked or copied.
        console.print(Text(name, "dim"))
        console.out(f"  {link}", highlight=False)


def _links(running: RunningCentre) -> list[tuple[str, str]]:
    base, plan = address(running.centre.settings), running.engine.plan
    links = []
    agent = _operator(plan)
    if agent is not None:
        path = running.staff.guest_link(Role.OPERATOR, agent[0], agent[1])
        links.append((say(f"オペレーター {agent[1]}", f"operator {agent[1]}"), base + path))
    supervisor = say("スーパーバイザー", "supervisor")
    path = running.staff.guest_link(Role.SUPERVISOR, name=supervisor)
    return [*links, (supervisor, base + path)]


def _operator(plan: Plan) -> tuple[str, str] | None:
    """The operator who answers the most kinds of calls."""
    most = max(plan.agents, key=lambda each: len(each.skills), default=None)
    return (most.id, most.name) if most is not None else None
