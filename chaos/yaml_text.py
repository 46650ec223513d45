"""Reads YAML text as nodes and as plain values. It is safe for text that was written to break the parser.

PyYAML composes nodes and builds values recursively, and its C composer has no limit: a few kilobytes of
``? `` end the process. This module composes nodes from the stream of events, without recursion, and refuses
text that is nested deeper than ``MAX_DEPTH``, with line and column.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from chaos.errors import Problem

MAX_DEPTH = 100  # a compose file or a rule file needs about ten
MAX_CHARACTERS = 1 << 20  # the files that gameday reads have some thousands
_SLOW_PARSER_CHARACTERS = 100_000  # the parser in Python reads some 60,000 characters a second
# The C parser is several times as fast, but some installations of PyYAML lack it.
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Values(yaml.SafeLoader):
    """Builds values from nodes. A text that is not valid for its type, such as month 99, is a YAML error."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value of ``node``. Raises ``yaml.MarkedYAMLError`` with the line and column of the value."""
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            kind = node.tag.rpartition(":")[2]
            raise yaml.constructor.ConstructorError(
                None, None, f"not a valid {kind}: {str(error)[:200]}", node.start_mark
            ) from error


def compose_text(text: str) -> yaml.Node | None:
    """The root node of the only document of ``text``; None if it is empty. Raises ``yaml.YAMLError``.

    The error comes from the parser in Python, so that every machine reports the same words, unless ``text``
    is longer than ``_SLOW_PARSER_CHARACTERS``.
    """
    if len(text) > MAX_CHARACTERS:
        raise yaml.MarkedYAMLError(problem=f"longer than {MAX_CHARACTERS} characters")
    try:
        return _composed(text, _FAST)
    except yaml.YAMLError as error:
        if len(text) <= _SLOW_PARSER_CHARACTERS and not isinstance(error, TooDeep):
            try:
                return _composed(text, yaml.SafeLoader)
            except (ValueError, OverflowError):
                pass  # an escape such as \U99999999: the parser in Python raises no YAML error for it
        raise


def compose_documents(text: str) -> tuple[yaml.Node, ...]:
    """The root node of every document of ``text`` that is not empty.

    Raises ``yaml.YAMLError`` in the words of the fastest parser that is installed.
    """
    if len(text) > MAX_CHARACTERS:
        raise yaml.MarkedYAMLError(problem=f"longer than {MAX_CHARACTERS} characters")
    loader = _FAST(text)
    try:
        return _Composer(loader).documents()
    finally:
        loader.dispose()


def load_text(text: str) -> object:
    """The only document of ``text`` as plain values; None if it is empty. Raises ``yaml.YAMLError``."""
    node = compose_text(text)
    return None if node is None else Values("").construct_document(node)


def yaml_problem(name: str, error: yaml.YAMLError, text: str) -> Problem:
    """The error that PyYAML found in ``text``, at its line and column. ``name``: the file."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    message = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if isinstance(error, yaml.reader.ReaderError):  # it has an offset, not a mark
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
    return Problem(name, line, column, f"not valid YAML: {message}", "check indentation, colons and quotes")


class TooDeep(yaml.MarkedYAMLError):
    """Lists and mappings are nested deeper than ``MAX_DEPTH``."""


def _composed(text: str, parser: Any) -> yaml.Node | None:
    loader = parser(text)
    try:
        return _Composer(loader).document()
    finally:
        loader.dispose()


def _start(event: Any) -> Any:
    return event.start_mark


class _Composer:
    """Composes nodes from a stream of events, without recursion."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._anchors: dict[str, yaml.Node] = {}
        self._open: list[tuple[yaml.CollectionNode, list[yaml.Node]]] = []

    def document(self) -> yaml.Node | None:
        found = self.documents(at_most=1)
        return found[0] if found else None

    def documents(self, at_most: int | None = None) -> tuple[yaml.Node, ...]:
        roots: list[yaml.Node] = []
        for event in self._events():
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                if at_most is not None and len(roots) >= at_most:
                    raise yaml.composer.ComposerError(
                        None, None, "expected one document, found another", _start(event)
                    )
            if isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event)
                if self._open:
                    self._open[-1][1].append(node)
                else:
                    roots.append(node)
                if isinstance(event, yaml.CollectionStartEvent):
                    assert isinstance(node, yaml.CollectionNode)
                    self._open.append((node, []))
                    if len(self._open) > MAX_DEPTH:
                        raise TooDeep(
                            problem=f"nested too deeply, over {MAX_DEPTH} levels",
                            problem_mark=_start(event),
                        )
        return tuple(roots)

    def _events(self) -> Iterator[Any]:
        while self._loader.check_event():
            yield self._loader.get_event()

    def _close(self, event: Any) -> None:
        node, children = self._open.pop()
        node.value = (
            list(zip(children[::2], children[1::2], strict=True))
            if isinstance(node, yaml.MappingNode)
            else children
        )
        node.end_mark = event.end_mark

    def _node(self, event: Any) -> yaml.Node:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise yaml.composer.ComposerError(
                    None, None, f"found undefined alias {event.anchor!r}", _start(event)
                )
            return self._anchors[event.anchor]
        node = self._made(event)
        if event.anchor is not None:
            if event.anchor in self._anchors:
                raise yaml.composer.ComposerError(
                    None, None, f"found duplicate anchor {event.anchor!r}", event.start_mark
                )
            self._anchors[event.anchor] = node
        return node

    def _made(self, event: Any) -> yaml.Node:
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.ScalarEvent):
            tag = self._tag(yaml.ScalarNode, event, event.value)
            return yaml.ScalarNode(tag, event.value, start, end, style=event.style)
        kind = yaml.SequenceNode if isinstance(event, yaml.SequenceStartEvent) else yaml.MappingNode
        return kind(self._tag(kind, event, None), [], start, end, flow_style=event.flow_style)

    def _tag(self, kind: type[yaml.Node], event: Any, value: str | None) -> str:
        if event.tag is not None and event.tag != "!":
            return str(event.tag)
        return str(self._loader.resolve(kind, value, event.implicit))
