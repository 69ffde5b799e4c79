"""How an endpoint is shown."""

from django import template

from alerts import endpoints
from alerts.models import Endpoint

register = template.Library()


@register.filter
def shown_address(endpoint: Endpoint) -> str:
    return endpoints.shown_address(endpoint.channel, endpoint.address)
