"""Filaments and spools in the REST API."""

from ninja import Router

filaments = Router(tags=["filaments"])
spools = Router(tags=["spools"])
