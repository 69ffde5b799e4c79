"""The places where a client can put an id: fields of the forms that pages show, and of the API's bodies."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit
from uuid import UUID

from tests.surface import Operation, document, sound

CONTROLS = {"input", "select", "textarea", "button"}
PRESSED = {"checkbox", "submit"}


@dataclass
class PageForm:
    """A form, or a button that sends by itself: its address, and each field's values as the page has them."""

    url: str
    verb: str
    values: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)

    def fields_of_ids(self) -> Iterator[tuple[str, str]]:
        """The fields whose values are ids, with one of the ids that the page offers."""
        for name, offered in self.offered.items():
            ids = sorted(filter(is_id, offered))
            if ids:
                yield name, ids[0]

    def offer(self, name: str, value: str, *, is_set: bool) -> None:
        self.offered.setdefault(name, set()).add(value)
        if is_set:
            self.values.setdefault(name, []).append(value)


def is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def forms_in(html: str, url: str) -> list[PageForm]:
    """The forms of a page at `url`, and what else of it sends: buttons of htmx, links with a query."""
    reader = _Reader(url)
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.page, self.forms = url, [PageForm(url, "get")]
        self.by_id: dict[str, PageForm] = {}
        self.open: list[PageForm] = []
        self.select: tuple[PageForm, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            is_post = said.get("method", "").lower() == "post" or "hx-post" in said
            url = said.get("hx-post") or said.get("action", "")
            self.open.append(self._form(url, "post" if is_post else "get"))
            self.by_id[said.get("id", "")] = self.open[-1]
        elif tag == "option" and self.select:
            form, name = self.select
            form.offer(name, said.get("value", ""), is_set="selected" in said)
        elif tag in CONTROLS and said.get("name"):
            self._control(tag, said)
        if tag != "form" and "hx-post" in said:
            form, vals = self._form(said["hx-post"], "post"), said.get("hx-vals", "")
            for name, value in json.loads(vals).items() if vals.startswith("{") else ():
                form.offer(name, str(value), is_set=True)
        for name in ("href", "hx-get"):
            if "?" in said.get(name, ""):
                form = self._form(said[name].partition("?")[0], "get")
                for key, value in parse_qsl(urlsplit(said[name]).query):
                    form.offer(key, value, is_set=True)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.open:
            self.open.pop()
        elif tag == "select":
            self.select = None

    def _form(self, url: str, verb: str) -> PageForm:
        self.forms.append(PageForm(urljoin(self.page, url), verb))
        return self.forms[-1]

    def _control(self, tag: str, said: dict[str, str]) -> None:
        form = self.by_id[said["form"]] if said.get("form") in self.by_id else (self.open or self.forms)[-1]
        if not (self.open or said.get("form")):
            form = self.forms[0]
        if tag == "select":
            self.select = (form, said["name"])
            form.offered.setdefault(said["name"], set())
            return
        value, is_set = said.get("value", ""), "checked" in said
        if tag == "button" or said.get("type") in PRESSED:
            if is_set or is_id(value):
                form.offer(said["name"], value, is_set=is_set)
        else:
            form.offer(said["name"], value, is_set=is_set or said.get("type") != "radio")


def parameters_with_ids(operation: Operation) -> list[str]:
    """The parameters of the query that are ids."""
    return [name for name, one in operation.parameters.items() if "uuid" in json.dumps(one["schema"])]


def bodies_with_ids(
    operation: Operation, known: dict[str, Any], foreign: Callable[[list[str]], str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Otherwise sound bodies of an operation with what `foreign` gives for one of its fields of ids."""
    for path in _paths_to_ids(_schema_of(operation)):
        body = sound(operation.key, known)
        _put(body, path, foreign(path))
        yield ".".join(path), body


def _schema_of(operation: Operation) -> dict[str, Any]:
    content = operation.spec.get("requestBody", {}).get("content", {})
    return dict(next(iter(content.values()), {}).get("schema", {}))


def _paths_to_ids(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[list[str]]:
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("format") == "uuid":
        yield list(path)
    for option in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _paths_to_ids(option, path)
    for name, one in schema.get("properties", {}).items():
        yield from _paths_to_ids(one, (*path, name))
    if "items" in schema:
        yield from _paths_to_ids(schema["items"], (*path, "[]"))


def _put(body: Any, path: list[str], value: str) -> None:
    """Set the value at `path`, making on the way what is not there; "[]" is the first of a list."""
    name, rest = path[0], path[1:]
    if not rest:
        body[name] = value
    elif rest[0] == "[]":
        if len(rest) == 1:
            body[name] = [value]
            return
        body[name] = [{}]
        _put(body[name][0], rest[1:], value)
    else:
        inner = body.get(name)
        body[name] = inner if isinstance(inner, dict) else {}
        _put(body[name], rest, value)
