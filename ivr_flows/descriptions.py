"""What every key of a flow file means, in both languages: for editors (JSON Schema, hover) and for whoever asks.

A test holds every option and every branch of every node type against these tables.
"""

from __future__ import annotations

from .findings import Text

FLOW_KEYS: dict[str, Text] = {
    "flow": Text("The flow's name; its file is NAME.flow.yaml.", "流程名；文件名为 流程名.flow.yaml。"),
    "title": Text("What people call the flow.", "流程的显示名称。"),
    "language": Text("The language of its prompts, such as zh-CN or en.", "提示语的语言，如 zh-CN、en。"),
    "start": Text(
        "The node that a call enters first; without it the first one written.",
        "来电首先进入的节点；不写则为第一个节点。",
    ),
    "on_hangup": Text(
        "The node that runs after the caller hung up; what needs a caller is not reached there.",
        "主叫挂机后运行的节点；其后只运行不需要主叫在线的节点。",
    ),
    "texts": Text(
        "Texts by name and language, said as {{ texts.NAME }} in the call's language.",
        "按名称与语言列出的文本，用 {{ texts.名称 }} 按呼叫的语言播报。",
    ),
    "nodes": Text("The nodes by name.", "按名称列出的各节点。"),
    "description": Text("A note for readers.", "给读者的说明。"),
}

WAYS: dict[str, Text] = {
    "next": Text("The node that follows.", "下一个节点。"),
    "on": Text("The node that follows, by branch.", "各分支的下一个节点。"),
    "else": Text("The node that follows where no condition holds.", "所有条件都不成立时的下一个节点。"),
}

NODES: dict[str, Text] = {
    "answer": Text("Answers the call; nothing where it is answered already.", "应答来电；已应答则不做任何事。"),
    "play": Text("Says a text or plays a recorded file.", "播报文本或播放录音文件。"),
    "menu": Text("Asks for one choice; every key is a branch.", "请主叫选择；每个按键是一个分支。"),
    "gather": Text("Asks for several digits.", "请主叫输入多位数字。"),
    "set": Text("Gives values to variables.", "给变量赋值。"),
    "branch": Text("Goes on by the first condition that holds.", "按第一个成立的条件继续。"),
    "hours": Text("Goes on by a calendar: open, closed or holiday.", "按日历分支：营业、非营业、节假日。"),
    "share": Text("Splits calls by percentage.", "按百分比分流。"),
    "queue": Text("Waits for an agent and talks to the one who answers.", "排队等待座席并通话。"),
    "transfer": Text("Connects to a number or over a line.", "转接到号码或线路。"),
    "voicemail": Text("Lets the caller leave a message in a box.", "请主叫在信箱留言。"),
    "record": Text("Records what the caller says, for the flow.", "录下主叫说的话，供流程使用。"),
    "survey": Text("Asks for a score.", "请主叫评分。"),
    "callback": Text("Takes down that the caller wants to be called back.", "登记回电请求。"),
    "staffing": Text("Whether anybody is signed in at a queue.", "队列中是否有座席签入。"),
    "fetch": Text("Asks a host on the allow-list over HTTP.", "通过 HTTP 请求允许列表中的主机。"),
    "subflow": Text("Runs another flow and goes on by what it returns.", "运行另一个流程，按其返回继续。"),
    "return": Text(
        "Ends a subflow with a branch of its caller; in a main flow, ends the call.",
        "以调用方的一个分支结束子流程；在主流程中结束通话。",
    ),
    "goto_flow": Text("Goes on in another flow; the call does not come back.", "转入另一个流程继续，不再返回。"),
    "loop": Text("Goes round a bounded number of times in a call.", "在一次通话中循环有限次。"),
    "language": Text("The language and voice of the prompts behind it.", "其后提示语的语言与音色。"),
    "wait": Text("Lets time pass in silence.", "静默等待一段时间。"),
    "notify": Text("Tells the outside that the call came here.", "通知外部系统通话到达此处。"),
    "recording": Text("Records the call from here on, or no longer.", "从此处开始或停止通话录音。"),
    "logging": Text("Whether the record shows what is said and pressed behind it.", "其后的播报与输入是否写入话单。"),
    "opaque": Text(
        "A node of another system that has no counterpart here; it does nothing.",
        "其他系统中没有对应类型的节点；不起作用。",
    ),
    "hangup": Text("Ends the call.", "结束通话。"),
    "speech": Text("Asks the caller to say what they want.", "请主叫说出要办理的业务。"),
    "message": Text("Sends a message, such as a text message.", "发送消息，如短信。"),
}

