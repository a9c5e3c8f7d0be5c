"""What Amazon Connect says and asks: prompts, menus, stored input, bots."""

from __future__ import annotations

from typing import Any

from ..findings import Text
from .connect_action import Action
from .connect_values import STORED, is_reference, reference, resource, template
from .graph import Node, Parameters
from .reading import flag, items, mapping, word
from .speech_markup import is_marked


def prompts(action: Action) -> tuple[str, str, str]:
    """What an action says: (text, SSML, recorded file), of which at most one is filled."""
    parameters = action.parameters
    inner = parameters.values.get("Prompt", parameters.values.get("Message"))
    if isinstance(inner, dict):
        parameters.ignore("Prompt", "Message")
        parameters.values = {**inner, **parameters.values}
    text, ssml = parameters.text("Text"), parameters.text("SSML", "Ssml")
    if not text and not isinstance(inner, dict):
        text = parameters.text("Prompt", "Message", "PromptText", "MessageText", "TextToSpeech")
    prompt, media = parameters.take("PromptId", "PromptIdentifier"), mapping(parameters.take("Media"))
    if text.lstrip().startswith("<speak"):
        text, ssml = "", text
    if ssml:
        return "", template(ssml, action.graph, action.origin, "SSML"), ""
    if text:
        return template(text, action.graph, action.origin, "Text"), "", ""
    source = prompt or media.get("Uri")
    if source is None:
        return "", "", ""
    if is_reference(source):
        action.graph.lose(
            action.origin, "PromptId", Text("is dynamic; its name is read aloud", "是动态值，改为朗读其名称")
        )
        return "{{ " + reference(word(source), action.graph) + " }}", "", ""
    return "", "", resource(source, action.display("PromptId"))


def say(action: Action) -> Node:
    text, ssml, file = prompts(action)
    if flag(action.parameters.take("SkipWhenDTMFBufferEnabled")):
        action.parameters.lose("SkipWhenDTMFBufferEnabled")
    if ssml:
        return action.node("play", {"ssml": ssml})
    if file:
        return action.node("play", {"file": file})
    if not text:
        action.graph.lose(action.origin, "Text", Text("says nothing", "没有要说的内容"))
        return action.node("wait", {"": "0s"})
    return action.node("play", {"": text})


def prompt_text(action: Action) -> str:
    """The prompt of an input node, as a text."""
    text, ssml, file = prompts(action)
    if ssml:
        return ssml if is_marked(ssml) else f"<speak>{ssml}</speak>"
    if file:
        action.graph.lose(
            action.origin,
            "PromptId",
            Text(f"the recording `{file}` is to be replaced by its words", f"录音 `{file}` 请改写成文字"),
        )
    return text or file.replace("_", " ") or "…"


def ask(action: Action) -> Node:
    parameters = action.parameters
    if parameters.values.get("LexV2Bot") or parameters.values.get("LexBot"):
        return bot(action)
    timeout = parameters.seconds("InputTimeLimitSeconds", "TimeLimitSeconds", default=5, low=1, high=300)
    dtmf = mapping(parameters.take("DTMFConfiguration"))
    inner = Parameters(action.graph, action.origin, {f"DTMFConfiguration.{k}": v for k, v in dtmf.items()})
    digit_timeout = inner.seconds("DTMFConfiguration.InterdigitTimeLimitSeconds", default=3, low=1, high=60)
    terminator = inner.text("DTMFConfiguration.InputTerminationSequence", default="#")
    if terminator not in ("#", "*", ""):
        inner.lose("DTMFConfiguration.InputTerminationSequence", Text("ends with `#` here", "改为以 `#` 结束"))
        terminator = "#"
    inner.take("DTMFConfiguration.DisableCancelKey")
    inner.close()
    stores = flag(parameters.take("StoreInput"))
    validation = mapping(parameters.take("InputValidation"))
    encryption = parameters.take("InputEncryption")
    if parameters.take("AudioConfiguration") is not None:
        parameters.lose("AudioConfiguration")
    keys = {word(op[0]): target for _, op, target in action.conditions if op and _keys(word(op[0]))}
    for _, operands, _ in action.conditions:
        if not operands or not _keys(word(operands[0])):
            action.graph.lose(action.origin, f"condition {[word(each) for each in operands]}", _NO_KEY)
    silent = action.errors.get("InputTimeLimitExceeded")
    prompt = prompt_text(action)
    if keys and not stores:
        on = dict(keys)
        on["no_input"] = silent or action.error("NoMatchingCondition") or action.graph.end()
        on["no_match"] = action.error("NoMatchingCondition") or on["no_input"]
        action.lose_errors("InputTimeLimitExceeded", "NoMatchingCondition")
        return Node(
            action.key,
            "menu",
            {"prompt": prompt, "timeout": timeout, "digit_timeout": digit_timeout, "retries": 0},
            on=on,
        )
    return _store(action, prompt, timeout, digit_timeout, terminator, validation, encryption, silent)


