"""Operations on models (JSON schemas) and request validators."""

from __future__ import annotations

from typing import Any

import orjson

from undercast.kit.call import Call
from undercast.services.apigateway import errors, model, pages, patches, storage
from undercast.services.apigateway.model import Document
from undercast.services.apigateway.patches import Field

_EMPTY = "Model schema must have at least 1 property or array items defined"
_NO_VALIDATOR = "Invalid Request Validator identifier specified"


async def create_model(call: Call, request: dict[str, Any]) -> Document:
    """Create a model."""
    api = await storage.find_api(call, request["restApiId"])
    name = request["name"]
    if not name:
        raise errors.BadRequestException("Model name must be non-empty")
    if not name.isalnum() or not name.isascii():
        raise errors.BadRequestException(f"Model name must be alphanumeric: {name}")
    if name in api["_models"]:
        raise errors.ConflictException("Model name already exists for this REST API")
    found = {"id": call.ids.alnum(6), "name": name, "description": request.get("description"),
             "schema": request.get("schema"), "contentType": request["contentType"]}  # fmt: skip
    _check_schema(found)
    api["_models"][name] = found
    await storage.save_api(call, api)
    return found


async def get_model(call: Call, request: dict[str, Any]) -> Document:
    """One model; with `flatten` the models it refers to stand in its definitions."""
    api = await storage.find_api(call, request["restApiId"])
    found = _model(api, request["modelName"])
    return {**found, "schema": flattened(api, found)} if request.get("flatten") else found


async def get_models(call: Call, request: dict[str, Any]) -> Document:
    """The models by name."""
    api = await storage.find_api(call, request["restApiId"])
    return pages.cut(list(api["_models"].values()), request, "name")


async def get_model_template(call: Call, request: dict[str, Any]) -> Document:
    """A mapping template that makes what the model describes."""
    found = _model(await storage.find_api(call, request["restApiId"]), request["modelName"])
    schema = orjson.loads(found["schema"])
    if schema.get("type") == "array":
        return {
            "value": "#set($inputRoot = $input.path('$'))\n[\n#foreach($elem in $inputRoot)\n  {} #if($foreach.hasNext),#end\n#end\n]"
        }
    lines = ",\n".join(f'  "{name}" : {_sample(part)}' for name, part in (schema.get("properties") or {}).items())
    return {"value": "#set($inputRoot = $input.path('$'))\n{\n" + lines + "\n}"}


async def update_model(call: Call, request: dict[str, Any]) -> Document:
    """Patch a model."""
    api = await storage.find_api(call, request["restApiId"])
    found = _model(api, request["modelName"])
    patches.apply(found, patches.of(request), {"/description": Field(), "/schema": Field()})
    _check_schema(found)
    await storage.save_api(call, api)
    return found


async def delete_model(call: Call, request: dict[str, Any]) -> None:
    """Delete a model that no method uses."""
    api = await storage.find_api(call, request["restApiId"])
    name = _model(api, request["modelName"])["name"]
    for resource, method in model.methods(api):
        responses = (method.get("methodResponses") or {}).values()
        used = [*(method.get("requestModels") or {}).values()]
        for response in responses:
            used += (response.get("responseModels") or {}).values()
        if name in used:
            raise errors.ConflictException(
                f"Cannot delete model '{name}', is referenced in method request: {resource['path']}/{method['httpMethod']}"
            )
    del api["_models"][name]
    await storage.save_api(call, api)


# --- request validators ---


async def create_request_validator(call: Call, request: dict[str, Any]) -> Document:
    """Create a validator."""
    missing = errors.BadRequestException("Invalid REST API identifier specified")
    api = await storage.find_api(call, request["restApiId"], missing)
    validator = {
        "id": call.ids.alnum(6),
        "name": request.get("name"),
        "validateRequestBody": request.get("validateRequestBody", False),
        "validateRequestParameters": request.get("validateRequestParameters", False),
    }
    api["_validators"][validator["id"]] = validator
    await storage.save_api(call, api)
    return validator


async def get_request_validator(call: Call, request: dict[str, Any]) -> Document:
    """One validator."""
    return (await _find_validator(call, request))[1]


async def get_request_validators(call: Call, request: dict[str, Any]) -> Document:
    """All validators."""
    api = await storage.find_api(call, request["restApiId"])
    return pages.cut(list(api["_validators"].values()), request)


async def update_request_validator(call: Call, request: dict[str, Any]) -> Document:
    """Patch a validator."""
    api, validator = await _find_validator(call, request)
    boolean = Field(read=patches.boolean)
    table = {"/name": Field(), "/validateRequestBody": boolean, "/validateRequestParameters": boolean}
    patches.apply(validator, patches.of(request), table)
    await storage.save_api(call, api)
    return validator


async def delete_request_validator(call: Call, request: dict[str, Any]) -> None:
    """Delete a validator that no method uses."""
    api, validator = await _find_validator(call, request)
    for resource, method in model.methods(api):
        if method.get("requestValidatorId") == validator["id"]:
            raise errors.ConflictException(
                f"Cannot delete request validator '{validator['id']}', is referenced in method: "
                f"{resource['path']}/{method['httpMethod']}"
            )
    del api["_validators"][validator["id"]]
    await storage.save_api(call, api)


async def _find_validator(call: Call, request: dict[str, Any]) -> tuple[Document, Document]:
    api = await storage.find_api(call, request["restApiId"], errors.NotFoundException(_NO_VALIDATOR))
    validator = api["_validators"].get(request["requestValidatorId"])
    if validator is None:
        raise errors.NotFoundException(_NO_VALIDATOR)
    return api, validator


# --- schemas ---


def flattened(api: Document, found: Document) -> str:
    """A model's schema in which other models stand under `definitions` instead of behind their URLs."""
    definitions: Document = {}

    def inline(part: Any) -> Any:
        if isinstance(part, list):
            return [inline(item) for item in part]
        if not isinstance(part, dict):
            return part
        reference = part.get("$ref")
        if isinstance(reference, str) and "/models/" in reference:
            name = reference.rpartition("/")[2]
            if name in api["_models"] and name not in definitions:
                definitions[name] = {}  # before its parts: models may refer to one another in a circle
                definitions[name] = inline(orjson.loads(api["_models"][name]["schema"]))
            return {**part, "$ref": f"#/definitions/{name}"}
        return {key: inline(value) for key, value in part.items()}

    schema = inline(orjson.loads(found["schema"]))
    if definitions:
        schema["definitions"] = {**schema.get("definitions", {}), **definitions}
    return orjson.dumps(schema).decode()


def _model(api: Document, name: str) -> Document:
    found: Document | None = api["_models"].get(name)
    if found is None:
        raise errors.NotFoundException(f"Invalid model name specified: {name}")
    return found


def _check_schema(found: Document) -> None:
    """A schema must be there, and JSON when it says so (recorded: test_model_validation)."""
    if not found.get("schema"):
        raise errors.BadRequestException(_EMPTY)
    if found["contentType"] != "application/json":
        return
    try:
        schema = orjson.loads(found["schema"])
    except ValueError as error:
        raise errors.BadRequestException(f"Invalid model schema specified: {error}") from None
    if not isinstance(schema, dict):
        raise errors.BadRequestException(_EMPTY)


def _sample(part: Document) -> str:
    return {"string": '"foo"', "number": "42", "integer": "42", "boolean": "true", "array": "[]"}.get(
        part.get("type", ""), "{}"
    )
