"""Amounts that are sent as texts: which texts are numbers.

Decimals are taken as numbers and as texts. A text is read leniently by the decoder: `"1_000"`, blanks around it, digits of any
script. What a client means by those nobody knows, so they are refused, naming the field.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect as types

from checkstand.errors import Invalid

NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


def check_number_texts(body: bytes, kind: Any) -> None:
    """`kind`: the type a body was decoded as. Raises `Invalid`."""
    suspect = _suspect(kind)
    if suspect is None or not (suspect.search(body) or b"\\u" in body):
        return
    for path, text in _texts(msgspec.json.decode(body), _shape(kind), ""):
        if not NUMBER.fullmatch(text):
            raise Invalid.field(path or "body", f"must be a number such as 15.99, not {text!r}")


@cache
def _shape(kind: Any) -> types.Type:
    """The same each time, which `_holding` counts on."""
    return types.type_info(kind)


@cache
def _suspect(kind: Any) -> re.Pattern[bytes] | None:
    """What a body of this type has in it where it may have a text in the place of a decimal: most have not, which is seen faster
    than they can be looked through. None: there is no place for decimals."""
    names = {re.escape(name.encode()) for name in _decimal_fields(_shape(kind), [])}
    if not names:
        return None
    return re.compile(rb'"(?:' + rb"|".join(sorted(names)) + rb')"\s*:\s*["\[{]')


def _decimal_fields(shape: types.Type, seen: list[types.Type]) -> Iterator[str]:
    """The names of fields that hold a decimal and no object with fields of its own."""
    if any(shape is each for each in seen):
        return
    seen.append(shape)
    if isinstance(shape, types.StructType):
        for field in shape.fields:
            if _is_decimal(field.type):
                yield field.encode_name
    for part in _parts(shape):
        yield from _decimal_fields(part, seen)


def _is_decimal(shape: types.Type) -> bool:
    return isinstance(shape, types.DecimalType) or (
        not isinstance(shape, types.StructType) and any(_is_decimal(part) for part in _parts(shape))
    )


_holding: dict[int, tuple[types.Type, bool]] = {}
"""By the identity of a type, which is kept as long: types refer to themselves."""


def _holds_decimals(shape: types.Type) -> bool:
    if id(shape) not in _holding:
        seen: list[types.Type] = []
        found = _finds_decimal(shape, seen)
        _holding[id(shape)] = (shape, found)
    return _holding[id(shape)][1]


def _finds_decimal(shape: types.Type, seen: list[types.Type]) -> bool:
    if any(shape is each for each in seen):
        return False
    seen.append(shape)
    return isinstance(shape, types.DecimalType) or any(_finds_decimal(part, seen) for part in _parts(shape))


def _parts(shape: types.Type) -> Iterator[types.Type]:
    match shape:
        case types.Metadata(type=inner):
            yield inner
        case types.UnionType(types=several):
            yield from several
        case types.ListType(item_type=item):
            yield item
        case types.DictType(value_type=value):
            yield value
        case types.StructType(fields=fields):
            for field in fields:
                yield field.type


def _texts(value: Any, shape: types.Type, path: str) -> Iterator[tuple[str, str]]:
    """The texts that stand where decimals may, with their fields. `shape` holds some."""
    if isinstance(shape, types.DecimalType):
        if isinstance(value, str):
            yield path, value
        return
    for name, part, of_part in _entries(value, shape):
        if _holds_decimals(of_part):
            yield from _texts(part, of_part, f"{path}.{name}".strip("."))


def _entries(value: Any, shape: types.Type) -> Iterator[tuple[str, Any, types.Type]]:
    """What is in a value, by its name in there, and of which type it is to be."""
    match shape:
        case types.Metadata(type=inner):
            yield "", value, inner
        case types.UnionType(types=several):
            yield from (("", value, one) for one in several)
        case types.ListType(item_type=item) if isinstance(value, list):
            yield from ((str(index), entry, item) for index, entry in enumerate(value))
        case types.DictType(value_type=each) if isinstance(value, dict):
            yield from ((name, entry, each) for name, entry in value.items())
        case types.StructType(fields=fields) if isinstance(value, dict):
            for field in fields:
                if field.encode_name in value:
                    yield field.encode_name, value[field.encode_name], field.type
