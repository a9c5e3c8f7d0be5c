"""One example for every rule, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from router.billing.bill import LINE_CODES, Bill
from router.billing.money import in_fen, of_fen, to_fen
from router.billing.months import Month, months_later
from router.billing.refusal import BillingError
from router.billing.words import LINE_TEXTS, choice_texts, item_of
from router.life.grading import MINIMUMS
from router.store.billing_rows import CorrectionRow
from router.tariffs import USUAL_RULES, BillingRules, table_for

from .months import FOREVER, NUMBER, OTHER, TABLE, ZONE, A, B, World, always, call, held, mode, moment, pack

D = Decimal


def lines(bill: Bill, number: str | None = NUMBER) -> dict[str, tuple[int, str]]:
    """code → quantity, due, of the lines that are not free."""
    free = ("rent", "base_number", "long_distance")
    return {
        line.code: (line.quantity, str(line.due))
        for line in bill.lines
        if line.number == number and line.code not in free
    }


def one(calls=(), story=None, tier="普通", packs=(), modes=(), **rules) -> World:
    """A company with one number, since ever in service."""
    stories = {NUMBER: story or always(tier=tier)}
    return World(calls, stories, packs, modes, rules=replace(USUAL_RULES, **rules))


# -- minutes, tariffs, minimum ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "tier", "expected"),
    [
        (0, "普通", {"inbound": (0, "0.00"), "minimum": (1, "375.00")}),
        (1_000, "普通", {"inbound": (1_000, "200.00"), "minimum": (1, "175.00")}),
        (1_875, "普通", {"inbound": (1_875, "375.00"), "minimum": (1, "0.00")}),
        (1_876, "普通", {"inbound": (1_876, "375.20"), "minimum": (1, "0.00")}),
        (3_000, "优选", {"inbound": (3_000, "600.00"), "minimum": (1, "150.00")}),
        (0, "精选", {"inbound": (0, "0.00"), "minimum": (1, "1500.00")}),
        (0, "金牌", {"inbound": (0, "0.00"), "minimum": (1, "2500.00")}),
        (0, "白金", {"inbound": (0, "0.00"), "minimum": (1, "5000.00")}),
        (0, "VIP", {"inbound": (0, "0.00"), "minimum": (1, "12500.00")}),
        (100_000, "VVIP", {"inbound": (100_000, "20000.00"), "minimum": (1, "0.00")}),
    ],
)
def test_pay_as_you_go_and_the_minimum_of_every_tier(minutes: int, tier: str, expected: dict) -> None:
    calls = [call(NUMBER, "2026-10-05T10:00", minutes)] if minutes else []
    assert lines(one(calls, tier=tier).bill("2026-10")) == expected


def test_every_tier_of_the_life_of_numbers_has_its_minimum() -> None:
    assert {tier: int(amount) for tier, amount in TABLE.minimums.items()} == MINIMUMS


@pytest.mark.parametrize(
    ("seats", "fee"), [(1, "199.00"), (99, "19701.00"), (100, "17900.00"), (299, "53521.00"), (300, "47700.00")]
)
def test_seats_by_the_month_cost_less_each_the_more_there_are(seats: int, fee: str) -> None:
    bill = one([call(NUMBER, "2026-10-05T10:00", 1_000)], modes=[mode("2026-10", "seats", seats)]).bill("2026-10")
    assert lines(bill, None) == {"seats": (seats, fee)}
    assert lines(bill) == {"inbound": (1_000, "180.00"), "minimum": (1, "195.00")}


def test_a_mode_holds_from_its_month_on() -> None:
    made = one([call(NUMBER, f"2026-{month}-05T10:00", 100) for month in ("09", "10", "11")],
               modes=[mode("2026-10", "seats", 2), mode("2026-11", "usage")])  # fmt: skip
    assert [lines(made.bill(f"2026-{month}"))["inbound"][1] for month in ("09", "10", "11")] == [
        "20.00",
        "18.00",
        "20.00",
    ]
    assert [lines(made.bill(f"2026-{month}"), None) for month in ("09", "10", "11")] == [
        {},
        {"seats": (2, "398.00")},
        {},
    ]


def test_an_instance_may_pay_otherwise_than_its_company() -> None:
    made = World(
        [call(NUMBER, "2026-10-05T10:00", 10_000), call(OTHER, "2026-10-05T10:00", 10_000)],
        {NUMBER: always(instance="hotline"), OTHER: always()},
        modes=[mode("2026-10", "seats", 5, "hotline"), mode("2026-10", "usage")],
    )
    bill = made.bill("2026-10")
    assert (lines(bill)["inbound"][1], lines(bill, OTHER)["inbound"][1]) == ("1800.00", "2000.00")
    assert [line.facts for line in bill.lines if line.code == "seats"] == [{"instance": "hotline"}]


def test_the_three_frees_are_lines_of_nothing() -> None:
    bill = one([call(NUMBER, "2026-10-05T10:00", 7)]).bill("2026-10")
    free = [
        (line.code, line.quantity, line.unit_price, line.list_price, line.discount, line.due)
        for line in bill.lines[-3:]
    ]
    nothing = (D("0.00"),) * 4
    assert free == [("rent", 1, *nothing), ("base_number", 1, *nothing), ("long_distance", 7, *nothing)]


def test_numbers_of_a_tier_may_share_one_minimum() -> None:
    made = World(
        [call(NUMBER, "2026-10-05T10:00", 1_000), call(OTHER, "2026-10-05T10:00", 500)],
        {NUMBER: always(), OTHER: always()},
        rules=replace(USUAL_RULES, minimum_of="tier"),
    )
    bill = made.bill("2026-10")
    assert lines(bill, None) == {"minimum": (1, "75.00")}
    assert bill.due == D("375.00")
    assert replace(made, rules=USUAL_RULES).bill("2026-10").due == D("750.00")


# -- months -----------------------------------------------------------------------------------------------------------


def test_a_call_belongs_to_the_month_in_which_its_flow_began() -> None:
    calls = [call(NUMBER, "2026-10-31T23:59:59", 30), call(NUMBER, "2026-11-01T00:00:00", 5)]
    assert lines(one(calls).bill("2026-10"))["inbound"][0] == 30
    assert lines(one(calls).bill("2026-11"))["inbound"][0] == 5


def test_whose_midnight_ends_a_month_is_a_setting() -> None:
    # 17:30 in London on 31 October 2026 is 01:30 of 1 November in Shanghai.
    calls = [call(NUMBER, "2026-11-01T01:30", 3)]
    assert lines(one(calls).bill("2026-10"))["inbound"][0] == 0
    assert lines(one(calls, timezone="Europe/London").bill("2026-10"))["inbound"][0] == 3


def test_a_running_month_says_up_to_when() -> None:
    calls = [call(NUMBER, "2026-10-05T10:00", 3), call(NUMBER, "2026-10-20T10:00", 4)]
    bill = one(calls).bill("2026-10", at=moment("2026-10-10T12:00"))
    assert (bill.minutes, bill.until) == (3, "2026-10-10T12:00:00+08:00")


PURCHASE = [held(FOREVER, "stock", None), held("2026-10-12T00:00", "opened")]  # 20 of 31 days
RELEASE = [held(FOREVER, "bound"), held("2026-10-11T18:00", "released", None)]  # 10 of 31 days
SUSPENDED = [
    held(FOREVER, "bound"),
    held("2026-10-12T10:00", "suspended"),
    held("2026-10-22T10:00", "bound"),
]  # 10 days


@pytest.mark.parametrize(
    ("story", "rule", "value", "due"),
    [
        (PURCHASE, "first_month", "full", "375.00"),
        (PURCHASE, "first_month", "days", "241.94"),  # 375 × 20/31 = 241.935…
        (PURCHASE, "first_month", "none", "0.00"),
        (RELEASE, "last_month", "full", "375.00"),
        (RELEASE, "last_month", "days", "120.97"),  # 375 × 10/31 = 120.967…
        (RELEASE, "last_month", "none", "0.00"),
        (SUSPENDED, "suspended_days", "full", "375.00"),
        (SUSPENDED, "suspended_days", "days", "254.03"),  # 375 × 21/31 = 254.032…
        (SUSPENDED, "suspended_days", "none", "0.00"),
    ],
)
def test_the_minimum_of_a_month_that_is_not_whole(story: list, rule: str, value: str, due: str) -> None:
    bill = one(story=story, **{rule: value}).bill("2026-10")
    assert lines(bill)["minimum"] == (1, due)
    assert bill.choices[rule] == value


def test_the_months_before_and_after_are_none_of_its() -> None:
    assert one(story=PURCHASE).bill("2026-09").lines == ()
    assert one(story=RELEASE).bill("2026-11").lines == ()
    assert lines(one(story=PURCHASE, first_month="days").bill("2026-11"))["minimum"][1] == "375.00"


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("days", "181.45", "193.55"),  # 15 and 16 of 31 days
        ("new", "0.00", "375.00"),
        ("old", "375.00", "0.00"),
        ("both", "375.00", "375.00"),
    ],
)
def test_a_transfer_in_mid_month_divides_calls_by_moment_and_the_minimum_by_rule(rule: str, old: str, new: str) -> None:
    story = [
        held(FOREVER, "bound", A),
        held("2026-10-10T10:00", "transferring", A),
        held("2026-10-16T10:00", "bound", B),
    ]
    calls = [call(NUMBER, "2026-10-16T09:59:59", 4), call(NUMBER, "2026-10-16T10:00:00", 5)]
    made = World(calls, {NUMBER: story}, rules=replace(USUAL_RULES, transfer=rule))
    of_old, of_new = lines(made.bill("2026-10", A)), lines(made.bill("2026-10", B))
    assert (of_old["inbound"][0], of_new["inbound"][0]) == (4, 5)
    minimum = {"A": D(old) - D("0.80"), "B": D(new) - D("1.00")}
    assert D(of_old["minimum"][1]) == max(D(0), minimum["A"])
    assert D(of_new["minimum"][1]) == max(D(0), minimum["B"])


def test_bought_and_released_on_one_day() -> None:
    story = [
        held(FOREVER, "stock", None),
        held("2026-10-12T09:00", "opened"),
        held("2026-10-12T17:00", "released", None),
    ]
    assert lines(one(story=story).bill("2026-10"))["minimum"][1] == "375.00"
    assert lines(one(story=story, first_month="days", last_month="days").bill("2026-10"))["minimum"][1] == "0.00"


# -- packs ------------------------------------------------------------------------------------------------------------


def test_a_pack_covers_minutes_and_the_rest_is_billed() -> None:
    calls = [call(NUMBER, "2026-10-05T10:00", 7), call(NUMBER, "2026-10-06T10:00", 6)]
    bill = one(calls, packs=[pack(1, 10, "2026-10-01T00:00", "2027-01-01T00:00")]).bill("2026-10")
    found = lines(bill)
    assert (found["inbound"], found["inbound_pack"]) == ((3, "0.60"), (10, "0.00"))
    covered = next(line for line in bill.lines if line.code == "inbound_pack")
    assert (covered.list_price, covered.discount) == (D("2.00"), D("2.00"))
    assert bill.pack_use == {1: 10}


def test_a_pack_is_used_from_its_purchase_on_to_the_second_of_its_end() -> None:
    calls = [
        call(NUMBER, moment(text) + shift, 1)
        for text in ("2026-10-05T10:00:00", "2026-10-06T10:00:00")
        for shift in (-1, 0)
    ]
    bill = one(calls, packs=[pack(1, 10, "2026-10-05T10:00:00", "2026-10-06T10:00:00")]).bill("2026-10")
    # A second before the purchase and at the end: not covered; at the purchase, a second before the end: covered.
    assert (lines(bill)["inbound"][0], lines(bill)["inbound_pack"][0]) == (2, 2)


def test_the_pack_that_ends_first_is_used_first() -> None:
    packs = [pack(1, 10, "2026-10-01T00:00", "2027-01-01T00:00"), pack(2, 10, "2026-10-02T00:00", "2026-12-01T00:00")]
    made = one([call(NUMBER, "2026-10-05T10:00", 12)], packs=packs)
    assert made.bill("2026-10").pack_use == {1: 2, 2: 10}


def test_a_pack_is_split_over_the_end_of_a_month_and_never_goes_below_nothing() -> None:
    calls = [call(NUMBER, "2026-10-31T23:59:59", 6), call(NUMBER, "2026-11-01T00:00", 6)]
    made = one(calls, packs=[pack(1, 10, "2026-10-01T00:00", "2027-01-01T00:00")])
    assert [made.bill(month).pack_use for month in ("2026-10", "2026-11", "2026-12")] == [{1: 6}, {1: 4}, {}]
    assert made.draft("2026-11").waits_for == Month(2026, 10)
    assert lines(made.bill("2026-11"))["inbound"] == (2, "0.40")


def test_a_pack_covers_all_numbers_of_its_company_in_the_order_of_flow_entry() -> None:
    calls = [
        call(OTHER, "2026-10-05T10:00:01", 8),
        call(NUMBER, "2026-10-05T10:00:00", 5),
        call(NUMBER, "2026-10-06T10:00", 1),
    ]
    made = World(calls, {NUMBER: always(), OTHER: always()}, [pack(1, 10, "2026-10-01T00:00", "2027-01-01T00:00")])
    bill = made.bill("2026-10")
    assert (lines(bill)["inbound_pack"][0], lines(bill, OTHER)["inbound_pack"][0]) == (5, 5)


def test_a_pack_of_another_company_covers_nothing() -> None:
    made = one([call(NUMBER, "2026-10-05T10:00", 5)], packs=[pack(1, 10, "2026-10-01T00:00", "2027-01-01T00:00", B)])
    assert made.bill("2026-10").pack_use == {}
    assert [line.code for line in made.bill("2026-10", B).lines] == ["pack"]


@pytest.mark.parametrize(("counts", "minimum"), [(False, "375.00"), (True, "175.00")])
def test_whether_pack_use_counts_to_the_minimum_is_a_setting(counts: bool, minimum: str) -> None:
    held_already = pack(1, 10_000, "2026-09-30T00:00", "2026-12-30T00:00")
    made = one([call(NUMBER, "2026-10-05T10:00", 1_000)], packs=[held_already], pack_use_counts=counts)
    assert lines(made.bill("2026-10"))["minimum"][1] == minimum


@pytest.mark.parametrize(("allowed", "covered"), [(True, 10), (False, 0)])
def test_whether_packs_cover_calls_under_seats_is_a_setting(allowed: bool, covered: int) -> None:
    made = one([call(NUMBER, "2026-10-05T10:00", 10)], packs=[pack(1, 10, "2026-10-01T00:00", "2027-01-01T00:00")],
               modes=[mode("2026-10", "seats", 1)], packs_with_seats=allowed)  # fmt: skip
    assert sum(made.bill("2026-10").pack_use.values()) == covered


@pytest.mark.parametrize(
    ("minutes", "price", "each"),
    [(10_000, 1_900, "0.19"), (30_000, 5_400, "0.18"), (100_000, 17_000, "0.17"), (300_000, 48_000, "0.16"),
     (1_000_000, 150_000, "0.15")],
)  # fmt: skip
def test_the_packs_of_the_reference(minutes: int, price: int, each: str) -> None:
    assert TABLE.packs[minutes] == price
    assert TABLE.packs[minutes] / minutes == D(each)
    bill = one(packs=[pack(1, minutes, "2026-10-01T00:00", "2027-01-01T00:00")]).bill("2026-10")
    assert lines(bill, None) == {"pack": (1, f"{price}.00")}
    assert lines(one(packs=[pack(1, minutes, "2026-10-01T00:00", "2027-01-01T00:00")]).bill("2026-11"), None) == {}


@pytest.mark.parametrize(
    ("bought", "expires"),
    [
        ("2026-10-01T00:00:00", "2027-01-01T00:00:00"),
        ("2026-11-30T10:20:30", "2027-02-28T10:20:30"),
        ("2027-11-30T10:20:30", "2028-02-29T10:20:30"),
        ("2026-12-31T23:59:59", "2027-03-31T23:59:59"),
    ],
)
def test_a_pack_is_valid_for_three_months(bought: str, expires: str) -> None:
    assert months_later(moment(bought), 3, ZONE) == moment(expires)


# -- corrections, prices, money ---------------------------------------------------------------------------------------


def test_corrections_of_earlier_bills_stand_on_the_bill() -> None:
    credit = CorrectionRow(
        1, "B202609-0001", A, D("-50.00"), {"month": "2026-09", "kind": "credit"}, "漏接", 1.0, "li", None
    )
    made = one([call(NUMBER, "2026-10-05T10:00", 2_000)])
    made.fixed = [credit]
    draft = made.draft("2026-10")
    assert draft.bill.due == D("350.00")
    assert draft.corrections == (1,)
    assert made.draft("2026-09").corrections == ()


def test_a_month_is_billed_by_the_table_of_its_first_day() -> None:
    newer = replace(TABLE, since=TABLE.since.replace(year=2026, month=10, day=2))
    assert table_for((TABLE, newer), Month(2026, 10).first) is TABLE
    assert table_for((TABLE, newer), Month(2026, 11).first) is newer
    assert table_for((TABLE,), TABLE.since.replace(year=2020)) is None
    with pytest.raises(BillingError) as refused:
        one().bill("2020-01")
    assert refused.value.code == "no-prices"


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.0049", "0.00"), ("2.675", "2.68"), ("-0.005", "-0.01"), ("1.994999", "1.99")],
)
def test_half_a_fen_goes_up(amount: str, rounded: str) -> None:
    assert str(to_fen(D(amount))) == rounded
    assert str(to_fen(Fraction(amount))) == rounded
    assert of_fen(in_fen(D(rounded))) == D(rounded)


@pytest.mark.parametrize("text", ["2026", "2026-13", "10-2026", "2026-00", "二〇二六", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BillingError) as refused:
        Month.parse(text)
    assert refused.value.code == "bad-month"
    assert refused.value.message.zh
    assert refused.value.cure.zh


def test_every_line_and_every_choice_has_words_in_both_languages() -> None:
    assert set(LINE_TEXTS) == set(LINE_CODES)
    credit = CorrectionRow(
        1, "B202609-0001", A, D("-50.00"), {"month": "2026-09", "kind": "credit"}, "漏接", 1.0, "li", None
    )
    made = one([call(NUMBER, "2026-10-05T10:00", 20)], packs=[pack(1, 10, "2026-10-01T00:00", "2027-01-01T00:00")],
               modes=[mode("2026-10", "seats", 3)])  # fmt: skip
    made.fixed = [credit]
    bill = made.bill("2026-10")
    assert {line.code for line in bill.lines} == set(LINE_CODES)
    for line in bill.lines:
        said = item_of(line)
        assert said.en
        assert said.zh not in ("", said.en)
    every = [BillingRules(), BillingRules(pack_use_counts=True, packs_with_seats=False, minimum_of="tier",
             first_month="days", last_month="none", suspended_days="days", transfer="new")]  # fmt: skip
    for rules in every:
        choices = replace(made, rules=rules).bill("2026-10").choices
        assert all(said.en and said.zh for said in choice_texts(choices))
