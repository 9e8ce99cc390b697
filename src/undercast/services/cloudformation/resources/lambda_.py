"""AWS::Lambda: functions, versions, aliases, permissions, layers, event sources, URLs."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from undercast.kit.errors import ServiceError
from undercast.services.cloudformation import storage
from undercast.services.cloudformation.resources.handler import (
    Handler,
    HandlerError,
    Made,
    NeedsReplacement,
    Work,
    pick,
)

_CONFIGURATION = (
    "DeadLetterConfig", "Description", "Environment", "EphemeralStorage", "FileSystemConfigs", "Handler",
    "ImageConfig", "Layers", "LoggingConfig", "MemorySize", "Role", "Runtime", "SnapStart", "Timeout",
    "TracingConfig", "VpcConfig",
)  # fmt: skip
_DEFAULTS: dict[str, Any] = {  # what a setting is once its property is taken away
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "SnapStart": {"ApplyOn": "None"},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
_POLL_S = 0.01  # between two looks at a function that is on its way to its state


class Function(Handler):
    """AWS::Lambda::Function"""

    type = "AWS::Lambda::Function"
    service = "lambda"
    waits = True
    properties = frozenset(
        {
            *_CONFIGURATION, "Architectures", "Code", "CodeSigningConfigArn", "FunctionName", "KmsKeyArn",
            "PackageType", "RecursiveLoop", "ReservedConcurrentExecutions", "Tags",
        }
    )  # fmt: skip

    async def create(self, work: Work) -> Made:
        """A function that is ready to run. Created before by a try that did not end: taken as it is."""
        name, properties = work.name("FunctionName", 64), work.properties
        wanted = pick(properties, *_CONFIGURATION, "Architectures", "CodeSigningConfigArn", "PackageType", KMSKeyArn="KmsKeyArn")  # fmt: skip
        try:
            await work.aws.lambda_.create_function(
                FunctionName=name, Code=_code(properties), Tags=work.tags(system=True), **wanted
            )
        except ServiceError as error:
            if error.code != "ResourceConflictException" or not await self._is_ours(work, name):
                raise
        try:
            await self._settings(work, name)
            await _active(work, name)
        except ServiceError:
            await work.aws.lambda_.delete_function(FunctionName=name)  # nobody would know of it
            raise
        return Made(name, {"Arn": work.call.arn(f"function:{name}", "lambda")})

    async def update(self, work: Work) -> Made:
        """Settings first, then code, then what has operations of its own."""
        name, client = work.physical_id, work.aws.lambda_
        changed = [one for one in _CONFIGURATION if work.changed(one)]
        parameters = {one: work.properties.get(one, _DEFAULTS.get(one)) for one in changed}
        if work.changed("KmsKeyArn"):
            parameters["KMSKeyArn"] = work.properties.get("KmsKeyArn", "")
        if work.changed("CodeSigningConfigArn"):
            raise NeedsReplacement
        if parameters:
            await client.update_function_configuration(FunctionName=name, **parameters)
            await _active(work, name)
        if work.changed("Code", "Architectures"):
            architectures = pick(work.properties, "Architectures")
            await client.update_function_code(FunctionName=name, **_code(work.properties), **architectures)
            await _active(work, name)
        await self._settings(work, name)
        await _tags(work, work.attributes["Arn"])
        return Made(name, work.attributes)

    async def delete(self, work: Work) -> None:
        """With its versions and aliases."""
        await work.aws.lambda_.delete_function(FunctionName=work.physical_id)

    async def _settings(self, work: Work, name: str) -> None:
        client = work.aws.lambda_
        if work.changed("ReservedConcurrentExecutions"):
            if (reserved := work.properties.get("ReservedConcurrentExecutions")) is not None:
                await client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
            else:
                await client.delete_function_concurrency(FunctionName=name)
        if work.changed("RecursiveLoop"):
            loop = work.properties.get("RecursiveLoop", "Terminate")
            await client.put_function_recursion_config(FunctionName=name, RecursiveLoop=loop)

    async def _is_ours(self, work: Work, name: str) -> bool:
        return work.made((await work.aws.lambda_.get_function(FunctionName=name)).get("Tags"))


class Version(Handler):
    """AWS::Lambda::Version"""

    type = "AWS::Lambda::Version"
    service = "lambda"
    properties = frozenset({"FunctionName", "Description", "CodeSha256", "ProvisionedConcurrencyConfig"})

    async def create(self, work: Work) -> Made:
        """Publish the function as it is."""
        client, name = work.aws.lambda_, work.properties["FunctionName"]
        made = await client.publish_version(**pick(work.properties, "FunctionName", "Description", "CodeSha256"))
        if provisioned := work.properties.get("ProvisionedConcurrencyConfig"):
            await client.put_provisioned_concurrency_config(FunctionName=name, Qualifier=made["Version"], **provisioned)
        return Made(made["FunctionArn"], {"FunctionArn": made["FunctionArn"], "Version": made["Version"]})

    async def delete(self, work: Work) -> None:
        """Delete the version."""
        await work.aws.lambda_.delete_function(
            FunctionName=work.properties["FunctionName"], Qualifier=work.attributes["Version"]
        )


class Alias(Handler):
    """AWS::Lambda::Alias"""

    type = "AWS::Lambda::Alias"
    service = "lambda"

    async def create(self, work: Work) -> Made:
        """An alias of a version, or of two with weights."""
        made = await work.aws.lambda_.create_alias(**self._parameters(work))
        await self._provisioned(work)
        return Made(made["AliasArn"], {"AliasArn": made["AliasArn"]})

    async def update(self, work: Work) -> Made:
        """Point it elsewhere."""
        parameters = {"Description": "", "RoutingConfig": {}, **self._parameters(work)}
        await work.aws.lambda_.update_alias(**parameters)
        await self._provisioned(work)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.lambda_.delete_alias(**pick(work.properties, "FunctionName", "Name"))

    async def _provisioned(self, work: Work) -> None:
        if not work.changed("ProvisionedConcurrencyConfig"):
            return
        keys = pick(work.properties, "FunctionName", Qualifier="Name")
        if config := work.properties.get("ProvisionedConcurrencyConfig"):
            await work.aws.lambda_.put_provisioned_concurrency_config(**keys, **config)
        else:
            await work.aws.lambda_.delete_provisioned_concurrency_config(**keys)

    def _parameters(self, work: Work) -> dict[str, Any]:
        parameters = pick(work.properties, "FunctionName", "Name", "FunctionVersion", "Description")
        if routing := work.properties.get("RoutingConfig"):
            weights = {one["FunctionVersion"]: one["FunctionWeight"] for one in routing["AdditionalVersionWeights"]}
            parameters["RoutingConfig"] = {"AdditionalVersionWeights": weights}
        return parameters


class Permission(Handler):
    """AWS::Lambda::Permission"""

    type = "AWS::Lambda::Permission"
    service = "lambda"
    properties = frozenset(
        {
            "Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "Principal",
            "PrincipalOrgID", "SourceAccount", "SourceArn",
        }
    )  # fmt: skip

    async def create(self, work: Work) -> Made:
        """A statement of the function's policy."""
        statement = work.name(limit=100)
        await work.aws.lambda_.add_permission(StatementId=statement, **work.properties)
        return Made(statement, {"Id": statement})

    async def delete(self, work: Work) -> None:
        """Take the statement out."""
        await work.aws.lambda_.remove_permission(
            FunctionName=work.properties["FunctionName"], StatementId=work.physical_id
        )


