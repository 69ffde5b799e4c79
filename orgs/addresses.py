"""Addresses outside organisations, and of one organisation's pages, from wherever the request is."""

import re

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

from .models import Org

ORG_PREFIX = re.compile(r"o/[-\w]+/$")


def platform_root() -> str:
    """The script prefix without the organisation that the middleware puts there."""
    return ORG_PREFIX.sub("", get_script_prefix())


def platform_url(name: str, *args: object) -> str:
    """The address of a page outside every organisation, also from within one."""
    prefix = get_script_prefix()
    set_script_prefix(platform_root())
    try:
        return reverse(name, args=args, urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    finally:
        set_script_prefix(prefix)


def org_root(org: Org) -> str:
    """The address of the organisation's first page."""
    return f"{platform_root()}o/{org.slug}/"


def org_url(org: Org, name: str, *args: object) -> str:
    """The address of a page of the organisation, also where there is no request."""
    prefix = get_script_prefix()
    set_script_prefix(org_root(org))
    try:
        return reverse(name, args=args, urlconf=settings.ROOT_URLCONF)
    finally:
        set_script_prefix(prefix)


def whole(path: str) -> str:
    """`path` with the server's name before it, for mails."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
