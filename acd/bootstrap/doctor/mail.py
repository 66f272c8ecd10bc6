"""Does the mail relay answer, if there is one? No message is sent."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl

from acd.bootstrap.doctor.finding import Finding, Said, fault, nothing, well
from acd.bootstrap.doctor.scene import Scene
from acd.config.mail_settings import MailSecurity, MailSettings


async def look(scene: Scene) -> Finding:
    """A connection as a message would need it, up to the sign-in."""
    mail = scene.settings.mail
    if not mail.host:
        return nothing("メールは設定されていません", "no mail is configured")
    try:
        await asyncio.to_thread(_try, mail)
    except (OSError, smtplib.SMTPException) as error:
        # The relay's words may quote the account.
        reason = getattr(error, "strerror", None) or type(error).__name__
        return fault(
            Said(
                f"{mail.host}:{mail.port} に送れません ({reason})",
                f"{mail.host}:{mail.port} takes no mail ({reason})",
            ),
            Said(
                "[mail] の host、port、security と、パスワードの環境変数を確かめてください",
                "look at host, port and security of [mail], and at the password's variable",
            ),
        )
    return well(f"{mail.host}:{mail.port} が応答します", f"{mail.host}:{mail.port} answers")


def _try(mail: MailSettings) -> None:
    context = ssl.create_default_context()
    if mail.security is MailSecurity.TLS:
        relay: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=mail.timeout_s, context=context
        )
    else:
        relay = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_s)
    with relay:
        relay.ehlo()
        if mail.security is MailSecurity.STARTTLS:
            relay.starttls(context=context)
            relay.ehlo()
        if mail.username:
            relay.login(mail.username, os.environ.get(mail.password_variable, ""))
