"""The chat services that a form asks for by fields, and the address in apprise's form that comes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Said = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str | Promise
    help: str | Promise = ""
    is_secret: bool = False
    is_needed: bool = True
    starts_as: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """`url` makes apprise's address of what was said; ValueError if that can't be one of this service."""

    name: str
    label: str | Promise
    fields: tuple[Field, ...]
    url: Callable[[Said], str]
    schemas: frozenset[str]


def _safe(text: str) -> str:
    return quote(text.strip(), safe="")


def _from(*hosts: str) -> Callable[[Said], str]:
    """An address that the service itself shows its people, on one of `hosts` or below it."""

    def url(said: Said) -> str:
        where = urlsplit(said["url"].strip())
        host = (where.hostname or "").lower()
        if where.scheme != "https" or not any(host == one or host.endswith(f".{one}") for one in hosts):
            raise ValueError(host)
        return said["url"].strip()

    return url


def _server(said: Said) -> tuple[str, str]:
    """Whether http or https, and the server with its port; https where nothing is said."""
    text = said["server"].strip().rstrip("/")
    where = urlsplit(text if "://" in text else f"https://{text}")
    if where.scheme not in {"https", "http"} or not where.hostname or where.path or where.username:
        raise ValueError(text)
    host = f"[{where.hostname}]" if ":" in where.hostname else where.hostname
    return where.scheme, f"{host}:{where.port}" if where.port else host


def _ntfy(said: Said) -> str:
    scheme, server = _server(said)
    token = f"{_safe(said['token'])}@" if said.get("token") else ""
    mode = "auth=token&" if token else ""
    return f"{'ntfys' if scheme == 'https' else 'ntfy'}://{token}{server}/{_safe(said['topic'])}?{mode}mode=private"


def _matrix(said: Said) -> str:
    scheme, server = _server(said)
    kind = "matrixs" if scheme == "https" else "matrix"
    return f"{kind}://{_safe(said['token'])}@{server}/{_safe(said['room'])}"


def _telegram(said: Said) -> str:
    return f"tgram://{said['token'].strip()}/{_safe(said['chat'])}"


def _pushover(said: Said) -> str:
    return f"pover://{_safe(said['user'])}@{_safe(said['token'])}"


_ALL = (
    Service(
        "discord",
        "Discord",
        (
            Field(
                "url", _("Webhook address"), _("In Discord: channel settings, Integrations, Webhooks."), True
            ),
        ),
        _from("discord.com", "discordapp.com"),
        frozenset({"discord"}),
    ),
    Service(
        "slack",
        "Slack",
        (Field("url", _("Webhook address"), _("In Slack: an app's Incoming Webhooks."), True),),
        _from("hooks.slack.com"),
        frozenset({"slack"}),
    ),
    Service(
        "teams",
        "Microsoft Teams",
        (Field("url", _("Workflow address"), _("In Teams: Workflows, post on a webhook request."), True),),
        _from("logic.azure.com", "api.powerplatform.com", "azure-apihub.net"),
        frozenset({"workflow", "workflows"}),
    ),
    Service(
        "telegram",
        "Telegram",
        (
            Field("token", _("Bot token"), _("From @BotFather."), True),
            Field("chat", _("Chat"), _("Its number. Write to the bot first, or add it to the group.")),
        ),
        _telegram,
        frozenset({"tgram"}),
    ),
    Service(
        "ntfy",
        "ntfy",
        (
            Field("server", _("Server"), starts_as="https://ntfy.sh"),
            Field("topic", _("Topic"), _("Whoever knows it reads along: choose one that nobody guesses.")),
            Field("token", _("Access token"), is_secret=True, is_needed=False),
        ),
        _ntfy,
        frozenset({"ntfy", "ntfys"}),
    ),
    Service(
        "matrix",
        "Matrix",
        (
            Field("server", _("Server"), starts_as="https://matrix.org"),
            Field("token", _("Access token"), is_secret=True),
            Field("room", _("Room"), _("As in !room:matrix.org. The account has to be in it.")),
        ),
        _matrix,
        frozenset({"matrix", "matrixs"}),
    ),
    Service(
        "pushover",
        "Pushover",
        (
            Field("user", _("User key"), is_secret=True),
            Field("token", _("API token of the application"), is_secret=True),
        ),
        _pushover,
        frozenset({"pover"}),
    ),
)
SERVICES = {one.name: one for one in _ALL}
# What else an address may be for, beside the services above. All of them talk HTTP by requests, so that
# guarding.guarded holds them; none reads a file, runs a program or opens another kind of connection.
OTHERS = frozenset(
    {"gotify", "gotifys", "mmost", "mmosts", "rocket", "rockets", "zulip", "gchat", "webex", "wxteams",
     "pbul", "pushed", "prowl", "spush", "ryver", "twist", "line", "lark", "feishu", "dingtalk", "wecombot",
     "guilded", "nctalk", "nctalks", "signal", "signals", "threema", "pushy", "mastodon", "mastodons"}
)  # fmt: skip
ALLOWED = OTHERS.union(*(one.schemas for one in SERVICES.values()))
# The parameters that an address may carry. Others read files (template), follow redirects, leave certificates
# unlooked at, or take other time limits.
PARAMETERS = frozenset(
    {"mode", "auth", "token", "priority", "sound", "format", "image", "thread", "to", "channel", "channels",
     "team", "version", "silent", "topic", "key", "workspace", "secret", "from", "footer", "tts", "botname",
     "detect", "webhook", "visibility", "badge", "api-version", "sp", "sv", "sig", "ver", "wrap", "pa"}
)  # fmt: skip
