"""Settings of what the router sends to the outside and of what callers leave behind: web services and days."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr_flows.findings import Text
from ivr_flows.schema import Refusal, Strict
from router.life.model import QUARANTINE_DAYS
from router.model import ApplyWatch, Retention, WebhookForm, WebhookReceiver, WebService

from .setting_values import Days, FilePath, HappeningPattern, ServiceUrl, Variable
from .values import Name, OneOrMore, Percent, Seconds


class ServiceEntry(Strict):
    """A web service that is sent JSON. The value of the variable ``secret_env`` is shown to it as a bearer token."""

    url: ServiceUrl
    secret_env: Variable | None = None
    timeout: Annotated[Seconds, Field(gt=0, le=30)] = 5.0

    def service(self) -> WebService:
        """The value of `router.model`."""
        return WebService(self.url, self.secret_env, self.timeout)


class WebhookEntry(ServiceEntry):
    """A receiver of webhooks. The value of ``secret_env`` signs what it is sent, and is not shown to it."""

    name: Name
    events: Annotated[tuple[HappeningPattern, ...], OneOrMore, Field(min_length=1)] = ("*",)
    form: WebhookForm = "cloudevents"

    def receiver(self) -> WebhookReceiver:
        """The value of `router.model`."""
        return WebhookReceiver(self.name, self.service(), self.events, self.form)


def receivers_of_their_own(receivers: tuple[WebhookEntry, ...]) -> tuple[WebhookEntry, ...]:
    """Deliveries are kept by the name of their receiver, which therefore comes once. Raises `Refusal`."""
    names = [receiver.name for receiver in receivers]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Refusal(
            Text(f"Two webhooks are called `{twice}`.", f"有两个 webhook 同名：`{twice}`。"),
            Text("Give each a name of its own.", "请为每个取不同的名称。"),
            "webhook-twice",
        )
    return receivers


class RetentionEntry(Strict):
    """For how long is kept what callers leave behind, and the papers of companies and persons."""

    voicemail: Days = 90.0
    recordings: Days = 180.0
    callbacks: Days = 180.0
    surveys: Days = 365.0
    callers: Days = 365.0
    qualifications: Days = 1095.0
    handlers: Days = 1095.0

    def retention(self) -> Retention:
        """The value of `router.model`."""
        return Retention(
            self.voicemail,
            self.recordings,
            self.callbacks,
            self.surveys,
            self.callers,
            self.qualifications,
            self.handlers,
        )


class ApplyEntry(Strict):
    """How live calls are watched after an apply, and when the revision is taken back."""

    watch: Annotated[Seconds, Field(gt=0, le=604_800)] = 600.0
    failure_rate: Percent = 5.0
    min_calls: Annotated[int, Field(ge=1, le=1_000_000)] = 20

    def value(self) -> ApplyWatch:
        """The value of `router.model`."""
        return ApplyWatch(self.watch, self.failure_rate, self.min_calls)


class LifeEntry(Strict):
    """The life of numbers: whom to ask about route tickets, the key of personal data, periods."""

    contact: Annotated[str, Field(max_length=200)] = ""
    key_env: Variable | None = None
    key_file: FilePath | None = None
    renewal_months: Annotated[int, Field(ge=1, le=36)] = 1
    quarantine: Days = QUARANTINE_DAYS
    seed: Annotated[int, Field(ge=0, le=2**31)] = 400
