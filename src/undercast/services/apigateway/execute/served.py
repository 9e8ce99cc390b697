"""What a stage serves, made ready once: routes, methods, templates, limits; and the cache of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from typing import Any

import orjson

from undercast.engines import vtl
from undercast.kit.call import Call, Platform
from undercast.services.apigateway import schemas, storage
from undercast.services.apigateway.execute.media import BinaryTypes
from undercast.services.apigateway.execute.policies import read_resource_policy
from undercast.services.apigateway.execute.routing import Router
from undercast.services.apigateway.execute.throttling import Limits, limits_of, settings_of
from undercast.services.apigateway.model import Document

_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


class Method:
    """One method, with all that its requests need."""

    def __init__(self, served: Served, resource: Document, document: Document) -> None:
        self.served = served
        self.resource_id: str = resource["id"]
        self.resource_path: str = resource["path"]
        self.http_method: str = document["httpMethod"]
        self.operation_name: str = document.get("operationName") or ""
        self.authorization: str = document["authorizationType"]
        self.authorizer: Document | None = served.api["_authorizers"].get(document.get("authorizerId"))
        self.key_required: bool = document["apiKeyRequired"]
        self.document = document
        self.validator: Document = served.api["_validators"].get(document.get("requestValidatorId")) or {}
        self.required = [name for name, required in (document.get("requestParameters") or {}).items() if required]
        self.integration = Integration(document.get("methodIntegration") or {"type": "MOCK"}, served.variables)
        settings = settings_of(served.settings, self.resource_path, self.http_method)
        self.limits: Limits | None = limits_of(settings)
        self.log_level: str = settings.get("loggingLevel") or "OFF"
        self.logged = self.log_level != "OFF" or bool(settings.get("dataTraceEnabled"))
        self.logs_data: bool = settings.get("dataTraceEnabled", False)

    @cached_property
    def schemas(self) -> dict[str, Any]:
        """A validator (JSON schema, draft 4) by content type."""
        from jsonschema import Draft4Validator  # noqa: PLC0415  takes 50 ms, which most APIs need not

        models = self.served.api["_models"]
        found = {}
        for content_type, name in (self.document.get("requestModels") or {}).items():
            if name in models:
                schema = orjson.loads(schemas.flattened(self.served.api, models[name]))
                found[content_type] = Draft4Validator(schema)
        return found

    @property
    def key(self) -> tuple[str, str]:
        return (self.resource_path, self.http_method)


class Integration:
    """What a method calls, with the stage's variables filled in."""

    def __init__(self, document: Document, variables: Mapping[str, str]) -> None:
        self.document = document
        self.type: str = document["type"]
        self.http_method: str = document.get("httpMethod") or ""
        self.uri = _STAGE_VARIABLE.sub(lambda found: variables.get(found[1], ""), document.get("uri") or "")
        self.parameters: Mapping[str, str] = document.get("requestParameters") or {}
        self.credentials: str | None = document.get("credentials")
        self.passthrough: str = document.get("passthroughBehavior") or "WHEN_NO_MATCH"
        self.handling: str | None = document.get("contentHandling")
        self.timeout_s: float = (document.get("timeoutInMillis") or 29000) / 1000
        self.verify: bool = not (document.get("tlsConfig") or {}).get("insecureSkipVerification")
        self.responses = [Answer(response) for response in (document.get("integrationResponses") or {}).values()]
        self._templates: dict[str, vtl.Template] = {}
        found = re.search(r":lambda:path/[^/]+/functions/(.+)/invocations$", self.uri)
        self.function_arn: str = found[1] if found else ""

    @cached_property
    def request_templates(self) -> Mapping[str, str]:
        return self.document.get("requestTemplates") or {}

    def template(self, text: str) -> vtl.Template:
        """A compiled template. VtlError."""
        found = self._templates.get(text)
        if found is None:
            found = self._templates[text] = vtl.compile(text)
        return found


class Answer:
    """An integration response."""

    def __init__(self, document: Document) -> None:
        self.status: int = int(document["statusCode"])
        self.pattern: str = document.get("selectionPattern") or ""
        self.parameters: Mapping[str, str] = document.get("responseParameters") or {}
        self.templates: Mapping[str, str] = {
            kind: text for kind, text in (document.get("responseTemplates") or {}).items() if text is not None
        }
        self.handling: str | None = document.get("contentHandling")