_PROMPT = Text("What the caller hears.", "主叫听到的内容。")
_INTO = Text("The variable that holds the result.", "存放结果的变量。")
_RETRIES = Text(
    "Further attempts after the first; silence and wrong keys count together.",
    "首次之后的重试次数，超时与错键合并计数。",
)

COMMON: dict[str, Text] = {
    "prompt": _PROMPT,
    "text": Text("What is said.", "播报的文本。"),
    "ssml": Text(
        "What is said, in SSML: break, p, s, say-as, sub, prosody, emphasis, phoneme, lang, voice.",
        "以 SSML 书写的播报内容：break、p、s、say-as、sub、prosody、emphasis、phoneme、lang、voice。",
    ),
    "file": Text("A recorded prompt; `text` is then its words.", "录音文件；此时 `text` 为其内容。"),
    "barge_in": Text("A key ends the prompt and counts as input.", "按键可打断播报，并作为输入。"),
    "retries": _RETRIES,
    "timeout": Text("How long it may take.", "最长时间。"),
    "digit_timeout": Text("The longest pause between keys.", "按键之间的最长间隔。"),
    "no_input_prompt": Text("Said before the prompt again, after silence.", "超时重试前播报。"),
    "no_match_prompt": Text("Said before the prompt again, after a wrong key.", "按错重试前播报。"),
    "no_input_prompts": Text("One for each retry after silence.", "每次超时重试各用一句。"),
    "no_match_prompts": Text("One for each retry after a wrong key.", "每次按错重试各用一句。"),
    "into": _INTO,
    "whisper": Text(
        "What the one who answers hears before the caller is connected.", "接通前播报给接听方的内容，主叫听不到。"
    ),
    "sensitive": Text(
        "The input is neither logged nor stored; the record shows •.", "输入不记录、不保存，话单显示 •。"
    ),
}

