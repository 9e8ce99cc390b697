// The Lambda runtime for Node.js: loads the handler and serves it over the Runtime API.
// Run as `node node.mjs`; no dependencies; Node.js 16 and later. Texts and shapes are those that AWS's runtime answers and logs.

import { existsSync, writeSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const API = "/2018-06-01/runtime";
const STREAM = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response";
const json = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
let requestId = "";

globalThis.awslambda = {
  streamifyResponse(handler, options) {
    handler[STREAM] = "response";
    if (options?.highWaterMark) handler[HIGH_WATER_MARK] = parseInt(options.highWaterMark, 10);
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType(PRELUDE_TYPE);
      stream.write(JSON.stringify(prelude));
      stream.write(new Uint8Array(8)); // the delimiter between the prelude and the body
      return stream;
    },
  },
};

patchConsole();
process.on("uncaughtException", (error) => fatal("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason) =>
  fatal("Unhandled Promise Rejection", new Fault("Runtime.UnhandledPromiseRejection", String(reason), reason), 128),
);

async function main() {
  let handler;
  try {
    handler = await findHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    return fatal("Uncaught Exception", error, 1);
  }
  for (;;) await serve(handler);
}

async function serve(handler) {
  const { headers, body } = await call("GET", "/invocation/next");
  requestId = headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
  const where = `/invocation/${requestId}`;
  try {
    if (handler[STREAM]) return await serveStream(handler, body, headers, where);
    const answer = await invoke(handler, parse(body), headers);
    await call("POST", `${where}/response`, stringify(answer), { "Content-Type": "application/json" });
  } catch (error) {
    logError("Invoke Error", error);
    await postError(`${where}/error`, error);
  }
}

// One call of the handler: whichever of the promise, the callback and context.done/succeed/fail comes first.
// When nothing is left that could come (the event loop is empty), the answer is what was called back, or null.
function invoke(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const context = makeContext(headers);
    let late = () => resolve(null);
    const whenIdle = () => late();
    const settle = (finish) => { process.off("beforeExit", whenIdle); finish(); };
    const done = (error, value) => {
      const finish = error !== undefined && error !== null ? () => reject(error) : () => resolve(value ?? null);
      if (error || !context.callbackWaitsForEmptyEventLoop) return settle(finish);
      late = () => settle(finish);
    };
    const doneNow = (error, value) => { context.callbackWaitsForEmptyEventLoop = false; done(error, value); };
    context.done = doneNow;
    context.succeed = (value) => doneNow(null, value);
    context.fail = (error) => doneNow(error ?? "handled");
  process.once("beforeExit", whenIdle);
    try {
      const result = handler(event, context, done);
      if (typeof result?.then === "function")
        result.then((value) => settle(() => resolve(value)), (error) => settle(() => reject(error)));
    } catch (error) {
      settle(() => reject(error));
    }
  });
}

async function serveStream(handler, body, headers, where) {
  const out = new ResponseStream(`${where}/response`, handler[HIGH_WATER_MARK]);
  try {
    await handler(parse(body), out, makeContext(headers));
    if (!out.writableEnded) out.end();
    await out.answered;
  } catch (error) {
    logError("Invoke Error", error);
    if (!out.request) return await postError(`${where}/error`, error);
    out.failWith(error);
    await out.answered;
  }
}

// The response of a streaming handler: the request is opened with the first byte; an error after it goes into the trailers.
class ResponseStream extends Writable {
  constructor(where, highWaterMark) {
    super(highWaterMark ? { highWaterMark } : {});
    this.where = where;
    this.contentType = "application/octet-stream";
    this.answered = new Promise((resolve) => { this.resolveAnswered = resolve; });
    this.on("error", () => {});
  }
  setContentType(type) {
    if (this.request) throw new Fault("Runtime.InvalidStreamingOperation", "Cannot set content-type, too late.");
    this.contentType = type;
  }
  open() {
    this.request ??= send("POST", this.where, {
      "Content-Type": this.contentType,
      "Transfer-Encoding": "chunked",
      "Lambda-Runtime-Function-Response-Mode": "streaming",
      Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    }, this.resolveAnswered, this.resolveAnswered);
    return this.request;
  }
  _write(chunk, _encoding, next) { this.open().write(chunk, () => next()); }
  _final(next) { this.open().end(next); }
  failWith(error) {
    const described = describe(error);
    this.request.addTrailers({
      "Lambda-Runtime-Function-Error-Type": described.errorType,
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(described)).toString("base64"),
    });
    this.request.end();
  }
}

