"""``madoguchi tls ...``: the certificate that browsers see."""

from __future__ import annotations

from typing import Annotated

import typer

from acd.cli.options import DEFAULT_CENTRE, CentreOption
from acd.cli.words import say
from acd.config import load_settings

FOLDER = "tls"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say("ブラウザーとの通信の暗号化。", "Encryption towards browsers."),
)


@app.callback()
def _group() -> None:
    """One verb alone would become the command itself."""


@app.command(
    "self-made",
    help=say("お試し用の証明書を作ります。", "Make a certificate for trying out."),
)
def self_made(
    names: Annotated[
        list[str] | None,
        typer.Argument(help=say("ホスト名とアドレス。", "Host names and addresses.")),
    ] = None,
    centre: CentreOption = DEFAULT_CENTRE,
) -> None:
    """A certificate signed by itself, in the state directory; browsers warn of it."""
    from acd.adapters.certificates import CERTIFICATE, KEY, make_certificate

    folder = load_settings(centre).state_dir / FOLDER
    fingerprint = make_certificate(folder, names or ["localhost", "127.0.0.1"])
    typer.echo(say("settings.toml に書いてください:", "Put this into settings.toml:"))
    typer.echo(f'\n[tls]\ncertificate = "{folder / CERTIFICATE}"\nkey = "{folder / KEY}"\n')
    typer.echo(f"SHA-256: {fingerprint}")
