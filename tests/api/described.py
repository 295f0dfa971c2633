"""Holds real answers against the OpenAPI document: the status must be listed, and the body valid by its schema."""

import json
import re
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from checkstand.app import openapi_document

DOCUMENT: dict[str, Any] = json.loads(openapi_document())
PATHS = [
    (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), item) for path, item in DOCUMENT["paths"].items()
]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to."""
    if "$ref" not in part:
        return part
    found: Any = DOCUMENT
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """References in the schema are those of the whole document."""
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def expect_described(answer: httpx.Response) -> None:
    method, path = answer.request.method.lower(), answer.request.url.path
    described = [item[method] for pattern, item in PATHS if method in item and pattern.fullmatch(path)]
    assert described, f"{method.upper()} {path} is not in the document"
    responses = described[0]["responses"]
    status = str(answer.status_code)
    assert status in responses, f"{method.upper()} {path} answered {status}, the document has {', '.join(responses)}"
    response = resolved(responses[status])
    missing = [name for name in response.get("headers", {}) if name not in answer.headers]
    assert missing == [], f"{method.upper()} {path} {status} lacks the headers {missing}"
    if "content" not in response:
        assert answer.content in (b"", b"null")
        return
    assert answer.headers["content-type"] == "application/json"
    problems = [
        f"{error.json_path}: {error.message}"
        for error in validator(response["content"]["application/json"]["schema"]).iter_errors(answer.json())
    ]
    assert problems == [], f"{method.upper()} {path} {status} is not as described"
