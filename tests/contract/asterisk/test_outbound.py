"""No 400 number leaves a real Asterisk, and the router is away: what the carrier's side receives is looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from router.asterisk.generated.guard import refuses
from router.asterisk.generated.names import AGENTS, REFUSED_EVENT, leaves_by, trunk_endpoint
from router.asterisk.host import Programs
from tests.spellings import INNOCENT, PRESENTS_400

from .company import company
from .lab import CARRIER, CARRIER_PORT, PHONE, SECOND, Ami, CarrierSide, Lab

PROBE = """
[probe]
exten => s,1,Set(LINE400_SHOWN=${URIDECODE(${PROBE})})
 same => n,Gosub(line400-guard,s,1)
 same => n,UserEvent(Passed,Text: ${PROBE})
 same => n,Hangup()
"""
PROBE += f"""
[leg]
exten => s,1,Set(CALLERID(${{WHERE}})=${{URIDECODE(${{SHOWN}})}})
 same => n,Dial(PJSIP/{leaves_by("上海")}/sip:13800138000@127.0.0.12:5070,5,gb(line400-guard^leg^1))
 same => n,Hangup()
exten => unguarded,1,Dial(PJSIP/{leaves_by("上海")}/sip:13800138000@127.0.0.12:5070,5)
 same => n,Hangup()
"""
"""A leg over a trunk that passes callers on, from a channel that shows what a test says."""
BASE, TARGET = "01088880001", "13800138000"
REFUSED_MORE = {"01040080012转34", "02140080012转34", "+494008001234"}
"""Numbers that are no 400 numbers and that the guard refuses, who cannot tell: extensions, a foreign number."""


class Bench:
    """The switch, its two carriers' sides, a foreign AMI client."""

    def __init__(self, lab: Lab, other: Ami, first: CarrierSide, second: CarrierSide) -> None:
        self.lab, self.other = lab, other
        self.sides = {CARRIER: first, SECOND: second}

    def originate(self, channel: str, caller: str, **more: str) -> list[str]:
        """Originate as the foreign client; the INVITEs that reach a carrier."""
        before = {host: len(side.invites()) for host, side in self.sides.items()}
        self.other.send("Originate", Channel=channel, CallerID=caller, Application="Wait", Data="1", **more)
        return self.new(before)

    def new(self, before: dict[str, int]) -> list[str]:
        time.sleep(0.1)  # loopback: what was sent has arrived
        return [text for host, side in self.sides.items() for text in side.invites()[before[host] :]]

    def counts(self) -> dict[str, int]:
        return {host: len(side.invites()) for host, side in self.sides.items()}


