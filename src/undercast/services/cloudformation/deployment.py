"""Makes a stack's resources what its template says, in the order of their dependencies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import orjson

from undercast.engines.resource_schemas import failure, schema
from undercast.engines.templates import Bound, Known, Resolved, ResolvedOutput, TemplateError, property_changes
from undercast.kit.errors import ServiceError
from undercast.services.cloudformation import actions, lookups, storage
from undercast.services.cloudformation.model import Design, Resource, known_of
from undercast.services.cloudformation.policies import denial
from undercast.services.cloudformation.resources import handler_of
from undercast.services.cloudformation.run import Run

Found = TypeVar("Found", Resolved, ResolvedOutput)


class StackFailure(Exception):
    """The whole stack fails, not a resource of it; the message is the reason."""


async def deploy(run: Run) -> bool:
    """Make what is ready to be made; whether the stack's status changed."""
    stack = run.stack
    design = stack.target or stack.current
    assert design is not None
    if stack.failure:
        return _fail(run)
    try:
        bound = design.bind(stack.pseudo)
        graph, rows = bound.graph(), run.rows
        known = known_of(rows)
        for name in graph.order():
            if run.budget <= 0:
                return False
            if _is_ready(rows, stack.operation, graph.dependencies[name], name):
                run.budget -= 1
                await _make(run, bound, known, name, graph.dependencies[name])
                rows = run.rows
                if rows[name].failed:
                    break
                _learn(known, rows[name])
        wanted = [rows.get(name) for name in bound.resources]
        if any(row and row.failed and row.operation == stack.operation for row in wanted):
            return _fail(run)
        if all(row and row.operation == stack.operation and not row.in_progress for row in wanted):
            await _finish(run, bound, known)
            return True
    except (TemplateError, StackFailure) as error:
        stack.failure = str(error)
        return _fail(run)
    return False


def _is_ready(rows: dict[str, Resource], operation: int, dependencies: frozenset[str], name: str) -> bool:
    row = rows.get(name)
    if row and row.operation == operation:
        return False
    needed = (rows.get(other) for other in dependencies)
    return all(one and one.operation == operation and not one.in_progress and not one.failed for one in needed)


def _learn(known: Known, row: Resource) -> None:
    if row.physical_id and not row.in_progress:
        known.refs[row.logical_id] = row.attributes.get("", row.physical_id)
        known.attributes[row.logical_id] = {**row.properties, **row.attributes}


# --- one resource ---


async def _make(run: Run, bound: Bound, known: Known, name: str, dependencies: frozenset[str]) -> None:
    """Create or change one resource, or see that it is right already."""
    wanted = bound.resources[name]
    row = run.rows.get(name)
    fresh = row is None or row.gone or not row.physical_id
    if fresh:
        if row:
            run.drop(row)
        row = Resource(name, run.call.ids.sequence(), wanted.type, created_in=run.stack.operation)
        run.add(row)
    assert row is not None
    row.depends = sorted(dependencies)
    row.operation = run.stack.operation
    try:
        row.wanted = await _properties(run, bound, known, name)
        row.shown = _shown(bound, known, name)
        _keep_policies(row, bound.attributes(name, known))
    except TemplateError as error:
        run.record(row, "CREATE_FAILED" if fresh else "UPDATE_FAILED", str(error))
        return
    run.touch(row)
    if fresh:
        run.record(row, "CREATE_IN_PROGRESS")
        if not _refused(run, row, "CREATE_FAILED"):
            await actions.begin(run, row, "create")
    else:
        await _change(run, row)


async def _change(run: Run, row: Resource) -> None:
    """Update or replace a resource that is there, if it is not as it should be."""
    design = run.stack.target or run.stack.current
    assert design is not None
    found = list(property_changes(row.properties, row.wanted))
    retried = row.failed  # it may be half changed
    if not found and not retried and not (row.tags != design.tags and _is_taggable(row)):
        return
    types = schema(row.type)
    replaced = types is not None and any(types.requires_replacement(one.path) == "Always" for one in found)
    word = "Update:Replace" if replaced else "Update:Modify"
    policy = run.stack.update_policy or run.stack.policy
    if run.stack.target and (reason := denial(policy, word, row.logical_id, row.type)):
        run.record(row, "UPDATE_FAILED", reason)
        return
    if replaced:
        if name := _kept_name(row, found):
            run.record(row, "UPDATE_FAILED", f"CloudFormation cannot update a stack when a custom-named resource "
                       f"requires replacing. Rename {name} and update the stack again.")  # fmt: skip
        elif not _refused(run, row, "UPDATE_FAILED"):
            await actions.supersede(run, row)
        return
    run.record(row, "UPDATE_IN_PROGRESS")
    if not _refused(run, row, "UPDATE_FAILED"):
        await actions.begin(run, row, "update")


