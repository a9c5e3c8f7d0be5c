"""Applications that Asterisk has dropped, or that stand for another one: each as the call that it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from .asterisk_call import Call
from .asterisk_source import split_arguments

_SETTINGS = {
    "absolutetimeout": "TIMEOUT(absolute)",
    "digittimeout": "TIMEOUT(digit)",
    "responsetimeout": "TIMEOUT(response)",
    "setlanguage": "CHANNEL(language)",
    "setmusiconhold": "CHANNEL(musicclass)",
    "setcallerid": "CALLERID(all)",
    "setcidname": "CALLERID(name)",
    "setcidnum": "CALLERID(num)",
    "setrdnis": "CALLERID(rdnis)",
    "setcallingpres": "CALLERPRES()",
    "setaccount": "CDR(accountcode)",
    "setcdruserfield": "CDR(userfield)",
    "appendcdruserfield": "CDR(userfield)",
    "setgroup": "GROUP()",
    "settransfercapability": "CHANNEL(transfercapability)",
}
"""Applications that set what a function of the dialplan sets since."""
_COMPUTED = frozenset({"cut", "eval", "md5", "md5check", "sort", "math", "len", "realtime"})
"""Applications of the form ``App(variable=arguments)``: a variable that only the switch can compute."""


def meant(call: Call) -> Call | None:
    """The call that ``call`` stands for; None where it stands for itself."""
    name = call.name.lower()
    setting = _SETTINGS.get(name)
    if setting is not None:
        return _again(call, "Set", f"{setting}={call.arguments}")
    if name in _COMPUTED and "=" in call.arguments:
        variable, _, arguments = call.arguments.partition("=")
        return _again(call, "Set", f"{variable}=${{{name.upper()}({arguments})}}")
    rewrite = _REWRITTEN.get(name)
    return None if rewrite is None else rewrite(call)


def _again(call: Call, name: str, arguments: str) -> Call:
    given = split_arguments(arguments) if arguments.strip() else []
    return replace(call, name=name, arguments=arguments, given=given)


def _run(call: Call) -> Call | None:
    """``Exec(application(arguments))``; the application's name may be computed, which cannot be followed."""
    match = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*", call.arguments, re.DOTALL)
    if match is None or match[1].lower() in ("exec", "tryexec"):
        return None
    return _again(call, match[1], match[2] or "")


def _macro_if(call: Call) -> Call:
    """``MacroIf(condition?name,arguments:name,arguments)`` is a Macro on a condition."""
    condition, _, choice = call.arguments.partition("?")
    macros = [f"Macro({each})" if each.strip() else "" for each in split_arguments(choice, ":")]
    return _again(call, "ExecIf", f"{condition}?{':'.join(macros)}")


def _ael_sub(call: Call) -> Call:
    rest = ",".join(call.given[1:])
    return _again(call, "Gosub", f"{call.argument(0)},s,1({rest})" if rest else f"{call.argument(0)},s,1")


_REWRITTEN: dict[str, Callable[[Call], Call | None]] = {
    "exec": _run,
    "tryexec": _run,
    "macroif": _macro_if,
    "aelsub": _ael_sub,
}
