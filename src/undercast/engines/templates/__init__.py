"""CloudFormation templates: read, check, evaluate, order and compare them. Pure: no I/O, no clock, nothing awaited.

What needs the platform is first collected, then given as values. A service creates a stack like this:

    >>> template = load('''
    ... Parameters: {Prefix: {Type: String, Default: shop}}
    ... Resources:
    ...   Orders: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Sub "${Prefix}-orders"}}
    ...   Mapping:
    ...     Type: AWS::SSM::Parameter
    ...     Properties: {Type: String, Value: !GetAtt Orders.Arn}
    ... Outputs:
    ...   Url: {Value: !Ref Orders, Export: {Name: !Sub "${AWS::StackName}:url"}}
    ... ''')
    >>> pseudo = Pseudo("111122223333", "eu-west-1", "arn:aws:cloudformation:…:stack/s/1", "s")
    >>> template.needs({}).macros                      # 1. macros, and SSM parameters to read
    ()
    >>> stack = template.bind({}, pseudo)              # 2. parameters checked, conditions decided
    >>> stack.needs().exports                          # 3. exports and dynamic references to look up, into `Known`
    frozenset()
    >>> stack.graph().levels()                         # 4. make the resources, level by level
    [['Orders'], ['Mapping']]
    >>> known = Known()
    >>> stack.properties("Orders", known).value
    {'QueueName': 'shop-orders'}
    >>> known.refs["Orders"], known.attributes["Orders"] = "https://queue", {"Arn": "arn:orders"}
    >>> stack.properties("Mapping", known).value["Value"]
    'arn:orders'
    >>> output = stack.output("Url", known)            # 5. outputs
    >>> output.value, output.export_name
    ('https://queue', 's:url')

While something is not known yet, `stack.properties(...).missing` says what, and UNKNOWN stands in its place.
A template with macros (`template.macros`) is expanded before it is bound; the caller runs those it alone can run:

    steps = expansion(template, given, pseudo, ssm)
    call = next(steps)                                 # a MacroCall; StopIteration.value is the expanded template
    while True:
        call = steps.send(await run_the_macro(call))

`template.check_types(types)` and `template.check_attributes(schema)` check against the resource types there are.
An update is `changes(Deployed(old_stack, known, properties), new_stack, schema)`. Everything wrong with a template or
with what is given for it raises TemplateError, whose message is AWS's.
"""

from __future__ import annotations

from undercast.engines.templates.bound import Bound, Resolved, ResolvedOutput
from undercast.engines.templates.changes import Change, Deployed, Detail, PropertyChange, changes, property_changes
from undercast.engines.templates.errors import TemplateError
from undercast.engines.templates.evaluation import Known, Need
from undercast.engines.templates.graph import Graph
from undercast.engines.templates.parameters import Arguments, Parameter
from undercast.engines.templates.parts import Needs, Output, Resource
from undercast.engines.templates.pseudo import Pseudo
from undercast.engines.templates.references import DynamicReference
from undercast.engines.templates.template import Template, load
from undercast.engines.templates.text import UNKNOWN
from undercast.engines.templates.transforms import MacroCall, expansion

__all__ = [
    "UNKNOWN",
    "Arguments",
    "Bound",
    "Change",
    "Deployed",
    "Detail",
    "DynamicReference",
    "Graph",
    "Known",
    "MacroCall",
    "Need",
    "Needs",
    "Output",
    "Parameter",
    "PropertyChange",
    "Pseudo",
    "Resolved",
    "ResolvedOutput",
    "Resource",
    "Template",
    "TemplateError",
    "changes",
    "expansion",
    "load",
    "property_changes",
]
