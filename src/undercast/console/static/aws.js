// The AWS APIs, as any client calls them: the same origin, a credential scope that says account, region and service.
import { here } from "./place.js";
import { quoted } from "./model/format.js";

const TARGETS = {
  dynamodb: ["DynamoDB_20120810", "1.0"], events: ["AWSEvents", "1.1"], firehose: ["Firehose_20150804", "1.1"],
  kinesis: ["Kinesis_20131202", "1.1"], kms: ["TrentService", "1.1"], logs: ["Logs_20140328", "1.1"],
  secretsmanager: ["secretsmanager", "1.1"], sqs: ["AmazonSQS", "1.0"], ssm: ["AmazonSSM", "1.1"],
  stepfunctions: ["AWSStepFunctions", "1.0"],
};
const VERSIONS = { cloudformation: "2010-05-15", iam: "2010-05-08", sns: "2010-03-31" };
const SIGNING = { stepfunctions: "states" };

/** What AWS said is wrong: `code` and `message`. */
export class AwsError extends Error {
  constructor(code, message, status) {
    super(message || code);
    Object.assign(this, { code, status });
  }
}

/** Call an operation of a JSON service: `await json("stepfunctions", "ListStateMachines", {…})`. */
export async function json(service, operation, params = {}) {
  const [prefix, version] = TARGETS[service];
  const headers = { "Content-Type": `application/x-amz-json-${version}`, "X-Amz-Target": `${prefix}.${operation}` };
  return readJson(await send(service, "/", { method: "POST", headers, body: JSON.stringify(params) }));
}

/** Call an operation of a query service; the answer is an XML document. */
export async function query(service, operation, params = {}) {
  const body = new URLSearchParams({ Action: operation, Version: VERSIONS[service], ...params });
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  return readXml(await send(service, "/", { method: "POST", headers, body: body.toString() }));
}

/** GET a path of a REST service. */
export async function get(service, path) {
  const response = await send(service, path, { method: "GET", headers: {} });
  return service === "s3" ? readXml(response) : readJson(response);
}

/** Undercast's own paths: the clock. */
export async function own(path, body) {
  const request = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  return readJson(await reached(fetch(`/_undercast${path}`, request)));
}

async function send(service, path, request) {
  const { account, region } = here();
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  const scope = `${account}/${day}/${region}/${SIGNING[service] ?? service}/aws4_request`;
  request.headers.Authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=console`;
  return reached(fetch(path, request));
}

async function reached(answer) {
  try {
    return await answer;
  } catch {
    throw new AwsError("Unreachable", "Undercast does not answer. Is it still running? Start it with `undercast up`.", 0);
  }
}

async function readJson(response) {
  const text = await response.text();
  let value = {};
  try {
    value = text ? JSON.parse(text) : {};
  } catch {
    throw new AwsError(String(response.status), text.slice(0, 300), response.status);
  }
  if (response.ok) return value;
  const code = String(value.__type ?? value.code ?? response.headers.get("x-amzn-ErrorType") ?? response.status);
  throw new AwsError(code.split("#").pop().split(":")[0], value.message ?? value.Message ?? "", response.status);
}

async function readXml(response) {
  const document = new DOMParser().parseFromString(await response.text(), "text/xml");
  const text = (name) => document.getElementsByTagName(name)[0]?.textContent ?? "";
  if (!response.ok) throw new AwsError(text("Code") || String(response.status), text("Message"), response.status);
  return document;
}

/** The texts of some children of every element called `name` below one called `list`. */
export function rowsOf(document, list, name, fields) {
  const parent = document.getElementsByTagName(list)[0];
  return [...(parent?.children ?? [])]
    .filter((element) => element.tagName === name)
    .map((element) => Object.fromEntries(fields.map((field) => [field, childText(element, field)])));
}

function childText(element, name) {
  return [...element.children].find((child) => child.tagName === name)?.textContent ?? "";
}

/** The command line that does the same: `aws stepfunctions start-execution --name …`. */
export function cli(service, operation, params = {}) {
  const { account, region } = here();
  const dashed = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").replace(/([A-Z])([A-Z][a-z])/g, "$1-$2").toLowerCase();
  const words = ["aws", service, dashed(operation)];
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === "" || value === false) continue;
    words.push(`--${dashed(name)}`);
    if (value !== true) words.push(quoted(typeof value === "object" ? JSON.stringify(value) : String(value)));
  }
  if (region !== "us-east-1") words.push("--region", region);
  const key = account === "000000000000" ? "" : `AWS_ACCESS_KEY_ID=${account} `;
  return key + words.join(" ");
}
