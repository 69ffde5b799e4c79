"""The ways to tell people: one module each, all of them in ADAPTERS."""

from alerts.kinds import Channel

from .adapter import Adapter
from .chat import Chat
from .email import Email
from .push import Push
from .webhook import Webhook

# The list in the app is rows of its own; all other channels are here.
ADAPTERS: dict[Channel, Adapter] = {
    Channel.EMAIL: Email(),
    Channel.PUSH: Push(),
    Channel.WEBHOOK: Webhook(),
    Channel.CHAT: Chat(),
}