class LayerVersion(Handler):
    """AWS::Lambda::LayerVersion"""

    type = "AWS::Lambda::LayerVersion"
    service = "lambda"
    waits = True

    async def create(self, work: Work) -> Made:
        """A new version of a layer."""
        names = ("CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LicenseInfo")
        name = work.name("LayerName", 140)
        arn = await self._made_before(work, name) if work.again else ""
        if not arn:
            made = await work.aws.lambda_.publish_layer_version(LayerName=name, **pick(work.properties, *names))
            arn = made["LayerVersionArn"]
        return Made(arn, {"LayerVersionArn": arn})

    async def _made_before(self, work: Work, name: str) -> str:
        """The version that a try made which did not live to write it down: made since then, and no stack's."""
        found = await work.aws.lambda_.list_layer_versions(LayerName=name)
        for one in found["LayerVersions"]:
            made_at = int(datetime.fromisoformat(one["CreatedDate"]).timestamp() * 1000)
            arn = str(one["LayerVersionArn"])
            if made_at >= work.began_at and not await work.call.transact(storage.stack_of_physical, arn):
                return arn
        return ""

    async def delete(self, work: Work) -> None:
        """Delete the version."""
        name, _, version = work.physical_id.rpartition(":")
        await work.aws.lambda_.delete_layer_version(LayerName=name, VersionNumber=int(version))


