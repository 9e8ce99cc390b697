"""The order of resources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undercast.engines.templates import Graph, TemplateError


def test_every_kind_of_dependency(stack):
    queue = {"Type": "AWS::SQS::Queue"}
    bound = stack.bind(
        {
            "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}},
            "Resources": {
                "F": {**queue, "Properties": {"Q": {"Fn::If": ["Yes", {"Ref": "A"}, {"Ref": "E"}]}}},
                "A": {**queue, "Properties": {"Q": {"Fn::GetAtt": ["B", "Arn"]}}},
                "B": {**queue, "Properties": {"Q": {"Fn::Sub": ["${C.Arn} ${X}", {"X": {"Ref": "D"}}]}}},
                "C": {**queue, "DependsOn": "D"},
                "D": queue,
                "E": queue,
            },
        }
    )
    assert bound.graph().levels() == [["D", "E"], ["C"], ["B"], ["A"], ["F"]]
    assert bound.graph().dependencies["F"] == {"A"}


def test_a_circle_is_an_error(stack):
    queue = {"Type": "AWS::SQS::Queue"}
    bound = stack.bind(
        {
            "Resources": {
                "A": {**queue, "Properties": {"Q": {"Ref": "B"}}},
                "B": {**queue, "DependsOn": "A"},
                "After": {**queue, "DependsOn": "A"},
                "Before": queue,
            }
        }
    )
    with pytest.raises(TemplateError) as caught:
        bound.graph()
    assert caught.value.message == "Circular dependency between resources: [A, B]"


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=40))
def test_order_respects_dependencies_or_there_is_a_circle(edges):
    needed = {str(name): frozenset(str(low) for high, low in edges if high == name) for name in range(16)}
    graph = Graph(needed)
    try:
        order = graph.order()
    except TemplateError as error:
        circle = error.message.removeprefix("Circular dependency between resources: [").rstrip("]").split(", ")
        assert all(needed[name] & set(circle) for name in circle)
        return
    assert sorted(order) == sorted(needed)
    assert all(order.index(low) < order.index(high) for high in order for low in needed[high])
    assert [name for level in graph.levels() for name in level] == order