OPTIONS: dict[str, dict[str, Text]] = {
    "menu": {
        "timeout": Text("Silence after the prompt that counts as no input.", "播报结束后多久算未输入。"),
        "digit_timeout": Text("The longest pause between the keys of a longer choice.", "多位按键之间的最长间隔。"),
    },
    "gather": {
        "max_digits": Text("Digits that complete the input.", "达到该位数即完成输入。"),
        "min_digits": Text("Fewer are a wrong input.", "少于该位数算输错。"),
        "terminator": Text(
            'The key that ends the input: "#", "*" or "" for none.', '结束键："#"、"*"，或 "" 表示没有。'
        ),
        "timeout": Text("Silence after the prompt that counts as no input.", "播报结束后多久算未输入。"),
        "digit_timeout": Text("Silence after a digit that ends the input.", "按键后静默多久即结束输入。"),
        "pattern": Text("A regular expression that the whole input must match.", "整个输入必须匹配的正则表达式。"),
        "into": Text("The variable that holds the digits, with their leading zeros.", "存放输入的变量，保留前导零。"),
    },
    "set": {
        "values": Text(
            "Variable: text; exactly one {{ expression }} gives the expression's own value.",
            "变量: 文本；只有一个 {{ 表达式 }} 时取表达式的值。",
        ),
        "scope": Text(
            "`call`, or `caller` to keep them for later calls of the same caller.",
            "`call` 仅本次通话；`caller` 为同一主叫的后续来电保留。",
        ),
    },
    "branch": {
        "cases": Text("Conditions in order, each with the node it leads to.", "按顺序判断的条件及其下一个节点。"),
        "when": Text("A condition, such as caller.province == '上海'.", "条件，如 caller.province == '上海'。"),
        "next": Text("The node that follows where the condition holds.", "条件成立时的下一个节点。"),
    },
    "hours": {"calendar": Text("One of calendars.yaml.", "calendars.yaml 中的日历。")},
    "share": {
        "targets": Text("Node: percent, together 100.", "节点: 百分比，合计 100。"),
        "by": Text(
            "`caller`: the same caller always goes the same way; `call`: drawn anew for each call.",
            "`caller`：同一主叫总走同一路；`call`：每次来电重新抽取。",
        ),
    },
    "queue": {
        "name": Text("A queue of queues.yaml.", "queues.yaml 中的队列。"),
        "timeout": Text("The longest wait, in whole seconds.", "最长等待时间，按整秒计。"),
        "priority": Text(
            "1 (lowest) to 99, or an expression that gives it.", "优先级，1（最低）到 99，或给出该值的表达式。"
        ),
        "skill": Text("The skill that an agent needs.", "座席需要的技能。"),
        "music": Text("The music while waiting.", "等待音乐。"),
        "announce_every": Text("How often the announcement is repeated; 0: never.", "等待播报的间隔；0 表示不播报。"),
        "announcement": Text("What is said while waiting.", "等待时的播报内容。"),
        "say_position": Text("Say the place in the queue as well.", "同时播报排队位置。"),
        "exit_keys": Text("Keys that leave the queue by their branch.", "可按键离开队列，按键即分支。"),
        "hold": Text("Texts or files that are played in turn while waiting.", "等待时轮流播放的文本或文件。"),
        "last_agent_first": Text(
            "Ask the agent first who talked to this caller last.", "优先接通上次服务该主叫的座席。"
        ),
    },
    "transfer": {
        "to": Text("The number to dial; a 400 number is never presented.", "转接的号码；外显从不使用 400 号码。"),
        "line": Text("The line to go out by, to where it lands.", "转接所用的线路。"),
        "timeout": Text("The ring time, in whole seconds.", "振铃时长，按整秒计。"),
        "post_digits": Text("Dialled after the answer; w waits half a second.", "接通后拨出的按键；w 表示等待半秒。"),
    },
    "voicemail": {
        "box": Text("The voicemail box.", "语音信箱。"),
        "prompt": Text("Said before the message.", "留言前播报。"),
        "max": Text("The longest message.", "留言最长时间。"),
    },
    "record": {
        "max": Text("The longest recording.", "录音最长时间。"),
        "silence": Text("Silence that ends the recording; 0: never.", "静默多久即结束录音；0 表示不因静默结束。"),
        "into": Text(
            "The variable with the fields reference and seconds.", "存放结果的变量，含 reference 与 seconds。"
        ),
        "prompt": Text("Said before the recording.", "录音前播报。"),
    },
    "survey": {
        "scale": Text("The lowest and the highest score, such as 1-5.", "最低分与最高分，如 1-5。"),
        "into": Text("The variable that holds the score, a number.", "存放评分（数字）的变量。"),
        "timeout": Text("Silence after the prompt that counts as no input.", "播报结束后多久算未输入。"),
    },
    "callback": {
        "number": Text("The number to call back; the caller's own by default.", "回电号码；默认为主叫号码。"),
        "prompt": Text("Said when the request was taken down.", "登记成功后播报。"),
    },
    "staffing": {"queue": Text("A queue of queues.yaml.", "queues.yaml 中的队列。")},
    "fetch": {
        "url": Text("An http or https address whose host is allowed.", "允许访问的主机上的 http 或 https 地址。"),
        "method": Text("The HTTP method.", "HTTP 方法。"),
        "body": Text("A text, or a mapping that is sent as JSON.", "文本，或以 JSON 发送的映射。"),
        "headers": Text("Headers of the request.", "请求头。"),
        "timeout": Text("How long the answer may take.", "等待应答的最长时间。"),
        "into": Text("The variable that holds the decoded answer.", "存放应答内容的变量。"),
    },
    "subflow": {
        "flow": Text("The flow to run.", "要运行的流程。"),
        "with": Text("Variables that it begins with.", "传入的变量。"),
    },
    "return": {
        "branch": Text("The branch of the subflow node that is taken.", "子流程节点要走的分支。"),
        "values": Text("Variables for the flow that called it.", "交给调用方的变量。"),
    },
    "goto_flow": {
        "flow": Text("The flow to go on in, at its start.", "要转入的流程，从其起点开始。"),
        "with": Text("Variables that it begins with.", "传入的变量。"),
    },
    "loop": {"times": Text("How often `again` is taken before `done`.", "走 `again` 的次数，之后走 `done`。")},
    "language": {
        "code": Text("A language such as zh-CN or en.", "语言，如 zh-CN、en。"),
        "voice": Text("A voice, as the speech synthesis names it.", "语音合成的音色名。"),
    },
    "wait": {"seconds": Text("How long.", "等待多久。")},
    "notify": {
        "event": Text("The name of the event.", "事件名。"),
        "data": Text("Fields told with it.", "随事件发送的字段。"),
    },
    "recording": {"to": Text("on or off.", "on 开始，off 停止。")},
    "logging": {"to": Text("on or off.", "on 记录，off 不记录。")},
    "opaque": {
        "what": Text("What it was in the other system.", "在原系统中的类型。"),
        "parameters": Text("Its parameters there.", "在原系统中的参数。"),
    },
    "hangup": {
        "cause": Text(
            "normal, busy, rejected, or a Q.850 cause 1 to 127.", "normal、busy、rejected，或 Q.850 原因值 1 到 127。"
        ),
        "text": Text("Said first.", "挂机前播报。"),
    },
    "speech": {
        "intents": Text("What can be recognised; each is a branch.", "可识别的意图；每个意图是一个分支。"),
        "into": Text("The variable that holds what was said.", "存放所说内容的变量。"),
        "timeout": Text("Silence after the prompt that counts as no input.", "播报结束后多久算未输入。"),
    },
    "message": {
        "to": Text("The number it is sent to.", "接收号码。"),
        "text": Text("The message.", "消息内容。"),
        "channel": Text("The way it is sent, such as sms.", "发送渠道，如 sms。"),
    },
}

