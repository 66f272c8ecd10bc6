"""The ways by which alarms leave the machine: webhooks and mail."""

from __future__ import annotations

from acd.adapters.mail import Mailer
from acd.adapters.webhook import Webhook
from acd.config.alarm_settings import AlarmMailSettings, AlarmSettings
from acd.ports_watch import AlarmChannel, AlarmNotice


class WebhookChannel:
    """One receiver of webhooks, by its id in the settings."""

    def __init__(self, name: str, least: str, webhook: Webhook) -> None:
        self.name, self.least = name, least
        self._webhook = webhook

    async def send(self, notice: AlarmNotice) -> None:
        """Deliver within a minute; raises WebhookFailed."""
        await self._webhook.send(notice.body)


class MailChannel:
    """The people who get alarms by mail."""

    name = "mail"

    def __init__(self, settings: AlarmMailSettings, mailer: Mailer) -> None:
        self.least = settings.least.value
        self._to, self._mailer = settings.to, mailer

    async def send(self, notice: AlarmNotice) -> None:
        """Deliver within a minute; raises MailFailed."""
        text = f"{notice.text_ja}\n\n{notice.text_en}\n"
        await self._mailer.send(self._to, f"{notice.subject_ja} / {notice.text_en}", text)


def channels_of(settings: AlarmSettings, mailer: Mailer) -> list[AlarmChannel]:
    """Every way that the settings name."""
    found: list[AlarmChannel] = [
        WebhookChannel(f"webhook.{name}", each.least.value, Webhook(each))
        for name, each in settings.webhooks.items()
    ]
    if settings.mail.to:
        found.append(MailChannel(settings.mail, mailer))
    return found
