"""The shape of the code, read from its imports. ARCHITECTURE.md says why; each message here says what to do.

app, server, __main__ -> api -> service -> domain        storage -> domain
                          api, service -> storage.port   domain -> errors
"""

import ast
import importlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "checkstand"

ROOTS = {"app", "server", "testing", "pytest_plugin", "__main__"}
"""The composition root: it may know every part, and no part may know it."""

MAY_IMPORT = {
    "errors": set[str](),
    "demo": set[str](),
    "settings": {"errors"},
    "connections": {"api.problems"},
    "workers": set[str](),
    "tls": {"errors"},
    "domain": {"domain", "errors"},
    "storage": {"storage", "domain", "errors"},
    "service": {"service", "domain", "errors", "storage.port"},
    "outbound": {"domain", "errors"},
    "webhooks": {"outbound", "service", "domain", "errors", "settings", "storage.port"},
    "tax_submissions": {"outbound", "tax_providers", "service", "domain", "errors", "settings", "storage.port"},
    "tax_providers": {"outbound", "service", "domain", "errors", "settings", "storage.port"},
    "carriers": {"outbound", "domain", "errors", "storage.port"},
    "demo_server": set[str](),
    "demo_tax_provider": {"demo_server"},
    "demo_carrier": {"demo_server"},
    "api": {"api", "service", "domain", "errors", "storage.port"},
}
"""Layer -> the prefixes of modules it may import. The port is where the types of what services are given stand."""

WHOLE_SHOP_FILE = "service.shop_file"
"""Loads and dumps all that a store keeps; it may name the storage itself."""

KINDS = {
    "domain.methods": {"domain.methods", "domain.money", "domain.parcel", "domain.pricing.entries", "errors"},
    "domain.promotions": {"domain.promotions", "domain.money", "domain.parcel", "domain.pricing.entries", "errors"},
    "domain.coupons": {"domain.coupons", "domain.money", "domain.pricing.entries", "errors"},
}
"""Kinds of methods and promotions see amounts, parcels and entries only: they compute, and look nothing up."""

PURE = {
    "asyncio",
    "time",
    "random",
    "secrets",
    "os",
    "socket",
    "subprocess",
    "threading",
    "httpx",
    "starlette",
    "apsw",
    "asyncpg",
    "sqlite3",
}
"""What brings I/O, the clock or chance. `geography` reads the files of two data packages, once; that is all."""

NO_NAME = {"utils", "util", "helpers", "helper", "common", "base", "misc", "shared", "core"}


def module_name(path: Path) -> str:
    """`domain.cart` for src/checkstand/domain/cart.py; the package itself for its `__init__`."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> set[str]:
    """Every module that is imported, wherever in the file the import stands: ours as `domain.cart`, others by their name."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, (
                f"{module} imports relatively; write the whole name, so that it can be searched for."
            )
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name.removeprefix("checkstand.") in MODULES else node.module for name in names}
    return found


def ours(module: str) -> set[str]:
    return {name.removeprefix("checkstand.") for name in imports(module) if name.startswith("checkstand.")}


def is_within(module: str, prefixes: Iterable[str]) -> bool:
    return any(module == prefix or module.startswith(f"{prefix}.") for prefix in prefixes)


def layer(module: str) -> str:
    return module.partition(".")[0]


def allowed(module: str) -> set[str]:
    """What a module may import; that of its kind, if it is a kind of method or promotion."""
    for package, prefixes in KINDS.items():
        if is_within(module, [package]):
            return prefixes
    return MAY_IMPORT[layer(module)] | ({"storage"} if module == WHOLE_SHOP_FILE else set())


LAYERED = [module for module in MODULES if module and module not in ROOTS]


def test_every_module_is_in_a_layer_that_has_a_rule() -> None:
    strangers = {layer(module) for module in LAYERED} - MAY_IMPORT.keys()

    assert not strangers, (
        f"Say in MAY_IMPORT what {', '.join(sorted(strangers))} may import, and in ARCHITECTURE.md why."
    )


@pytest.mark.parametrize("module", LAYERED)
def test_imports_point_one_way(module: str) -> None:
    wrong = {name for name in ours(module) if not is_within(name, allowed(module))}

    assert not wrong, (
        f"{module} imports {', '.join(sorted(wrong))}, but may import {', '.join(sorted(allowed(module))) or 'nothing'} only. "
        "Move what both need down, or pass it in as an argument (facts, moment, ids)."
    )


@pytest.mark.parametrize("module", [module for module in MODULES if layer(module) == "domain"])
def test_the_domain_is_pure(module: str) -> None:
    impure = {name for name in imports(module) if is_within(name, PURE)}
    waits = [node for node in ast.walk(tree(module)) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]

    assert not impure, (
        f"{module} imports {', '.join(sorted(impure))}. Time and ids come with the Moment, the rest with Facts."
    )
    assert not waits, f"{module} waits for something; look it up in service/gather.py and hand it over in Facts."


def test_nothing_asks_for_the_time_in_the_domain() -> None:
    asking = [
        f"{module}:{node.lineno}"
        for module in MODULES
        if layer(module) == "domain"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        if node.value.id in {"datetime", "date"}
    ]

    assert asking == [], "Take the time from the Moment of the command, so that it can be replayed."


@pytest.mark.parametrize("module", [module for module in MODULES if layer(module) == "domain"])
def test_every_struct_of_the_domain_is_frozen(module: str) -> None:
    """But for a module's private ones: what one function works with until it is done, and gives to nobody."""
    loaded = importlib.import_module(f"checkstand.{module}")
    classes = [each for each in vars(loaded).values() if isinstance(each, type) and each.__module__ == loaded.__name__]
    structs = [each for each in classes if issubclass(each, msgspec.Struct) and not each.__name__.startswith("_")]

    changeable = [each.__qualname__ for each in structs if not each.__struct_config__.frozen]

    assert changeable == [], "Say frozen=True; change is `replace`, so that whoever holds the old value keeps it."


def test_modules_import_each_other_in_no_circle() -> None:
    waiting = {module: ours(module) & MODULES.keys() - {module} for module in MODULES}
    while ready := {module for module, needed in waiting.items() if not needed}:
        waiting = {module: needed - ready for module, needed in waiting.items() if module not in ready}

    assert not waiting, f"These import each other in a circle, or need one that does: {', '.join(sorted(waiting))}."


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty_names = [module for module in MODULES if NO_NAME & {*module.split(".")}]

    assert empty_names == [], "Name a module after what it holds; what it holds belongs to the module of its subject."


def test_every_package_and_every_module_says_what_it_is_for() -> None:
    silent = [
        module or "checkstand"
        for module in MODULES
        if not ast.get_docstring(tree(module)) and not says_it_in_its_only_class(module)
    ]

    assert silent == [], "Begin the file with a docstring: what it is for and, where there is an algorithm, its steps."


def says_it_in_its_only_class(module: str) -> bool:
    """One kind of method or promotion: its docstring is the file's."""
    classes = [node for node in tree(module).body if isinstance(node, ast.ClassDef)]
    return len(classes) == 1 and module in LAYERED and is_within(module, KINDS) and bool(ast.get_docstring(classes[0]))


def test_the_rules_above_see_the_imports_they_are_about() -> None:
    """Should reading the imports ever break, the rules would hold of nothing."""
    assert {"domain.checkout", "domain.facts", "errors"} <= ours("domain.cart")
    assert "domain.cart" in ours("domain.commands")  # `from checkstand.domain import cart`
    assert "storage.port" in ours("service.commands")
    assert len(LAYERED) > 50
