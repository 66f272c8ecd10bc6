"""What somebody needs to know who has just started the containers to try them out: where to call,
the telephones' accounts, and who may sign in. Two people are made when there is nobody yet; their
passwords are drawn, and shown this once.
"""

from __future__ import annotations

import asyncio
import os
import secrets as chance
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from acd.adapters.secrets import Secrets
from acd.bootstrap.people import people_store
from acd.cli.up import accounts
from acd.cli.words import say
from acd.config import Centre, load_centre

MADOGUCHI = "/usr/local/bin/madoguchi"


def main() -> None:
    """Print it; the first argument is where browsers reach this machine."""
    centre = load_centre(Path(os.environ["MADOGUCHI_CENTRE"]))
    settings = centre.settings
    console = Console()
    console.print(accounts(centre, Secrets(settings.secrets_dir)))
    server = f"{settings.switch.sip_bind}:{settings.switch.sip_port}"
    numbers = ", ".join(f"sip:{each.number}@{server}" for each in centre.plan.numbers)
    lines = [
        (say("SIPサーバー(このPCから)", "SIP server, from this machine"), server),
        (say("電話をかける", "to call"), numbers),
        (say("受付時間", "hours"), say("calendars.toml のとおり", "as in calendars.toml")),
        (say("ブラウザー", "browser"), f"https://{sys.argv[1]}/"),
        *_people(centre),
    ]
    for name, value in lines:
        console.out(f"{name}: {value}", highlight=False)


def _people(centre: Centre) -> list[tuple[str, str]]:
    title = say("サインイン", "sign in")
    if asyncio.run(people_store(centre.settings).people()):
        return [(title, say("前に作った利用者で", "as the people that were made before"))]
    agent = max(centre.plan.agents, key=lambda each: len(each.skills))
    made = [
        ("admin", ["administrator", "supervisor"]),
        (str(agent.id), ["operator", "--agent", str(agent.id)]),
    ]
    once = say("この画面でだけ表示します", "shown only here")
    return [(title, f"{user}  {_add(user, roles)}  ({once})") for user, roles in made]


def _add(user: str, words: list[str]) -> str:
    password = chance.token_urlsafe(15)
    command = [MADOGUCHI, "users", "add", user, *words]
    subprocess.run(command, input=password, text=True, stdout=subprocess.DEVNULL, check=True)
    return password


if __name__ == "__main__":
    main()
