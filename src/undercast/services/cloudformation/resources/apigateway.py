"""AWS::ApiGateway: REST APIs and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation.resources.apigateway_patches import differences, stage_settings, usage_plan
from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    NeedsReplacement,
    Work,
    content_of,
    document,
    is_gone,
    lower_first,
    unless_gone,
)

_MAPS = (  # below these, names are the customer's
    "Variables", "RequestParameters", "RequestTemplates", "RequestModels", "ResponseParameters", "ResponseTemplates",
    "ResponseModels", "StageVariableOverrides",
)  # fmt: skip
_OWN_NAME = {  # property -> parameter, where a small first letter is not all
    "ApiKeySourceType": "apiKeySource",
    "UsagePlanName": "name",
    "RequestValidatorId": "requestValidatorId",
    "StageKeys": "stageKeys",
    "CanarySetting": "canarySettings",
    "DeploymentCanarySettings": "canarySettings",
    "ProviderARNs": "providerARNs",
}


class Part(Handler):
    """A part of an API, or an API's key, that is made by one operation with parameters named like its properties.

    noun         of the operations: `create_{noun}`, `update_{noun}`, `delete_{noun}`
    id           the parameter of update and delete that is the physical id, and the answer's member
    member       that member of the answer to `create`, when it is not "id"
    attribute    what Fn::GetAtt calls the id
    creates      the whole name of the first operation, when it is not `create_…`
    """

    service = "apigateway"

    def __init__(
        self, type: str, noun: str, id: str, *, member: str = "id", attribute: str = "", creates: str = "",
        documents: tuple[str, ...] = (), named: bool = False, tagged: bool = False,
    ) -> None:  # fmt: skip
        self.type, self.noun, self.id, self.member = f"AWS::ApiGateway::{type}", noun, id, member
        self.attribute, self.documents, self.named, self.tagged = attribute, documents, named, tagged
        self.creates = creates or f"create_{noun}"

    async def create(self, work: Work) -> Made:
        """Make it by one operation."""
        parameters = self.parameters(work.properties)
        if self.named:
            parameters.setdefault("name", work.name())
        if self.tagged and work.tags(system=True):
            parameters["tags"] = work.tags(system=True)
        made = await getattr(work.aws.apigateway, self.creates)(**parameters)
        return self.made(made[self.member])

    def made(self, physical_id: str) -> Made:
        return Made(physical_id, {self.attribute: physical_id} if self.attribute else {})

    async def update(self, work: Work) -> Made:
        """Patch what is different."""
        patches = differences(self.parameters(work.before), self.parameters(work.properties))
        if patches:
            operation = getattr(work.aws.apigateway, f"update_{self.noun}")
            await operation(**self.keys(work), patchOperations=patches)
        if self.tagged:
            await _tags(work, self.arn(work))
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await getattr(work.aws.apigateway, f"delete_{self.noun}")(**self.keys(work))

    def keys(self, work: Work) -> dict[str, Any]:
        """What names it in operations."""
        api = {"restApiId": work.properties["RestApiId"]} if "RestApiId" in work.properties else {}
        return {**api, self.id: work.physical_id}

    def parameters(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties as the operation has them."""
        return {_parameter(name): self._value(name, value) for name, value in properties.items() if name != "Tags"}

    def _value(self, name: str, value: Any) -> Any:
        if name in self.documents:
            return document(value)
        return value if name in _MAPS else lower_first(value, _MAPS)

    def arn(self, work: Work) -> str:
        return f"arn:aws:apigateway:{work.call.region}::/{self.noun.replace('_', '')}s/{work.physical_id}"


