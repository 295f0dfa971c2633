"""The OpenAPI 3.1 document, made from the route tables and the Structs they name. Pure, and the same on every run.

1. schemas: every Struct that a surface takes or gives becomes a component, named after the surface: two surfaces have a
   `Checkout` each, and a surface may both take and give a `CustomField`;
2. operations: path, parameters, body and answer come from the `Endpoint`;
3. errors: which ones an endpoint can give follows from what it is (does it write, does it take a body), and which status
   each of them has is asked of the surface itself, so that the document cannot say anything else than the server does;
4. examples: one cart of the demo shop, told by the names of the fields.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

import msgspec
from msgspec import Struct, UnsetType, inspect, structs

from checkstand import __version__
from checkstand.api.examples import example_of
from checkstand.api.http import Endpoint, HttpError, Reply, Surface
from checkstand.errors import (
    CheckoutError,
    Denied,
    Invalid,
    KeyInUse,
    KeyReused,
    Malformed,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unsupported,
    VersionConflict,
)
from checkstand.service.access import READ_ONLY

Json = dict[str, Any]

SCHEMA, RESPONSE, HEADER, EXAMPLE = (
    f"#/components/{kind}/" for kind in ("schemas", "responses", "headers", "examples")
)
READING = ("GET", "HEAD")
NOT_YET = "Not supported yet"
"""The tag of published endpoints that only say that they are missing."""

DESCRIPTION = """\
The checkout of an online shop as a server of its own: carts, consignments, shipping and pick-up options, prices, taxes
and orders, compatible on the wire with BigCommerce's checkout APIs.

**Management** (`/stores/{store_hash}/v3`) is for a shop's own systems: snake_case names, an access token in the header
`X-Auth-Token`, answers wrapped in `data` and `meta`. **Storefront** (`/api/storefront`) is for a shopper's browser:
camelCase names, a session cookie, a CSRF token with every write, bare answers. Both show the same carts and checkouts.