class Served:
    """A deployed API under the settings of a stage; nothing of it changes."""

    def __init__(
        self, owner: tuple[str, str], api: Document, stage: Document, deployment_id: str, variables: Mapping[str, str]
    ) -> None:
        self.account, self.region = owner
        self.api = api
        self.api_id: str = api["id"]
        self.stage_name: str = stage["stageName"]
        self.deployment_id = deployment_id
        self.variables = variables
        self.settings: Document = stage.get("methodSettings") or {}
        self.access_log: Document = stage.get("accessLogSettings") or {}
        self.logged = bool(self.access_log.get("destinationArn") and self.access_log.get("format"))
        self.traced: bool = stage.get("tracingEnabled", False)
        self.flushed: int = stage.get("_authorizersFlushed", 0)
        self.binary_types = BinaryTypes(api.get("binaryMediaTypes") or ())
        self.compress_from: int | None = api.get("minimumCompressionSize")
        self.key_source: str = api.get("apiKeySource") or "HEADER"
        self.gateway_responses: Document = api["_gatewayResponses"]
        self.policy = read_resource_policy(api["policy"], self._arn) if api.get("policy") else None
        self.canary_requests: str | None = None
        self.methods = {
            (resource["id"], name): Method(self, resource, method)
            for resource in api["_resources"].values()
            for name, method in resource["resourceMethods"].items()
        }
        self.router: Router[Method] = Router(
            (resource["path"], {name: self.methods[resource["id"], name] for name in resource["resourceMethods"]})
            for resource in api["_resources"].values()
        )

    @property
    def _arn(self) -> str:
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api_id}"


class Stage:
    """A stage: what it serves, and to which share of the requests its canary."""

    def __init__(self, main: Served, canary: Served | None, percent: float) -> None:
        self.main = main
        self.canary = canary
        self.percent = percent

    def choose(self, chance: float) -> Served:
        """`chance` from 0 to 1."""
        return self.canary if self.canary and chance * 100 < self.percent else self.main


class Shelf:
    """The stages that were asked for. They are made anew after any change that a notification tells of."""

    _MOST = 512

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._listening = ExitStack()
        self._signal = self._listening.enter_context(platform.store.listen(storage.CHANNEL))
        self._stages: dict[tuple[str, str], Stage] = {}
        self._deployed: dict[tuple[str, str], Document] = {}

    def look(self) -> bool:
        """Forget the stages if something was changed since the last look."""
        if not self._signal.take():
            return False
        self._stages.clear()
        return True

    def close(self) -> None:
        self._listening.close()

    async def stage(self, call: Call, api_id: str, name: str) -> Stage | None:
        """What a stage serves; None when there is no such stage."""
        key = (api_id, name)
        found = self._stages.get(key)
        if found is None:
            found = await call.transact(self._load, api_id, name)
            if found is not None:
                if len(self._stages) >= self._MOST:
                    self._stages.clear()
                    self._deployed.clear()
                self._stages[key] = found
        return found

    async def _load(self, call: Call, api_id: str, name: str) -> Stage | None:
        owner = await storage.owner(call, api_id)
        if owner is None:
            return None
        there = call.into(account=owner[0], region=owner[1])
        stage = await storage.find_stage(there, api_id, name)
        if stage is None or (await storage.find_api(there, api_id)).get("disableExecuteApiEndpoint"):
            return None
        variables = stage.get("variables") or {}
        main = await self._make(there, api_id, stage, stage["deploymentId"], variables)
        settings = stage.get("canarySettings")
        if not settings or main is None:
            return Stage(main, None, 0.0) if main else None
        overrides = settings.get("stageVariableOverrides") or {}
        canary = await self._make(there, api_id, stage, settings["deploymentId"], {**variables, **overrides})
        main.canary_requests = "false"
        if canary is not None:
            canary.canary_requests = "true"
        return Stage(main, canary, settings["percentTraffic"])

    async def _make(
        self, call: Call, api_id: str, stage: Document, deployment_id: str, variables: Mapping[str, str]
    ) -> Served | None:
        """What a deployment serves under a stage's settings."""
        api = self._deployed.get((api_id, deployment_id))
        if api is None:
            found = await storage.find_deployment(call, api_id, deployment_id)
            if found is None:
                return None
            api = self._deployed[api_id, deployment_id] = found["_api"]  # a deployment never changes
        return Served((call.account, call.region), api, stage, deployment_id, variables)
