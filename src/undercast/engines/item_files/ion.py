"""Amazon Ion in its text form, as DynamoDB's exports write it and its imports read it.

`$ion_1_0 {Item:{id:"a",tags:$dynamodb_SS::["x"],price:1.5}}`
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from undercast.engines.dynamodb.values import Item, Value
from undercast.engines.item_files.errors import Unreadable

_MARK = "$ion_1_0"
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_KEYWORDS = {"null", "true", "false", "nan"}
_SETS = {"$dynamodb_SS": ("SS", "S"), "$dynamodb_NS": ("NS", "N"), "$dynamodb_BS": ("BS", "B")}
_DEEPEST = 40  # DynamoDB takes no deeper values than 32
_TOKEN = re.compile(
    r"""(?:\s|//[^\n]*|/\*.*?\*/)*(?:
      (?P<long>(?:'''(?:[^\\]|\\.)*?'''\s*)+)
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<quoted>'(?:[^'\\]|\\.)*')
    | (?P<blob>\{\{\s*[A-Za-z0-9+/=\s]*\}\})
    | (?P<number>[+-]?\d[\d_]*(?:\.[\d_]*)?(?:[dDeE][+-]?\d+)?)
    | (?P<symbol>[A-Za-z_$][A-Za-z0-9_$]*)
    | (?P<mark>::|[{}\[\]:,])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\n|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}


# --- writing ---


def write(entry: Mapping[str, Item]) -> bytes:
    """One line, without its end."""
    return f"{_MARK} {_struct({name: {'M': item} for name, item in entry.items()})}".encode()


def _struct(members: Mapping[str, Value]) -> str:
    return "{" + ",".join(f"{_symbol(name)}:{_value(value)}" for name, value in members.items()) + "}"


def _symbol(name: str) -> str:
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return name
    return "'" + _string(name)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _string(text: str) -> str:
    return orjson.dumps(text).decode()


def _number(text: str) -> str:
    return text if "." in text or "E" in text else f"{text}."


def _blob(data: bytes) -> str:
    return "{{" + b64encode(data).decode() + "}}"


def _value(value: Value) -> str:
    ((kind, content),) = value.items()
    if kind in ("SS", "NS", "BS"):
        return f"$dynamodb_{kind}::[" + ",".join(_value({kind[0]: member}) for member in content) + "]"
    if kind == "L":
        return "[" + ",".join(map(_value, content)) + "]"
    if kind == "M":
        return _struct(content)
    if kind == "BOOL":
        return "true" if content else "false"
    if kind == "NULL":
        return "null"
    return _string(content) if kind == "S" else _number(content) if kind == "N" else _blob(content)


# --- reading ---


def read(line: str) -> Item:
    """The item of a line. Unreadable."""
    item: Any = _Reader(line).document().get("M", {}).get("Item", {}).get("M")
    if not isinstance(item, dict):
        raise Unreadable("The line has no Item")
    return item


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._take()

    def document(self) -> Value:
        """The one value of a line, after its version mark."""
        if (self._kind, self._content) == ("symbol", _MARK):
            self._take()
        value = self._value(0)
        if self._kind != "end":
            raise Unreadable("The line holds more than one value")
        return value

    def _take(self) -> str:
        taken = getattr(self, "_content", "")
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise Unreadable(f"The line is no Ion: unexpected character at {self._at}")
        self._kind = str(found.lastgroup)
        self._content = found.group(self._kind)
        self._at = found.end()
        return taken

    def _mark(self, mark: str) -> bool:
        if (self._kind, self._content) != ("mark", mark):
            return False
        self._take()
        return True

    def _value(self, depth: int) -> Value:
        if depth > _DEEPEST:
            raise Unreadable("Nesting Levels have exceeded supported limits")
        kind = self._kind
        if kind == "mark":
            return self._container(depth)
        content = self._take()
        if kind in ("symbol", "quoted") and self._mark("::"):
            return self._annotated(content, depth)
        if kind == "symbol":
            return _keyword(content)
        if kind == "number":
            return {"N": content.replace("_", "").replace("d", "e").replace("D", "e").rstrip(".")}
        if kind == "blob":
            return {"B": _binary(content)}
        if kind in ("string", "quoted", "long"):
            return {"S": _text(kind, content)}
        raise Unreadable("The line is no Ion: it ends too soon")

    def _annotated(self, name: str, depth: int) -> Value:
        value = self._value(depth)
        if name not in _SETS:
            return value
        kind, member = _SETS[name]
        if "L" not in value or not all(member in one for one in value["L"]):
            raise Unreadable(f"A set holds what is not of its type: {kind}")
        return {kind: [one[member] for one in value["L"]]}

    def _container(self, depth: int) -> Value:
        if self._mark("["):
            members = []
            while not self._mark("]"):
                members.append(self._value(depth + 1))
                self._separated("]")
            return {"L": members}
        if not self._mark("{"):
            raise Unreadable(f"The line is no Ion: unexpected {self._content}")
        fields: dict[str, Value] = {}
        while not self._mark("}"):
            kind, content = self._kind, self._take()
            name = content if kind == "symbol" else _text(kind, content)
            if not self._mark(":"):
                raise Unreadable("The line is no Ion: a field has no value")
            fields[name] = self._value(depth + 1)
            self._separated("}")
        return {"M": fields}

    def _separated(self, closing: str) -> None:
        if not self._mark(",") and (self._kind, self._content) != ("mark", closing):
            raise Unreadable("The line is no Ion: a comma is missing")


def _keyword(word: str) -> Value:
    if word in ("true", "false"):
        return {"BOOL": word == "true"}
    return {"NULL": True} if word == "null" else {"S": word}


def _binary(content: str) -> bytes:
    try:
        return b64decode("".join(content[2:-2].split()), validate=True)
    except ValueError as error:
        raise Unreadable("A binary value is no base64") from error


def _text(kind: str, content: str) -> str:
    if kind == "long":
        return "".join(_unescape(part) for part in re.findall(r"'''((?:[^\\]|\\.)*?)'''", content, re.DOTALL))
    if kind not in ("string", "quoted"):
        raise Unreadable(f"The line is no Ion: unexpected {content}")
    return _unescape(content[1:-1])


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _unescaped(found.group(1)), text)


def _unescaped(code: str) -> str:
    if code[0] in "xuU" and len(code) > 1:
        try:
            return chr(int(code[1:], 16))
        except (ValueError, OverflowError) as error:
            raise Unreadable("A text names a character that there is none of") from error
    return _ESCAPES.get(code, code)
