// The AWS SDK for JavaScript against Undercast, with nothing set but AWS_ENDPOINT_URL, a region and a key.
import assert from "node:assert/strict";
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import { CreateFunctionCommand, InvokeCommand, LambdaClient, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, QueueDoesNotExist, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const stories = {
  async sqs() {
    const sqs = new SQSClient();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "js" }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello", MessageAttributes: { a: { DataType: "String", StringValue: "b" } } }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"], WaitTimeSeconds: 2 }));
    assert.equal(Messages[0].Body, "hello"); // the SDK has compared the MD5s
    await assert.rejects(sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl + "x", MessageBody: "x" })), QueueDoesNotExist);
  },
  async sns() {
    const sns = new SNSClient();
    const sqs = new SQSClient();
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "js-topic" }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "js-copy" }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes.QueueArn }));
    await sns.send(new PublishCommand({ TopicArn, Message: "news" }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    assert.equal(JSON.parse(Messages[0].Body).Message, "news");
  },
  async s3() {
    for (const forcePathStyle of [true]) {
      const s3 = new S3Client({ forcePathStyle });
      await s3.send(new CreateBucketCommand({ Bucket: "js-bucket" }));
      await s3.send(new PutObjectCommand({ Bucket: "js-bucket", Key: "a b/ü.txt", Body: "content" })); // with a CRC32 trailer or header
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "js-bucket", Key: "a b/ü.txt" }));
      assert.equal(await Body.transformToString(), "content");
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "js-bucket" }));
      assert.deepEqual(Contents.map((item) => item.Key), ["a b/ü.txt"]);
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket: "js-bucket", Key: "none" })), NoSuchKey);
      const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "js-bucket", Key: "a b/ü.txt" }), { expiresIn: 60 });
      assert.equal(await (await fetch(url)).text(), "content");
    }
  },
  async lambda() {
    const lambda = new LambdaClient();
    const ZipFile = Buffer.from(process.env.FUNCTION_ZIP, "base64");
    const Role = "arn:aws:iam::000000000000:role/js";
    await lambda.send(new CreateFunctionCommand({ FunctionName: "js", Runtime: "nodejs20.x", Handler: "index.handler", Role, Code: { ZipFile } }));
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 1 }, { FunctionName: "js" });
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: "js", Payload: JSON.stringify({ n: 20 }) }));
    assert.equal(FunctionError, undefined);
    assert.deepEqual(JSON.parse(Buffer.from(Payload).toString()), { doubled: 40 });
  },
  async cloudformation() {
    const cloudformation = new CloudFormationClient();
    const TemplateBody = JSON.stringify({ Resources: { Queue: { Type: "AWS::SQS::Queue" } }, Outputs: { Url: { Value: { Ref: "Queue" } } } });
    await cloudformation.send(new CreateStackCommand({ StackName: "js", TemplateBody }));
    await waitUntilStackCreateComplete({ client: cloudformation, maxWaitTime: 30, minDelay: 1 }, { StackName: "js" });
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: "js" }));
    assert.match(Stacks[0].Outputs[0].OutputValue, /js-Queue-/);
  },
  async sts() {
    const { Account } = await new STSClient().send(new GetCallerIdentityCommand({}));
    assert.equal(Account, process.env.AWS_ACCESS_KEY_ID);
  },
};

await stories[process.argv[2]]();
console.log("ok");