function makeContext(headers) {
  const deadline = parseInt(headers["lambda-runtime-deadline-ms"], 10);
  const header = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: header("lambda-runtime-client-context"),
    identity: header("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// "src/app.part.handler" is the export part.handler of src/app.js, .mjs or .cjs
async function findHandler(root, name) {
  if (name.includes("..")) throw new Fault("Runtime.MalformedHandlerName", `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  const base = path.basename(name);
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match) throw new Fault("Runtime.MalformedHandlerName", "Bad handler");
  const file = path.resolve(root, name.slice(0, name.length - base.length), match[1]);
  const loaded = await load(file, path.join(name.slice(0, name.length - base.length), match[1]), root);
  const find = (from) => match[2].split(".").reduce((value, key) => value?.[key], from);
  const handler = find(loaded) ?? find(loaded?.default);
  if (!handler) throw new Fault("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new Fault("Runtime.HandlerNotFound", `${name} is not a function`);
  return handler;
}

async function load(file, name, root) {
  const require = createRequire(path.join(root, "_"));
  try {
    const found = [".js", ".mjs", ".cjs", ""].map((ending) => file + ending).find((each) => existsSync(each) && !each.endsWith(path.sep));
    if (found?.endsWith(".mjs")) return await import(pathToFileURL(found));
    try {
      return require(found ?? require.resolve(name, { paths: [root, path.dirname(file)] }));
    } catch (error) {
      if (!["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE"].includes(error?.code) && !isEsmSyntax(error)) throw error;
      return await import(pathToFileURL(found));
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault("Runtime.UserCodeSyntaxError", String(error), error);
    if (["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code)) throw new Fault("Runtime.ImportModuleError", String(error), error);
    throw error;
  }
}

function isEsmSyntax(error) {
  return error instanceof SyntaxError && /Cannot use import statement|Unexpected token 'export'|await is only valid/.test(error.message);
}

// An error of the runtime, not of the function's code; named by its type as AWS shows it.
class Fault extends Error {
  constructor(type, message, cause) {
    super(message);
    this.name = type;
    if (cause instanceof Error && cause.stack) this.stack = `${type}: ${cause.stack}`;
    if (type === "Runtime.UnhandledPromiseRejection") { this.reason = cause; this.promise = {}; }
  }
}

function describe(error) {
  if (error instanceof Error || (error?.stack && error?.message !== undefined))
    return { errorType: error.name ?? "Error", errorMessage: error.message, trace: (error.stack || "").split("\n") };
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function logged(error) {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, ...rest } = Object.fromEntries(Object.getOwnPropertyNames(error).map((key) => [key, error[key]]));
  return { errorType: error.name, errorMessage: error.message, code: error.code, ...rest, stack: (error.stack || "").split("\n") };
}

function logError(what, error) {
  let text;
  try { text = JSON.stringify(error instanceof Error ? logged(error) : describe(error)); } catch { text = JSON.stringify(describe(error)); }
  if (json) return emit("ERROR", [{ ...describe(error), stackTrace: describe(error).trace, trace: undefined }]);
  write(`${new Date().toISOString()}\t${requestId || "undefined"}\tERROR\t${what} \t${text}`);
}

async function fatal(what, error, code) {
  logError(what, error);
  const where = requestId ? `/invocation/${requestId}/error` : "/init/error";
  setTimeout(() => process.exit(code), 2000); // the platform did not answer: end all the same
  await postError(where, error).catch(() => {});
  process.exit(code);
}

function postError(where, error) {
  const described = describe(error);
  return call("POST", where, JSON.stringify(described), {
    "Content-Type": "application/json",
    "Lambda-Runtime-Function-Error-Type": described.errorType,
  });
}

function call(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    send(method, where, { ...headers, ...length }, resolve, reject).end(body);
  });
}

function send(method, where, headers, resolve, reject) {
  const request = http.request({ host, port, agent, method, path: API + where, headers }, (response) => {
    const parts = [];
    response.on("data", (part) => parts.push(part));
    response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
  });
  request.on("socket", (socket) => socket.setNoDelay(true));
  request.on("error", reject);
  return request;
}

function parse(body) { return JSON.parse(body || "null"); }

function stringify(answer) {
  try {
    return JSON.stringify(answer === undefined ? null : answer) ?? "null";
  } catch (error) {
    throw new Fault("Runtime.MarshalError", "Unable to stringify response body", error);
  }
}

function patchConsole() {
  const levels = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" };
  const order = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
  const lowest = json ? order.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL ?? "INFO") : 0;
  for (const [method, level] of Object.entries(levels))
    console[method] = order.indexOf(level) < lowest ? () => {} : (...parts) => emit(level, parts);
}

function emit(level, parts) {
  const timestamp = new Date().toISOString();
  if (!json) return write(`${timestamp}\t${requestId || "undefined"}\t${level}\t${format(...parts)}`);
  const error = parts.find((part) => part instanceof Error);
  const message = parts.length === 1 && !error && typeof parts[0] === "object" ? parts[0] : format(...parts);
  const described = error ? { errorType: error.name, errorMessage: error.message, stackTrace: (error.stack || "").split("\n") } : {};
  write(JSON.stringify({ timestamp, level, ...(requestId ? { requestId } : {}), message, ...described }));
}

// One event: \r stands for a line break within it. Written at once, so that nothing is lost in an exit.
function write(text) {
  let data = Buffer.from(`${text.replace(/\n/g, "\r")}\n`);
  while (data.length) {
    try { data = data.subarray(writeSync(1, data)); } catch (error) { if (error.code !== "EAGAIN") return; }
  }
}

main(); // last: classes do not exist before their definition
