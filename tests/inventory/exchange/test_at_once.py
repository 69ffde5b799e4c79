"""Two people, or one who clicks twice, take in the same at the same time."""

import pytest

from accounts.models import User
from inventory.exchange import drafts
from inventory.exchange.applying import Outdated, plan_for, take_in
from inventory.models import Spool, SpoolImport


@pytest.fixture
def kept(for_real, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def keep(text):
        return drafts.keep(
            text.encode(), SpoolImport.Source.CSV, "x.csv", User.objects.get(email="operator@acme.test")
        )

    yield keep
    SpoolImport.objects.all().delete()


def test_two_clicks_at_once_import_once(kept, at_once):
    draft = kept("material,external_id\nPLA,a:1\nABS,\n")
    digest = plan_for(draft).digest

    first, second = at_once(lambda: take_in(draft, digest), lambda: take_in(draft, digest))

    assert first == second
    assert (first["added"], Spool.objects.count()) == (2, 2)


def test_two_files_with_the_same_id_at_once_add_it_once(kept, at_once):
    files = [kept("material,external_id\nPLA,a:1\n"), kept("material,external_id\nPLA,a:1\n")]
    digests = [plan_for(draft).digest for draft in files]

    outcomes = at_once(lambda: take_in(files[0], digests[0]), lambda: take_in(files[1], digests[1]))

    assert sorted(type(one) for one in outcomes if not isinstance(one, dict)) == [Outdated]
    assert Spool.objects.count() == 1