Amounts are JSON numbers in major units (15.99). A write may name the `version` of the checkout it is based on; when that is
no longer the present one, the answer is 409 and nothing has changed. Fields a body has beyond those listed are ignored, and
`null` counts as left out. A method that a path does not have is answered with 405 and the header `Allow`; every answer
carries `X-Request-Id`, which the server's log names as well.
"""

TAGS = {
    "Carts": "What a shopper wants to buy.",
    "Checkouts": "The cart with everything needed to order it: where it goes, how, and what it costs.",
    "Consignments": "Some units of the cart's items that travel together, to one place, by one means.",
    "Orders": "What was bought, as it was at that moment.",
    "Pick-up": "Where a shopper can collect something.",
    "Catalog": "Products, their options and variants, and how many there are.",
    "Coupons": "Codes that take something off, or make shipping free.",
    "Promotions": "Rules that take something off by themselves, or with a code.",
    "Payments": "What pays before the order is placed: gift certificates, and the credit a customer has with the store.",
    "Gift certificates": "Balances that whoever knows their code can pay with.",
    "Shipping": "Zones, and the ways to ship into each of them.",
    "Taxes": "Settings, zones, the rates due in them, and classes of goods.",
    "Locations": "Places that hold stock and hand it out.",
    "Settings": "How carts and checkouts of this store behave.",
    "Consents": "What shoppers agreed to: mails, cookies, scripts.",
    "Metafields of carts": "What the shop's own systems keep with a cart.",
    "Webhooks": "Who is told of what happens to carts and orders, and where.",
    "Tokens": "Keys for others: to the Storefront API, and to one checkout.",
    "Redirect URLs": "Where the links of `redirect_urls` lead.",
    NOT_YET: "Published endpoints this version does not have. They answer 501 and change nothing.",
    "Server": "The server itself.",
}

PATH_PARAMETERS = {
    "store_hash": "The store; the demo shop's is `demo`.",
    "checkout_id": "The checkout, and just as well the cart it belongs to: both have one id.",
    "cart_id": "The cart, and just as well its checkout: both have one id.",
    "consignment_id": "A consignment of this checkout.",
    "item_id": "A line item of this cart.",
    "address_id": "The `id` of the checkout's billing address.",
    "order_id": "The number of an order.",
    "product_id": "The number of a product.",
    "zone_id": "The number of a shipping zone.",
    "method_id": "The number of a shipping method of this zone.",
    "metafield_id": "The number of a metafield of this cart.",
    "channel_id": "The number of a channel the store sells on.",
    "tax_class_id": "The number of a tax class.",
    "provider_id": "The id of a tax provider, as the shop file has it.",
    "webhook_id": "The number of a webhook of this client.",
    "coupon_id": "The number of a coupon.",
    "coupon_code": "A coupon code, as the shopper typed it.",
    "certificate_id": "The number of a gift certificate.",
    "payment_id": "The id of a payment method.",
    "code": "The code of a gift certificate, as the shopper typed it.",
}

QUERY_PARAMETERS: dict[str, tuple[str, Json]] = {
    "t": ("A checkout token, which opens the order without the session that placed it.", {"type": "string"}),
    "checkoutId": ("The checkout that is shown; the session knows it as well.", {"type": "string"}),
    "cartId": ("The cart that is paid for; all of a store's carts have the same ways to pay.", {"type": "string"}),
    "filter": ("Which groups of fields, as a comma list.", {"type": "string"}),
    "page": ("Which page of the list.", {"type": "integer", "minimum": 1}),
    "limit": ("How many entries a page has.", {"type": "integer", "minimum": 1}),
    "sort": ("What the list is sorted by.", {"type": "string"}),
    "direction": ("Whether it goes up or down.", {"type": "string"}),
    "before": ("A cursor: the page before it.", {"type": "string"}),
    "after": ("A cursor: the page after it.", {"type": "string"}),
    "include_fields": ("Only these fields, as a comma list.", {"type": "string"}),
    "action": ("Where the link leads: to the cart, the checkout or the embedded checkout.", {"type": "string"}),
    "token": ("The link's secret, good for one use.", {"type": "string"}),
}
"""Meaning and schema by name; other names are filters."""

HEADER_PARAMETERS = {
    ("DELETE", "/storefront/api-token"): ("Sf-Api-Token", "The token that shall no longer work."),
}

HEADERS: dict[str, tuple[str, Json]] = {
    "X-Request-Id": ("Names this request in the server's log.", {"type": "string"}),
    "X-Rate-Limit-Time-Window-Ms": ("How long a window of the rate limit is.", {"type": "integer"}),
    "X-Rate-Limit-Time-Reset-Ms": ("How long the present window still lasts.", {"type": "integer"}),
    "X-Rate-Limit-Requests-Quota": ("How many requests a window allows.", {"type": "integer"}),
    "X-Rate-Limit-Requests-Left": (
        "How many of them are left; all of them while no limit is set.",
        {"type": "integer"},
    ),
    "X-Retry-After": ("Seconds until the next window of the rate limit.", {"type": "integer", "minimum": 1}),
    "Retry-After": ("Seconds to wait before trying again.", {"type": "integer", "minimum": 0}),
}
RATE_LIMIT = tuple(name for name in HEADERS if name.startswith("X-Rate-Limit"))

SECURITY = {
    "AccessToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Auth-Token",
        "description": "An access token of the store (`checkstand token`). Any one of the scopes listed is enough.",
    },
    "Session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "SHOP_SESSION_TOKEN",
        "description": "The shopper's session. Every GET sets the cookie; without one, POST /carts opens a session.",
    },
    "CsrfToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-XSRF-TOKEN",
        "description": "With every write of a session: the value of the cookie XSRF-TOKEN. `X-SF-CSRF-TOKEN` is as good.",
    },
}

PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was refused.",
    "required": ["status", "title", "type", "detail"],
    "properties": {
        "status": {"type": "integer", "description": "The HTTP status again."},
        "title": {"type": "string", "description": "What is wrong, in a few words."},
        "type": {"type": "string", "description": "A word programs can branch on, or a link to the list of statuses."},
        "detail": {"type": "string", "description": "What is wrong with this very request."},
    },
}
"""What both surfaces have in common; they differ in `errors`."""

CODED: Json = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
}

ERRORS: dict[str, Json] = {
    "management": {
        "description": "Field to reason; or a list: the problem of a checkout that is not there, the reason of a refused coupon.",
        "anyOf": [
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"type": "array", "items": {"anyOf": [{"$ref": f"{SCHEMA}Management.Problem"}, CODED]}},
        ],
    },
    "storefront": {
        "description": "One entry per reason; where something is not there, the problem itself.",
        "type": "array",
        "items": {
            "anyOf": [
                {"$ref": f"{SCHEMA}Storefront.Problem"},
                CODED,
            ]
        },
    },
}

REASONS = {
    400: "The body is not JSON, or JSON of an order that cannot be placed, or of a coupon or gift certificate that does not apply.",
    401: "The access token is missing, or not one of this store.",
    403: "Not allowed: the token lacks the scope, the CSRF token is missing, or the store does not sell at the moment.",
    404: "What the path names is not there, or belongs to somebody else.",
    405: "The path does not have this method; `Allow` lists those it has.",
    408: "The body did not arrive in time.",
    409: "Somebody else was faster, or the request is based on an old version. Read again, then decide again.",
    413: "The body is larger than this server takes.",
    415: "The body is not declared as JSON.",
    422: "Understood, but not possible. `errors` names the fields.",
    429: "More requests than this server allows one client. Wait `X-Retry-After` seconds.",
    500: "Our mistake. The log has it under this answer's `X-Request-Id`.",
    501: "A part of the published API that this version does not have.",
    503: "The database is busy or something outside does not answer. Try again after `Retry-After` seconds.",
}


def document(surfaces: Sequence[Surface]) -> Json:
    """The whole document, ready to be written as JSON."""
    schemas: Json = {}
    refer: dict[str, Callable[[Any], Json]] = {}
    for name in dict.fromkeys(surface.name for surface in surfaces):
        refer[name] = _add_schemas(schemas, name, [surface for surface in surfaces if surface.name == name])
    examples = _Examples(schemas)
    paths: Json = {}
    tags: dict[str, str] = {}
    for surface in surfaces:
        for endpoint in surface.endpoints:
            path = surface.prefix + endpoint.path
            operation = _operation(surface, endpoint, refer[surface.name], examples)
            paths.setdefault(path, _path(path))[endpoint.method.lower()] = operation
            tags[operation["tags"][0]] = TAGS.get(endpoint.tag, "")
    paths |= SERVER_PATHS
    tags = dict(sorted(tags.items(), key=lambda entry: _place(entry[0]))) | {"Server": TAGS["Server"]}
    names = [surface.name.capitalize() for surface in surfaces]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Checkstand",
            "version": __version__,
            "summary": "The checkout of an online shop as a server of its own.",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "tags": [{"name": tag, "description": text} if text else {"name": tag} for tag, text in tags.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                f"{name}.{status}": _refusal(name, status) for name in dict.fromkeys(names) for status in REASONS
            },
            "headers": {name: {"description": text, "schema": schema} for name, (text, schema) in HEADERS.items()},
            "examples": examples.made,
            "securitySchemes": SECURITY,
        },
    }


def _place(tag: str) -> tuple[str, int]:
    """Surface by surface, in the order of `TAGS`; what is not there comes before what is missing."""
    surface, _, name = tag.partition(": ")
    known = list(TAGS)
    return surface, known.index(name if name in TAGS else NOT_YET)


# ---------------------------------------------------------------------------------------------------- schemas


def _add_schemas(schemas: Json, surface_name: str, surfaces: Sequence[Surface]) -> Callable[[Any], Json]:
    """Add a component for every Struct these surfaces take or give; the function tells the schema of a type."""
    prefix = surface_name.capitalize()
    schemas[f"{prefix}.Problem"] = {
        **PROBLEM,
        "properties": {**PROBLEM["properties"], "errors": ERRORS.get(surface_name, {})},
    }
    endpoints = [endpoint for surface in surfaces for endpoint in surface.endpoints]
    types = list(
        {repr(kind): kind for endpoint in endpoints for kind in (endpoint.body, endpoint.answer) if kind}.values()
    )
    classes = list(_structs(inspect.multi_type_info(types)))
    roots, components = msgspec.json.schema_components([*types, *classes], schema_hook=_anything, ref_template="{name}")
    for kind, root in zip(classes, roots[len(types) :], strict=True):
        _let_be_left_out(components[root["$ref"]], kind)
    names = {name: f"{prefix}.{_component_name(name)}" for name in components}
    assert len(set(names.values())) == len(names), f"two Structs of {surface_name} get the same name in the document"
    for name, schema in components.items():
        assert names[name] not in schemas, f"{names[name]} is taken"
        schemas[names[name]] = _tidy(schema, names)
    by_type = {repr(kind): _tidy(root, names) for kind, root in zip(types, roots, strict=False)}
    return lambda kind: by_type[repr(kind)]


def _structs(kinds: Iterable[inspect.Type]) -> dict[type[Struct], None]:
    """All Structs in these types, in the order they are met."""
    found: dict[type[Struct], None] = {}

    def walk(kind: inspect.Type) -> None:
        if isinstance(kind, inspect.StructType):
            if kind.cls in found:
                return
            found[kind.cls] = None
            inner: list[inspect.Type] = [field.type for field in kind.fields]
        else:
            names = ("type", "item_type", "key_type", "value_type")
            inner = [*(getattr(kind, name) for name in names if hasattr(kind, name))]
            inner += [*getattr(kind, "types", ()), *getattr(kind, "item_types", ())]
        for entry in inner:
            walk(entry)

    for kind in kinds:
        walk(kind)
    return found


def _let_be_left_out(schema: Json, kind: type[Struct]) -> None:
    """A field that may be UNSET may be missing from an answer, whether or not that is its default."""
    optional = {field.encode_name for field in structs.fields(kind) if UnsetType in get_args(field.type)}
    schema["required"] = [name for name in schema.get("required", ()) if name not in optional]


def _anything(kind: type) -> Json:
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError  # how msgspec is told that this hook does not know the type


def _component_name(name: str) -> str:
    """`Checkout`, or where several modules have a Struct of that name, `Requests.Checkout`; `shapes` needs no saying."""
    *modules, short = name.split(".")
    module = modules[-1] if modules else "shapes"
    return short if module == "shapes" else f"{module.capitalize()}.{short}"


def _tidy(schema: Any, names: Mapping[str, str]) -> Any:
    """A schema as the document has it: our names in references, one `type` for unions of simple types, amounts as
    numbers (as texts where they have a pattern), and descriptions without our notes on where a rule was decided."""
    if isinstance(schema, list):
        return [_tidy(entry, names) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {**schema, "$ref": SCHEMA + names[schema["$ref"]]}
    tidy = {
        key: {name: _tidy(entry, names) for name, entry in value.items()}
        if key == "properties"
        else value
        if key in ("default", "enum", "required", "examples")
        else _tidy(value, names)
        for key, value in schema.items()
    }
    if tidy.get("format") == "decimal":
        del tidy["format"]
        tidy["type"] = "string" if "pattern" in tidy else "number"
    if isinstance(description := tidy.get("description"), str):
        tidy["description"] = _public(description)
    if "required" in tidy and not tidy["required"]:
        del tidy["required"]
    return _with_types_joined(tidy)


def _with_types_joined(schema: Json) -> Json:
    members = schema.get("anyOf")
    if not members or not all(member.keys() == {"type"} for member in members):
        return schema
    types = [member["type"] for member in members]
    if "number" in types:
        types = [name for name in types if name != "integer"]
    joined = {key: value for key, value in schema.items() if key != "anyOf"}
    return {"type": types[0] if len(types) == 1 else types, **joined}


def _public(text: str) -> str:
    text = re.sub(r"\s*\((?:BEHAVIOUR|seed|[CDT]\d)[^)]*\)", "", text)
    return " ".join(text.split())


# ---------------------------------------------------------------------------------------------------- operations


def _operation(surface: Surface, endpoint: Endpoint, refer: Callable[[Any], Json], examples: "_Examples") -> Json:
    operation: Json = {
        "operationId": _operation_id(surface, endpoint),
        "tags": [f"{surface.name.capitalize()}: {endpoint.tag or 'Other'}"],
        "summary": endpoint.summary,
    }
    if endpoint.handle.__doc__:
        operation["description"] = _public(endpoint.handle.__doc__)
    if parameters := [*_parameters(endpoint)]:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": not endpoint.body_optional,
            "content": {"application/json": examples.media(refer(endpoint.body))},
        }
    operation["responses"] = {
        **{str(status): response for status, response in _successes(surface, endpoint, refer, examples).items()},
        **{
            str(status): {"$ref": f"{RESPONSE}{surface.name.capitalize()}.{status}"}
            for status in sorted(_refusals(surface, endpoint))
        },
    }
    operation["security"] = _security(surface, endpoint)
    return operation


def _operation_id(surface: Surface, endpoint: Endpoint) -> str:
    version = "_v2" if surface.prefix.endswith("/v2") else ""
    path = re.sub(r"[^a-z0-9]+", "_", endpoint.path.lower()).strip("_")
    return f"{surface.name}{version}_{endpoint.method.lower()}_{path}"


def _path(path: str) -> Json:
    """What all methods of a path share: its parameters."""
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATH_PARAMETERS.get(name, f"The {name.replace('_', ' ')}."),
            "schema": {"type": "string", "minLength": 1},
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    return {"parameters": parameters} if parameters else {}


KEY_TEXT = (
    "A key of your own for this request, new for each: sent again with it within a day, the request is not done again and gets "
    "the same answer, with the header `Idempotent-Replayed`."
)
KEY_SCHEMA: Json = {"type": "string", "minLength": 1, "maxLength": 255}


def _parameters(endpoint: Endpoint) -> Iterable[Json]:
    if endpoint.include:
        items = {"anyOf": [{"enum": list(endpoint.include)}, {"type": "string"}]}
        default = {"default": list(endpoint.include_default)} if endpoint.include_default else {}
        yield {
            "name": "include",
            "in": "query",
            "description": "What the answer should have besides, as a comma list; unknown names are ignored."
            + (" A list takes the place of the default." if default else ""),
            "style": "form",
            "explode": False,
            "schema": {"type": "array", "items": items, **default},
        }
    for name in endpoint.query:
        text, schema = QUERY_PARAMETERS.get(name) or (_filter(name), {"type": "string"})
        yield {"name": name, "in": "query", "description": text, "schema": schema}
    if endpoint.method == "POST" and not endpoint.authenticates:
        yield {"name": "Idempotency-Key", "in": "header", "description": KEY_TEXT, "schema": KEY_SCHEMA}
    if header := HEADER_PARAMETERS.get((endpoint.method, endpoint.path)):
        name, text = header
        yield {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}


def _filter(name: str) -> str:
    field, _, how = name.partition(":")
    match how:
        case "in":
            return f"Only those whose `{field}` is in this comma list."
        case "min":
            return f"Only those whose `{field}` is this or later."
        case "max":
            return f"Only those whose `{field}` is this or earlier."
        case _:
            return f"Only the one, or those, with this `{field}`."


def _successes(
    surface: Surface, endpoint: Endpoint, refer: Callable[[Any], Json], examples: "_Examples"
) -> dict[int, Json]:
    if endpoint.tag == NOT_YET:
        return {}
    headers = _headers("X-Request-Id", *(RATE_LIMIT if surface.name == "management" else ()))
    nothing = {"description": "Done; there is nothing to show.", "headers": headers}
    if 300 <= endpoint.status < 400:
        where = {"Location": {"description": "Where to go.", "schema": {"type": "string"}}}
        return {endpoint.status: {"description": "Go on to another page.", "headers": {**headers, **where}}}
    if endpoint.answer is None or endpoint.status == 204:
        return {endpoint.status: nothing}
    schema = refer(endpoint.answer)
    wrapped = surface.envelope("", Reply("", enveloped=endpoint.enveloped)) != ""
    if wrapped:
        schema = {
            "type": "object",
            "required": ["data", "meta"],
            "properties": {"data": schema, "meta": {"type": "object"}},
        }
    answer = {
        "description": "Created." if endpoint.status == 201 else "Found." if endpoint.method in READING else "Done.",
        "headers": headers,
        "content": {endpoint.content_type.partition(";")[0]: examples.media(schema)},
    }
    if endpoint.path.endswith("/items/{item_id}"):
        gone = {**nothing, "description": "That was the cart's last item; the cart is gone with it."}
        return {endpoint.status: answer, 204: gone}
    return {endpoint.status: answer}


THROTTLED = Throttled("", quota=1, reset_milliseconds=1)


def _refusals(surface: Surface, endpoint: Endpoint) -> set[int]:
    """The statuses of what can go wrong, as the surface itself shows them."""
    possible: list[CheckoutError | HttpError] = [HttpError(500, "", ""), Unavailable(""), NotFound(""), THROTTLED]
    writes, missing = endpoint.method not in READING, endpoint.tag == NOT_YET
    if surface.name == "management":
        possible += [Unauthenticated(""), Denied("")]
    if endpoint.authenticates:
        possible += [Unauthenticated(""), Denied("")]
    if writes:
        possible += [Denied(""), HttpError(413, "", "")]
    if missing:
        possible += [Unsupported(""), *([KeyInUse(""), KeyReused("")] if endpoint.method == "POST" else ())]
    else:
        possible += [Invalid("")]
    if writes and not missing:
        possible += [VersionConflict(None, None), Refused("")]
    if endpoint.body is not None:
        possible += [Malformed(""), HttpError(408, "", ""), HttpError(415, "", ""), Unsupported("")]
    return {surface.problem(error, endpoint.path, endpoint)[0] for error in possible}


def _security(surface: Surface, endpoint: Endpoint) -> list[Json]:
    """Alternatives, any one of which is enough."""
    reading = endpoint.method in READING
    if surface.name == "management":
        scopes = [*endpoint.scopes, *(scope + READ_ONLY for scope in endpoint.scopes if reading)]
        return [{"AccessToken": [scope]} for scope in scopes] or [{"AccessToken": []}]
    if reading:
        return [{"Session": []}, {}]
    with_session: Json = {"Session": [], "CsrfToken": []}
    return [with_session] if "{" in endpoint.path or endpoint.authenticates else [with_session, {}]


def _headers(*names: str) -> Json:
    return {name: {"$ref": HEADER + name} for name in names}


def _refusal(surface: str, status: int) -> Json:
    waits = {429: ["X-Retry-After", "Retry-After"], 503: ["Retry-After"]}
    headers = _headers("X-Request-Id", *waits.get(status, []))
    if status == 405:
        headers["Allow"] = {"description": "The methods the path has.", "schema": {"type": "string"}}
    schema = {"$ref": f"{SCHEMA}{surface}.Problem"}
    return {"description": REASONS[status], "headers": headers, "content": {"application/json": {"schema": schema}}}


# ---------------------------------------------------------------------------------------------------- the server itself


def _self_report(name: str, summary: str, description: str, failure: str) -> Json:
    schema = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    responses = {
        status: {
            "description": text,
            "headers": _headers("X-Request-Id"),
            "content": {"application/json": {"schema": schema}},
        }
        for status, text in (("200", "Yes."), ("503", failure))
    }
    return {
        "get": {
            "operationId": f"server_get_{name}",
            "tags": ["Server"],
            "summary": summary,
            "description": description,
            "responses": responses,
            "security": [],
        }
    }


SERVER_PATHS: Json = {
    "/health": _self_report(
        "health",
        "Whether the server is alive",
        "200 as long as the database answers.",
        "The database cannot be reached.",
    ),
    "/ready": _self_report(
        "ready",
        "Whether requests should be sent here",
        "For load balancers: 200 while the database answers and has all migrations, until the server is asked to stop.",
        "Not now: `status` says why.",
    ),
    "/openapi.json": {
        "get": {
            "operationId": "server_get_openapi_json",
            "tags": ["Server"],
            "summary": "This document",
            "responses": {
                "200": {
                    "description": "The document.",
                    "headers": _headers("X-Request-Id"),
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
            "security": [],
        }
    },
}


# ---------------------------------------------------------------------------------------------------- examples


class _Examples:
    """Examples by the name of the component they show; each is made once and referred to."""

    def __init__(self, schemas: Json) -> None:
        self._schemas = schemas
        self.made: Json = {}

    def media(self, schema: Json) -> Json:
        """A media type: the schema, and an example of it."""
        return {"schema": schema, "examples": {"example": {"$ref": EXAMPLE + self._name(schema)}}}

    def _name(self, schema: Json) -> str:
        name = _example_name(schema)
        if name not in self.made:
            self.made[name] = {"value": example_of(schema, self._schemas)}
        return name


def _example_name(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].removeprefix(SCHEMA))
    if schema.get("type") == "array":
        return f"ListOf.{_example_name(schema.get('items', {}))}"
    if "data" in schema.get("properties", {}):
        return f"Enveloped.{_example_name(schema['properties']['data'])}"
    return str(schema.get("type", "Any"))
