"""What is asked of a company and its persons, and the days on which an answer is expected."""

from __future__ import annotations

from datetime import date

import pytest

from ivr_flows.findings import Text
from router.life.grading import MINIMUMS, Wanted, features, grade
from router.life.identity import Identity, masked, read_identity
from router.life.model import SHANGHAI, LifeError
from router.life.office import SimulatedOffice
from router.life.qualification import Qualification, may_own, read_credit_code, read_submission, state_at, warning
from router.life.workdays import Workdays
from router.model import HolidayYear
from tests.unit.life.lives import moment

CODE = "91110000600037341L"
ID = "11010519491231002X"
TODAY = date(2026, 10, 12)
WHOSE = Text("legal person", "法人")


def submitted(**changed: object) -> object:
    facts = {
        "code": CODE,
        "company": "示例科技有限公司",
        "licence_until": date(2030, 1, 1),
        "legal_name": "张三",
        "today": TODAY,
    }
    legal = read_identity("resident", str(changed.pop("legal_id", ID)), None, TODAY, WHOSE)
    return read_submission(**(facts | changed), legal=legal)  # type: ignore[arg-type]


def test_no_fixed_term_is_ten_years_from_the_submission() -> None:
    found = submitted(licence_until=None)
    assert (found.licence_until, found.open_ended) == (date(2036, 10, 12), True)  # type: ignore[attr-defined]
    leap = submitted(licence_until=None, today=date(2028, 2, 29))
    assert leap.licence_until == date(2038, 2, 28)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code": "91110000600037341A"}, "bad-credit-code"),
        ({"code": "9111000060003734"}, "bad-credit-code"),
        ({"code": "91110000I00037341L"}, "bad-credit-code"),
        ({"legal_id": "110105194912310021"}, "bad-id-number"),
        ({"legal_id": "11010519491331002X"}, "bad-id-number"),
        ({"legal_id": "310101201501010019"}, "minor"),
        ({"licence_until": date(2026, 10, 11)}, "licence-expired"),
        ({"company": " "}, "bad-company"),
        ({"legal_name": ""}, "bad-legal-name"),
    ],
)
def test_what_is_wrong_is_refused(changed: dict[str, object], code: str) -> None:
    with pytest.raises(LifeError) as caught:
        submitted(**dict(changed))
    assert caught.value.code == code
    assert str(changed.get("legal_id", ID)) not in caught.value.message.en + caught.value.message.zh


def test_a_licence_is_valid_on_its_last_day_and_an_adult_adult_on_the_birthday() -> None:
    submitted(licence_until=TODAY)
    with pytest.raises(LifeError):
        read_identity("resident", "310101201501010019", None, date(2032, 12, 31), WHOSE)
    assert read_identity("resident", "310101201501010019", None, date(2033, 1, 1), WHOSE)


@pytest.mark.parametrize(
    ("kind", "written", "born", "number", "birthday"),
    [
        ("resident", "11010519491231002x", None, ID, date(1949, 12, 31)),
        ("resident", "810000199001010019", None, "810000199001010019", date(1990, 1, 1)),
        ("permanent-residence", "911124198108030024", None, "911124198108030024", date(1981, 8, 3)),
        ("permanent-residence", "usa 110081080310", "1981-08-03", "USA110081080310", date(1981, 8, 3)),
        ("passport", "e12345678", "1980-05-06", "E12345678", date(1980, 5, 6)),
        ("hk-macao", "H12345678", "1980-05-06", "H12345678", date(1980, 5, 6)),
        ("hk-macao", "M12345678(01)", "1980-05-06", "M1234567801", date(1980, 5, 6)),
        ("taiwan", "12345678", "1980-05-06", "12345678", date(1980, 5, 6)),
    ],
)
def test_every_kind_of_paper_has_its_own_rule(kind, written, born, number, birthday) -> None:
    given = None if born is None else date.fromisoformat(born)
    found = read_identity(kind, written, given, TODAY, WHOSE)
    assert found == Identity(kind, number, birthday)
    assert Identity.of(found.as_json()) == found
    assert found.masked.count("*") >= len(number) - 7
    assert number not in found.masked


@pytest.mark.parametrize(
    ("kind", "written", "born", "code"),
    [
        ("resident", "990105194912310028", None, "bad-id-number"),
        ("resident", "911124198108030024", None, "bad-id-number"),
        ("permanent-residence", "911124198108030025", None, "bad-id-number"),
        ("permanent-residence", "US1110081080310", "1981-08-03", "bad-id-number"),
        ("passport", "E1234567890", "1980-05-06", "bad-id-number"),
        ("passport", "PASSPORT", "1980-05-06", "bad-id-number"),
        ("hk-macao", "X12345678", "1980-05-06", "bad-id-number"),
        ("taiwan", "1234567", "1980-05-06", "bad-id-number"),
        ("passport", "E12345678", None, "born-missing"),
        ("passport", "E12345678", "2010-05-06", "minor"),
        ("passport", "E12345678", "2030-05-06", "bad-id-number"),
        ("driving-licence", "E12345678", None, "unknown-id-kind"),
    ],
)
def test_a_paper_that_is_not_right_is_refused_without_being_repeated(kind, written, born, code) -> None:
    with pytest.raises(LifeError) as caught:
        read_identity(kind, written, None if born is None else date.fromisoformat(born), TODAY, WHOSE)
    assert caught.value.code == code
    assert written not in caught.value.message.en + caught.value.message.zh


