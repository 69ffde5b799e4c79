"""What makes a leak impossible rather than unlikely: who may choose a schema, name a key, open a file.

Read off the source. Whoever has a good reason for another place adds it here, and says why in the commit.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.db import connection, models

from orgs import checks
from orgs.models import Org, new_schema_name
from tests.surface import routes

ROOT = Path(__file__).resolve().parents[2]
OURS = [name.rpartition(".")[2] for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()]

# What is imported, and by whom alone.
MAY_IMPORT = {
    # Chooses a schema by its name and leaves a stand-in for the organisation.
    "django_tenants.utils.schema_context": "orgs/middleware.py orgs/tasks.py orgs/lifecycle.py",
    # Enters an organisation: who serves a request or a task, who hears of a machine, who reads a signed link.
    "django_tenants.utils.tenant_context": """
        orgs/middleware.py orgs/tasks.py orgs/aside.py orgs/creating.py orgs/inviting.py orgs/admin.py
        orgs/agenda.py orgs/lifecycle.py orgs/views/platform.py jobs/lending/crossing.py
        orgs/management/commands/allow_all_networks.py
        gateway/holdings.py gateway/ingest.py gateway/listen.py gateway/starts.py jobs/reconciling.py
        alerts/pages/stopping.py reports/pages/outside.py
        demo/operator.py demo/people.py demo/seeding.py
    """,
    # Makes connections of its own, or looks for what they raise.
    "redis": "orgs/keys.py orgs/health.py orgs/limits.py odin_site/places.py odin_site/embedded/valkey.py",
    "redis.exceptions": "gateway/listen.py gateway/mailroom.py",
    "psycopg": "odin_site/places.py odin_site/embedded/postgres.py",
    # Django's cache: counters of tries that name nobody, a list of the platform's, one of an organisation's.
    "django.core.cache": "accounts/limits.py orgs/access.py audit/views.py",
    # Threads are given plain values; the one that is given an organisation enters it anew.
    "threading.Thread": "alerts/hands.py orgs/aside.py",
    "concurrent.futures.ThreadPoolExecutor": "gateway/listen.py gateway/poll.py printers/telling.py",
    # Kept in the process for everybody: what is the same for all, or keyed by all it is made of.
    "functools.cache": """
        accounts/sealing.py alerts/channels/push.py alerts/pages/worker.py orgs/forms.py orgs/keys.py
        printers/catalogue.py reports/renderers/pictures.py ui/contrast.py ui/icons.py ui/lettering.py
    """,
    "functools.lru_cache": """
        inventory/filament.py jobs/classes.py orgs/branding.py printers/codes.py reports/drawing.py
        ui/figures.py
    """,
    # A generator runs when the middleware has left the organisation.
    "django.http.StreamingHttpResponse": "",
    "django.http.response.StreamingHttpResponse": "",
    "django.contrib.contenttypes.fields.GenericForeignKey": "orgs/checks.py",
}
# The methods by which a schema is chosen past the context managers.
NEVER_CALLED = {"set_schema", "set_tenant", "set_schema_to_public", "raw"}


@cache
def sources() -> dict[str, ast.Module]:
    """Our modules by their path, without migrations."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for name in OURS
        for path in sorted((ROOT / name).rglob("*.py"))
        if "migrations" not in path.parts
    }


def nodes(kind: type[ast.AST]) -> list[tuple[str, Any]]:
    """All of a kind in our source, with the path of each."""
    return _by_kind()[kind]


@cache
def _by_kind() -> dict[type[ast.AST], list[tuple[str, Any]]]:
    found: dict[type[ast.AST], list[tuple[str, Any]]] = defaultdict(list)
    for path, tree in sources().items():
        for node in ast.walk(tree):
            found[type(node)].append((path, node))
    return found


