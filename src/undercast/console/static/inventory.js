// What there is, by service: each service's own list operation, its first page.
import { cli, get, json, query, rowsOf } from "./aws.js";

/** A service's listing. `list` gives {rows: [{name, id, note, at}], more}; `id` is what CloudFormation calls it. */
const LISTS = {
  stepfunctions: {
    title: "State machines", one: "state machine", command: ["stepfunctions", "ListStateMachines"],
    teach: "aws stepfunctions create-state-machine --name hello --role-arn arn:aws:iam::000000000000:role/r --definition '{\"StartAt\":\"Hi\",\"States\":{\"Hi\":{\"Type\":\"Pass\",\"End\":true}}}'",
    list: () => jsonList("stepfunctions", "ListStateMachines", { maxResults: 1000 }, "stateMachines", (row) => ({
      name: row.name, id: row.stateMachineArn, note: row.type.toLowerCase(), at: row.creationDate * 1000,
    })),
  },
  lambda: {
    title: "Functions", one: "function", command: ["lambda", "ListFunctions"],
    teach: "sam deploy --guided",
    list: () => restList("lambda", "/2015-03-31/functions/", "Functions", (row) => ({ name: row.FunctionName, id: row.FunctionName, arn: row.FunctionArn, note: row.Runtime ?? "image", at: Date.parse(row.LastModified) })),
  },
  apigateway: {
    title: "REST APIs", one: "API", command: ["apigateway", "GetRestApis"], teach: "aws apigateway create-rest-api --name hello",
    list: () => restList("apigateway", "/restapis", "item", (row) => ({ name: row.name, id: row.id, note: row.id, at: row.createdDate * 1000 })),
  },
  sqs: {
    title: "Queues", one: "queue", command: ["sqs", "ListQueues"], teach: "aws sqs create-queue --queue-name hello",
    list: () => jsonList("sqs", "ListQueues", { MaxResults: 1000 }, "QueueUrls", (url) => ({ name: url.split("/").pop(), id: url, note: url.endsWith(".fifo") ? "fifo" : "" })),
  },
  sns: {
    title: "Topics", one: "topic", command: ["sns", "ListTopics"], teach: "aws sns create-topic --name hello",
    list: async () => {
      const answer = await query("sns", "ListTopics");
      const rows = rowsOf(answer, "Topics", "member", ["TopicArn"]).map(({ TopicArn }) => ({ name: TopicArn.split(":").pop(), id: TopicArn, note: TopicArn.endsWith(".fifo") ? "fifo" : "" }));
      return { rows, more: answer.getElementsByTagName("NextToken").length > 0 };
    },
  },
  events: {
    title: "Event rules", one: "rule", command: ["events", "ListRules"], teach: "aws events put-rule --name hello --event-pattern '{\"source\":[\"shop\"]}'",
    list: () => jsonList("events", "ListRules", {}, "Rules", (row) => ({ name: row.Name, id: row.Name, arn: row.Arn, note: row.State.toLowerCase() })),
  },
  dynamodb: {
    title: "Tables", one: "table", command: ["dynamodb", "ListTables"],
    teach: "aws dynamodb create-table --table-name hello --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH",
    list: () => jsonList("dynamodb", "ListTables", {}, "TableNames", (name) => ({ name, id: name, note: "" })),
  },
  s3: {
    title: "Buckets", one: "bucket", command: ["s3api", "ListBuckets"], teach: "aws s3 mb s3://hello",
    list: async () => {
      const rows = rowsOf(await get("s3", "/"), "Buckets", "Bucket", ["Name", "CreationDate"]);
      return { rows: rows.map((row) => ({ name: row.Name, id: row.Name, note: "", at: Date.parse(row.CreationDate) })), more: false };
    },
  },
  kinesis: {
    title: "Streams", one: "stream", command: ["kinesis", "ListStreams"], teach: "aws kinesis create-stream --stream-name hello",
    list: () => jsonList("kinesis", "ListStreams", {}, "StreamNames", (name) => ({ name, id: name, note: "" })),
  },
  firehose: {
    title: "Delivery streams", one: "delivery stream", command: ["firehose", "ListDeliveryStreams"], teach: "aws firehose help",
    list: () => jsonList("firehose", "ListDeliveryStreams", {}, "DeliveryStreamNames", (name) => ({ name, id: name, note: "" })),
  },
  pipes: {
    title: "Pipes", one: "pipe", command: ["pipes", "ListPipes"], teach: "aws pipes help",
    list: () => restList("pipes", "/v1/pipes", "Pipes", (row) => ({ name: row.Name, id: row.Name, arn: row.Arn, note: (row.CurrentState ?? "").toLowerCase() })),
  },
  scheduler: {
    title: "Schedules", one: "schedule", command: ["scheduler", "ListSchedules"], teach: "aws scheduler help",
    list: () => restList("scheduler", "/schedules", "Schedules", (row) => ({ name: row.Name, id: row.Name, arn: row.Arn, note: (row.State ?? "").toLowerCase() })),
  },
  logs: {
    title: "Log groups", one: "log group", command: ["logs", "DescribeLogGroups"], teach: "aws logs create-log-group --log-group-name hello",
    list: () => jsonList("logs", "DescribeLogGroups", {}, "logGroups", (row) => ({ name: row.logGroupName, id: row.logGroupName, note: "", at: row.creationTime })),
  },
  secretsmanager: {
    title: "Secrets", one: "secret", command: ["secretsmanager", "ListSecrets"], teach: "aws secretsmanager create-secret --name hello --secret-string x",
    list: () => jsonList("secretsmanager", "ListSecrets", {}, "SecretList", (row) => ({ name: row.Name, id: row.ARN, note: "", at: row.CreatedDate * 1000 })),
  },
  ssm: {
    title: "Parameters", one: "parameter", command: ["ssm", "DescribeParameters"], teach: "aws ssm put-parameter --name hello --type String --value x",
    list: () => jsonList("ssm", "DescribeParameters", {}, "Parameters", (row) => ({ name: row.Name, id: row.Name, note: row.Type })),
  },
  kms: {
    title: "Keys", one: "key", command: ["kms", "ListKeys"], teach: "aws kms create-key",
    list: () => jsonList("kms", "ListKeys", {}, "Keys", (row) => ({ name: row.KeyId, id: row.KeyId, arn: row.KeyArn, note: "" })),
  },
};

