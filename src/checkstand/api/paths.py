"""Which handler answers a path: one route for all surfaces, a tree of path segments.

Routes tried one after the other cost a match each, and there are many. A tree costs a step per segment. A word wins over a
parameter, so `/carts/settings` is never taken for a cart called settings, in whatever order the tables name them.
"""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send


class _Node:
    """What can follow a segment: words, or any segment at all as a parameter; and what answers if nothing follows."""

    __slots__ = ("any", "app", "names", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.any: _Node | None = None
        self.app: ASGIApp | None = None
        self.names: tuple[str, ...] = ()


class PathTree:
    """An ASGI application made of others. Templates are like `/carts/{cart_id}/items`; a parameter is a whole segment and never
    empty."""

    def __init__(self, otherwise: ASGIApp) -> None:
        """`otherwise` answers all other paths."""
        self._root = _Node()
        self._otherwise = otherwise

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

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        values: list[str] = []
        node = _find(self._root, _segments(scope["path"]), 0, values)
        if node is None or node.app is None:
            return self._otherwise(scope, receive, send)
        scope["path_params"] = dict(zip(node.names, values, strict=True))
        return node.app(scope, receive, send)


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _find(node: _Node, segments: list[str], index: int, values: list[str]) -> _Node | None:
    """The node that answers, the parameters on the way to it in `values`. Where a word and a parameter may both follow, the
    word is followed to its end first."""
    for at in range(index, len(segments)):
        segment = segments[at]
        word, parameter = node.words.get(segment), node.any
        if parameter is None:  # most nodes: nothing but words may follow
            if word is None:
                return None
            node = word
            continue
        if not segment:
            parameter = None
        if word is not None and parameter is not None:
            count = len(values)
            if (found := _find(word, segments, at + 1, values)) is not None:
                return found
            del values[count:]
        if parameter is not None:
            values.append(segment)
            node = parameter
        elif word is not None:
            node = word
        else:
            return None
    return node if node.app is not None else None
