"""What the vendor's flows say and ask: prompts, inputs, ratings, speech, messages left."""

from __future__ import annotations

from typing import Any

from ..findings import Text
from .ccc_activity import FAILED, OK, Activity
from .graph import Node
from .naming import slug, variable
from .reading import flag


def prompt_of(activity: Activity) -> str:
    """The words of a prompt; a recording is named."""
    text = activity.text("say", "prompt", "text", "ttsText", "content", "inputSay", "promptSay")
    audio = activity.properties.text("audioResourceId", "audioId", "audio", "audioFile")
    activity.properties.ignore("audioType", "playType", "type", "audioInterrupt", "interruptible", "bargeIn")
    if audio and not text:
        activity.graph.lose(
            activity.origin,
            "audioResourceId",
            Text(f"the recording `{audio}` is to be replaced by its words", f"录音 `{audio}` 请改写成文字"),
        )
    return text or audio


def say(activity: Activity) -> Node:
    properties = activity.properties
    text = activity.text("say", "text", "prompt", "ttsText", "content")
    audio = properties.text("audioResourceId", "audioId", "audio", "audioFile")
    kind = properties.text("audioType", "playType").lower()
    options: dict[str, Any] = {}
    if audio and kind not in ("tts", "say"):
        options = {"file": audio, **({"text": text} if text else {})}
    elif text:
        options = {"": text}
    else:
        return activity.node("wait", {"": "0s"})
    if flag(properties.take("audioInterrupt", "interruptible", "bargeIn")):
        options["barge_in"] = True
    for name in ("voice", "speechRate", "volume", "repeatTimes"):
        if properties.take(name):
            properties.lose(name)
    return activity.node("play", options)


def gather(activity: Activity) -> Node:
    properties = activity.properties
    tries = properties.count("maxTries", "maxRetries", "retryTimes", "maxAttempts", default=5, low=1, high=21)
    fixed = properties.count("length", "fixedLength", default=0, low=0, high=25)
    longest = properties.count("maxLength", "maxDigits", "numDigits", default=fixed or 20, low=1, high=25)
    shortest = min(properties.count("minLength", "minDigits", default=fixed or 1, low=1, high=25), longest)
    barge_in = properties.take("audioInterrupt", "interruptible", "bargeIn", default=True)
    written = properties.text("terminator", "endKey", "finishOnKey", "stopKey", default="#")
    terminator = written if written in ("#", "*", "") else "#"
    if terminator != written:
        properties.lose("terminator", Text("ends with `#` here", "改为以 `#` 结束"))
    options: dict[str, Any] = {
        "prompt": prompt_of(activity) or "…",
        "max_digits": longest,
        "min_digits": shortest,
        "terminator": terminator,
        "timeout": properties.seconds("timeout", "timeoutSeconds", "waitTime", default=10, low=1, high=300),
        "digit_timeout": properties.seconds("digitTimeout", "interDigitTimeout", default=3, low=1, high=60),
        "retries": tries - 1,
        "into": variable(properties.text("variable", "resultVariable", "into") or f"{activity.name}_digits"),
    }
    pattern = properties.text("regex", "pattern")
    if pattern:
        options["pattern"] = pattern
    if not flag(barge_in):
        options["barge_in"] = False
    if flag(properties.take("sensitive", "encrypt")):
        options["sensitive"] = True
    for ours, names in (
        ("no_input_prompt", ("timeoutSay", "noInputSay")),
        ("no_match_prompt", ("errorSay", "failureSay")),
    ):
        text = activity.text(*names)
        if text:
            options[ours] = text
    failed = activity.failed or activity.exit("timeout") or activity.graph.end()
    silent = activity.exit("timeout", "noinput") or failed
    on = {
        "ok": activity.done or activity.graph.end(),
        "no_input": silent,
        "no_match": activity.exit("nomatch") or failed,
    }
    return Node(activity.key, "gather", options, on=on)


def survey(activity: Activity) -> Node:
    properties = activity.properties
    low = properties.count("minScore", "min", default=1, low=0, high=9)
    high = properties.count("maxScore", "max", "levels", default=5, low=1, high=9)
    options = {
        "prompt": prompt_of(activity) or "请对本次服务评分。",
        "scale": f"{min(low, high)}-{max(low, high)}",
        "into": "score",
        "timeout": properties.seconds("timeout", default=5, low=1, high=60),
        "retries": properties.count("maxTries", "retryTimes", default=2, low=1, high=10) - 1,
    }
    done = activity.done or activity.graph.end()
    on = {"done": done, "no_input": activity.exit("timeout") or activity.failed or done}
    return Node(activity.key, "survey", options, on=on)


def navigator(activity: Activity) -> Node:
    properties = activity.properties
    known = (*OK, *FAILED, "timeout", "hangup")
    intents = {
        slug(event, "understood"): target for event, target in activity.exits.items() if event.lower() not in known
    }
    if not intents:
        intents = {"understood": activity.done or activity.graph.end()}
    failed = activity.failed or activity.exit("timeout") or activity.done or activity.graph.end()
    for name in ("instanceId", "botId", "scriptId", "asrResourceId", "businessUnitId", "applicationId"):
        if properties.take(name):
            properties.lose(name, Text("the recogniser is set up outside of the flow", "识别服务在流程之外配置"))
    options: dict[str, Any] = {
        "prompt": prompt_of(activity) or "…",
        "intents": list(intents),
        "into": "utterance",
        "retries": properties.count("maxTries", default=1, low=1, high=10) - 1,
    }
    return Node(activity.key, "speech", options, on={**intents, "no_input": failed, "no_match": failed})


def voicemail(activity: Activity) -> Node:
    properties = activity.properties
    options: dict[str, Any] = {"": slug(properties.text("box", "mailbox"), "general")}
    prompt = prompt_of(activity)
    if prompt:
        options["prompt"] = prompt
    options["max"] = properties.seconds("maxLengthSeconds", "maxDuration", "timeout", default=120, low=1, high=3600)
    return activity.node("voicemail", options)