_NO_KEY = Text("is no telephone key", "不是电话按键")


def _keys(text: str) -> bool:
    return 0 < len(text) <= 25 and set(text) <= set("0123456789*#")


def _store(
    action: Action,
    prompt: str,
    timeout: str,
    digit_timeout: str,
    terminator: str,
    validation: dict[str, Any],
    encryption: Any,
    silent: str | None,
) -> Node:
    custom = Parameters(action.graph, action.origin, mapping(validation.get("CustomValidation")))
    longest = custom.count("MaximumLength", default=20, low=1, high=25)
    custom.close()
    options: dict[str, Any] = {
        "prompt": prompt,
        "max_digits": longest,
        "terminator": terminator,
        "timeout": timeout,
        "digit_timeout": digit_timeout,
        "retries": 0,
        "into": STORED,
    }
    if validation.get("PhoneNumberValidation"):
        action.graph.lose(
            action.origin, "InputValidation.PhoneNumberValidation", Text("numbers are not judged", "不校验号码")
        )
    if encryption:
        options["sensitive"] = True
        action.graph.lose(
            action.origin, "InputEncryption", Text("input is kept secret, not encrypted", "输入保密，但不加密")
        )
    after = action.next or action.error("NoMatchingCondition") or action.graph.end()
    if silent is None:
        # Connect goes on as after an input; the stored value is then the word Timeout.
        note = action.graph.add(
            Node(f"{action.key}\x00timeout", "set", {"": {STORED: "Timeout"}}, next=after, name="nothing_pressed")
        )
        silent = note.key
    wrong = action.error("InvalidPhoneNumber", "NoMatchingCondition") or silent
    return Node(action.key, "gather", options, on={"ok": after, "no_input": silent, "no_match": wrong})


def bot(action: Action) -> Node:
    """A Lex bot: a speech node whose intents are the ones that the flow tells apart."""
    parameters = action.parameters
    intents = {word(op[0]): target for _, op, target in action.conditions if op and word(op[0])}
    on: dict[str, str] = {}
    names: list[str] = []
    for intent, target in intents.items():
        if intent in ("no_input", "no_match"):
            continue
        names.append(intent)
        on[intent] = target
    if not names and action.next is not None:
        names.append("understood")
        on["understood"] = action.next
    on["no_match"] = action.error("NoMatchingCondition") or action.next or action.graph.end()
    on["no_input"] = action.errors.get("InputTimeLimitExceeded") or on["no_match"]
    names = names or ["understood"]
    on.setdefault(names[0], on["no_match"])
    options: dict[str, Any] = {
        "prompt": prompt_text(action),
        "intents": names,
        "into": "utterance",
        "timeout": parameters.seconds("InputTimeLimitSeconds", default=5, low=1, high=60),
        "retries": 0,
    }
    for name in ("LexV2Bot", "LexBot", "LexSessionAttributes", "LexInitializationData", "LexTimeoutSeconds"):
        if parameters.values.get(name):
            parameters.lose(name, Text("the recogniser is set up outside of the flow", "识别服务在流程之外配置"))
    parameters.ignore("StoreInput", "DTMFConfiguration")
    return Node(action.key, "speech", options, on=on)


def iterate(action: Action) -> Node:
    """Prompts repeated while waiting; here they are played once, as a queue has them under ``hold``."""
    messages = [each for each in items(action.parameters.take("Messages")) if isinstance(each, dict)]
    action.graph.lose(
        action.origin,
        "Messages",
        Text("is played once; a queue repeats what stands under `hold`", "只播放一次；循环播放请写在队列的 `hold` 下"),
    )
    action.parameters.take("InterruptFrequencySeconds")
    after = next((target for _, _, target in action.conditions), action.next)
    following, first = after, None
    for number, message in reversed(list(enumerate(messages))):
        inner = Action(
            action.graph,
            action.key if number == 0 else f"{action.key}\x00part{number}",
            action.kind,
            action.origin,
            Parameters(action.graph, action.origin, message),
            action.shown,
            following,
            {},
            [],
        )
        first = say(inner)
        if number:
            following = action.graph.add(first).key
    if first is None:
        return Node(action.key, "wait", {"": "1s"}, next=after)
    action.lose_errors("NoMatchingError")
    return first
