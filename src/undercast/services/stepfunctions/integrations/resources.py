"""Resources: what the ARN in a Task's `Resource` says about how the work is done. Pure.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d+:function:\S+")
_ACTIVITY = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:\d+:activity:\S+")
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
    """What a resource is; a task with an unknown one cannot be started."""
    return find(arn) or Resource(arn, Kind.TASK, action=arn)


def find(arn: str) -> Resource | None:
    """What a resource is, or None when AWS has no such thing."""
    if _FUNCTION.fullmatch(arn):
        return Resource(arn, Kind.FUNCTION, "lambda", "invoke")
    if _ACTIVITY.fullmatch(arn):
        return Resource(arn, Kind.ACTIVITY)
    allowed: tuple[str, ...] = _TOKEN
    if found := _SDK.fullmatch(arn):
        is_sdk = True
    elif found := _OPTIMIZED.fullmatch(arn):
        allowed, is_sdk = _PATTERNS.get(f"{found['service']}:{found['action']}", ()), False
    else:
        return None
    pattern = found["pattern"] or ""
    if pattern not in allowed:
        return None
    return Resource(arn, Kind.TASK, found["service"], found["action"], pattern, is_sdk=is_sdk)
