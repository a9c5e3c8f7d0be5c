"""Reading the original called number out of SIP header text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.model import HeaderName
from router.original_called import original_called
from simulator.carrier import original_called_header

NUMBER, OTHER, BASE = "4008001234", "4006005678", "01088880001"


@pytest.mark.parametrize(
    "text",
    [
        "<sip:4008001234@carrier.invalid>",
        "sip:4008001234@carrier.invalid",
        "sip:4008001234@carrier.invalid;tag=1",
        '"Hot, line <x>" <sip:+864008001234@10.0.0.1;user=phone>;tag=as1;x="a,b"',
        '"quote \\" <sip:4006005678@x>" <sip:4008001234@x>',
        "<sips:400-800-1234@x>",
        "<tel:+86-400-800-1234>",
        "<tel:4008001234;phone-context=+86>",
        "<sip:%34%30%308001234@x>",
        "<sip:4008001234:secret@x>",
        "<sip:4008001234;ext=12@x>",
        "<SIP:4008001234@x?Reason=Q.850%3Bcause%3D16>",
        "4008001234",
        " 400-800-1234 ",
    ],
)
@pytest.mark.parametrize("header", [None, "to", "p-called-party-id", "diversion", "history-info"])
def test_one_address_in_any_form(text: str, header: HeaderName | None) -> None:
    assert original_called(text, header) == NUMBER


@pytest.mark.parametrize("header", [None, "history-info"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<sip:{NUMBER}@n>;index=1, <sip:{BASE}@n;cause=380>;index=1.1;mp=1", NUMBER),
        (f"<sip:{BASE}@n;cause=380>;index=1.1;mp=1, <sip:{NUMBER}@n>;index=1", NUMBER),  # order of the text is free
        # a 400 number diverted to another: the one that was translated is the called one
        (
            f"<sip:{OTHER}@n>;index=1, <sip:{NUMBER}@n;cause=302>;index=1.1, <sip:{BASE}@n;cause=380>;index=1.1.1",
            NUMBER,
        ),
        (f"<sip:{NUMBER}@n>;index=1, <sip:{OTHER}@n;cause=302>;index=1.10", NUMBER),  # no mark: the earliest
        (f"<sip:{BASE}@n>;index=1, <sip:{NUMBER}@n>;index=1.2, <sip:{OTHER}@n>;index=1.10", NUMBER),
        (f"<sip:{BASE}@n;cause=380>;index=1, <sip:{NUMBER}@n>;index=1.1", NUMBER),  # nothing before the mark
        # a branch tried in between is not what was translated
        (
            f"<sip:{NUMBER}@n>;index=1, <sip:{OTHER}@n;cause=486>;index=1.1, <sip:{BASE}@n;cause=380>;index=1.2",
            NUMBER,
        ),
        (f"<sip:{BASE}@n>;index=1", None),
    ],
)
def test_history_info(text: str, expected: str | None, header: HeaderName | None) -> None:
    assert original_called(text, header) == expected


@pytest.mark.parametrize("header", [None, "diversion"])
def test_the_last_diversion_is_the_first_that_happened(header: HeaderName | None) -> None:
    text = f'<sip:{OTHER}@n>;reason=no-answer;counter=1, "x" <sip:{NUMBER}@n>;reason="unconditional"'
    assert original_called(text, header) == NUMBER


def test_only_the_first_address_of_a_single_valued_header_counts() -> None:
    assert original_called(f"<sip:{BASE}@n>, <sip:{NUMBER}@n>", "to") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",,,,",
        "<",
        "<>",
        "<sip:@>",
        "<sip:4008001234",
        "sip:4008001234",  # a host, not a user
        "<sip:40080012345@x>",
        "<sip:01088880001@x>",
        "<sip:anonymous@anonymous.invalid>",
        "<sip:%00%ff4008001234@x>",
        "<sip:4008001234%0d%0aVia:x@x>",
        "<sip:%2534008001234@x>",  # escaped twice is not decoded twice
        "<mailto:4008001234@x>",
        '"<sip:4008001234@x>',
        "4008001234@x",
        "\x00" * 100,
        "<sip:" + "4" * 4000 + "@x>",
        "<sip:4008001234@x>" + " " * 4096,
        "<sip:1@x>," * 400,
        ";index=" + "9" * 4000,
    ],
)
@pytest.mark.parametrize("header", [None, "to", "diversion", "history-info"])
def test_hostile_or_empty_text_names_nothing(text: str, header: HeaderName | None) -> None:
    assert original_called(text, header) is None


def test_entries_beyond_the_bound_are_not_read() -> None:
    text = "<sip:1@x>;index=1," * 40 + f"<sip:{NUMBER}@x>;index=2"
    assert original_called(text, "history-info") is None


@pytest.mark.parametrize("header", ["p-called-party-id", "history-info", "diversion", "to"])
def test_what_the_simulated_carrier_writes_is_read_back(header: HeaderName) -> None:
    _, value = original_called_header(header, NUMBER, BASE)
    assert original_called(value, header) == NUMBER
    assert original_called(value) == NUMBER


pieces = st.sampled_from(
    [
        "<", ">", '"', "\\", ",", ";", "=", "@", ":", "?", "%", "%34", "sip:", "tel:", NUMBER, OTHER, BASE,
        "index=1", "index=1.1", "cause=380", "reason=", " ", "\r\n", "\x00", "é", "转",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(st.text(max_size=80), st.lists(pieces, max_size=30).map("".join)),
    header=st.sampled_from([None, "to", "diversion", "history-info", "p-called-party-id"]),
)
def test_any_text_gives_a_400_number_or_nothing(text: str, header: HeaderName | None) -> None:
    found = original_called(text, header)
    assert found is None or (len(found) == 10 and found.startswith("400") and found.isdigit())
