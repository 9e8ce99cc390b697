"""The managed policies of AWS that Undercast knows, with documents written from the permissions AWS documents.

A line is `path name: action action on resource; action…`: statements that allow, on everything unless a resource is
named. Documents of wide policies keep to the services that are here. Source: the AWS Managed Policy Reference,
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from undercast.kit.errors import NotImplementedYet
from undercast.services.iam.linked_roles import ROLES

_LOGS = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
_READ = [
    "sqs",
    "sns",
    "s3",
    "dynamodb",
    "lambda",
    "logs",
    "cloudwatch",
    "events",
    "scheduler",
    "pipes",
    "schemas",
    "states",
    "kinesis",
    "firehose",
    "kafka",
    "mq",
    "rds",
    "elasticache",
    "ec2",
    "ecs",
    "ecr",
    "elasticloadbalancing",
    "cloudfront",
    "wafv2",
    "route53",
    "servicediscovery",
    "vpc-lattice",
    "appconfig",
    "ssm",
    "secretsmanager",
    "kms",
    "iam",
    "cognito-idp",
    "cognito-identity",
    "acm",
    "xray",
    "athena",
    "es",
    "redshift",
    "cloudtrail",
    "config",
    "cloudformation",
    "appsync",
    "apigateway",
    "tag",
]
_READ_ALL = " ".join(f"{service}:{verb}" for service in _READ for verb in ("Get*", "List*", "Describe*"))

_TEXT = f"""
/ AdministratorAccess: *
/ ReadOnlyAccess: {_READ_ALL}
/job-function/ ViewOnlyAccess: {" ".join(f"{s}:{v}" for s in _READ for v in ("List*", "Describe*"))}
/ IAMFullAccess: iam:* organizations:DescribeAccount organizations:DescribeOrganization organizations:DescribeOrganizationalUnit organizations:DescribePolicy organizations:ListChildren organizations:ListParents organizations:ListPoliciesForTarget organizations:ListRoots organizations:ListPolicies organizations:ListTargetsForPolicy
/ IAMReadOnlyAccess: iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails iam:Get* iam:List* iam:SimulateCustomPolicy iam:SimulatePrincipalPolicy
/ IAMUserChangePassword: iam:ChangePassword on arn:aws:iam::*:user/${{aws:username}}; iam:GetAccountPasswordPolicy
/service-role/ AWSLambdaBasicExecutionRole: {_LOGS}
/service-role/ AWSLambdaSQSQueueExecutionRole: sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes {_LOGS}
/service-role/ AWSLambdaDynamoDBExecutionRole: dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams {_LOGS}
/service-role/ AWSLambdaKinesisExecutionRole: kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard {_LOGS}
/service-role/ AWSLambdaMSKExecutionRole: kafka:DescribeCluster kafka:DescribeClusterV2 kafka:GetBootstrapBrokers ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeVpcs ec2:DeleteNetworkInterface ec2:DescribeSubnets ec2:DescribeSecurityGroups {_LOGS}
/service-role/ AWSLambdaVPCAccessExecutionRole: {_LOGS} ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses
/service-role/ AWSLambdaENIManagementAccess: ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses
/service-role/ AWSLambdaRole: lambda:InvokeFunction
/ AWSLambdaExecute: logs:* on arn:aws:logs:*:*:*; s3:GetObject s3:PutObject on arn:aws:s3:::*
/ AWSLambdaInvocation-DynamoDB: lambda:InvokeFunction; dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams
/ AWSLambda_FullAccess: cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:ListMetrics cloudwatch:GetMetricData ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:ListAliases iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:ListRoles iam:PassRole lambda:* logs:DescribeLogGroups logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents states:DescribeStateMachine states:ListStateMachines tag:GetResources xray:GetTraceSummaries xray:BatchGetTraces
/ AWSLambda_ReadOnlyAccess: cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:GetMetricData cloudwatch:ListMetrics ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:ListAliases iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:ListRoles logs:DescribeLogGroups lambda:Get* lambda:List* states:DescribeStateMachine states:ListStateMachines tag:GetResources xray:GetTraceSummaries xray:BatchGetTraces
/ AmazonSQSFullAccess: sqs:*
/ AmazonSQSReadOnlyAccess: sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListDeadLetterSourceQueues sqs:ListQueues sqs:ListMessageMoveTasks sqs:ListQueueTags
/ AmazonSNSFullAccess: sns:*
/ AmazonSNSReadOnlyAccess: sns:GetTopicAttributes sns:List* sns:CheckIfPhoneNumberIsOptedOut sns:GetEndpointAttributes sns:GetDataProtectionPolicy sns:GetPlatformApplicationAttributes sns:GetSMSAttributes sns:GetSMSSandboxAccountStatus sns:GetSubscriptionAttributes
/service-role/ AmazonSNSRole: {_LOGS} logs:PutMetricFilter logs:PutRetentionPolicy
/ AmazonS3FullAccess: s3:* s3-object-lambda:*
/ AmazonS3ReadOnlyAccess: s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*
/service-role/ AmazonS3ObjectLambdaExecutionRolePolicy: {_LOGS} s3-object-lambda:WriteGetObjectResponse
/ AmazonDynamoDBFullAccess: dynamodb:* dax:* application-autoscaling:DeleteScalingPolicy application-autoscaling:DeregisterScalableTarget application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingActivities application-autoscaling:DescribeScalingPolicies application-autoscaling:PutScalingPolicy application-autoscaling:RegisterScalableTarget cloudwatch:DeleteAlarms cloudwatch:DescribeAlarmHistory cloudwatch:DescribeAlarms cloudwatch:GetMetricStatistics cloudwatch:ListMetrics cloudwatch:PutMetricAlarm cloudwatch:GetMetricData kinesis:ListStreams kinesis:DescribeStream kinesis:DescribeStreamSummary kms:DescribeKey kms:ListAliases lambda:CreateFunction lambda:ListFunctions lambda:ListEventSourceMappings sns:ListTopics tag:GetResources
/ AmazonDynamoDBFullAccess_v2: dynamodb:* dax:* application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingPolicies cloudwatch:DescribeAlarms cloudwatch:GetMetricData cloudwatch:ListMetrics kinesis:ListStreams kinesis:DescribeStream kms:DescribeKey kms:ListAliases
/ AmazonDynamoDBReadOnlyAccess: dynamodb:BatchGetItem dynamodb:Describe* dynamodb:List* dynamodb:GetAbacStatus dynamodb:GetItem dynamodb:GetResourcePolicy dynamodb:Query dynamodb:Scan dynamodb:PartiQLSelect dax:Describe* dax:List* dax:GetItem dax:BatchGetItem dax:Query dax:Scan
/ AmazonEventBridgeFullAccess: events:* schemas:* scheduler:* pipes:*
/ AmazonEventBridgeReadOnlyAccess: events:DescribeRule events:DescribeEventBus events:DescribeEventSource events:ListEventBuses events:ListEventSources events:ListRuleNamesByTarget events:ListRules events:ListTargetsByRule events:TestEventPattern events:DescribeArchive events:ListArchives events:DescribeReplay events:ListReplays events:DescribeConnection events:ListConnections events:DescribeApiDestination events:ListApiDestinations events:DescribeEndpoint events:ListEndpoints schemas:Describe* schemas:List* schemas:Search* schemas:GetDiscoveredSchema scheduler:GetSchedule scheduler:GetScheduleGroup scheduler:List* pipes:DescribePipe pipes:ListPipes pipes:ListTagsForResource
/ AmazonEventBridgeSchedulerFullAccess: scheduler:*
/ AmazonEventBridgeSchedulerReadOnlyAccess: scheduler:ListSchedules scheduler:ListScheduleGroups scheduler:GetSchedule scheduler:GetScheduleGroup scheduler:ListTagsForResource
/ AmazonEventBridgePipesFullAccess: pipes:*
/ AmazonEventBridgeSchemasFullAccess: schemas:*
/ CloudWatchEventsFullAccess: events:* schemas:* scheduler:* pipes:*
/ AWSStepFunctionsFullAccess: states:*
/ AWSStepFunctionsConsoleFullAccess: states:* iam:ListRoles iam:PassRole lambda:ListFunctions
/ AWSStepFunctionsReadOnlyAccess: states:ListStateMachines states:ListActivities states:DescribeStateMachine states:DescribeStateMachineForExecution states:ListExecutions states:DescribeExecution states:GetExecutionHistory states:DescribeActivity
/ AmazonKinesisFullAccess: kinesis:*
/ AmazonKinesisReadOnlyAccess: kinesis:Get* kinesis:List* kinesis:Describe*
/ AmazonKinesisFirehoseFullAccess: firehose:*
/ AmazonKinesisFirehoseReadOnlyAccess: firehose:Describe* firehose:List*
/ AmazonMSKFullAccess: kafka:* ec2:DescribeSubnets ec2:DescribeVpcs ec2:DescribeSecurityGroups kms:DescribeKey kms:CreateGrant logs:CreateLogDelivery s3:GetBucketPolicy firehose:TagDeliveryStream
/ AmazonMSKReadOnlyAccess: kafka:Describe* kafka:List* kafka:Get* ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:DescribeKey
/ AmazonMQFullAccess: mq:* cloudformation:CreateStack ec2:CreateNetworkInterface ec2:CreateSecurityGroup ec2:DescribeInternetGateways ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs
/ AmazonMQReadOnlyAccess: mq:Describe* mq:List* ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs
/ CloudWatchFullAccess: autoscaling:Describe* cloudwatch:* logs:* sns:* iam:GetPolicy iam:GetPolicyVersion iam:GetRole oam:ListSinks
/ CloudWatchFullAccessV2: application-autoscaling:DescribeScalingPolicies autoscaling:DescribeAutoScalingGroups autoscaling:DescribePolicies cloudwatch:* logs:* sns:CreateTopic sns:ListSubscriptions sns:ListSubscriptionsByTopic sns:ListTopics sns:Subscribe iam:GetPolicy iam:GetPolicyVersion iam:GetRole oam:ListSinks rum:* synthetics:* xray:*
/ CloudWatchReadOnlyAccess: autoscaling:Describe* cloudwatch:Describe* cloudwatch:Get* cloudwatch:List* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:Describe* logs:TestMetricFilter logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail oam:ListSinks sns:Get* sns:List*
/ CloudWatchLogsFullAccess: logs:* cloudwatch:GenerateQuery
/ CloudWatchLogsReadOnlyAccess: logs:Describe* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:TestMetricFilter logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail cloudwatch:GenerateQuery
/ CloudWatchAgentServerPolicy: cloudwatch:PutMetricData ec2:DescribeVolumes ec2:DescribeTags logs:PutLogEvents logs:PutRetentionPolicy logs:DescribeLogStreams logs:DescribeLogGroups logs:CreateLogStream logs:CreateLogGroup xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries; ssm:GetParameter on arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*
/ CloudWatchLambdaInsightsExecutionRolePolicy: logs:CreateLogGroup; logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:*:*:log-group:/aws/lambda-insights:*
/ AWSXRayDaemonWriteAccess: xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries
/ AWSXrayWriteOnlyAccess: xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries
/ AWSXrayReadOnlyAccess: xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries xray:BatchGetTraces xray:GetServiceGraph xray:GetTraceGraph xray:GetTraceSummaries xray:GetGroups xray:GetGroup xray:ListTagsForResource xray:GetTimeSeriesServiceStatistics xray:GetInsightSummaries xray:GetInsight xray:GetInsightEvents xray:GetInsightImpactGraph
/ AWSXrayFullAccess: xray:*
/ SecretsManagerReadWrite: secretsmanager:* cloudformation:CreateChangeSet cloudformation:DescribeChangeSet cloudformation:DescribeStackResource cloudformation:DescribeStacks cloudformation:ExecuteChangeSet docdb-elastic:GetCluster docdb-elastic:ListClusters ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:DescribeKey kms:ListAliases kms:ListKeys lambda:ListFunctions rds:DescribeDBClusters rds:DescribeDBInstances redshift:DescribeClusters redshift-serverless:ListWorkgroups redshift-serverless:GetNamespace tag:GetResources; lambda:AddPermission lambda:CreateFunction lambda:GetFunction lambda:InvokeFunction lambda:UpdateFunctionConfiguration on arn:aws:lambda:*:*:function:SecretsManager*
/ AmazonSSMFullAccess: cloudwatch:PutMetricData ds:CreateComputer ds:DescribeDirectories ec2:DescribeInstanceStatus logs:* ssm:* ec2messages:* ssmmessages:*
/ AmazonSSMReadOnlyAccess: ssm:Describe* ssm:Get* ssm:List*
/ AmazonSSMManagedInstanceCore: ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance ssm:GetDocument ssm:DescribeDocument ssm:GetManifest ssm:GetParameter ssm:GetParameters ssm:ListAssociations ssm:ListInstanceAssociations ssm:PutInventory ssm:PutComplianceItems ssm:PutConfigurePackageResult ssm:UpdateAssociationStatus ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel ec2messages:AcknowledgeMessage ec2messages:DeleteMessage ec2messages:FailMessage ec2messages:GetEndpoint ec2messages:GetMessages ec2messages:SendReply
/ AWSKeyManagementServicePowerUser: kms:CreateAlias kms:CreateKey kms:DeleteAlias kms:Describe* kms:GenerateRandom kms:Get* kms:List* kms:TagResource kms:UntagResource iam:ListGroups iam:ListRoles iam:ListUsers
/ AmazonAPIGatewayAdministrator: apigateway:* on arn:aws:apigateway:*::/*
/ AmazonAPIGatewayInvokeFullAccess: execute-api:Invoke execute-api:ManageConnections on arn:aws:execute-api:*:*:*
/service-role/ AmazonAPIGatewayPushToCloudWatchLogs: logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogGroups logs:DescribeLogStreams logs:PutLogEvents logs:GetLogEvents logs:FilterLogEvents
/ AWSAppSyncAdministrator: appsync:*
/ AWSAppSyncInvokeFullAccess: appsync:GraphQL appsync:GetGraphqlApi appsync:ListGraphqlApis appsync:ListApiKeys
/service-role/ AWSAppSyncPushToCloudWatchLogs: {_LOGS}
/ AmazonCognitoPowerUser: cognito-idp:* cognito-identity:* cognito-sync:* iam:ListRoles iam:ListOpenIdConnectProviders iam:GetRole iam:ListSAMLProviders iam:GetSAMLProvider kinesis:ListStreams lambda:GetPolicy lambda:ListFunctions sns:GetSMSSandboxAccountStatus sns:ListPlatformApplications ses:ListIdentities ses:GetIdentityVerificationAttributes mobiletargeting:GetApps acm:ListCertificates
/ AmazonCognitoReadOnly: cognito-identity:Describe* cognito-identity:Get* cognito-identity:List* cognito-idp:Describe* cognito-idp:AdminGet* cognito-idp:AdminList* cognito-idp:List* cognito-idp:Get* cognito-sync:Describe* cognito-sync:Get* cognito-sync:List* iam:ListOpenIdConnectProviders iam:ListRoles sns:ListPlatformApplications
/ AmazonECS_FullAccess: ecs:* application-autoscaling:* autoscaling:Describe* cloudwatch:DescribeAlarms cloudwatch:GetMetricStatistics cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudformation:CreateStack cloudformation:DeleteStack cloudformation:DescribeStack* cloudformation:UpdateStack ec2:Describe* elasticloadbalancing:* events:DescribeRule events:PutRule events:PutTargets events:RemoveTargets events:DeleteRule iam:ListRoles iam:ListInstanceProfiles lambda:ListFunctions logs:CreateLogGroup logs:DescribeLogGroups logs:FilterLogEvents route53:* servicediscovery:* sns:ListTopics
/service-role/ AmazonECSTaskExecutionRolePolicy: ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage logs:CreateLogStream logs:PutLogEvents
/service-role/ AmazonEC2ContainerServiceforEC2Role: ec2:DescribeTags ecs:CreateCluster ecs:DeregisterContainerInstance ecs:DiscoverPollEndpoint ecs:Poll ecs:RegisterContainerInstance ecs:StartTelemetrySession ecs:UpdateContainerInstancesState ecs:Submit* ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage logs:CreateLogStream logs:PutLogEvents
/ AmazonEC2ContainerRegistryFullAccess: ecr:* cloudtrail:LookupEvents
/ AmazonEC2ContainerRegistryPowerUser: ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:GetRepositoryPolicy ecr:DescribeRepositories ecr:ListImages ecr:DescribeImages ecr:BatchGetImage ecr:GetLifecyclePolicy ecr:GetLifecyclePolicyPreview ecr:ListTagsForResource ecr:DescribeImageScanFindings ecr:InitiateLayerUpload ecr:UploadLayerPart ecr:CompleteLayerUpload ecr:PutImage
/ AmazonEC2ContainerRegistryReadOnly: ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:GetRepositoryPolicy ecr:DescribeRepositories ecr:ListImages ecr:DescribeImages ecr:BatchGetImage ecr:GetLifecyclePolicy ecr:GetLifecyclePolicyPreview ecr:ListTagsForResource ecr:DescribeImageScanFindings
/ AmazonEC2FullAccess: ec2:* elasticloadbalancing:* cloudwatch:* autoscaling:*
/ AmazonEC2ReadOnlyAccess: ec2:Describe* ec2:GetSecurityGroupsForVpc elasticloadbalancing:Describe* cloudwatch:ListMetrics cloudwatch:GetMetricStatistics cloudwatch:Describe* autoscaling:Describe*
/ AmazonVPCFullAccess: ec2:*
/ ElasticLoadBalancingFullAccess: elasticloadbalancing:* ec2:DescribeAccountAttributes ec2:DescribeAddresses ec2:DescribeInternetGateways ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs ec2:DescribeVpcClassicLink ec2:DescribeInstances ec2:DescribeNetworkInterfaces ec2:DescribeClassicLinkInstances ec2:DescribeRouteTables ec2:DescribeCoipPools ec2:GetCoipPoolUsage ec2:DescribeVpcPeeringConnections cognito-idp:DescribeUserPoolClient
/ AmazonRDSFullAccess: rds:* application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingPolicies cloudwatch:DescribeAlarms cloudwatch:GetMetricStatistics cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms ec2:Describe* sns:ListSubscriptions sns:ListTopics sns:Publish logs:DescribeLogStreams logs:GetLogEvents
/ AmazonRDSReadOnlyAccess: rds:Describe* rds:ListTagsForResource ec2:DescribeAccountAttributes ec2:DescribeAvailabilityZones ec2:DescribeInternetGateways ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcAttribute ec2:DescribeVpcs cloudwatch:GetMetricStatistics cloudwatch:GetMetricData logs:DescribeLogStreams logs:GetLogEvents
/ AmazonRDSDataFullAccess: rds-data:BatchExecuteStatement rds-data:BeginTransaction rds-data:CommitTransaction rds-data:ExecuteStatement rds-data:RollbackTransaction secretsmanager:ListSecrets tag:GetResources; secretsmanager:GetSecretValue secretsmanager:CreateSecret on arn:aws:secretsmanager:*:*:secret:rds-db-credentials/*
/ AmazonElastiCacheFullAccess: elasticache:* ec2:CreateVpcEndpoint ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeSecurityGroups cloudwatch:GetMetricData kms:DescribeKey kms:ListAliases logs:DescribeLogGroups firehose:ListDeliveryStreams s3:ListAllMyBuckets sns:ListTopics
/ AmazonElastiCacheReadOnlyAccess: elasticache:Describe* elasticache:List*
/ AmazonRoute53FullAccess: route53:* route53domains:* cloudfront:ListDistributions elasticloadbalancing:DescribeLoadBalancers s3:ListBucket s3:GetBucketLocation s3:GetBucketWebsite ec2:DescribeVpcs ec2:DescribeVpcEndpoints ec2:DescribeRegions sns:ListTopics sns:ListSubscriptionsByTopic cloudwatch:DescribeAlarms cloudwatch:GetMetricStatistics
/ AmazonRoute53ReadOnlyAccess: route53:Get* route53:List* route53:TestDNSAnswer
/ AWSCloudMapFullAccess: route53:GetHostedZone route53:ListHostedZonesByName route53:CreateHostedZone route53:DeleteHostedZone route53:ChangeResourceRecordSets route53:CreateHealthCheck route53:GetHealthCheck route53:DeleteHealthCheck route53:UpdateHealthCheck ec2:DescribeVpcs ec2:DescribeRegions ec2:DescribeInstances servicediscovery:*
/ AWSCloudMapReadOnlyAccess: servicediscovery:Get* servicediscovery:List* servicediscovery:DiscoverInstances
/ VPCLatticeFullAccess: vpc-lattice:* acm:DescribeCertificate acm:ListCertificates cloudwatch:GetMetricData ec2:DescribeInstances ec2:DescribePrefixLists ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcAttribute ec2:DescribeVpcs elasticloadbalancing:DescribeLoadBalancers lambda:ListAliases lambda:ListFunctions lambda:ListVersionsByFunction
/ CloudFrontFullAccess: cloudfront:* cloudfront-keyvaluestore:* s3:ListAllMyBuckets acm:ListCertificates iam:ListServerCertificates waf:ListWebACLs waf:GetWebACL wafv2:ListWebACLs wafv2:GetWebACL kinesis:ListStreams kinesis:DescribeStream iam:ListRoles
/ CloudFrontReadOnlyAccess: cloudfront:Describe* cloudfront:Get* cloudfront:List* cloudfront-keyvaluestore:Describe* cloudfront-keyvaluestore:Get* cloudfront-keyvaluestore:List* iam:ListServerCertificates route53:List* waf:ListWebACLs waf:GetWebACL wafv2:ListWebACLs wafv2:GetWebACL
/ AWSWAFFullAccess: waf:* waf-regional:* wafv2:* elasticloadbalancing:SetWebACL apigateway:SetWebACL appsync:SetWebACL cognito-idp:AssociateWebACL cognito-idp:DisassociateWebACL cognito-idp:GetWebACLForResource
/ AWSCertificateManagerFullAccess: acm:*
/ AWSCertificateManagerReadOnly: acm:DescribeCertificate acm:ListCertificates acm:GetCertificate acm:ListTagsForCertificate acm:GetAccountConfiguration
/ AWSCloudFormationFullAccess: cloudformation:*
/ AWSCloudFormationReadOnlyAccess: cloudformation:Describe* cloudformation:EstimateTemplateCost cloudformation:Get* cloudformation:List* cloudformation:ValidateTemplate cloudformation:Detect*
/ AWSCloudTrail_FullAccess: cloudtrail:* sns:AddPermission sns:CreateTopic sns:SetTopicAttributes sns:GetTopicAttributes sns:ListTopics s3:ListAllMyBuckets logs:CreateLogGroup iam:ListRoles iam:GetRolePolicy iam:GetUser kms:ListAliases kms:ListKeys lambda:ListFunctions dynamodb:ListTables dynamodb:ListGlobalTables
/ AWSCloudTrail_ReadOnlyAccess: cloudtrail:Get* cloudtrail:Describe* cloudtrail:List* cloudtrail:LookupEvents
/ AmazonAthenaFullAccess: athena:* glue:BatchCreatePartition glue:BatchDeletePartition glue:BatchDeleteTable glue:BatchGetPartition glue:CreateDatabase glue:CreatePartition glue:CreateTable glue:DeleteDatabase glue:DeletePartition glue:DeleteTable glue:GetDatabase glue:GetDatabases glue:GetPartition glue:GetPartitions glue:GetTable glue:GetTables glue:UpdateDatabase glue:UpdatePartition glue:UpdateTable s3:ListBucket s3:GetBucketLocation s3:ListAllMyBuckets sns:ListTopics sns:GetTopicAttributes cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms cloudwatch:GetMetricData lakeformation:GetDataAccess; s3:GetBucketLocation s3:GetObject s3:ListBucket s3:ListBucketMultipartUploads s3:ListMultipartUploadParts s3:AbortMultipartUpload s3:CreateBucket s3:PutObject s3:PutBucketPublicAccessBlock on arn:aws:s3:::aws-athena-query-results-*
/ AmazonOpenSearchServiceFullAccess: es:*
/ AmazonOpenSearchServiceReadOnlyAccess: es:Describe* es:List* es:Get*
/ AWSCodeBuildDeveloperAccess: codebuild:StartBuild codebuild:StopBuild codebuild:StartBuildBatch codebuild:StopBuildBatch codebuild:RetryBuild codebuild:RetryBuildBatch codebuild:BatchGet* codebuild:GetResourcePolicy codebuild:DescribeTestCases codebuild:DescribeCodeCoverages codebuild:List* cloudwatch:GetMetricStatistics events:DescribeRule events:ListTargetsByRule events:ListRuleNamesByTarget logs:GetLogEvents s3:GetBucketLocation s3:ListAllMyBuckets
/ AmazonEKSClusterPolicy: autoscaling:DescribeAutoScalingGroups autoscaling:UpdateAutoScalingGroup ec2:AttachVolume ec2:AuthorizeSecurityGroupIngress ec2:CreateRoute ec2:CreateSecurityGroup ec2:CreateTags ec2:CreateVolume ec2:DeleteRoute ec2:DeleteSecurityGroup ec2:DeleteVolume ec2:Describe* ec2:DetachVolume ec2:ModifyInstanceAttribute ec2:ModifyVolume ec2:RevokeSecurityGroupIngress elasticloadbalancing:* kms:DescribeKey
/ AmazonEKSWorkerNodePolicy: ec2:DescribeInstances ec2:DescribeInstanceTypes ec2:DescribeRouteTables ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVolumes ec2:DescribeVolumesModifications ec2:DescribeVpcs eks:DescribeCluster eks-auth:AssumeRoleForPodIdentity
"""
_POWER_USER = [
    {
        "Effect": "Allow",
        "NotAction": ["iam:*", "organizations:*", "account:*"],
        "Resource": "*",
    },
    {
        "Effect": "Allow",
        "Action": [
            "account:GetAccountInformation",
            "account:GetPrimaryEmail",
            "account:ListRegions",
            "iam:CreateServiceLinkedRole",
            "iam:DeleteServiceLinkedRole",
            "iam:ListRoles",
            "organizations:DescribeOrganization",
        ],
        "Resource": "*",
    },
]
_LAUNCHED = 1_423_247_980_000  # 6 February 2015, when AWS brought managed policies: many of them date from that day


@dataclass(frozen=True)
class AwsPolicy:
    """A managed policy of AWS. `statements` is None when only its name is known."""

    name: str
    path: str
    statements: list[dict[str, Any]] | None
    created_at: int = _LAUNCHED

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::aws:policy{self.path}{self.name}"

    @property
    def id(self) -> str:
        """Like AWS's in shape, not the one AWS has."""
        return "ANPA" + sha256(self.arn.encode()).hexdigest()[:17].upper()


def find(arn: str) -> AwsPolicy | None:
    return TABLE.get(arn)


def document(policy: AwsPolicy) -> str:
    """The JSON text of the policy. NotImplementedYet when Undercast knows no more than its name."""
    if policy.statements is None:
        raise NotImplementedYet(f"Undercast knows the policy {policy.arn} by name only, not its document.")
    whole = {"Version": "2012-10-17", "Statement": policy.statements}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode()


def _statement(text: str) -> dict[str, Any]:
    actions, _, resource = text.partition(" on ")
    found = actions.split()
    return {"Effect": "Allow", "Action": found[0] if len(found) == 1 else found, "Resource": resource or "*"}


def _policy(line: str) -> AwsPolicy:
    head, _, body = line.partition(": ")
    path, name = head.split()
    return AwsPolicy(name, path, [_statement(text.strip()) for text in body.split("; ")])


def _table() -> dict[str, AwsPolicy]:
    policies = [_policy(line) for line in _TEXT.strip().splitlines()]
    policies.append(AwsPolicy("PowerUserAccess", "/", _POWER_USER))
    policies += [AwsPolicy(role.policy, "/aws-service-role/", None) for role in ROLES.values()]
    return {policy.arn: policy for policy in sorted(policies, key=lambda policy: policy.arn)}


TABLE = _table()
