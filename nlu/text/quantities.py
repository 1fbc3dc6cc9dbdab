"""Sums, durations, hours, ages and clock times, put together from numbers and the words beside them.

The words are listed in Rasa's lookup tables whose names say what they are (`nlu/data/lookup/`): `unit_hour`,
`currency_usd`, `times_1000`, `number_2`, `age_before`, `age_after`. They are no entities themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.text.found import Name

_HELPERS = ("unit_", "currency_", "times_", "number_", "age_")
_NUMBER = re.compile(r"(?<![\d.])\d{1,9}(?:[.,]\d{1,9})*")
_CLOCK = re.compile(r"(?<![\w:])(?:[01]?\d|2[0-3])(?::[0-5]\d|\s?[ap]\.?m\b)", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_BETWEEN = 2  # characters that may stand between a number and its word: a space, a hyphen
_AGES = range(3, 91)
_LONGEST = 9  # digits; more is a telephone number


@dataclass(frozen=True)
class _Number:
    value: float
    start: int
    end: int


def is_helper(kind: str) -> bool:
    """Whether a lookup table serves only to read numbers."""
    return kind.startswith(_HELPERS)


def quantities(text: str, names: Iterable[Name]) -> list[Name]:
    """Every quantity of a text; `names` are the names found in it, the helping ones among them."""
    helpers = [name for name in names if is_helper(name.kind)]
    clocks = [Name("time", m.group().lower(), m.start(), m.end()) for m in _CLOCK.finditer(text)]
    taken = [(c.start, c.end) for c in clocks]
    found = list(clocks)
    for number in _numbers(text, helpers):
        if any(start < number.end and number.start < end for start, end in taken):
            continue
        quantity = _age(number, helpers, text) or _amount(number, helpers, text) or _time(number, helpers, text)
        if quantity is not None:
            found.append(quantity)
            taken.append((quantity.start, quantity.end))
    return found


def _numbers(text: str, helpers: Sequence[Name]) -> list[_Number]:
    numbers = []
    for match in _NUMBER.finditer(text):
        digits = "".join(str(unicodedata.decimal(c, c)) for c in match.group())
        if sum(c.isdecimal() for c in digits) <= _LONGEST:
            numbers.append(_Number(_value(digits), match.start(), match.end()))
    words = (h for h in helpers if h.kind.startswith("number_"))
    numbers += [_Number(float(h.kind.removeprefix("number_")), h.start, h.end) for h in words]
    return sorted(numbers, key=lambda n: n.start)


def _value(digits: str) -> float:
    """ "5,000" and "1.500.000" are grouped; "1.5" and "1,5" are not."""
    if _GROUPED.fullmatch(digits):
        return float(re.sub(r"[.,]", "", digits))
    whole, _, rest = digits.replace(",", ".").partition(".")
    return float(f"{whole}.{rest.replace('.', '')}") if rest else float(whole)


def _after(position: int, helpers: Sequence[Name], text: str, *kinds: str) -> Name | None:
    """The longest helper of these kinds that stands right after a position."""
    near = [
        h
        for h in helpers
        if h.kind.startswith(kinds)
        and position <= h.start <= position + _BETWEEN
        and not any(c.isalnum() for c in text[position : h.start])
    ]
    return max(near, key=lambda h: h.end, default=None)


def _before(position: int, helpers: Sequence[Name], text: str, *kinds: str) -> Name | None:
    near = [
        h
        for h in helpers
        if h.kind.startswith(kinds)
        and position - _BETWEEN <= h.end <= position
        and not any(c.isalnum() for c in text[h.end : position])
    ]
    return min(near, key=lambda h: h.start, default=None)


def _age(number: _Number, helpers: Sequence[Name], text: str) -> Name | None:
    """An age has a word that says so; "16 hours" has not, whatever stands before it."""
    if number.value not in _AGES or not number.value.is_integer():
        return None
    said = _after(number.end, helpers, text, "age_after")
    if said is None:
        unit = _after(number.end, helpers, text, "unit_", "currency_", "times_")
        if _before(number.start, helpers, text, "age_before") is None or (unit and unit.kind != "unit_year"):
            return None
    return Name("age", _shown(number.value), number.start, number.end)


def _amount(number: _Number, helpers: Sequence[Name], text: str) -> Name | None:
    value, start, end = number.value, number.start, number.end
    times = 1.0
    while multiplier := _after(end, helpers, text, "times_"):
        times *= float(multiplier.kind.removeprefix("times_"))
        end = multiplier.end
    currency = _after(end, helpers, text, "currency_")
    if currency is not None:
        end = currency.end
    elif (currency := _before(start, helpers, text, "currency_")) is not None:
        start = currency.start
    if currency is None and times == 1.0:
        return None
    code = currency.kind.removeprefix("currency_").upper() if currency else ""
    return Name("amount", f"{_shown(value * times)} {code}".strip(), start, end)


def _time(number: _Number, helpers: Sequence[Name], text: str) -> Name | None:
    unit = _after(number.end, helpers, text, "unit_")
    if unit is None:
        return None
    what = unit.kind.removeprefix("unit_")
    kind = "hours" if what == "hour" else "duration"
    return Name(kind, f"{_shown(number.value)} {what}", number.start, unit.end)


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)
