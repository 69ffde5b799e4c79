"""The request as an organisation's pages and API see it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User

from .models import ApiToken, Membership, Org


class OrgRequest(HttpRequest):
    """`token` is the API token that signed the request in, None for a session."""

    htmx: HtmxDetails
    user: User
    org: Org
    membership: Membership
    token: ApiToken | None
