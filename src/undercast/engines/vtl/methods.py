"""The methods of Java's strings, numbers, lists and maps that templates call.

A table per type: (name, number of arguments) -> (kinds of the arguments, function of the value and the arguments).
Kinds: s string, i integer, n number, l list, m map, o anything. Another kind means that there is no such method: null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from undercast.engines.regexes import Regex, RegexError
from undercast.engines.vtl.values import MAX_CHARS, Entry, Exposed, VtlError, checked, equal, is_number, to_text

Table = Mapping[tuple[str, int], tuple[str, Callable[..., object]]]


def call(value: object, name: str, arguments: list[object]) -> object:
    """The result of `value.name(arguments)`; null when there is no such method. Raises VtlError as Java would throw."""
    if isinstance(value, Exposed):
        method = value.velocity_methods.get((name, len(arguments)))
        return None if method is None else checked(method(*arguments))
    for table in _tables(value):
        kinds, function = table.get((name, len(arguments)), ("", None))
        if function and all(_is(kind, argument) for kind, argument in zip(kinds, arguments, strict=True)):
            return checked(_run(name, function, [value, *arguments]))
    return None


def get_property(value: object, name: str) -> object:
    """`value.name`: a key of a map, or what `getName()` or `isName()` gives."""
    if isinstance(value, dict):
        return value.get(name)
    capital = name[:1].upper() + name[1:]
    for method, arguments in (("get" + capital, []), ("get", [name]), ("is" + capital, [])):
        found = call(value, method, list[object](arguments))
        if found is not None:
            return found
    return None


def _run(name: str, function: Callable[..., object], arguments: list[Any]) -> object:
    try:
        return function(*arguments)
    except (IndexError, KeyError, ValueError, TypeError, OverflowError, RecursionError, RegexError) as error:
        # What Java answers with an exception of its own; a template cannot catch it either.
        raise VtlError(f"Invocation of method '{name}' failed: {error}") from None


def _tables(value: object) -> tuple[Table, ...]:
    if isinstance(value, str):
        return _STRING, _ANY
    if isinstance(value, bool):
        return _BOOLEAN, _ANY
    if isinstance(value, int | float):
        return _NUMBER, _ANY
    if isinstance(value, list):
        return _LIST, _ANY
    if isinstance(value, dict):
        return _MAP, _ANY
    return ()


def _is(kind: str, value: object) -> bool:
    return {
        "s": isinstance(value, str),
        "i": isinstance(value, int) and not isinstance(value, bool),
        "n": is_number(value),
        "l": isinstance(value, list),
        "m": isinstance(value, dict),
        "o": True,
    }[kind]


def _span(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise IndexError(f"begin {start}, end {stop}, length {len(text)}")
    return text[start:stop]


def _at(items: list[object], index: int) -> object:
    if not 0 <= index < len(items):
        raise IndexError(f"Index: {index}, Size: {len(items)}")
    return items[index]


def _replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_CHARS:
        raise VtlError("a string is too large")
    return text.replace(old, new)


def _replace_matches(text: str, expression: str, replacement: str, count: int = 0) -> str:
    if (len(text) + 1) * (len(replacement) + 1) > MAX_CHARS * 10:  # each `$0` of the replacement can be all of the text
        raise VtlError("a string is too large")
    return Regex(expression).replace(replacement, text, count)


def _repeat(text: str, times: int) -> str:
    if times < 0:
        raise ValueError(f"count is negative: {times}")
    if len(text) * times > MAX_CHARS:
        raise VtlError("a string is too large")
    return text * times


def _join(separator: str, items: list[object]) -> str:
    texts: list[str] = []
    chars = 0
    for item in items:
        texts.append(to_text(item))
        chars += len(texts[-1]) + len(separator)
        if chars > MAX_CHARS:
            raise VtlError("a string is too large")
    return separator.join(texts)


_FORMAT = re.compile(r"%(?:(\d)\$)?([-+ 0,#]*)(\d{0,3})(?:\.(\d{1,2}))?([sdfxXbn%])")


def _format(pattern: str, *arguments: object) -> str:
    """String.format with the conversions that templates use."""
    following = iter(arguments)
    longest = max((len(to_text(argument)) for argument in arguments), default=0)
    if pattern.count("%") * longest > MAX_CHARS:
        raise VtlError("a string is too large")

    def one(match: re.Match[str]) -> str:
        place, flags, width, precision, kind = match.groups()
        if kind in "n%":
            return "\n" if kind == "n" else "%"
        value: Any = arguments[int(place) - 1] if place else next(following, None)
        return _formatted(value, flags, width, precision, kind)

    return _FORMAT.sub(one, pattern)


def _formatted(value: Any, flags: str, width: str, precision: str | None, kind: str) -> str:
    if kind in "sb":
        text = to_text(value)
        text = text[: int(precision)] if precision else text
    elif not is_number(value) or (kind != "f" and isinstance(value, float)):
        raise ValueError(f"{kind} != {type(value).__name__}")
    else:
        sign = "+" if "+" in flags else " " if " " in flags else ""
        zeros = f"0{width}" if "0" in flags and width else ""
        comma = "," if "," in flags and kind != "x" else ""
        text = format(value, f"{sign}{zeros}{comma}{'.' + (precision or '6') if kind == 'f' else ''}{kind}")
    return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0))


def _hash(value: object) -> int:
    """Java's String.hashCode of what the value prints (a number's is the number)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    result = 0
    for char in to_text(value)[: MAX_CHARS // 10]:
        result = (31 * result + ord(char)) & 0xFFFFFFFF
    return result - (1 << 32) if result >= 1 << 31 else result


def _compare(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _parse_integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
        raise ValueError(f'For input string: "{text[:100]}"')
    return int(text)


def _truncated(value: float) -> int:
    return int(value)


def _has(items: Any, wanted: object) -> bool:
    walked = [0]
    return any(_same(item, wanted, walked) for item in items)


def _same(left: object, right: object, walked: list[int] | None = None) -> bool:
    """Java's equals: 1 is not "1" (and true is not 1)."""
    if isinstance(left, bool) != isinstance(right, bool) or isinstance(left, str) != isinstance(right, str):
        return False
    return equal(left, right, walked)


def _index(items: list[object], wanted: object, *, last: bool = False) -> int:
    places = range(len(items) - 1, -1, -1) if last else range(len(items))
    walked = [0]
    return next((at for at in places if _same(items[at], wanted, walked)), -1)


def _add(items: list[object], item: object) -> bool:
    checked(items)
    items.append(item)
    return True


def _add_at(items: list[object], index: int, item: object) -> str:
    if not 0 <= index <= len(items):
        raise IndexError(f"Index: {index}, Size: {len(items)}")
    checked(items)
    items.insert(index, item)
    return ""


def _add_all(items: list[object], more: list[object]) -> bool:
    items.extend(list(more))
    checked(items)
    return bool(more)


def _remove_from(items: list[object], which: object) -> object:
    if isinstance(which, int) and not isinstance(which, bool):
        _at(items, which)
        return items.pop(which)
    at = _index(items, which)
    if at >= 0:
        items.pop(at)
    return at >= 0


def _set_at(items: list[object], index: int, item: object) -> object:
    before = _at(items, index)
    items[index] = item
    return before


def _part(items: list[object], start: int, end: int) -> list[object]:
    if not 0 <= start <= end <= len(items):
        raise IndexError(f"fromIndex: {start}, toIndex: {end}, Size: {len(items)}")
    return items[start:end]


def key_of(value: object) -> object:
    """A map's key: lists and maps, which Python cannot hash, by what they print."""
    return to_text(value) if isinstance(value, list | dict) else value


def _put(items: dict[object, object], key: object, value: object) -> object:
    checked(items)
    before = items.get(key_of(key))
    items[key_of(key)] = value
    return before


def _put_all(items: dict[object, object], more: dict[object, object]) -> str:
    items.update(more)
    checked(items)
    return ""


def _clear(items: Any) -> str:
    items.clear()
    return ""


_ANY: Table = {
    ("toString", 0): ("", to_text),
    ("equals", 1): ("o", _same),
    ("hashCode", 0): ("", _hash),
}

_STRING: Table = {
    ("length", 0): ("", len),
    ("isEmpty", 0): ("", lambda t: not t),
    ("isBlank", 0): ("", lambda t: not t.strip()),
    ("charAt", 1): ("i", lambda t, i: _at(list(_span(t, i, i + 1)), 0)),
    ("substring", 1): ("i", _span),
    ("substring", 2): ("ii", _span),
    ("indexOf", 1): ("s", lambda t, s: t.find(s)),
    ("indexOf", 2): ("si", lambda t, s, i: t.find(s, max(i, 0))),
    ("lastIndexOf", 1): ("s", lambda t, s: t.rfind(s)),
    ("replace", 2): ("ss", _replace),
    ("replaceAll", 2): ("ss", _replace_matches),
    ("replaceFirst", 2): ("ss", lambda t, e, r: _replace_matches(t, e, r, 1)),
    ("matches", 1): ("s", lambda t, e: Regex(e).matches(t)),
    ("split", 1): ("s", lambda t, e: Regex(e).split(t)),
    ("split", 2): ("si", lambda t, e, i: Regex(e).split(t, i)),
    ("contains", 1): ("s", lambda t, s: s in t),
    ("startsWith", 1): ("s", lambda t, s: t.startswith(s)),
    ("startsWith", 2): ("si", lambda t, s, i: i >= 0 and t.startswith(s, i)),
    ("endsWith", 1): ("s", lambda t, s: t.endswith(s)),
    ("toLowerCase", 0): ("", lambda t: t.lower()),
    ("toUpperCase", 0): ("", lambda t: t.upper()),
    ("trim", 0): ("", lambda t: t.strip("".join(map(chr, range(33))))),
    ("strip", 0): ("", lambda t: t.strip()),
    ("concat", 1): ("s", lambda t, s: t + s),
    ("repeat", 1): ("i", _repeat),
    ("equalsIgnoreCase", 1): ("o", lambda t, o: isinstance(o, str) and t.lower() == o.lower()),
    ("compareTo", 1): ("s", _compare),
    ("compareToIgnoreCase", 1): ("s", lambda t, s: _compare(t.lower(), s.lower())),
    ("valueOf", 1): ("o", lambda t, o: to_text(o)),
    ("join", 2): ("sl", lambda t, s, items: _join(s, items)),
    ("format", 1): ("s", lambda t, s: _format(s)),
    ("format", 2): ("so", lambda t, s, a: _format(s, *(a if isinstance(a, list) else [a]))),
    ("format", 3): ("soo", lambda t, s, a, b: _format(s, a, b)),
    ("format", 4): ("sooo", lambda t, s, a, b, c: _format(s, a, b, c)),
}

_NUMBER: Table = {
    ("intValue", 0): ("", _truncated),
    ("longValue", 0): ("", _truncated),
    ("doubleValue", 0): ("", float),
    ("floatValue", 0): ("", float),
    ("parseInt", 1): ("s", lambda n, s: _parse_integer(s)),
    ("parseLong", 1): ("s", lambda n, s: _parse_integer(s)),
    ("parseDouble", 1): ("s", lambda n, s: float(s)),
    ("parseFloat", 1): ("s", lambda n, s: float(s)),
    ("valueOf", 1): ("o", lambda n, o: (float if isinstance(n, float) else _parse_integer)(to_text(o))),
    ("toString", 1): ("n", lambda n, o: to_text(o)),
    ("compareTo", 1): ("n", _compare),
    ("compare", 2): ("nn", lambda n, a, b: _compare(a, b)),
    ("max", 2): ("nn", lambda n, a, b: max(a, b)),
    ("min", 2): ("nn", lambda n, a, b: min(a, b)),
    ("isNaN", 0): ("", lambda n: n != n),
}

_BOOLEAN: Table = {
    ("booleanValue", 0): ("", bool),
    ("parseBoolean", 1): ("s", lambda b, s: s.lower() == "true"),
    ("valueOf", 1): ("o", lambda b, o: to_text(o).lower() == "true"),
    ("compareTo", 1): ("o", _compare),
}

_LIST: Table = {
    ("size", 0): ("", len),
    ("length", 0): ("", len),
    ("isEmpty", 0): ("", lambda items: not items),
    ("get", 1): ("i", _at),
    ("set", 2): ("io", _set_at),
    ("add", 1): ("o", _add),
    ("add", 2): ("io", _add_at),
    ("addAll", 1): ("l", _add_all),
    ("remove", 1): ("o", _remove_from),
    ("contains", 1): ("o", _has),
    ("containsAll", 1): ("l", lambda items, more: len(items) * len(more) < 1e5 and all(_has(items, m) for m in more)),
    ("indexOf", 1): ("o", _index),
    ("lastIndexOf", 1): ("o", lambda items, o: _index(items, o, last=True)),
    ("subList", 2): ("ii", _part),
    ("toArray", 0): ("", list),
    ("clear", 0): ("", _clear),
}

_MAP: Table = {
    ("size", 0): ("", len),
    ("isEmpty", 0): ("", lambda items: not items),
    ("get", 1): ("o", lambda items, key: items.get(key_of(key))),
    ("getOrDefault", 2): ("oo", lambda items, key, other: items.get(key_of(key), other)),
    ("put", 2): ("oo", _put),
    ("putIfAbsent", 2): ("oo", lambda items, key, value: items.setdefault(key_of(key), value)),
    ("putAll", 1): ("m", _put_all),
    ("remove", 1): ("o", lambda items, key: items.pop(key_of(key), None)),
    ("containsKey", 1): ("o", lambda items, key: key_of(key) in items),
    ("containsValue", 1): ("o", lambda items, value: _has(items.values(), value)),
    ("keySet", 0): ("", list),
    ("values", 0): ("", lambda items: list(items.values())),
    ("entrySet", 0): ("", lambda items: [Entry(key, value) for key, value in items.items()]),
    ("clear", 0): ("", _clear),
}