class RestApi(Part):
    """AWS::ApiGateway::RestApi"""

    properties = frozenset(
        {
            "ApiKeySourceType", "BinaryMediaTypes", "Body", "BodyS3Location", "CloneFrom", "Description",
            "DisableExecuteApiEndpoint", "EndpointConfiguration", "FailOnWarnings", "MinimumCompressionSize", "Mode",
            "Name", "Parameters", "Policy", "Tags",
        }
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__("RestApi", "rest_api", "restApiId")

    def prepares(self, properties: Mapping[str, Any]) -> bool:
        """Its document may lie in S3."""
        return "BodyS3Location" in properties

    async def prepare(self, work: Work) -> bytes:
        """The document."""
        place = work.properties["BodyS3Location"]
        return await content_of(work.call, place["Bucket"], place["Key"], place.get("Version"))

    async def create(self, work: Work) -> Made:
        """An API from its properties, or from an OpenAPI document with the properties beside it."""
        body, settings, apigateway = self._body(work), self._settings(work.properties), work.aws.apigateway
        if body is None:
            if "Name" not in work.properties:
                raise HandlerError("Name must be specified if there is no Body")
            made = await apigateway.create_rest_api(**settings, tags=work.tags(system=True))
            return await self._describe(work, made["id"])
        made = await apigateway.import_rest_api(
            body=body,
            parameters=_texts(work.properties.get("Parameters")) or None,
            failOnWarnings=work.properties.get("FailOnWarnings"),
        )
        shown = {name: made[name] for name in settings if made.get(name) is not None}
        wanted = {  # what the properties do not say of an object stays
            name: {**shown.get(name, {}), **value} if isinstance(value, dict) else value
            for name, value in settings.items()
        }
        if patches := differences(shown, {**shown, **wanted}):
            await apigateway.update_rest_api(restApiId=made["id"], patchOperations=patches)
        await apigateway.tag_resource(resourceArn=self._arn(work, made["id"]), tags=work.tags(system=True))
        return await self._describe(work, made["id"])

    async def update(self, work: Work) -> Made:
        """Patch the settings; put the document again."""
        if work.changed("CloneFrom"):
            raise NeedsReplacement
        body = self._body(work) if work.changed("Body", "BodyS3Location", "Parameters") else None
        if body is not None:
            await work.aws.apigateway.put_rest_api(
                restApiId=work.physical_id,
                body=body,
                mode=work.properties.get("Mode", "overwrite"),
                parameters=_texts(work.properties.get("Parameters")) or None,
                failOnWarnings=work.properties.get("FailOnWarnings"),
            )
        patches = differences(self._settings(work.before), self._settings(work.properties))
        if patches:
            await work.aws.apigateway.update_rest_api(restApiId=work.physical_id, patchOperations=patches)
        await _tags(work, self._arn(work, work.physical_id))
        return Made(work.physical_id, work.attributes)

    def _settings(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        others = ("Body", "BodyS3Location", "FailOnWarnings", "Mode", "Parameters", "Tags")
        kept = {name: value for name, value in properties.items() if name not in others}
        settings = self.parameters(kept)
        if "policy" in settings:
            settings["policy"] = document(properties["Policy"])
        return settings

    def _body(self, work: Work) -> bytes | None:
        if work.prepared is not None:
            return bytes(work.prepared)
        return document(work.properties["Body"]).encode() if "Body" in work.properties else None

    async def _describe(self, work: Work, api_id: str) -> Made:
        made = await work.aws.apigateway.get_rest_api(restApiId=api_id)
        return Made(api_id, {"RestApiId": api_id, "RootResourceId": made["rootResourceId"]})

    def _arn(self, work: Work, api_id: str) -> str:
        return f"arn:aws:apigateway:{work.call.region}::/restapis/{api_id}"


class Method(Handler):
    """AWS::ApiGateway::Method: a method with its integration and responses."""

    type = "AWS::ApiGateway::Method"
    service = "apigateway"

    async def create(self, work: Work) -> Made:
        """Put the method, then what belongs to it."""
        properties, apigateway = work.properties, work.aws.apigateway
        keys = self._keys(work)
        others = ("HttpMethod", "Integration", "MethodResponses", "ResourceId", "RestApiId")
        parameters = {_parameter(name): value for name, value in properties.items() if name not in others}
        await apigateway.put_method(**keys, **{"authorizationType": "NONE", **parameters})
        for response in properties.get("MethodResponses", ()):
            await apigateway.put_method_response(**keys, **_text_status(lower_first(response, _MAPS)))
        if integration := dict(properties.get("Integration", {})):
            responses = integration.pop("IntegrationResponses", ())
            renamed = lower_first(integration, _MAPS)
            if "integrationHttpMethod" in renamed:
                renamed["integrationHttpMethod"] = renamed["integrationHttpMethod"].upper()
            await apigateway.put_integration(**keys, **renamed)
            for response in responses:
                await apigateway.put_integration_response(**keys, **_text_status(lower_first(response, _MAPS)))
        return Made(f"{keys['restApiId']}|{keys['resourceId']}|{keys['httpMethod']}")

    async def update(self, work: Work) -> Made:
        """Put it anew, all in one transaction."""
        await work.aws.apigateway.delete_method(**self._keys(work))
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Delete it with its integration."""
        await work.aws.apigateway.delete_method(**self._keys(work))

    def _keys(self, work: Work) -> dict[str, str]:
        names = ("RestApiId", "ResourceId", "HttpMethod")
        return {name[0].lower() + name[1:]: work.properties[name] for name in names}


class Deployment(Part):
    """AWS::ApiGateway::Deployment"""

    properties = frozenset({"Description", "RestApiId", "StageName", "StageDescription", "DeploymentCanarySettings"})

    def __init__(self) -> None:
        super().__init__("Deployment", "deployment", "deploymentId", attribute="DeploymentId")

    def unsupported(self, properties: Mapping[str, Any]) -> list[str]:
        """A stage's description may give it more than a deployment can."""
        allowed = {"CacheClusterEnabled", "CacheClusterSize", "Description", "TracingEnabled", "Variables"}
        extra = sorted((properties.get("StageDescription") or {}).keys() - allowed)
        return super().unsupported(properties) + [f"StageDescription.{name}" for name in extra]

    def parameters(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The stage's settings are parameters of the deployment."""
        own = {name: value for name, value in properties.items() if name != "StageDescription"}
        stage = super().parameters(properties.get("StageDescription") or {})
        if "description" in stage:
            stage["stageDescription"] = stage.pop("description")
        return {**super().parameters(own), **stage}

    async def update(self, work: Work) -> Made:
        """Its description; a new stage needs a new deployment."""
        if work.changed("StageName", "StageDescription"):
            raise NeedsReplacement
        return await super().update(work)

    async def delete(self, work: Work) -> None:
        """With the stage that it made, if that is still its own."""
        stage = work.properties.get("StageName")
        if stage:
            api = work.properties["RestApiId"]
            try:
                found = await work.aws.apigateway.get_stage(restApiId=api, stageName=stage)
                if found["deploymentId"] == work.physical_id:
                    await work.aws.apigateway.delete_stage(restApiId=api, stageName=stage)
            except ServiceError as error:
                if not is_gone(error):
                    raise
        await super().delete(work)


class Stage(Part):
    """AWS::ApiGateway::Stage"""

    def __init__(self) -> None:
        super().__init__("Stage", "stage", "stageName", member="stageName")

    async def create(self, work: Work) -> Made:
        """A stage; its settings for methods and logs are patched onto it."""
        parameters = self.parameters(work.properties)
        settings: dict[str, Any] = {name: parameters.pop(name) for name in ("methodSettings", "accessLogSetting", "clientCertificateId") if name in parameters}  # fmt: skip
        if "deploymentId" not in parameters:
            raise HandlerError("DeploymentId must be specified")
        parameters.setdefault("stageName", work.name())
        made = await work.aws.apigateway.create_stage(**parameters, tags=work.tags(system=True))
        if patches := stage_settings({}, settings):
            keys = {"restApiId": parameters["restApiId"], "stageName": made["stageName"]}
            await work.aws.apigateway.update_stage(**keys, patchOperations=patches)
        return Made(made["stageName"])

    async def update(self, work: Work) -> Made:
        """Patch it."""
        patches = stage_settings(self.parameters(work.before), self.parameters(work.properties))
        if patches:
            await work.aws.apigateway.update_stage(**self.keys(work), patchOperations=patches)
        api = work.properties["RestApiId"]
        await _tags(work, f"arn:aws:apigateway:{work.call.region}::/restapis/{api}/stages/{work.physical_id}")
        return Made(work.physical_id)


class GatewayResponse(Part):
    """AWS::ApiGateway::GatewayResponse"""

    def __init__(self) -> None:
        super().__init__("GatewayResponse", "gateway_response", "responseType", creates="put_gateway_response")

    async def create(self, work: Work) -> Made:
        """Put it."""
        await work.aws.apigateway.put_gateway_response(**self.parameters(work.properties))
        name = work.name()
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Put it again."""
        await work.aws.apigateway.put_gateway_response(**self.parameters(work.properties))
        return Made(work.physical_id, work.attributes)

    def keys(self, work: Work) -> dict[str, Any]:
        return {"restApiId": work.properties["RestApiId"], "responseType": work.properties["ResponseType"]}


class UsagePlan(Part):
    """AWS::ApiGateway::UsagePlan"""

    def __init__(self) -> None:
        super().__init__("UsagePlan", "usage_plan", "usagePlanId", attribute="Id", named=True, tagged=True)

    def parameters(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Throttles of single methods are under the customer's paths."""
        parameters = super().parameters({name: value for name, value in properties.items() if name != "ApiStages"})
        stages = []
        for one in properties.get("ApiStages", ()):
            stage = {"apiId": one.get("ApiId"), "stage": one.get("Stage")}
            if "Throttle" in one:
                stage["throttle"] = {path: lower_first(limits) for path, limits in one["Throttle"].items()}
            stages.append(stage)
        return {**parameters, **({"apiStages": stages} if stages else {})}

    async def update(self, work: Work) -> Made:
        """Patch it."""
        patches = usage_plan(self.parameters(work.before), self.parameters(work.properties))
        if patches:
            await work.aws.apigateway.update_usage_plan(usagePlanId=work.physical_id, patchOperations=patches)
        await _tags(work, self.arn(work))
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Out of its stages, then delete it."""
        if patches := usage_plan({"apiStages": self.parameters(work.properties).get("apiStages", [])}, {}):
            plans = work.aws.apigateway
            await unless_gone(plans.update_usage_plan(usagePlanId=work.physical_id, patchOperations=patches))
        await super().delete(work)


class UsagePlanKey(Part):
    """AWS::ApiGateway::UsagePlanKey"""

    def __init__(self) -> None:
        super().__init__("UsagePlanKey", "usage_plan_key", "keyId")

    async def create(self, work: Work) -> Made:
        """Give a key a plan."""
        await work.aws.apigateway.create_usage_plan_key(**self.parameters(work.properties))
        name = f"{work.properties['KeyId']}:{work.properties['UsagePlanId']}"
        return Made(name, {"Id": name})

    def keys(self, work: Work) -> dict[str, Any]:
        return {"usagePlanId": work.properties["UsagePlanId"], "keyId": work.properties["KeyId"]}


class Account(Handler):
    """AWS::ApiGateway::Account: the one of this region."""

    type = "AWS::ApiGateway::Account"
    service = "apigateway"

    async def create(self, work: Work) -> Made:
        """Set the role for logs."""
        await self._set(work)
        name = work.name()
        return Made(name, {"Id": name})

    async def update(self, work: Work) -> Made:
        """Set it again."""
        await self._set(work)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """The account stays as it is, as in AWS."""

    async def _set(self, work: Work) -> None:
        patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": work.properties.get("CloudWatchRoleArn", "")}
        await work.aws.apigateway.update_account(patchOperations=[patch])


class Model(Part):
    """AWS::ApiGateway::Model"""

    def __init__(self) -> None:
        super().__init__("Model", "model", "modelName", member="name", documents=("Schema",), named=True)

    def parameters(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        return {"contentType": "application/json", **super().parameters(properties)}


class DocumentationPart(Part):
    """AWS::ApiGateway::DocumentationPart"""

    def __init__(self) -> None:
        super().__init__(
            "DocumentationPart", "documentation_part", "documentationPartId", attribute="DocumentationPartId"
        )


TYPES = (
    RestApi(),
    Part("Resource", "resource", "resourceId", attribute="ResourceId"),
    Method(),
    Model(),
    Part("RequestValidator", "request_validator", "requestValidatorId", attribute="RequestValidatorId", named=True),
    GatewayResponse(),
    Deployment(),
    Stage(),
    Part("Authorizer", "authorizer", "authorizerId", attribute="AuthorizerId"),
    Part("ApiKey", "api_key", "apiKey", attribute="APIKeyId", named=True, tagged=True),
    UsagePlan(),
    UsagePlanKey(),
    Account(),
    DocumentationPart(),
    Part("DocumentationVersion", "documentation_version", "documentationVersion", member="version"),
)


def _parameter(name: str) -> str:
    return _OWN_NAME.get(name, name[0].lower() + name[1:])


def _text_status(response: dict[str, Any]) -> dict[str, Any]:
    return {**response, "statusCode": str(response["statusCode"])}


def _texts(parameters: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (parameters or {}).items()}


async def _tags(work: Work, arn: str) -> None:
    apigateway = work.aws.apigateway
    if stale := work.stale_tags():
        await apigateway.untag_resource(resourceArn=arn, tagKeys=stale)
    if work.tags() and work.tags() != work.old_tags():
        await apigateway.tag_resource(resourceArn=arn, tags=work.tags())
