"""Call records in the vendor's words. Every call here is inbound; its callee is the 400 number that was called."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from router.asterisk.status import masked
from router.callers import caller_facts, canonical_caller
from router.record import CallRecord
from router.store import CallFilter, InboxFilter
from router.vendor import Answer, Call, Service, errors
from router.vendor.actions import records as requests

from ..served import Served
from .tracking import summary_of, tracked
from .views import digits_of, listed, numbers_of, page, see_instance
from .writing import author

DISPOSITIONS: Mapping[tuple[str, str | None], str] = {
    ("answered", None): "Success",
    ("completed", None): "Success",
    ("transferred", None): "ForwardToOutsideNumber",
    ("voicemail", None): "Voicemail",
    ("abandoned", "flow"): "AbandonedInIVR",
    ("abandoned", "queue"): "AbandonedInQueue",
    ("abandoned", "ringing"): "AbandonedInRing",
    ("abandoned", None): "AbandonedInIVR",
    ("queued", None): "AbandonedInQueue",
    ("rejected", None): "Reject",
    ("no_route", None): "Reject",
    ("fallback", None): "IVRException",
    ("failed", None): "IVRException",
}
"""How a call ended (and where it was abandoned) as the vendor's disposition; what the vendor has no word for is the
nearest of its words."""
INBOUND = "Inbound"
MOST_NUMBERS = 50_000
"""Numbers of an instance among which calls are looked for without naming one."""
_LEFT_BY = {"agent": "agent", "caller": "customer"}


@dataclass(frozen=True, slots=True)
class Records:
    """The services."""

    served: Served

    def services(self) -> Mapping[str, Service]:
        """By the action's name."""
        return {
            "ListCallDetailRecords": self.list_v1,
            "ListCallDetailRecordsV2": self.list_v2,
            "ListRecentCallDetailRecords": self.recent,
            "GetCallDetailRecord": self.get,
            "ListIvrTrackingDetails": self.tracking,
            "GetIvrTrackingSummary": self.summary,
            "GetHistoricalCallerReport": self.caller_report,
            "ListVoicemails": self.voicemails,
        }

    # ---- lists

    async def list_v1(self, call: Call, given: requests.ListCallDetailRecords) -> Answer:
        """The older list: the total stands on the first page only, as the vendor has it."""
        criteria = _criteria(given.criteria)
        asked = _Asked(
            caller=given.calling_number or criteria.get("callingNumber", ""),
            called=given.called_number or criteria.get("calledNumber", ""),
            either=criteria.get("phoneNumber", ""),
            types=(*given.contact_type_list, *_one(given.contact_type)),
            dispositions=(*given.contact_disposition_list, *_one(given.contact_disposition)),
            contacts=_one(given.contact_id),
            groups=_one(given.skill_group_id),
            agent=given.agent_id,
        )
        wanted = self.filter(call, given, asked, given.sort_order == "ASC")
        return await self._page(call, given, wanted, in_list, counted=given.page_number == 1)

    async def list_v2(self, call: Call, given: requests.ListCallDetailRecordsV2) -> Answer:
        """The newer list."""
        records, total = await self.found(call, given)
        return listed([_in_list_v2(record, given.instance_id, call.shown) for record in records], given, total)

    async def found(self, call: Call, given: requests.ListCallDetailRecordsV2) -> tuple[list[CallRecord], int]:
        """The records of a page, and how many there are in all."""
        asked = _Asked(
            caller=given.calling_number,
            called=given.called_number,
            either=given.number or given.search_pattern,
            types=given.contact_type_list,
            dispositions=given.contact_disposition_list,
            contacts=given.contact_id_list,
            groups=given.skill_group_id_list,
            agent=given.agent_id,
        )
        wanted = self.filter(call, given, asked, given.sort_order == "ASC")
        return await self._look(given, wanted, counted=True)

    async def recent(self, call: Call, given: requests.ListRecentCallDetailRecords) -> Answer:
        """The newest calls of a party."""
        criteria = _criteria(given.criteria)
        asked = _Asked(
            caller=criteria.get("callingNumber", ""),
            called=criteria.get("calledNumber", ""),
            either=criteria.get("phoneNumber", ""),
        )
        return await self._page(call, given, self.filter(call, given, asked, False), _recent)

    async def _page(
        self, call: Call, given: requests.Span, wanted: CallFilter | None, write: Writing, *, counted: bool = True
    ) -> Answer:
        records, total = await self._look(given, wanted, counted=counted)
        return listed([write(record, given.instance_id, call.shown) for record in records], given, total)

    async def _look(
        self, given: requests.Span, wanted: CallFilter | None, *, counted: bool
    ) -> tuple[list[CallRecord], int]:
        if wanted is None:
            return [], 0
        offset = (given.page_number - 1) * given.page_size
        records = await self.served.store.query_calls(replace(wanted, limit=given.page_size, offset=offset))
        return records, await self.served.store.count_calls(wanted) if counted else 0

    def filter(self, call: Call, given: requests.Span, asked: _Asked, oldest_first: bool) -> CallFilter | None:
        """What to look for; None where nothing can be found. Raises `VendorError`."""
        see_instance(self.served, given.instance_id)
        if asked.types and not any(kind.upper() == "INBOUND" for kind in asked.types):
            return None
        caller, called = asked.caller, asked.called
        if asked.either:
            if digits_of(asked.either) is not None:
                called = called or asked.either
            else:
                caller = caller or asked.either
        if caller and not call.shown:
            raise errors.not_allowed("CallingNumber", call.key.role)
        numbers = self._numbers(given.instance_id, called)
        if not numbers:
            return None
        canonical = canonical_caller(caller) if caller else None
        if caller and canonical is None:
            return None
        return CallFilter(
            caller=canonical,
            numbers=numbers,
            endings=_endings(asked.dispositions),
            queues=asked.groups or None,
            agent=asked.agent or None,
            call_ids=asked.contacts or None,
            since=None if given.start_time is None else given.start_time / 1000,
            until=None if given.end_time is None else given.end_time / 1000,
            up=False,
            oldest_first=oldest_first,
        )

    def _numbers(self, instance: str, called: str) -> tuple[str, ...]:
        """The numbers of an instance to look for, or the one of them that is named."""
        if called:
            digits = digits_of(called)
            facts = None if digits is None else self.served.directory.find(digits)
            return (facts.number,) if facts is not None and facts.instance == instance else ()
        numbers = tuple(facts.number for facts in numbers_of(self.served, instance))
        if len(numbers) > MOST_NUMBERS:
            raise errors.missing("CalledNumber")
        return numbers

    # ---- one call

    async def get(self, call: Call, given: requests.OfContact) -> Answer:
        """One record."""
        record = await self.record(given.instance_id, given.contact_id)
        found = in_list(record, given.instance_id, call.shown)
        found |= {
            "CallDuration": round(_seconds(record)),
            "IvrEvents": [{"FlowId": record.flow, "FlowType": "MAIN_FLOW", "EventSequence": []}] if record.flow else [],
            "QueueEvents": [],
            "AgentEvents": [],
            "CustomerEvents": [],
        }
        return {"Data": found}

    async def record(self, instance: str, contact: str) -> CallRecord:
        """A call to a number of ``instance``. Raises `VendorError`."""
        see_instance(self.served, instance)
        record = await self.served.store.get_call(contact)
        facts = self.served.directory.find(record.called) if record is not None and record.called else None
        if record is None or facts is None or facts.instance != instance:
            raise errors.no_contact(contact[:80], instance)
        return record

    async def tracking(self, call: Call, given: requests.ListIvrTrackingDetails) -> Answer:
        """The nodes of a call."""
        record = await self.record(given.instance_id, given.contact_id)
        caller = record.caller if call.shown else masked(record.caller)
        return page(tracked(self.served, record, given.instance_id, caller), given, lambda node: node)

    async def summary(self, call: Call, given: requests.OfContact) -> Answer:
        """The path in one line."""
        return {"Data": summary_of(await self.record(given.instance_id, given.contact_id))}

    async def caller_report(self, call: Call, given: requests.GetHistoricalCallerReport) -> Answer:
        """How often a caller called, test calls left out."""
        span = requests.Span.model_construct(
            instance_id=given.instance_id, start_time=given.start_time, end_time=given.stop_time
        )
        wanted = self.filter(call, span, _Asked(caller=given.calling_number), False)
        if wanted is None:
            return {"Data": {"TotalCalls": 0, "LastCallingTime": None}}
        wanted = replace(wanted, test=False)
        last = await self.served.store.query_calls(replace(wanted, limit=1))
        total = await self.served.store.count_calls(wanted)
        return {"Data": {"TotalCalls": total, "LastCallingTime": _millis(last[0].started) if last else None}}

    async def voicemails(self, call: Call, given: requests.ListVoicemails) -> Answer:
        """Messages of the inbox."""
        wanted = self.filter(call, given, _Asked(caller=given.caller, contacts=_one(given.contact_id)), False)
        numbers = set(wanted.numbers or ()) if wanted is not None else set()
        asked = InboxFilter(kind="voicemail", since=wanted.since if wanted else None)
        kept = await self.served.store.inbox(asked, author(call), call.now)
        found = [
            entry
            for entry in kept
            if entry.number in numbers
            and wanted is not None
            and (wanted.caller is None or entry.caller == wanted.caller)
            and (wanted.call_ids is None or entry.call_id in wanted.call_ids)
            and (wanted.until is None or entry.created < wanted.until)
        ]
        return page(
            found,
            given,
            lambda entry: {
                "InstanceId": given.instance_id,
                "ContactId": entry.call_id,
                "Caller": entry.caller if call.shown else masked(entry.caller),
                "Callee": entry.number,
                "Name": entry.box or "",
                "StartTime": _millis(entry.created),
                "CdrStartTime": _millis(entry.created),
                "Duration": round(entry.seconds or 0),
                "RecordingDuration": round(entry.seconds or 0),
            },
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the lists have in common. ``either`` is the number of either party."""

    caller: str = ""
    called: str = ""
    either: str = ""
    types: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    agent: str = ""


def in_list(record: CallRecord, instance: str, shown: bool) -> dict[str, Any]:
    """A record as both lists have it."""
    place = caller_facts(record.caller)
    reached = record.agent if record.outcome == "answered" else None
    talked = _between(record.answered, record.ended) if reached else None
    return {
        "ContactId": record.call_id,
        "InstanceId": instance,
        "ContactType": INBOUND,
        "ContactDisposition": disposition_of(record),
        "CallingNumber": record.caller if shown else masked(record.caller),
        "CalledNumber": record.called,
        "CallerLocation": "".join(dict.fromkeys((place.province or "", place.city or ""))) if record.caller else "",
        "CalleeLocation": "",
        "StartTime": _millis(record.started),
        "EstablishedTime": _millis(record.answered),
        "ReleaseTime": _millis(record.ended),
        "CallDuration": str(round(_seconds(record))),
        "TalkTime": None if talked is None else str(round(talked)),
        "ReleaseInitiator": _LEFT_BY.get(record.hangup_by or "", record.hangup_by or ""),
        "ReleaseReason": "" if record.hangup_cause is None else str(record.hangup_cause),
        "AgentIds": record.agent or "",
        "AgentNames": record.agent or "",
        "SkillGroupIds": record.queue or "",
        "SkillGroupNames": record.queue or "",
        "CallIds": record.call_id,
        "RecordingReady": any(left.kind == "recording" for left in record.left),
        "Test": record.test,
    }


def _in_list_v2(record: CallRecord, instance: str, shown: bool) -> dict[str, Any]:
    return {**in_list(record, instance, shown), "MediaType": "AUDIO", "TransferCount": 0}


def _recent(record: CallRecord, instance: str, shown: bool) -> dict[str, Any]:
    found = in_list(record, instance, shown)
    names = (
        *("ContactId", "InstanceId", "CallingNumber", "CalledNumber", "ContactType", "ContactDisposition"),
        *("StartTime", "CallDuration", "AgentIds", "SkillGroupIds", "Test"),
    )
    return {**{name: found[name] for name in names}, "Duration": round(_seconds(record))}


def disposition_of(record: CallRecord) -> str:
    """The vendor's word for how a call ended."""
    outcome = record.outcome or "failed"
    return DISPOSITIONS.get((outcome, record.abandoned_in)) or DISPOSITIONS[outcome, None]


def _endings(dispositions: tuple[str, ...]) -> tuple[tuple[str, str | None], ...] | None:
    """The ways of ending that the vendor's words stand for; None where none is asked for."""
    if not dispositions:
        return None
    wanted = {word.upper() for word in dispositions}
    return tuple(way for way, word in DISPOSITIONS.items() if word.upper() in wanted and way != ("abandoned", None))


def _criteria(text: str) -> Mapping[str, str]:
    if not text:
        return {}
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise errors.wrong_format("Criteria", 'a JSON object is expected, such as {"phoneNumber": "13800138000"}.')
    return read


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _seconds(record: CallRecord) -> float:
    """From the beginning of the flow, as the vendor counts inbound calls; 0 where there was none."""
    return _between(record.entered, record.ended) or 0.0


def _between(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else max(0.0, second - first)


def _millis(at: float | None) -> int | None:
    return None if at is None else int(at * 1000)


Writing = Callable[[CallRecord, str, bool], dict[str, Any]]
