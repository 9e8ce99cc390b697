"""Build the compact resource schemas and IAM actions of `undercast.engines.resource_schemas` from cfn-lint's wheel.

    pip download cfn-lint --no-deps -d /some/folder
    python tools/build_resource_schemas.py /some/folder/cfn_lint-*.whl

The wheel is only read, never imported. Written are `data/schemas.zip` (one small JSON per resource type),
`data/iam_actions.json.gz` and `data/SOURCE.md`, the note of where they come from.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "src/undercast/engines/resource_schemas/data"
REGION = "us-east-1"
EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time in the archive, so that the same wheel gives the same bytes

KEPT_AT_TOP = {
    "typeName", "properties", "definitions", "required", "additionalProperties", "patternProperties",
    "readOnlyProperties", "createOnlyProperties", "conditionalCreateOnlyProperties", "writeOnlyProperties",
    "primaryIdentifier", "additionalIdentifiers", "deprecatedProperties", "replacementStrategy", "tagging",
    "oneOf", "anyOf", "allOf", "requiredXor", "requiredOr", "dependentRequired", "dependentExcluded",
}  # fmt: skip
DROPPED = {"description", "title", "examples", "$comment", "relationshipRef", "insertionOrder", "default"}


def main(wheel_path: str) -> None:
    """Read the wheel and write the data files."""
    DATA.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel_path) as wheel:
        schemas = read_schemas(wheel)
        actions = read_actions(wheel)
        licence = next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("licenses/LICENSE"))
        date = json.loads(wheel.read("cfnlint/data/schemas/version.json"))["schema_date"]
    write_schemas(schemas)
    packed = json.dumps(actions, separators=(",", ":"), sort_keys=True).encode()
    (DATA / "iam_actions.json.gz").write_bytes(gzip.compress(packed, 9, mtime=0))
    (DATA / "SOURCE.md").write_text(note(Path(wheel_path).name, date, len(schemas), licence))


def read_schemas(wheel: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """All resource types of the region, each without what only people read."""
    index = json.loads(wheel.read(f"cfnlint/data/schemas/providers/{REGION}.json"))
    return {
        type_name: compact(json.loads(wheel.read(f"cfnlint/data/schemas/resources/{digest}.json")))
        for type_name, digest in sorted(index.items())
    }


def compact(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema's keywords that decide something."""
    kept = {key: stripped(value) for key, value in schema.items() if key in KEPT_AT_TOP - {"properties", "definitions"}}
    for members in ("properties", "definitions"):
        kept[members] = {name: stripped(value) for name, value in schema.get(members, {}).items()}
    kept.get("tagging", {}).pop("permissions", None)
    return kept


def stripped(node: Any) -> Any:
    """`node` without descriptions and the like; names of properties are never taken for keywords."""
    if isinstance(node, list):
        return [stripped(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {}
    for key, value in node.items():
        if key in ("properties", "patternProperties", "definitions") and isinstance(value, dict):
            result[key] = {name: stripped(item) for name, item in value.items()}
        elif key not in DROPPED and not (key == "format" and str(value).startswith("AWS::")):
            result[key] = stripped(value)
    return result


def write_schemas(schemas: dict[str, dict[str, Any]]) -> None:
    """One entry per type, so that a type is found by the archive's own index and read alone."""
    with zipfile.ZipFile(DATA / "schemas.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for type_name, schema in schemas.items():
            entry = zipfile.ZipInfo(type_name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, json.dumps(schema, separators=(",", ":")))


def read_actions(wheel: zipfile.ZipFile) -> dict[str, Any]:
    """Service prefix -> {"actions": {lower-case action: [resource type, ...]}, "resources": {type: [ARN patterns]},
    "keys": {resource type: [condition keys]}}."""
    policies = json.loads(wheel.read("cfnlint/data/AdditionalSpecs/Policies.json"))
    return {prefix: compact_service(service) for prefix, service in policies.items()}


def compact_service(service: dict[str, Any]) -> dict[str, Any]:
    resources = service.get("Resources", {})
    return {
        "actions": {name: action.get("Resources", []) for name, action in service.get("Actions", {}).items()},
        "resources": {name: resource.get("ARNFormats", []) for name, resource in resources.items()},
        "keys": {
            name: resource["ConditionKeys"] for name, resource in resources.items() if resource.get("ConditionKeys")
        },
    }


def note(wheel: str, date: str, count: int, licence: str) -> str:
    version = re.match(r"cfn_lint-([^-]+)-", wheel)
    return (
        f"# Where this data comes from\n\n`schemas.zip` ({count} resource types of {REGION}, schemas of {date}) and "
        f"`iam_actions.json.gz` are taken from the wheel of\ncfn-lint {version[1] if version else wheel} "
        "(https://github.com/aws-cloudformation/cfn-lint) by `tools/build_resource_schemas.py`,\nwhich drops what only "
        f"people read (descriptions, titles, examples). Its licence, MIT No Attribution (MIT-0):\n\n{licence}"
    )


if __name__ == "__main__":
    main(sys.argv[1])
