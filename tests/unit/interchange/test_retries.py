"""Ways back to an input become its retries where they are retries."""

from __future__ import annotations

from ivr_flows.interchange.complete import complete
from ivr_flows.interchange.graph import END, Graph, Node
from ivr_flows.interchange.retries import BOUND, fold_retries


def graph_of(*nodes: Node) -> Graph:
    graph = Graph("test", start=nodes[0].key)
    for node in nodes:
        graph.add(node)
    complete(graph)
    fold_retries(graph)
    return graph


def menu(**on: str) -> Node:
    keys = {name.removeprefix("key_"): target for name, target in on.items()}
    return Node("menu", "menu", {"prompt": "Press 1.", "retries": 0}, on=keys, origin="menu")


def end() -> Node:
    return Node("bye", "hangup", {"": "normal"})


def test_a_counted_way_back_with_an_apology_is_folded_whole():
    graph = graph_of(
        menu(key_1="bye", no_input="count", no_match="count"),
        Node("count", "loop", {"": 2}, on={"again": "sorry", "done": "bye"}, origin="Loop"),
        Node("sorry", "play", {"": "Nothing heard."}, next="menu", origin="Sorry"),
        end(),
    )
    assert set(graph.nodes) == {"menu", "bye"}
    made = graph.nodes["menu"]
    assert made.options == {
        "prompt": "Press 1.",
        "retries": 2,
        "no_input_prompt": "Nothing heard.",
        "no_match_prompt": "Nothing heard.",
    }
    assert made.on == {"1": "bye", "no_input": "bye", "no_match": "bye"}
    assert graph.lost == []
    assert made.remarks == ["with its retries from Loop", "with its retries from Sorry"]


def test_ways_back_without_a_bound_get_one_that_is_reported():
    graph = graph_of(
        menu(key_1="bye", no_input="late", no_match="wrong"),
        Node("late", "play", {"": "Too late."}, next="menu"),
        Node("wrong", "play", {"": "Wrong."}, next="menu"),
        end(),
    )
    made = graph.nodes["menu"]
    assert made.options["retries"] == BOUND
    assert (made.options["no_input_prompt"], made.options["no_match_prompt"]) == ("Too late.", "Wrong.")
    assert graph.nodes[made.on["no_input"]].type == "hangup"
    assert [entry.parameter for entry in graph.lost] == ["retries"]


def test_one_way_back_of_two_is_bounded_by_a_loop_since_retries_count_both():
    graph = graph_of(menu(key_1="bye", no_input="menu", no_match="bye"), end())
    made = graph.nodes["menu"]
    assert made.options["retries"] == 0
    loop = graph.nodes[made.on["no_input"]]
    assert (loop.type, loop.options, loop.on) == ("loop", {"": BOUND}, {"again": "menu", "done": "bye"})
    assert made.on["no_match"] == "bye"


def test_a_prompt_that_others_need_too_is_not_folded_away():
    graph = graph_of(
        Node("hello", "play", {"": "Hello."}, next="menu"), menu(key_1="bye", no_input="hello", no_match="hello"), end()
    )
    assert "hello" in graph.nodes
    assert graph.nodes["menu"].options["retries"] == 0
    assert graph.nodes[graph.nodes["menu"].on["no_input"]].type == "loop"


def test_a_key_that_repeats_the_menu_is_no_retry():
    graph = graph_of(menu(key_1="bye", key_9="menu", no_input="bye", no_match="bye"), end())
    assert graph.nodes["menu"].on["9"] == "menu"
    assert graph.lost == []


def test_what_happens_on_the_way_back_is_kept():
    graph = graph_of(
        menu(key_1="bye", no_input="ask", no_match="ask"),
        Node("ask", "fetch", {"url": "https://x.example"}, on={"ok": "menu", "error": "bye"}),
        end(),
    )
    bound = graph.nodes[graph.nodes["menu"].on["no_input"]]
    assert (bound.type, bound.on["again"], bound.on["done"]) == ("loop", "ask", END)
    assert graph.nodes["menu"].on["no_match"] == "ask"
    assert graph.nodes["menu"].options["retries"] == 0


def test_a_loop_that_leads_back_when_it_is_over_bounds_nothing():
    graph = graph_of(
        menu(key_1="bye", no_input="tries", no_match="tries"),
        Node("tries", "loop", {"": 2}, on={"again": "menu", "done": "decide"}),
        Node("decide", "branch", cases=[("digits == '1'", "bye")], otherwise="menu"),
        end(),
    )
    assert graph.nodes["menu"].options["retries"] == 2
    bound = graph.nodes[graph.nodes["menu"].on["no_input"]]
    assert (bound.type, bound.on) == ("loop", {"again": "decide", "done": END})


def test_a_round_of_prompts_is_bounded():
    graph = graph_of(
        Node("a", "play", {"": "A."}, next="b", origin="a"), Node("b", "play", {"": "B."}, next="a", origin="b")
    )
    assert any(node.type == "loop" for node in graph.nodes.values())
    assert [entry.parameter for entry in graph.lost] == ["next"]