@pytest.fixture(scope="module")
def bench(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    book = company(tmp_path_factory.mktemp("company"))
    with ExitStack() as stack:
        first, second = CarrierSide(CARRIER, CARRIER_PORT), CarrierSide(SECOND, CARRIER_PORT)
        stack.callback(first.stop)
        stack.callback(second.stop)
        lab = Lab(programs, book, extra={"extensions.conf": PROBE}, modules=("pbx_spool",))
        stack.callback(lab.close)
        other = lab.ami("other")
        stack.callback(other.close)
        yield Bench(lab, other, first, second)


def shows_400(invite: str) -> bool:
    headers = invite.partition("\r\n\r\n")[0].split("\r\n")[1:]
    kept = [line for line in headers if line.split(":")[0] not in ("To", "Via", "Call-ID", "CSeq", "Content-Length")]
    return any(refuses(line.partition(":")[2].strip()) for line in kept if line.startswith(("From", "P-", "R", "D")))


def test_generated_files_are_loaded_without_a_warning(bench: Bench) -> None:
    assert bench.lab.log() == []


def test_the_guard_agrees_with_presents_400(bench: Bench) -> None:
    texts = [*PRESENTS_400, *INNOCENT]
    before = len(bench.other.events)
    for place, text in enumerate(texts):
        bench.other.send(
            "Originate",
            Channel="Local/s@probe/n",
            ChannelId=f"probe-{place:04}",
            OtherChannelId=f"other-{place:04}",
            Application="Wait",
            Data="1",
            Async="true",
            Variable=f"__PROBE={quote(text, safe='')}",
        )

    def told(events: list[dict[str, str]]) -> dict[str, str]:
        return {
            event["Uniqueid"][-4:]: event["UserEvent"] for event in events[before:] if event["Event"] == "UserEvent"
        }

    events = bench.other.events_until(lambda events: len(told(events)) == len(texts))
    refused = {texts[int(place)] for place, event in told(events).items() if event == REFUSED_EVENT}
    assert refused == {*PRESENTS_400, *REFUSED_MORE}
    assert refused == {text for text in texts if refuses(text)}


@pytest.mark.parametrize(
    "channel",
    [
        f"PJSIP/{TARGET}@{leaves_by('bj')}",
        f"PJSIP/{TARGET}@{trunk_endpoint('bj')}",
        f"Local/{TARGET}@{leaves_by('bj')}",
        f"Local/{TARGET}@{leaves_by('上海')}",
        f"Local/{TARGET}@{AGENTS}",
    ],
)
@pytest.mark.parametrize(
    "caller", ["4008001234", "+86 400-800-1234", '"400-800-1234" <01088880001>', '"４００８００１２３４" <1001>']
)
def test_an_originate_of_another_client_reaches_no_trunk(bench: Bench, channel: str, caller: str) -> None:
    assert bench.originate(channel, caller) == []


@pytest.mark.parametrize(
    "channel",
    [
        f"PJSIP/{leaves_by('bj')}/sip:{TARGET}@{CARRIER}:{CARRIER_PORT}",
        f"PJSIP/{leaves_by('上海')}/sip:{TARGET}@{SECOND}:{CARRIER_PORT}",
        f"PJSIP/{TARGET}@watch-bj",
    ],
)
@pytest.mark.parametrize("caller", ["4008001234", '"400-800-1234" <4008001234>'])
def test_an_originate_that_goes_round_the_dialplan_shows_the_base_number(
    bench: Bench, channel: str, caller: str
) -> None:
    invites = bench.originate(channel, caller, Variable="CALLERID(ani)=4008001234,CALLERID(name)=4008001234")
    assert [shows_400(invite) for invite in invites] == [False]


def test_an_originate_that_presents_the_base_number_passes(bench: Bench) -> None:
    (invite,) = bench.originate(f"Local/{TARGET}@{leaves_by('bj')}", BASE)
    assert f"<sip:{BASE}@" in next(line for line in invite.split("\r\n") if line.startswith("From:"))


@pytest.mark.parametrize(
    ("where", "shown", "leaves"),
    [
        ("num", "4008001234", 0),
        ("num", "+864008001234", 0),
        ("name", "400-800-1234", 0),
        ("num", "13900139000", 1),
    ],
)
def test_the_guard_of_a_leg_where_callers_are_passed_on(bench: Bench, where: str, shown: str, leaves: int) -> None:
    variables = f"__WHERE={where},__SHOWN={quote(shown, safe='')}"
    invites = bench.originate("Local/s@leg/n", "<13900139000>", Variable=variables)
    assert len(invites) == leaves
    assert all("<sip:13900139000@" in invite for invite in invites)


def test_a_leg_that_nobody_guards_shows_the_base_number_where_callers_are_passed_on(bench: Bench) -> None:
    invites = bench.originate("Local/unguarded@leg/n", '"400-800-1234" <4008001234>')
    assert [shows_400(invite) for invite in invites] == [False]
    assert "<sip:02166660002@" in invites[0]


def test_a_400_number_may_be_called(bench: Bench) -> None:
    (invite,) = bench.originate(f"Local/4008005678@{leaves_by('bj')}", BASE)
    assert invite.startswith("INVITE sip:4008005678@")


@pytest.mark.parametrize("channel", [f"Local/{TARGET}@{AGENTS}", f"PJSIP/{TARGET}@{leaves_by('bj')}"])
def test_a_call_file_reaches_no_trunk(bench: Bench, channel: str) -> None:
    before = bench.counts()
    spool = bench.lab.asterisk.spool
    text = (
        f'Channel: {channel}\nCallerID: "400" <4008001234>\nMaxRetries: 0\nApplication: Wait\nData: 1\nArchive: yes\n'
    )
    (spool / "tmp" / "refused.call").write_text(text)
    done = spool / "outgoing_done" / "refused.call"
    done.unlink(missing_ok=True)
    (spool / "tmp" / "refused.call").rename(spool / "outgoing" / "refused.call")
    until = time.monotonic() + 10
    while not done.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert done.exists()
    assert bench.new(before) == []


FROM = '"Agent" <sip:1001@127.0.0.14>'
PHONES = {
    "From": ("<sip:4008001234@127.0.0.14>", ""),
    "From, +86": ("<sip:+864008001234@127.0.0.14;user=phone>", ""),
    "From, tel": ("<tel:+86-400-800-1234>", ""),
    "From, escaped": ("<sip:%34%30%30%38001234@127.0.0.14>", ""),
    "display name": ('"400 800 1234" <sip:1001@127.0.0.14>', ""),
    "display name, full-width": ('"４００８００１２３４" <sip:1001@127.0.0.14>', ""),
    "P-Asserted-Identity": (FROM, "P-Asserted-Identity: <sip:4008001234@127.0.0.14>\n"),
    "P-Asserted-Identity, the second": (
        FROM,
        "P-Asserted-Identity: <sip:1001@127.0.0.14>\nP-Asserted-Identity: <tel:4008001234>\n",
    ),
    "P-Preferred-Identity": (FROM, "P-Preferred-Identity: <tel:+864008001234>\n"),
    "Remote-Party-ID": (FROM, "Remote-Party-ID: <sip:04008001234@127.0.0.14>;party=calling\n"),
    "Diversion": (FROM, "Diversion: <sip:400-800-1234@127.0.0.14>;reason=unconditional\n"),
}


@pytest.mark.parametrize("where", PHONES)
def test_a_telephone_that_shows_a_400_number_is_refused_with_a_reason(bench: Bench, where: str) -> None:
    shown, headers = PHONES[where]
    before = bench.counts()
    bench.other.send("Ping")  # what came before is read
    told = len(bench.other.events)
    done = bench.lab.sipp("phone", TARGET, PHONE, keys={"from": shown, "headers": headers, "expect": "403"})
    assert done.returncode == 0, done.stderr
    assert "Reason: Q.850;cause=21" in done.stdout
    assert bench.new(before) == []
    events = bench.other.events_until(
        lambda events: any(event.get("UserEvent") == REFUSED_EVENT for event in events[told:])
    )
    (event,) = [event for event in events[told:] if event.get("UserEvent") == REFUSED_EVENT]
    assert event["Code"] == "outbound_400"


def test_a_telephone_calls_out_by_the_base_number(bench: Bench) -> None:
    before = bench.counts()
    done = bench.lab.sipp("phone", TARGET, PHONE, keys={"from": FROM, "headers": "", "expect": "503"})
    assert done.returncode == 0, done.stderr
    (invite,) = bench.new(before)
    assert f"<sip:{BASE}@" in invite
    assert "1001" not in next(line for line in invite.split("\r\n") if line.startswith("From:"))


@pytest.mark.parametrize("number", ["0085212345678", "+14155550100", "16812345", "1791100852123", "9012345678"])
def test_a_telephone_may_not_call_abroad_or_premium_numbers(bench: Bench, number: str) -> None:
    before = bench.counts()
    done = bench.lab.sipp("phone", number, PHONE, keys={"from": FROM, "headers": "", "expect": "403"})
    assert done.returncode == 0, done.stderr
    assert bench.new(before) == []


def test_a_caller_who_falls_back_to_a_number_is_shown_as_the_base_number(bench: Bench) -> None:
    before = bench.counts()
    keys = {"from": "<sip:4008001234@127.0.0.11>", "to": f"<sip:{BASE}@127.0.0.1>", "headers": "", "expect": "503"}
    bench.lab.sipp("carrier", BASE, CARRIER, keys=keys)
    (invite,) = bench.new(before)
    assert invite.startswith("INVITE sip:01088880009@")
    assert not shows_400(invite)


def test_the_routers_account_can_neither_originate_nor_run_commands(bench: Bench) -> None:
    link = bench.lab.ami()
    fields = {"Channel": f"Local/{TARGET}@{leaves_by('bj')}", "Application": "Wait", "Data": "1"}
    assert link.send("Originate", **fields)["Message"] == "Permission denied"
    assert link.send("Command", Command="core show channels")["Message"] == "Permission denied"
    assert link.send("Redirect", Channel="x", Context="y", Exten="z", Priority=1)["Message"] == "Permission denied"
    assert link.send("GetConfig", Filename="manager.conf")["Message"] == "Permission denied"
    link.close()


def test_a_refusal_stands_in_the_switchs_own_record(bench: Bench) -> None:
    bench.originate(f"Local/{TARGET}@{leaves_by('bj')}", "4008001234")
    records = (bench.lab.asterisk.log / "cdr-custom" / "line400-cdr.csv").read_text(errors="replace")
    assert '"outbound_400 4008001234"' in records