def test_codes_are_read_as_people_write_them() -> None:
    assert read_credit_code(" 91110000600037341l ") == CODE
    assert masked(ID) == "110***********002X"
    assert masked("123") == "***"


def test_an_approved_one_expires_with_its_licence_and_is_warned_of_ahead() -> None:
    known = Qualification(1, CODE, "示例", "approved", 0.0, TODAY, date(2027, 1, 31), False, "张三", "m")
    assert state_at(known, moment("2027-01-31T23:59:59"), SHANGHAI) == "approved"
    assert state_at(known, moment("2027-02-01T00:00:00"), SHANGHAI) == "expired"
    assert may_own(known, moment("2027-01-31T12:00"), SHANGHAI) is None
    refused = may_own(known, moment("2027-02-01T12:00"), SHANGHAI)
    assert refused is not None
    assert refused.code == "not-qualified"
    assert may_own(None, 0.0, SHANGHAI) is not None
    assert warning(known, moment("2026-12-01T00:00"), SHANGHAI) is None
    said = warning(known, moment("2026-12-15T00:00"), SHANGHAI)
    assert said is not None
    assert "2027-01-31" in said.zh


def test_working_days_follow_the_statutory_calendar_with_make_up_days() -> None:
    days = Workdays(SHANGHAI)
    # 18 September 2026 is a Friday, Sunday the 20th a make-up day; National Day holds from 1 to 7 October.
    assert days.is_working(date(2026, 9, 20))
    assert days.after(date(2026, 9, 18), 3).day == date(2026, 9, 22)
    assert days.after(date(2026, 9, 30), 1).day == date(2026, 10, 8)
    assert days.after(date(2026, 9, 30), 3).day == date(2026, 10, 10)  # a Saturday that is a make-up day


def test_a_year_without_data_follows_weekdays_and_says_so() -> None:
    far = Workdays(SHANGHAI).after(date(2199, 12, 30), 3)
    assert far.assumed == (2199, 2200)
    years = {2199: HolidayYear({date(2199, 12, 31): "休"}), 2200: HolidayYear({})}
    known = Workdays(SHANGHAI, years).after(date(2199, 12, 30), 1)
    assert (known.day, known.assumed) == (date(2200, 1, 1), ())


@pytest.mark.parametrize(
    ("number", "labels", "tier"),
    [
        ("4000123975", {"no-4"}, "普通"),
        ("4000123987", {"CBA"}, "优选"),
        ("4000021122", {"AABB", "no-4"}, "精选"),
        ("4000021212", {"ABAB", "no-4"}, "精选"),
        ("4000021221", {"ABBA", "no-4"}, "精选"),
        ("4000028889", {"AAAB", "no-4"}, "精选"),
        ("4000123888", {"AAA", "lucky-888", "no-4"}, "金牌"),
        ("4000016789", {"ABCD", "no-4"}, "金牌"),
        ("4000888888", {"AAAAAA", "lucky-888", "no-4"}, "VVIP"),
        ("4000021168", {"lucky-168", "no-4"}, "优选"),
        ("4000021444", {"AAA"}, "精选"),
    ],
)
def test_the_digits_of_a_number_are_labelled_and_graded(number: str, labels: set[str], tier: str) -> None:
    found = features(number)
    assert labels <= set(found.labels)
    assert grade(number) == tier


@pytest.mark.parametrize(
    ("wanted", "takes", "refuses"),
    [
        (Wanted(ending="888"), "4000123888", "4000123889"),
        (Wanted(repeated=3), "4000123888", "4000123988"),
        (Wanted(ascending=4), "4000126789", "4000129876"),
        (Wanted(no_four=True), "4000123888", "4000423888"),
        (Wanted(pattern="AABB"), "4000021122", "4000021123"),
        (Wanted(pattern="1??8"), "4000021228", "4000022228"),
    ],
)
def test_a_search_takes_what_is_as_asked(wanted: Wanted, takes: str, refuses: str) -> None:
    assert wanted.takes(takes)
    assert not wanted.takes(refuses)


def test_the_simulated_stock_is_the_same_for_a_seed_and_holds_every_tier_of_every_carrier() -> None:
    offices = [SimulatedOffice(Workdays(SHANGHAI), seed) for seed in (1, 1, 2)]
    stocks = [sorted(offer.number for offer in office.offers(Wanted())) for office in offices]
    assert stocks[0] == stocks[1] != stocks[2]
    found = {(offer.carrier, offer.tier) for offer in offices[0].offers(Wanted())}
    assert {tier for _, tier in found} == set(MINIMUMS)
    assert {carrier for carrier, _ in found} == {"unicom", "mobile", "telecom"}
    assert offices[0].offer("4000000000") is None or offices[0].offer("4000000000").tier  # type: ignore[union-attr]


def test_the_office_says_what_it_is_told_once() -> None:
    office = SimulatedOffice(Workdays(SHANGHAI))
    office.decide(CODE, "reject", "照片不清晰")
    (decided,) = office.decisions()
    assert (decided.subject, decided.kind, decided.reason) == (CODE, "reject", "照片不清晰")
    assert office.decisions() == []
    receipt = office.take_qualification(CODE, TODAY)
    assert receipt.earliest is not None
    assert receipt.latest is not None
    assert (receipt.earliest.day, receipt.latest.day) == (date(2026, 10, 15), date(2026, 10, 19))