class LayerVersionPermission(Handler):
    """AWS::Lambda::LayerVersionPermission"""

    type = "AWS::Lambda::LayerVersionPermission"
    service = "lambda"

    async def create(self, work: Work) -> Made:
        """A statement of the layer version's policy."""
        statement = work.name(limit=100)
        name, _, version = work.properties["LayerVersionArn"].rpartition(":")
        await work.aws.lambda_.add_layer_version_permission(
            LayerName=name, VersionNumber=int(version), StatementId=statement,
            **pick(work.properties, "Action", "Principal", "OrganizationId"),
        )  # fmt: skip
        physical_id = f"{work.properties['LayerVersionArn']}#{statement}"
        return Made(physical_id, {"Id": physical_id})

    async def delete(self, work: Work) -> None:
        """Take the statement out."""
        arn, _, statement = work.physical_id.partition("#")
        name, _, version = arn.rpartition(":")
        await work.aws.lambda_.remove_layer_version_permission(
            LayerName=name, VersionNumber=int(version), StatementId=statement
        )


class EventSourceMapping(Handler):
    """AWS::Lambda::EventSourceMapping"""

    type = "AWS::Lambda::EventSourceMapping"
    service = "lambda"
    waits = True

    async def create(self, work: Work) -> Made:
        """Have a function read a source."""
        parameters = {**self._parameters(work), "Tags": work.tags(system=True)}
        try:
            made = await work.aws.lambda_.create_event_source_mapping(**parameters)
        except ServiceError as error:
            found = await self._made_before(work) if error.code == "ResourceConflictException" else None
            if found is None:
                raise
            made = found
        attributes = {"Id": made["UUID"], "EventSourceMappingArn": made.get("EventSourceMappingArn", "")}
        return Made(made["UUID"], attributes)

    async def update(self, work: Work) -> Made:
        """Its settings."""
        fixed = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp", "Queues", "Topics", "SelfManagedEventSource", "AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")  # fmt: skip
        parameters = {name: value for name, value in self._parameters(work).items() if name not in fixed}
        await work.aws.lambda_.update_event_source_mapping(UUID=work.physical_id, **parameters)
        if arn := work.attributes.get("EventSourceMappingArn"):
            await _tags(work, arn)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Stop reading."""
        await work.aws.lambda_.delete_event_source_mapping(UUID=work.physical_id)

    async def _made_before(self, work: Work) -> dict[str, Any] | None:
        """The mapping that a try of this action made, which did not live to write it down."""
        names = ("FunctionName", "EventSourceArn")
        found = await work.aws.lambda_.list_event_source_mappings(**pick(work.properties, *names))
        for one in found.get("EventSourceMappings", ()):
            if work.made((await work.aws.lambda_.list_tags(Resource=one["EventSourceMappingArn"])).get("Tags")):
                return dict(one)
        return None

    def _parameters(self, work: Work) -> dict[str, Any]:
        parameters = {name: value for name, value in work.properties.items() if name not in ("Tags", "KmsKeyArn")}
        if "StartingPositionTimestamp" in parameters:  # in seconds, as modelled for templates
            parameters["StartingPositionTimestamp"] = int(float(parameters["StartingPositionTimestamp"]) * 1000)
        return parameters | pick(work.properties, KMSKeyArn="KmsKeyArn")


class Url(Handler):
    """AWS::Lambda::Url"""

    type = "AWS::Lambda::Url"
    service = "lambda"

    async def create(self, work: Work) -> Made:
        """A URL for a function or an alias."""
        made = await work.aws.lambda_.create_function_url_config(**self._keys(work), **self._parameters(work))
        return Made(made["FunctionArn"], {"FunctionArn": made["FunctionArn"], "FunctionUrl": made["FunctionUrl"]})

    async def update(self, work: Work) -> Made:
        """Its settings."""
        parameters = {"Cors": {}, "InvokeMode": "BUFFERED", **self._parameters(work)}
        await work.aws.lambda_.update_function_url_config(**self._keys(work), **parameters)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Take it away."""
        await work.aws.lambda_.delete_function_url_config(**self._keys(work))

    def _keys(self, work: Work) -> dict[str, Any]:
        return pick(work.properties, FunctionName="TargetFunctionArn", Qualifier="Qualifier")

    def _parameters(self, work: Work) -> dict[str, Any]:
        return pick(work.properties, "AuthType", "Cors", "InvokeMode")