def _refused(run: Run, row: Resource, status: str) -> bool:
    """Whether the schema, or what Undercast has, does not permit the properties; then the resource has failed."""
    types, does = schema(row.type), handler_of(row.type)
    checked = types.check(row.wanted) if types else None
    if checked and checked.problems:
        run.record(row, status, failure(row.logical_id, checked.problems))
        return True
    if checked:
        row.wanted = checked.properties
    if does is None:
        run.record(row, status, f"Resource type {row.type} is not supported by Undercast yet")
        return True
    if inert := does.unsupported(row.wanted):
        run.record(row, status, f"Properties [{', '.join(inert)}] of {row.type} are not supported by Undercast yet")
        return True
    return False


def _kept_name(row: Resource, found: list[Any]) -> str:
    """The name that the resource and its successor would have in common, if the template gives it."""
    types = schema(row.type)
    if types is None or len(types.primary_identifier) != 1 or row.type.startswith(("AWS::CloudFormation", "Custom::")):
        return ""
    given = types.primary_identifier[0]
    if given not in row.wanted:
        alternatives = [one for one in ("QueueName", "TopicName") if one in row.wanted]
        given = alternatives[0] if alternatives else ""
    same = given and row.properties.get(given) == row.wanted.get(given)
    return str(row.wanted[given]) if same else ""


def _is_taggable(row: Resource) -> bool:
    types = schema(row.type)
    return types is not None and bool(types.document.get("tagging", {}).get("tagProperty"))


def _keep_policies(row: Resource, attributes: dict[str, Any]) -> None:
    row.deletion_policy = attributes.get("DeletionPolicy", "Delete")
    row.replace_policy = attributes.get("UpdateReplacePolicy", "Delete")
    row.metadata = attributes.get("Metadata")


async def _properties(run: Run, bound: Bound, known: Known, name: str) -> dict[str, Any]:
    """A resource's properties, with all that is looked up: exports and dynamic references."""
    value: dict[str, Any] = (await _resolved(run, known, partial(bound.properties, name, known))).value
    types = schema(bound.resources[name].type)
    return types.check(value).properties if types else value


async def _resolved(run: Run, known: Known, resolve: Callable[[], Found]) -> Found:
    """What `resolve` gives once all is known that it needs from elsewhere."""
    while True:
        found = resolve()
        wanted = [need for need in found.missing if need.kind in ("Export", "Dynamic")]
        if not wanted:
            return found
        for need in wanted:
            await _look_up(run, known, need.kind, need.name)


async def _look_up(run: Run, known: Known, kind: str, name: str) -> None:
    if kind == "Dynamic":
        known.dynamic = {**known.dynamic, name: await lookups.dynamic(run.call, name)}
        return
    found = await storage.find_export(run.call, name)
    if found is None:
        raise StackFailure(f"No export named {name} found.")
    await storage.add_import(run.call, name, run.stack.id)
    known.exports = {**known.exports, name: found[1]}


def _shown(bound: Bound, known: Known, name: str) -> dict[str, Any]:
    """The properties as events show them: without secrets."""
    public = Known(known.refs, known.attributes, known.exports)
    text = orjson.dumps(bound.properties(name, public).value).decode()
    for parameter, one in bound.template.parameters.items():
        secret = bound.arguments.texts.get(parameter, "")
        if one.no_echo and len(secret) > 2:
            text = text.replace(orjson.dumps(secret).decode()[1:-1], "****")
    value: dict[str, Any] = orjson.loads(text)
    return value


# --- the end ---


def _fail(run: Run) -> bool:
    """Once nothing is at work any more, give up: roll back, or stay as it is."""
    stack, operation = run.stack, run.stack.operation
    if any(row.acting for row in run.everything):
        return False
    for row in run.everything:
        if row.in_progress and row.operation == operation:
            row.token = ""
            word = row.status.removesuffix("_IN_PROGRESS")
            run.record(row, f"{word}_FAILED", f"Resource {'creation' if word == 'CREATE' else 'update'} cancelled")
    failed = [row for row in run.everything if row.failed and row.operation == operation]
    verb = "create" if any(row.status == "CREATE_FAILED" for row in failed) else "update"
    names = ", ".join(row.logical_id for row in failed)
    reason = stack.failure or f"The following resource(s) failed to {verb}: [{names}]."
    stack.failure, stack.failed_reason = "", reason
    if stack.status == "CREATE_IN_PROGRESS":
        _fail_creation(run, reason)
    elif stack.status == "UPDATE_ROLLBACK_IN_PROGRESS":
        run.enter("UPDATE_ROLLBACK_FAILED", reason)
    elif stack.disable_rollback:
        run.enter("UPDATE_FAILED", reason)
    else:
        begin_update_rollback(run, reason)
    return True


