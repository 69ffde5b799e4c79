"""Addresses as people may read them."""

from urllib.parse import urlsplit

from .kinds import Channel


def shown_address(channel: str, address: str) -> str:
    """What lets others send to an address, or tells a secret, is left out; a chat's is masked already."""
    if channel not in {Channel.PUSH, Channel.WEBHOOK}:
        return address
    where = urlsplit(address)
    if channel == Channel.PUSH:
        return where.hostname or ""
    return f"{where.scheme}://{where.netloc}{where.path}" + ("?…" if where.query else "")
