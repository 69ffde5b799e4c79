"""The Markdown files name only what exists."""

import importlib
import re
from pathlib import Path

import pytest

from tools import figures

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
ENDINGS = (".py", ".md", ".toml", ".txt", ".js", ".css", ".html", ".json", ".log")
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
# Where a short name such as `following.end` is looked for.
SHORT_IN = (
    "jobs",
    "gateway",
    "printers",
    "models3d",
    "orgs",
    "inventory",
    "maintenance",
    "reports",
    "odin_site",
    "simulator",
    "bulk",
)
APPS = {*SHORT_IN, "accounts", "alerts", "audit", "demo", "stations", "ui"}
NAME = re.compile(r"[a-z]\w*(?:\.\w+)+")
HERE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def said_in_code(page: Path) -> set[str]:
    """What stands between backticks, calls without their arguments."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return {re.sub(r"\(.*\)$", "", said) for said in CODE.findall(text)}


def names(page: Path) -> set[str]:
    """The dotted names of code in a page: `jobs.planning.match`, `following.end`."""
    found = {said for said in said_in_code(page) if NAME.fullmatch(said) and not said.endswith(ENDINGS)}
    modules = {path.stem for app in SHORT_IN for path in (ROOT / app).glob("*.py")}
    return {said for said in found if said.split(".")[0] in APPS | modules}


def places_of(name: str) -> list[str]:
    first = name.split(".")[0]
    return [name] * (first in APPS) + [
        f"{app}.{name}" for app in SHORT_IN if (ROOT / app / f"{first}.py").exists()
    ]


def is_there(name: str) -> bool:
    """Whether a module, or something in one, has this name; tasks go by their own names."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            fields = getattr(thing, "__dataclass_fields__", {})
            if not hasattr(thing, part) and part not in fields:
                return False
            thing = getattr(thing, part, None)
        return True
    return False


def is_task(name: str) -> bool:
    app = name.split(".")[0]
    tasks = ROOT / app / "tasks.py"
    return tasks.exists() and f'name="{name}"' in tasks.read_text()


@HERE
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    local = [link for link in LINK.findall(page.read_text()) if "://" not in link]

    assert [link for link in local if not (page.parent / link).exists()] == []


@HERE
def test_files_that_a_page_names_exist(page: Path) -> None:
    paths = {said for said in said_in_code(page) if PATH.fullmatch(said)}
    ours = {
        path for path in paths if "/" in path and path.split("/")[0] in FOLDERS and not path.startswith("var")
    }

    assert [path for path in sorted(ours) if not (ROOT / path).exists()] == []


@HERE
def test_code_that_a_page_names_exists(page: Path) -> None:
    missing = [
        name for name in sorted(names(page)) if not is_task(name) and not any(map(is_there, places_of(name)))
    ]

    assert missing == []


@HERE
def test_make_has_the_targets_that_a_page_names(page: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:^|`|&& )make (\w+)", page.read_text(), re.MULTILINE))

    assert named <= targets


def test_the_environment_variables_of_the_readme_are_read() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    code = "".join((ROOT / "odin_site" / name).read_text() for name in ("settings.py", "places.py", "run.py"))

    assert len(named) > 10
    assert [name for name in sorted(named) if f'"{name}"' not in code] == []


def test_the_readme_names_every_setting_for_people() -> None:
    asked = set(re.findall(r'env\.\w+\("([A-Z_]+)"', (ROOT / "odin_site" / "settings.py").read_text()))

    # The supervisor's own word to its children.
    asked.discard("ODIN_SUPERVISED")

    assert [name for name in sorted(asked) if f"`{name}`" not in (ROOT / "README.md").read_text()] == []


def test_the_figures_of_the_readme_are_those_that_were_measured() -> None:
    readme = (ROOT / "README.md").read_text()

    assert figures.written(readme, figures.RESULTS.read_text()) == readme, "run: python tools/figures.py"