def _fail_creation(run: Run, reason: str) -> None:
    stack = run.stack
    stack.current, stack.target = stack.target, None
    if stack.on_failure == "DO_NOTHING":
        run.enter("CREATE_FAILED", reason)
        return
    stack.operation = run.call.ids.sequence()
    if stack.on_failure == "DELETE":
        run.enter("DELETE_IN_PROGRESS", f"{reason} Delete requested by user.")
    else:
        run.enter("ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user.")


def begin_update_rollback(run: Run, reason: str) -> None:
    """Go back to what was deployed: replaced resources take their place again, the rest follows by deploying."""
    stack = run.stack
    stack.target = None
    stack.operation = run.call.ids.sequence()
    for old in [row for row in run.everything if row.superseded]:
        for new in run.everything:
            if new.logical_id == old.logical_id and not new.superseded:
                new.superseded = True
                run.touch(new)
        old.superseded = False
        run.touch(old)
    run.enter("UPDATE_ROLLBACK_IN_PROGRESS", reason)


async def _finish(run: Run, bound: Bound, known: Known) -> None:
    """All resources are right: work out outputs and exports."""
    stack = run.stack
    outputs, exports = await _outputs(run, bound, known)
    await _check_exports(run, exports)
    gone = [row for row in run.rows.values() if row.logical_id not in bound.resources]
    for row in gone:
        policy = stack.update_policy or stack.policy
        if stack.target and (reason := denial(policy, "Update:Delete", row.logical_id, row.type)):
            raise StackFailure(reason)
    await storage.set_exports(run.call, stack.id, exports)
    await storage.set_imports(run.call, stack.id, bound.needs(known_of(run.rows)).exports)
    design = stack.target or stack.current
    assert design is not None
    stack.current, stack.target, stack.outputs = design, None, outputs
    stack.parameters = design.shown_parameters(bound)
    stack.description = bound.template.description or ""
    if stack.status == "CREATE_IN_PROGRESS":
        run.enter("CREATE_COMPLETE")
    else:
        word = "UPDATE_ROLLBACK" if stack.status == "UPDATE_ROLLBACK_IN_PROGRESS" else "UPDATE"
        run.enter(f"{word}_COMPLETE_CLEANUP_IN_PROGRESS")


async def _outputs(run: Run, bound: Bound, known: Known) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The Outputs member of answers, and export name -> value."""
    outputs, exports = [], {}
    for name in bound.outputs:
        output = await _resolved(run, known, partial(bound.output, name, known))
        shown = {"OutputKey": name, "OutputValue": output.value}
        if output.description:
            shown["Description"] = output.description
        if output.export_name:
            shown["ExportName"] = output.export_name
            exports[output.export_name] = output.value
        outputs.append(shown)
    return outputs, exports


async def _check_exports(run: Run, exports: dict[str, str]) -> None:
    stack = run.stack
    for name in exports:
        found = await storage.find_export(run.call, name)
        if found and found[0] != stack.id:
            owner = await storage.find_stack(run.call, found[0])
            raise StackFailure(f"Export with name {name} is already exported by stack {owner.name}.")
    for name, value in (await storage.exports_of(run.call, stack.id)).items():
        if exports.get(name) != value and (users := await storage.importers(run.call, name)):
            word = "update" if name in exports else "delete"
            raise StackFailure(f"Cannot {word} export {name} as it is in use by {' and '.join(users)}")


async def resolve_all(run: Run, design: Design) -> tuple[Bound, Known]:
    """A design bound, with what it imports and looks up as far as that is there now: for change sets."""
    bound, known = design.bind(run.stack.pseudo), known_of(run.rows)
    needs = bound.needs(known)
    for name in needs.exports:
        if found := await storage.find_export(run.call, name):
            known.exports = {**known.exports, name: found[1]}
    for reference in needs.dynamic:
        try:
            known.dynamic = {**known.dynamic, reference.text: await lookups.dynamic(run.call, reference.text)}
        except (ServiceError, TemplateError):
            continue  # the deployment will say what is wrong with it
    return bound, known