class EventInvokeConfig(Handler):
    """AWS::Lambda::EventInvokeConfig"""

    type = "AWS::Lambda::EventInvokeConfig"
    service = "lambda"

    async def create(self, work: Work) -> Made:
        """What becomes of asynchronous invocations."""
        await work.aws.lambda_.put_function_event_invoke_config(**work.properties)
        return Made(work.physical_id or work.name())

    async def update(self, work: Work) -> Made:
        """Put it again."""
        return await self.create(work)

    async def delete(self, work: Work) -> None:
        """Back to the defaults."""
        await work.aws.lambda_.delete_function_event_invoke_config(**pick(work.properties, "FunctionName", "Qualifier"))


class CodeSigningConfig(Handler):
    """AWS::Lambda::CodeSigningConfig"""

    type = "AWS::Lambda::CodeSigningConfig"
    service = "lambda"

    async def create(self, work: Work) -> Made:
        """Who may sign code."""
        made = await work.aws.lambda_.create_code_signing_config(**self._parameters(work), Tags=work.tags(system=True))
        config = made["CodeSigningConfig"]
        names = ("CodeSigningConfigArn", "CodeSigningConfigId")
        return Made(config["CodeSigningConfigArn"], {name: config[name] for name in names})

    async def update(self, work: Work) -> Made:
        """Change it."""
        await work.aws.lambda_.update_code_signing_config(
            CodeSigningConfigArn=work.physical_id, **{"Description": "", **self._parameters(work)}
        )
        await _tags(work, work.physical_id)
        return Made(work.physical_id, work.attributes)

    async def delete(self, work: Work) -> None:
        """Delete it."""
        await work.aws.lambda_.delete_code_signing_config(CodeSigningConfigArn=work.physical_id)

    def _parameters(self, work: Work) -> dict[str, Any]:
        return pick(work.properties, "AllowedPublishers", "CodeSigningPolicies", "Description")


TYPES = (
    Function(),
    Version(),
    Alias(),
    Permission(),
    LayerVersion(),
    LayerVersionPermission(),
    EventSourceMapping(),
    Url(),
    EventInvokeConfig(),
    CodeSigningConfig(),
)


def _code(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The Code property as the operation has it: source text becomes a zip, with the module for custom resources."""
    code = properties["Code"]
    if "ZipFile" not in code:
        return pick(code, "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri", "SourceKMSKeyArn")
    runtime = str(properties.get("Runtime", ""))
    if runtime.startswith("python"):
        return {"ZipFile": _zip({"index.py": code["ZipFile"], "cfnresponse.py": _response_module("cfnresponse.py")})}
    if runtime.startswith("nodejs"):
        module = _response_module("cfn-response.js")
        return {"ZipFile": _zip({"index.js": code["ZipFile"], "node_modules/cfn-response/index.js": module})}
    raise HandlerError("ZipFile can only be used when Runtime is set to either of nodejs or python.")


def _response_module(name: str) -> str:
    return (files("undercast.services.cloudformation") / "response" / name).read_text()


def _zip(contents: Mapping[str, str]) -> bytes:
    """The same bytes for the same contents."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return target.getvalue()


async def _active(work: Work, name: str) -> None:
    """Wait until a function is ready after a change."""
    while True:
        found = await work.aws.lambda_.get_function_configuration(FunctionName=name)
        if found.get("State") == "Failed" or found.get("LastUpdateStatus") == "Failed":
            reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or ""
            raise HandlerError(f"Function {name} did not stabilize: {reason}")
        if found.get("State", "Active") == "Active" and found.get("LastUpdateStatus", "Successful") == "Successful":
            return
        await asyncio.sleep(_POLL_S)


async def _tags(work: Work, arn: str) -> None:
    if stale := work.stale_tags():
        await work.aws.lambda_.untag_resource(Resource=arn, TagKeys=stale)
    if work.tags() and work.tags() != work.old_tags():
        await work.aws.lambda_.tag_resource(Resource=arn, Tags=work.tags())
