"""Which handler answers a path: one route for all surfaces, a tree of path segments.

Routes tried one after the other cost a match each, and there are many. A tree costs a step per segment. A word wins over a
parameter, so `/carts/settings` is never taken for a cart called settings, in whatever order the tables name them.
"""

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send


class _Node:
    """What can follow a segment: words, or any segment at all as a parameter; and what answers if nothing follows."""

    __slots__ = ("any", "app", "names", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.app: ASGIApp | None = None
        self.names: tuple[str, ...] = ()


class PathTree(BaseRoute):
    """Templates are like `/carts/{cart_id}/items`; a parameter is a whole segment and never empty."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, template: str, app: ASGIApp) -> None:
        node, names = self._root, []
        for segment in _segments(template):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.words.setdefault(segment, _Node())
        assert node.app is None, f"two handlers for {template}"
        node.app, node.names = app, tuple(names)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            values: list[str] = []
            node = _find(self._root, _segments(scope["path"]), 0, values)
            if node is not None:
                return Match.FULL, {"endpoint": node.app, "path_params": dict(zip(node.names, values, strict=True))}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["endpoint"](scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise NoMatchFound(name, dict(path_params))


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _find(node: _Node, segments: list[str], index: int, values: list[str]) -> _Node | None:
    """The node that answers, the parameters on the way to it in `values`; a word first, then a parameter."""
    if index == len(segments):
        return node if node.app is not None else None
    segment = segments[index]
    word = node.words.get(segment)
    if word is not None and (found := _find(word, segments, index + 1, values)) is not None:
        return found
    if node.any is not None and segment:
        values.append(segment)
        if (found := _find(node.any, segments, index + 1, values)) is not None:
            return found
        values.pop()
    return None
