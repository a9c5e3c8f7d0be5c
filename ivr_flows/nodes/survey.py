"""``survey``: ask for a score."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from ..commands import Gather, Prompt
from ..findings import Text
from ..schema import Duration, Refusal
from .asking import RetryPrompts, asked_texts, compile_asking
from .kind import Branches, Enter, NodeType
from .variables import VariableName

if TYPE_CHECKING:
    from ..compiler import Wiring
    from ..definition import NodeDefinition
    from ..session import Session, Step

_SCALE = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})")


def _scale(text: str) -> str:
    match = _SCALE.fullmatch(text.strip())
    if match is None or int(match[1]) >= int(match[2]):
        raise Refusal(
            Text(f"`{text}` is no scale.", f"`{text}` 不是评分范围。"),
            Text("Write the lowest and the highest score, such as 1-5.", "请写最低分和最高分，如 1-5。"),
            "bad-scale",
        )
    return f"{int(match[1])}-{int(match[2])}"


class SurveyOptions(RetryPrompts):
    """``scale``: the lowest and the highest score, up to ``0-99``. ``into`` names the variable, a number. ``timeout``
    and ``retries`` are those of ``menu``; a key off the scale counts as a failed attempt."""

    prompt: str
    scale: Annotated[str, AfterValidator(_scale)] = "1-5"
    into: VariableName = "score"
    timeout: Duration = Field(default=5.0, gt=0, le=300)
    retries: int = Field(default=1, ge=0, le=20)
    digit_timeout: Duration = Field(default=3.0, gt=0, le=60)
    barge_in: bool = True


def _compile(node: NodeDefinition, wiring: Wiring) -> Enter:
    options: SurveyOptions = node.options
    done, no_input = wiring.steps[node.on["done"].name], wiring.steps[node.on["no_input"].name]
    lowest, highest = (int(part) for part in options.scale.split("-"))
    scores = {str(score): score for score in range(lowest, highest + 1)}
    path_id = wiring.prefix + node.id

    def build(prompts: tuple[Prompt, ...]) -> Gather:
        return Gather(
            prompts,
            timeout=options.timeout,
            digit_timeout=options.digit_timeout,
            max_digits=len(str(highest)),
            barge_in=options.barge_in,
            keys=frozenset(scores),
        )

    def judge(session: Session, digits: str) -> Step | str:
        score = scores.get(digits)
        if score is None:
            return "no_match" if digits else "no_input"
        session.variables[options.into] = session.last = score
        session.note("survey", {"node": path_id, "score": score, "scale": options.scale})
        return done

    return compile_asking(wiring, options, build, {}, judge, {"no_input": no_input, "no_match": no_input})


SURVEY = NodeType(
    "survey",
    SurveyOptions,
    _compile,
    Branches("on", ("done", "no_input"), ("done", "no_input")),
    main="prompt",
    texts=asked_texts,
    defines=lambda options: (options.into,),
)