BRANCHES: dict[str, Text] = {
    "ok": Text("It went well.", "成功。"),
    "error": Text("There was no usable answer.", "没有得到可用的应答。"),
    "done": Text("It is done.", "完成。"),
    "sent": Text("It was sent.", "已发送。"),
    "failed": Text("It could not be done.", "未能完成。"),
    "no_input": Text("The caller pressed nothing, in the last attempt.", "最后一次尝试没有输入。"),
    "no_match": Text("The caller pressed something else, in the last attempt.", "最后一次尝试输入不符。"),
    "answered": Text("Behind the talk; without it the call ends there.", "通话之后；不写则通话结束。"),
    "timeout": Text("Nobody answered in time.", "等待超时，无人接听。"),
    "full": Text("The queue is full.", "队列已满。"),
    "no_agents": Text("Nobody is signed in.", "没有座席签入。"),
    "abandoned": Text("The caller hung up while waiting.", "主叫在等待中挂机。"),
    "busy": Text("The target is busy.", "对方忙。"),
    "no_answer": Text("The target does not answer.", "对方无应答。"),
    "open": Text("The calendar is open.", "营业时间。"),
    "closed": Text("The calendar is closed.", "非营业时间。"),
    "holiday": Text("The calendar has a holiday; without it `closed` is taken.", "节假日；不写则走 `closed`。"),
    "staffed": Text("Somebody is signed in.", "有座席签入。"),
    "unstaffed": Text("Nobody is signed in.", "没有座席签入。"),
    "again": Text("One more round.", "再来一轮。"),
    "next": Text("The node that follows.", "下一个节点。"),
}
KEY_BRANCH = Text("The caller pressed this key.", "主叫按了该键。")
OTHER_BRANCH = Text("A branch of this name.", "该名称的分支。")


def describe_option(kind: str, option: str) -> Text | None:
    """What the option ``option`` of the node type ``kind`` means; None where nobody wrote it down."""
    return OPTIONS.get(kind, {}).get(option) or COMMON.get(option)


def describe_branch(branch: str) -> Text:
    """What the branch ``branch`` of a node stands for."""
    if branch and all(character in "0123456789*#" for character in branch):
        return KEY_BRANCH
    return BRANCHES.get(branch, OTHER_BRANCH)


def both(text: Text) -> str:
    """``text`` as an editor shows it: Chinese, then English."""
    return f"{text.zh}\n{text.en}"
