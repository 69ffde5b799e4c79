"""Who gets in at all, besides being a member: from which networks, and whether a second step is required."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_network

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.clients import Network, address_of, is_in
from audit.trail import record

from .keys import platform_key
from .models import Access, Membership, Org
from .roles import Role

MOST = 200
# Asked at every request of everybody, so kept; a change empties it.
KEPT_S, PLATFORM = 30, platform_key("networks")
OF_MAPPED = 96


class Unsound(Exception):
    """A list of networks that can't be used; says why, and what would do, in words for people."""


def networks_of(text: str) -> list[str]:
    """The CIDR networks in `text`, each once, by comma, space or line; lone addresses are networks of one."""
    parts = text.replace(",", " ").replace(";", " ").split()
    found = list(dict.fromkeys(str(_network_of(part)) for part in parts))
    if len(found) > MOST:
        raise Unsound(_("At most %(most)s networks.") % {"most": MOST})
    return found


def _network_of(part: str) -> Network:
    try:
        # A zone says something only on the machine it is of.
        network = ip_network(part if "%" not in part else "", strict=False)
    except ValueError:
        words = _("%(part)s is no network. Write it as 192.168.1.0/24 or 2001:db8::/32.")
        raise Unsound(words % {"part": part[:60]}) from None
    if str(network.network_address) != str(ip_network(part.partition("/")[0]).network_address):
        words = _("%(part)s names a single machine within a network. Write %(network)s for all of it.")
        raise Unsound(words % {"part": part[:60], "network": _unmapped(network)})
    return _unmapped(network)


def _unmapped(network: Network) -> Network:
    """IPv4 written as IPv6 becomes IPv4: addresses are compared in that form."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is None or network.prefixlen < OF_MAPPED:
        return network
    return ip_network(f"{mapped}/{network.prefixlen - OF_MAPPED}")


def is_allowed(networks: Iterable[str], address: str) -> bool:
    """Whether `address` is in one of `networks`; an empty list allows all, an unknown address none."""
    listed = [ip_network(one) for one in networks]
    found = address_of(address)
    return not listed or (found is not None and is_in(found, listed))


def may_enter_platform(address: str) -> bool:
    networks = cache.get(PLATFORM)
    if networks is None:
        row = Access.objects.filter(org=None).first()
        networks = row.networks if row else []
        cache.set(PLATFORM, networks, KEPT_S)
    return is_allowed(networks, address)


def may_enter(org: Org, address: str) -> bool:
    rules = rules_of(org)
    return rules is None or is_allowed(rules.networks, address)


def rules_of(org: Org) -> Access | None:
    """Without a query where the organisation was fetched with them."""
    return getattr(org, "access", None)


def mfa_due(membership: Membership) -> datetime | None:
    """From when on this person can't go on without a second step; None if they have one or need none."""
    rules = rules_of(membership.org)
    if rules is None or membership.user.mfa_since is not None or not _is_required(rules, membership):
        return None
    begins = [moment for moment in (rules.mfa_since, membership.since) if moment is not None]
    return max(begins, default=timezone.now()) + timedelta(days=rules.mfa_grace_days)


def _is_required(rules: Access, membership: Membership) -> bool:
    if rules.mfa == Access.Mfa.ADMINS:
        return membership.role >= Role.ADMIN
    return rules.mfa == Access.Mfa.MEMBERS


def save_networks(org: Org | None, networks: list[str], address: str) -> None:
    """Let in only whom `networks` have; Unsound if the one who saves it, at `address`, would be shut out."""
    if not is_allowed(networks, address):
        words = _("Your own address %(address)s is not in this list: you would shut yourself out.")
        raise Unsound(words % {"address": address or "?"})
    _save(org, networks=networks)


def allow_all(org: Org | None) -> None:
    """The way back in, from the command line."""
    _save(org, networks=[])


def save_mfa(org: Org, mfa: str, grace_days: int) -> None:
    """Require a second step; the time to set it up begins when more people need one than before."""
    order = [Access.Mfa.NOBODY, Access.Mfa.ADMINS, Access.Mfa.MEMBERS]
    before = Access.objects.filter(org=org).first() or Access(org=org)
    is_more = order.index(Access.Mfa(mfa)) > order.index(Access.Mfa(before.mfa))
    since = timezone.now() if is_more else before.mfa_since
    _save(org, mfa=mfa, mfa_grace_days=grace_days, mfa_since=since)


def _save(org: Org | None, **values: object) -> None:
    with transaction.atomic():
        row = Access.objects.select_for_update().filter(org=org).first() or Access(org=org)
        before = {name: getattr(row, name) for name in values if name != "mfa_since"}
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        after = {name: value for name, value in values.items() if name != "mfa_since"}
        if before != after:
            record("access.change", org, before=before, after=after)
        cache.delete(PLATFORM)
        transaction.on_commit(lambda: cache.delete(PLATFORM))