def name_of(node: ast.AST) -> str:
    """`a.b.c` as it is written; empty for what is no plain name."""
    if isinstance(node, ast.Attribute):
        before = name_of(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


@cache
def imported() -> dict[str, set[str]]:
    """Who imports what, by its whole name."""
    found: dict[str, set[str]] = {}
    for path, node in nodes(ast.Import):
        for one in node.names:
            found.setdefault(one.name, set()).add(path)
    for path, node in nodes(ast.ImportFrom):
        above = Path(path).parts[: -node.level] if node.level else ()
        module = ".".join((*above, *filter(None, [node.module])))
        for name in (module, *(f"{module}.{one.name}" for one in node.names)):
            found.setdefault(name, set()).add(path)
    return found


def test_only_who_may_imports_what_chooses_schemas_keys_and_threads():
    found = imported()

    assert {name: found.get(name, set()) for name in MAY_IMPORT} == {
        name: set(paths.split()) for name, paths in MAY_IMPORT.items()
    }


def test_nothing_chooses_a_schema_but_the_context_managers():
    called = [
        f"{path}:{node.lineno}"
        for path, node in nodes(ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr in NEVER_CALLED
    ]

    assert called == []


def test_no_organisation_is_entered_by_a_decorator_or_by_itself():
    decorated = [
        path
        for kind in (ast.FunctionDef, ast.ClassDef)
        for path, node in nodes(kind)
        for one in node.decorator_list
        if "tenant_context" in ast.unparse(one) or "schema_context" in ast.unparse(one)
    ]
    # `with org:` is not thread safe in django-tenants.
    by_itself = [
        f"{path}:{node.lineno}"
        for path, node in nodes(ast.With)
        for item in node.items
        if name_of(item.context_expr).rpartition(".")[2] in {"org", "tenant", "rival", "organisation"}
    ]

    assert (decorated, by_itself) == ([], [])


def test_files_are_kept_below_the_organisations_own_folder():
    own = ("f'orgs/{current_org().pk}/", "f'orgs/{org.pk}/brand/", "_place(", 'f"{_place(', "f'{_place(")
    saved = [
        (path, ast.unparse(node.args[0]))
        for path, node in nodes(ast.Call)
        if name_of(node.func) == "default_storage.save"
    ]

    assert len(saved) >= 6
    assert {one for one in saved if not one[1].startswith((*own, "f'{stem}"))} == set()


def test_what_is_streamed_is_a_stored_file():
    streamed = [
        ast.unparse(node.args[0])
        for _path, node in nodes(ast.Call)
        if name_of(node.func).endswith("FileResponse")
    ]

    assert len(streamed) >= 3
    assert set(streamed) == {"default_storage.open(path, 'rb')"}


def test_stored_files_have_no_address_of_their_own():
    views = {getattr(route.view, "__module__", "") for route in routes("odin_site.urls")}
    views |= {getattr(route.view, "__module__", "") for route in routes("odin_site.urls_public")}

    assert not {name for name in views if "static" in name}
    assert settings.MEDIA_URL in {"", "/"}
    assert not Path(settings.MEDIA_ROOT).is_relative_to(settings.STATIC_ROOT)
    assert getattr(settings, "WHITENOISE_ROOT", None) is None


def test_keys_of_redis_are_built_in_one_place():
    """Whoever uses the client names keys by `org_key` or `platform_key`, or is given them."""
    found = imported()
    users = found["orgs.keys.redis_client"]
    builders = found["orgs.keys.org_key"] | found["orgs.keys.platform_key"]

    assert users - builders == {"orgs/health.py"}


def test_ids_are_random_everywhere():
    """A row that is looked up in the wrong schema is missing, never another one."""
    countable = [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS
        and not model._meta.auto_created
        and not isinstance(model._meta.pk, models.UUIDField | models.OneToOneField)
    ]

    # One row each; no rows at all; named by their SHA-256, which opens no file of another organisation; an
    # address, which is public.
    assert set(countable) == {
        "accounts.MailServer",
        "orgs.SetUp",
        "orgs.Domain",
        "models3d.StoredFile",
        "orgs.PastSlug",
    }


def test_no_table_is_both_in_public_and_in_a_schema(acme):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " INTERSECT SELECT table_name FROM information_schema.tables WHERE table_schema = %s",
            [acme.schema_name],
        )
        both = {name for (name,) in cursor.fetchall()}

    assert both == checks.MEANT_TWICE | {"django_migrations"}
    assert [one for one in run_checks() if one.id.startswith("orgs.")] == []


@pytest.mark.parametrize(
    ("shared", "error"),
    [("printers", {"orgs.E001"}), ("jobs", {"orgs.E001", "orgs.E003"})],
)
def test_start_is_refused_where_a_table_would_be_in_both(settings, monkeypatch, shared, error):
    settings.SHARED_APPS = [*settings.SHARED_APPS, shared]

    assert {one.id for one in checks.check_schemas(None)} >= error


def test_name_of_a_schema_is_random_and_survives_a_new_name_and_address(acme):
    before = acme.schema_name

    Org.objects.filter(pk=acme.pk).update(name="Other", slug="other")

    assert Org.objects.get(pk=acme.pk).schema_name == before
    assert "acme" not in before
    assert len({new_schema_name() for _ in range(100)}) == 100
    assert not Org._meta.get_field("schema_name").editable


def test_rules_in_the_documentation_are_proven_by_tests_that_are_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/isolation.md").read_text()))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE)
    }

    assert len(named) > 50
    assert named - there == set()
