// A runtime client for Node.js: asks the Runtime API for invocations and runs the handler. AWS's own
// (aws-lambda-ric) compiles libcurl when installed; this is what it does, on Node's own http.
import http from "node:http";
import path from "node:path";
import fs from "node:fs";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const base = "/2018-06-01/runtime/";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const logFd = Number(process.env._LAMBDA_TELEMETRY_LOG_FD);
let requestId = "";

function request(method, where, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const sent = http.request({ host, port, method, agent, path: base + where, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function logFrame(level, args) {
  const text = Buffer.from(`${new Date().toISOString()}\t${requestId || "undefined"}\t${level}\t${format(...args)}\n`);
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0xa55a0003, 0);
  head.writeUInt32BE(text.length, 4);
  head.writeBigUInt64BE(BigInt(Date.now()) * 1000n, 8);
  fs.writeSync(logFd, Buffer.concat([head, text]));
}

for (const [name, level] of Object.entries({ log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG" })) {
  console[name] = (...args) => logFrame(level, args);
}

function describe(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack || "").split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

async function load() {
  const name = process.env._HANDLER;
  const dot = name.lastIndexOf(".");
  const stem = path.join(process.env.LAMBDA_TASK_ROOT, name.slice(0, dot));
  const file = [".js", ".mjs", ".cjs"].map((extension) => stem + extension).find((each) => fs.existsSync(each));
  if (dot < 0 || !file) {
    throw Object.assign(new Error(`Cannot find module '${name.slice(0, dot)}'`), { name: "Runtime.ImportModuleError" });
  }
  const module = await import(pathToFileURL(file).href);
  const handler = module[name.slice(dot + 1)] ?? module.default?.[name.slice(dot + 1)];
  if (typeof handler !== "function") {
    throw Object.assign(new Error(`${name} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
  }
  return handler;
}

function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const result = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)));
    if (result && typeof result.then === "function") result.then(resolve, reject);
    else if (handler.length < 3) resolve(result);
  });
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    clientContext: headers["lambda-runtime-client-context"] && JSON.parse(headers["lambda-runtime-client-context"]),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

let handler;
try {
  handler = await load();
} catch (error) {
  console.error("Uncaught Exception", error);
  await request("POST", "init/error", JSON.stringify(describe(error)));
  process.exit(1);
}
for (;;) {
  const { headers, body } = await request("GET", "invocation/next");
  requestId = headers["lambda-runtime-aws-request-id"];
  if (headers["lambda-runtime-trace-id"]) process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  try {
    const result = await run(handler, JSON.parse(body), contextOf(headers));
    await request("POST", `invocation/${requestId}/response`, JSON.stringify(result === undefined ? null : result));
  } catch (error) {
    console.error("Invoke Error", error);
    await request("POST", `invocation/${requestId}/error`, JSON.stringify(describe(error)));
  }
}
