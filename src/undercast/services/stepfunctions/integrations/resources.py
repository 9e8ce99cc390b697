"""Resources: what the ARN in a Task's `Resource` says about how the work is done. Pure.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:\S+")
_ACTIVITY = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:activity:\S+")
_OPTIMIZED = re.compile(r"arn:aws[a-z-]*:states:::(?P<service>[a-z0-9-]+):(?P<action>[a-zA-Z]+)(?P<pattern>\.\S+)?")
_SDK = re.compile(r"arn:aws[a-z-]*:states:::aws-sdk:(?P<service>[a-z0-9]+):(?P<action>[a-zA-Z0-9]+)(?P<pattern>\.\S+)?")

_ALL = ("", ".sync", ".waitForTaskToken")
_JOB = ("", ".sync")
_TOKEN = ("", ".waitForTaskToken")

# Integrations that AWS optimized, with the patterns that each allows.
_PATTERNS: dict[str, tuple[str, ...]] = {
    "apigateway:invoke": _TOKEN,
    "athena:getQueryExecution": ("",),
    "athena:getQueryResults": ("",),
    "athena:startQueryExecution": _JOB,
    "athena:stopQueryExecution": ("",),
    "batch:submitJob": _JOB,
    "bedrock:createModelCustomizationJob": _JOB,
    "bedrock:invokeModel": _TOKEN,
    "codebuild:batchDeleteBuilds": ("",),
    "codebuild:batchGetReports": ("",),
    "codebuild:startBuild": _JOB,
    "codebuild:startBuildBatch": _JOB,
    "codebuild:stopBuild": ("",),
    "dynamodb:deleteItem": ("",),
    "dynamodb:getItem": ("",),
    "dynamodb:putItem": ("",),
    "dynamodb:updateItem": ("",),
    "ecs:runTask": _ALL,
    "eks:call": ("",),
    "eks:createCluster": _JOB,
    "eks:createFargateProfile": _JOB,
    "eks:createNodegroup": _JOB,
    "eks:deleteCluster": _JOB,
    "eks:deleteFargateProfile": _JOB,
    "eks:deleteNodegroup": _JOB,
    "eks:runJob": _ALL,
    "elasticmapreduce:addStep": _JOB,
    "elasticmapreduce:cancelStep": ("",),
    "elasticmapreduce:createCluster": _JOB,
    "elasticmapreduce:modifyInstanceFleetByName": ("",),
    "elasticmapreduce:modifyInstanceGroupByName": ("",),
    "elasticmapreduce:setClusterTerminationProtection": ("",),
    "elasticmapreduce:terminateCluster": _JOB,
    "emr-containers:createVirtualCluster": ("",),
    "emr-containers:deleteVirtualCluster": _JOB,
    "emr-containers:startJobRun": _JOB,
    "emr-serverless:cancelJobRun": _JOB,
    "emr-serverless:createApplication": _JOB,
    "emr-serverless:deleteApplication": _JOB,
    "emr-serverless:startApplication": _JOB,
    "emr-serverless:startJobRun": _JOB,
    "emr-serverless:stopApplication": _JOB,
    "events:putEvents": _TOKEN,
    "glue:startJobRun": _JOB,
    "databrew:startJobRun": _JOB,
    "http:invoke": ("",),
    "lambda:invoke": _TOKEN,
    "mediaconvert:createJob": _JOB,
    "sagemaker:createEndpoint": ("",),
    "sagemaker:createEndpointConfig": ("",),
    "sagemaker:createHyperParameterTuningJob": _JOB,
    "sagemaker:createLabelingJob": _JOB,
    "sagemaker:createModel": ("",),
    "sagemaker:createProcessingJob": _JOB,
    "sagemaker:createTrainingJob": _JOB,
    "sagemaker:createTransformJob": _JOB,
    "sagemaker:updateEndpoint": ("",),
    "sns:publish": _TOKEN,
    "sqs:sendMessage": _TOKEN,
    "states:startExecution": ("", ".sync", ".sync:2", ".waitForTaskToken"),
}


class Unrecognized(ValueError):
    """AWS has no such resource; the message is what it says when the state machine is made."""


class Kind(Enum):
    """How the history tells of a task: LambdaFunctionScheduled, ActivityScheduled or TaskScheduled, and so on."""

    FUNCTION = "LambdaFunction"
    ACTIVITY = "Activity"
    TASK = "Task"


@dataclass(frozen=True, slots=True)
class Resource:
    """A Task's resource. `resource_type` and `resource` are what TaskScheduled and its followers say."""

    arn: str
    kind: Kind
    service: str = ""  # `sqs`, `states`, `http`; for the SDK's integrations the id in the ARN
    action: str = ""  # `sendMessage`
    pattern: str = ""  # "", `.sync`, `.sync:2` or `.waitForTaskToken`
    is_sdk: bool = False

    @property
    def resource_type(self) -> str:
        return f"aws-sdk:{self.service}" if self.is_sdk else self.service

    @property
    def resource(self) -> str:
        return self.action + self.pattern if self.kind is Kind.TASK else self.arn

    @property
    def waits_for_token(self) -> bool:
        """Whether somebody must call SendTaskSuccess or SendTaskFailure."""
        return self.pattern == ".waitForTaskToken" or self.kind is Kind.ACTIVITY

    @property
    def waits_for_execution(self) -> bool:
        return self.pattern.startswith(".sync")


def parse(arn: str) -> Resource:
    """What a resource is. Unrecognized."""
    if _FUNCTION.fullmatch(arn):
        return Resource(arn, Kind.FUNCTION, "lambda", "invoke")
    if _ACTIVITY.fullmatch(arn):
        return Resource(arn, Kind.ACTIVITY)
    if found := _SDK.fullmatch(arn):
        pattern = found["pattern"] or ""
        if pattern not in _TOKEN:
            raise unrecognized(arn)
        return Resource(arn, Kind.TASK, found["service"], found["action"], pattern, is_sdk=True)
    found = _OPTIMIZED.fullmatch(arn)
    if found is None or (found["pattern"] or "") not in _PATTERNS.get(f"{found['service']}:{found['action']}", ()):
        raise unrecognized(arn)
    return Resource(arn, Kind.TASK, found["service"], found["action"], found["pattern"] or "")


def unrecognized(arn: str) -> Unrecognized:
    return Unrecognized(
        f"The resource provided {arn} is not recognized. "
        "The value is not a valid resource ARN, or the resource is not available in this region."
    )