export const SERVICES = Object.keys(LISTS);

export function serviceInfo(name) {
  const entry = LISTS[name];
  return entry && { name, ...entry, list: () => inTurn(entry.list), cli: () => cli(...entry.command) };
}

const AT_ONCE = 2; // so that the page itself finds a connection free, and services that load one after the other do not hold it up
const turns = [];
let busy = 0;

async function inTurn(work) {
  if (busy >= AT_ONCE) await new Promise((resolve) => turns.push(resolve));
  busy += 1;
  try {
    return await work();
  } finally {
    busy -= 1;
    turns.shift()?.();
  }
}

async function jsonList(service, operation, params, member, toRow) {
  return page(await json(service, operation, params), member, toRow);
}

async function restList(service, path, member, toRow) {
  return page(await get(service, path), member, toRow);
}

/** One page of a list. Services say in many words that it goes on: NextToken, NextMarker, position, HasMoreStreams… */
function page(answer, member, toRow) {
  const goesOn = /token|marker|position|HasMore|LastEvaluated|truncated/i;
  return { rows: (answer[member] ?? []).map(toRow), more: Object.keys(answer).some((key) => goesOn.test(key) && answer[key]) };
}

/** Where a resource's own page is: [path…] for `to`. */
export function pathOf(service, row) {
  return service === "stepfunctions" ? ["stepfunctions", row.name] : ["services", service, row.name];
}

/** The stacks that are there, with what belongs to each: [{name, status, at, resources: [{logical, physical, type, status}]}]. */
export async function stacks() {
  const answer = await query("cloudformation", "DescribeStacks");
  const rows = rowsOf(answer, "Stacks", "member", ["StackName", "StackStatus", "CreationTime", "Description"]);
  return Promise.all(rows.slice(0, 40).map(async (row) => ({
    name: row.StackName, status: row.StackStatus, at: Date.parse(row.CreationTime), about: row.Description,
    resources: await stackResources(row.StackName),
  })));
}

async function stackResources(name) {
  const found = [];
  let token = "";
  do {
    const answer = await query("cloudformation", "ListStackResources", token ? { StackName: name, NextToken: token } : { StackName: name });
    found.push(...rowsOf(answer, "StackResourceSummaries", "member", ["LogicalResourceId", "PhysicalResourceId", "ResourceType", "ResourceStatus"]));
    token = answer.getElementsByTagName("NextToken")[0]?.textContent ?? "";
  } while (token && found.length < 500);
  return found.map((row) => ({ logical: row.LogicalResourceId, physical: row.PhysicalResourceId, type: row.ResourceType, status: row.ResourceStatus }));
}
