"""Conditions on a caller, as values: what of a caller's number and facts a rule asks for, and whether it holds."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from ivr_flows.findings import Text

from ..callers import Caller
from ..model import CallerMatch
from ..patterns import PatternSet

ANYBODY = Text("all callers", "所有来电")


class Patterns:
    """A set of patterns of canonical digits, any of which is met. Compared by identity: `Interned` makes one for the
    same patterns."""

    __slots__ = ("_heads", "beginnings", "exact", "set")

    def __init__(self, patterns: Sequence[str]) -> None:
        self.set = PatternSet(patterns)
        self.exact = tuple(dict.fromkeys(text for text in patterns if not text.endswith("*")))
        self.beginnings = tuple(dict.fromkeys(text[:-1] for text in patterns if text.endswith("*")))
        self._heads = frozenset(self.beginnings)

    def __contains__(self, number: str) -> bool:
        return number in self.set

    def covers(self, beginning: str) -> bool:
        """Whether every number with this beginning is met by one of the beginnings."""
        return any(beginning[:length] in self._heads for length in range(len(beginning) + 1))


@dataclass(frozen=True, slots=True)
class Facts:
    """Wanted facts; values of one are alternatives, an empty one is not asked for."""

    kind: frozenset[str] = frozenset()
    province: frozenset[str] = frozenset()
    city: frozenset[str] = frozenset()
    carrier: frozenset[str] = frozenset()

    @property
    def places(self) -> bool:
        """Whether it takes the tables of places to answer."""
        return bool(self.province or self.city or self.carrier)

    def meet(self, kind: str, province: str, city: str, carrier: str) -> bool:
        """Whether a caller with these facts is wanted."""
        return (
            (not self.kind or kind in self.kind)
            and (not self.province or province in self.province)
            and (not self.city or _one_of(city, self.city))
            and (not self.carrier or carrier in self.carrier)
        )


def _one_of(found: str, wanted: frozenset[str]) -> bool:
    # Cities may share one area code, as `router.rules` has it.
    return found in wanted or ("、" in found and not wanted.isdisjoint(found.split("、")))


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of a caller: a number that is met by each of ``patterns`` and none of ``unmet`` (a caller without
    a number is met by none), and ``facts``. ``shown``: the caller must show a number at all. ``words`` say who is
    meant, ``otherwise`` who is not where that is easily said."""

    patterns: tuple[Patterns, ...] = ()
    facts: Facts = Facts()
    shown: bool = False
    words: Text = field(default=ANYBODY, compare=False)
    unmet: tuple[Patterns, ...] = ()
    otherwise: Text | None = field(default=None, compare=False)

    @property
    def needs_number(self) -> bool:
        """Whether a caller who shows no number cannot meet it."""
        return self.shown or bool(self.patterns)

    def holds(self, caller: Caller) -> bool:
        """Whether ``caller`` meets the condition."""
        number = caller.number
        if number is None:
            if self.needs_number:
                return False
        elif not all(number in patterns for patterns in self.patterns):
            return False
        if number is not None and any(number in patterns for patterns in self.unmet):
            return False
        facts = self.facts
        if facts.places:
            return facts.meet(caller.kind, caller.province, caller.city, caller.carrier)
        return not facts.kind or caller.kind in facts.kind


SHOWN = Condition(shown=True, words=Text("callers who show their number", "显示号码的来电"))
HIDDEN_WORDS = Text("callers who hide their number", "隐藏号码来电")


class Interned:
    """Makes one `Patterns` of the same patterns, so that conditions of many routes and of two books are compared
    without their lists."""

    def __init__(self) -> None:
        self._by_identity: dict[tuple[int, ...], tuple[Hashable, Patterns]] = {}
        self._by_content: dict[tuple[str, ...], Patterns] = {}

    def patterns(self, *lists: tuple[str, ...]) -> Patterns:
        """The patterns of ``lists`` together. A list is looked through once however often it is given."""
        key = tuple(map(id, lists))
        known = self._by_identity.get(key)
        if known is not None:
            return known[1]
        content = tuple(text for patterns in lists for text in patterns)
        found = self._by_content.get(content)
        if found is None:
            found = self._by_content[content] = Patterns(content)
        self._by_identity[key] = (lists, found)  # the lists are kept, so that their identity stays their own
        return found


_KINDS = {
    "mobile": Text("mobiles", "手机来电"),
    "landline": Text("landlines", "固定电话来电"),
    "service": Text("service numbers", "服务号码来电"),
    "iot": Text("IoT cards", "物联网卡来电"),
    "privacy": Text("privacy numbers", "隐私号码来电"),
    "foreign": Text("foreign callers", "境外来电"),
    "hidden": HIDDEN_WORDS,
    "unknown": Text("callers of no known kind", "无法识别的来电"),
}
_CARRIERS = {
    "mobile": Text("China Mobile", "移动"),
    "unicom": Text("China Unicom", "联通"),
    "telecom": Text("China Telecom", "电信"),
    "broadnet": Text("China Broadnet", "广电"),
    "unknown": Text("an unknown carrier", "未知运营商"),
}


def who(match: CallerMatch) -> Text:
    """The callers that ``match`` wants, in words."""
    if match.kind and not any((match.lists, match.number, match.prefix, match.province, match.city, match.carrier)):
        kinds = [_KINDS.get(kind, Text(kind, kind)) for kind in match.kind]
        return Text(" or ".join(kind.en for kind in kinds), "、".join(kind.zh for kind in kinds))
    en: list[str] = []
    zh: list[str] = []
    kinds = [_KINDS.get(kind, Text(kind, kind)) for kind in match.kind]
    head = Text(" or ".join(kind.en for kind in kinds), "、".join(kind.zh for kind in kinds)) if kinds else None
    places = [*match.province, *(city for city in match.city if city not in match.province)]
    if places:
        en.append("from " + " or ".join(places))
        zh.append("、".join(places))
    if match.carrier:
        names = [_CARRIERS.get(name, Text(name, name)) for name in match.carrier]
        en.append("of " + " or ".join(name.en for name in names))
        zh.append("、".join(name.zh for name in names))
    numbers = (*match.number, *(f"{prefix.rstrip('*')}*" for prefix in match.prefix))
    if numbers:
        en.append("with " + " or ".join(_some(numbers)))
        zh.append("、".join(_some(numbers)))
    if match.lists:
        en.append("on the list " + " or ".join(match.lists))
        zh.append("名单 " + "、".join(match.lists) + " 中的")
    if match.not_lists:
        en.append("not on the list " + " or ".join(match.not_lists))
        zh.append("不在名单 " + "、".join(match.not_lists) + " 中的")
    ending = head.zh if head else "来电"
    return Text(f"{head.en if head else 'callers'} {' '.join(en)}", _spaced("".join(zh), ending))


def _spaced(text: str, ending: str) -> str:
    return f"{text} {ending}" if text[-1].isascii() else text + ending


def _some(values: Sequence[str]) -> list[str]:
    return [*values[:3], "…"] if len(values) > 3 else list(values)


__all__ = ["HIDDEN_WORDS", "SHOWN", "Condition", "Facts", "Interned", "Patterns", "who"]
