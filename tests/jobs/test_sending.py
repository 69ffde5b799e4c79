"""The page that says how to send from a slicer."""

import pytest

from printers.models import Tag
from tests.factories.printers import make_printer


def test_page_lists_an_address_for_any_each_printer_and_each_tag(acme, sign_in):
    make_printer("K1 03", model="K1", tags=[Tag.objects.create(name="PETG")])

    page = sign_in("viewer").get("/o/acme/inbox/")

    assert page.status_code == 200
    for word in ("any", "k1-03", "petg", "k1"):
        assert f"http://testserver/o/acme/inbox/{word}/</code>" in page.text


def test_page_names_the_server_as_it_was_reached(acme, sign_in, settings):
    settings.ALLOWED_HOSTS = ["odin.lan"]

    page = sign_in("viewer").get("/o/acme/inbox/", headers={"Host": "odin.lan:8000"})

    assert "http://odin.lan:8000/o/acme/inbox/any/" in page.text
    assert "port <code>8000</code>" in page.text


def test_key_is_made_on_the_tokens_page_with_the_scopes_ticked(acme, sign_in):
    client = sign_in("viewer")
    url = client.get("/o/acme/inbox/").context["token_url"]

    form = client.get(url).context["form"]

    assert form["name"].value() == "Slicer"
    assert form["scopes"].value() == ["write:models", "write:jobs", "read:printers"]


def test_tokens_page_ticks_nothing_beyond_the_role(acme, sign_in):
    page = sign_in("viewer").get("/o/acme/tokens/?scope=admin&scope=read:jobs&name=" + "x" * 500)

    assert page.context["form"]["scopes"].value() == ["read:jobs"]
    assert page.status_code == 200


@pytest.mark.parametrize("path", ["/o/acme/inbox/k1-03/", "/o/acme/inbox/nowhere"])
def test_address_opened_in_a_browser_leads_to_the_page_after_sign_in(acme, client, sign_in, path):
    assert client.get(path)["Location"] == f"/account/sign-in/?next={path}"
    assert sign_in("viewer").get(path)["Location"] == "/o/acme/inbox/"


@pytest.mark.parametrize("path", ["models/", "models/upload/", "tokens/"])
def test_page_is_found_from_where_one_would_look(acme, sign_in, path):
    assert 'href="/o/acme/inbox/"' in sign_in("viewer").get(f"/o/acme/{path}").text


def test_queries_do_not_grow_with_the_farm(acme, sign_in, django_assert_max_num_queries):
    client = sign_in("viewer")
    client.get("/o/acme/inbox/")
    for number in range(20):
        make_printer(f"P{number}")

    with django_assert_max_num_queries(12):
        client.get("/o/acme/inbox/")
