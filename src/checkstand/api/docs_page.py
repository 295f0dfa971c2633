"""The documentation page: the OpenAPI document as one HTML page that needs nothing else, neither network nor scripts.

Everything is written here on the server; style and script stand inside the page. The script only adds search and opens what
a link points to. The policy the page is sent with forbids every request, so that it cannot come to depend on one.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

Json = Mapping[str, Any]
METHODS = ("get", "post", "put", "delete", "patch", "head")
SCHEMA = "#/components/schemas/"


def page(document: Json) -> tuple[str, str]:
    """The page, and the `Content-Security-Policy` to send it with."""
    style, script = asset("docs.css"), asset("docs.js")
    sections = list(_by_tag(document))
    html = Template(asset("docs.html")).substitute(
        title=escape(document["info"]["title"]),
        version=escape(document["info"]["version"]),
        style=style,
        script=script,
        contents="".join(_contents(tag, operations) for tag, operations in sections),
        introduction=_prose(document["info"]["description"]),
        sections="".join(_section(document, tag, operations) for tag, operations in sections),
        refusals=_refusals(document),
        schemas="".join(_component(name, schema) for name, schema in document["components"]["schemas"].items()),
    )
    policy = (
        f"default-src 'none'; style-src '{fingerprint(style)}'; script-src '{fingerprint(script)}'; "
        "img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return html, policy


def asset(name: str) -> str:
    return files("checkstand.api").joinpath("assets", name).read_text("utf-8")


def fingerprint(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


# ---------------------------------------------------------------------------------------------------- operations

Operation = tuple[str, str, Json, Json]
"""Method, path, what all methods of the path share, and the operation."""


def _by_tag(document: Json) -> Iterable[tuple[Json, list[Operation]]]:
    operations = [
        (method.upper(), path, item, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    for tag in document["tags"]:
        yield tag, [entry for entry in operations if tag["name"] in entry[3]["tags"]]


def _contents(tag: Json, operations: list[Operation]) -> str:
    links = "".join(
        f'<li data-of="{operation["operationId"]}"><a href="#{operation["operationId"]}">{_badge(method)} '
        f"{escape(operation['summary'])}</a></li>"
        for method, _, _, operation in operations
    )
    return f"<section><h2>{escape(tag['name'])}</h2><ul>{links}</ul></section>"


def _section(document: Json, tag: Json, operations: list[Operation]) -> str:
    heading = f"<h2>{escape(tag['name'])}</h2>"
    text = _prose(tag["description"]) if tag.get("description") else ""
    return (
        f'<section class="tag">{heading}{text}{"".join(_operation(document, entry) for entry in operations)}</section>'
    )


def _operation(document: Json, entry: Operation) -> str:
    method, path, item, operation = entry
    key = operation["operationId"]
    parts = [
        _prose(operation["description"]) if "description" in operation else "",
        _access(operation),
        _parameters([*item.get("parameters", ()), *operation.get("parameters", ())]),
        _body(document, operation.get("requestBody")),
        _answers(document, operation["responses"]),
    ]
    return (
        f'<details class="operation" id="{key}"><summary>{_badge(method)} <code>{_path(path)}</code> '
        f'<span class="what">{escape(operation["summary"])}</span></summary><div class="inside">{"".join(parts)}</div></details>'
    )


def _badge(method: str) -> str:
    return f'<b class="method {method.lower()}">{method}</b>'


def _path(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"<i>{\1}</i>", escape(path).replace("/", "/<wbr>"))


def _access(operation: Json) -> str:
    security = operation.get("security", [])
    scopes = [scope for entry in security for scope in entry.get("AccessToken", ())]
    if scopes:
        names = ", ".join(f"<code>{escape(scope)}</code>" for scope in scopes)
        return f'<p class="access">Access token with any one of {names}.</p>'
    if {"Session": [], "CsrfToken": []} in security:
        also = " Without a session it works as well." if {} in security else ""
        return f'<p class="access">Session cookie and CSRF token.{also}</p>'
    return '<p class="access">Session cookie, if there is one.</p>' if {"Session": []} in security else ""


def _parameters(parameters: list[Json]) -> str:
    if not parameters:
        return ""
    rows = "".join(
        _row(entry["name"], entry["in"], entry["schema"], entry.get("required", False), entry["description"])
        for entry in parameters
    )
    return f"<h3>Parameters</h3>{_table(('Name', 'In', 'Type', 'Meaning'), rows)}"


def _body(document: Json, body: Json | None) -> str:
    if body is None:
        return ""
    media = body["content"]["application/json"]
    optional = "" if body["required"] else " (may be left out)"
    fields = _fields_of(document, media["schema"])
    return f"<h3>Body{optional}</h3><p>{_type(media['schema'])}</p>{fields}{_example(document, media)}"


def _fields_of(document: Json, schema: Json) -> str:
    """The fields of the component a body is, or is a list of."""
    schema = schema.get("items", schema)
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].removeprefix(SCHEMA)]
    return _fields(schema)


def _answers(document: Json, responses: Json) -> str:
    shown, refused = [], []
    for status, response in responses.items():
        if "$ref" in response:
            refused.append(f'<a href="#status-{status}">{status}</a>')
            continue
        media = response.get("content", {}).get("application/json")
        shape = f" {_type(media['schema'])}{_example(document, media)}" if media else ""
        shown.append(
            f'<div class="answer"><b class="status">{status}</b> {escape(response["description"])}{shape}</div>'
        )
    errors = f'<p class="errors">Refusals: {" ".join(refused)}</p>' if refused else ""
    return f"<h3>Answers</h3>{''.join(shown)}{errors}"


def _example(document: Json, media: Json) -> str:
    if "examples" not in media:
        return ""
    name = media["examples"]["example"]["$ref"].rpartition("/")[2]
    text = json.dumps(document["components"]["examples"][name]["value"], indent=2, ensure_ascii=False)
    return f'<details class="example"><summary>Example</summary><pre tabindex="0">{escape(text, quote=False)}</pre></details>'


def _refusals(document: Json) -> str:
    """Each status once, with what it means; both surfaces mean the same by them."""
    meanings = {
        name.rpartition(".")[2]: response["description"]
        for name, response in document["components"]["responses"].items()
    }
    return "".join(
        f'<tr id="status-{status}"><th scope="row">{status}</th><td>{escape(text)}</td></tr>'
        for status, text in meanings.items()
    )


# ---------------------------------------------------------------------------------------------------- schemas


def _component(name: str, schema: Json) -> str:
    text = _prose(schema["description"]) if schema.get("description") else ""
    return (
        f'<details class="schema" id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f'<div class="inside">{text}{_fields(schema)}</div></details>'
    )


def _fields(schema: Json) -> str:
    required, properties = schema.get("required", ()), schema.get("properties", {})
    told = any(entry.get("description") for entry in properties.values())
    rows = "".join(
        _row(name, None, entry, name in required, entry.get("description", "") if told else None)
        for name, entry in properties.items()
    )
    return _table(("Name", "Type", "Meaning") if told else ("Name", "Type"), rows) if rows else ""


def _row(name: str, place: str | None, schema: Json, required: bool, meaning: str | None) -> str:
    mark = ' <span class="required">required</span>' if required else ""
    cells = [
        *([] if place is None else [escape(place)]),
        _type(schema),
        *([] if meaning is None else [_inline(meaning)]),
    ]
    shown = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row"><code>{escape(name)}</code>{mark}</th>{shown}</tr>'


def _table(heads: Iterable[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _type(schema: Json) -> str:
    """A schema in a few words, with links to the components it names."""
    if "$ref" in schema:
        name = escape(schema["$ref"].removeprefix(SCHEMA))
        return f'<a href="#schema-{name}"><code>{name}</code></a>'
    if members := schema.get("anyOf"):
        open_list = "enum" in members[0] and members[1:] == [{"type": "string"}]
        words = _values(members[0], ", ") if open_list else " or ".join(_type(member) for member in members)
    elif "enum" in schema:
        words = _values(schema, " or ")
    elif "data" in schema.get("properties", {}):
        words = f"<code>data</code>: {_type(schema['properties']['data'])}"
    else:
        words = _plain_type(schema)
    return words + _limits(schema)


def _values(schema: Json, between: str) -> str:
    return between.join(f"<code>{escape(json.dumps(value))}</code>" for value in schema["enum"])


def _plain_type(schema: Json) -> str:
    kinds = schema.get("type", "anything")
    if kinds == "array":
        return f"list of {_type(schema['items'])}" if "items" in schema else "list"
    if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return escape(" or ".join(kinds) if isinstance(kinds, list) else kinds)


TELLING = 2**31
"""Limits from here on are those of the number's representation, not of the shop."""

LIMITS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "exclusiveMaximum": "below {}",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
}


def _limits(schema: Json) -> str:
    words = [text.format(schema[key]) for key, text in LIMITS.items() if key in schema and abs(schema[key]) < TELLING]
    if schema.get("default") not in (None, "", []):
        words.append(f"default {json.dumps(schema['default'])}")
    return f' <span class="limits">{escape(", ".join(words))}</span>' if words else ""


# ---------------------------------------------------------------------------------------------------- prose


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in text.strip().split("\n\n"))


def _inline(text: str) -> str:
    """`code` and **strong**; everything else is text."""
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
