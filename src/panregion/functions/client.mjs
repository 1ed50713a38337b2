// A runtime client for Node.js: asks the Runtime API for invocations and runs the handler. AWS's own
// (aws-lambda-ric) compiles libcurl when installed; this is what it does, on Node's own http: handlers that answer with
// a promise, by a callback or as a stream (awslambda.streamifyResponse), logs as text or as JSON.
import http from "node:http";
import path from "node:path";
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { Writable } from "node:stream";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const base = "/2018-06-01/runtime/";
let agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const logFd = Number(process.env._LAMBDA_TELEMETRY_LOG_FD);
const STREAMED = Symbol("a handler that answers as a stream");
let requestId = "";

function open(method, where, headers, heard, failed) {
  const sent = http.request({ host, port, method, agent, path: base + where, headers }, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => heard({ headers: response.headers, body: Buffer.concat(chunks) }));
  });
  sent.on("error", failed);
  return sent;
}

function request(method, where, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    open(method, where, headers, resolve, reject).end(body);
  });
}

// Logs

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const lowest = asJson ? Math.max(0, LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL || "TRACE")) : 0;

function jsonLine(level, args) {
  const line = { timestamp: new Date().toISOString(), level, requestId: requestId || undefined };
  const error = args.find((each) => each instanceof Error);
  line.message = args.length === 1 && typeof args[0] === "object" && !error ? args[0] : format(...args);
  if (error) {
    Object.assign(line, { errorType: error.name, errorMessage: error.message, stackTrace: (error.stack || "").split("\n") });
  }
  try {
    return JSON.stringify(line);
  } catch {
    return JSON.stringify({ ...line, message: format(...args) }); // it refers to itself
  }
}

function logFrame(level, args) {
  if (LEVELS.indexOf(level) < lowest) return;
  const line = asJson
    ? jsonLine(level, args)
    : `${new Date().toISOString()}\t${requestId || "undefined"}\t${level}\t${format(...args)}`;
  const text = Buffer.from(`${line}\n`);
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0xa55a0003, 0);
  head.writeUInt32BE(text.length, 4);
  head.writeBigUInt64BE(BigInt(Date.now()) * 1000n, 8);
  fs.writeSync(logFd, Buffer.concat([head, text]));
}

const METHODS = { log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE" };
for (const [name, level] of Object.entries(METHODS)) {
  console[name] = (...args) => logFrame(level, args);
}

function describe(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack || "").split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

// Streams

class ResponseStream extends Writable {
  #contentType = "application/octet-stream";
  #prelude;
  #sent;
  #where;

  constructor(where) {
    super();
    this.#where = where;
    this.answered = new Promise((resolve, reject) => {
      this.heard = resolve;
      this.failed = reject;
    });
    this.answered.catch(() => {}); // whoever waits for it is told; the handler's own error comes first
  }

  get begun() {
    return this.#sent !== undefined;
  }

  setContentType(contentType) {
    if (this.begun) throw Object.assign(new Error("Cannot set content-type, too late."), { name: "InvalidStreamingOperation" });
    this.#contentType = contentType;
  }

  setPrelude(prelude) {
    this.#prelude = prelude;
  }

  write(chunk, encoding, callback) {
    const plain = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(plain ? chunk : JSON.stringify(chunk), encoding, callback);
  }

  #open() {
    if (this.#sent) return this.#sent;
    const headers = {
      "Content-Type": this.#contentType,
      "Lambda-Runtime-Function-Response-Mode": "streaming",
      "Transfer-Encoding": "chunked",
      Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    };
    this.#sent = open("POST", this.#where, headers, this.heard, this.failed);
    this.#sent.flushHeaders();
    if (this.#prelude) this.#sent.write(this.#prelude);
    return this.#sent;
  }

  _write(chunk, _encoding, callback) {
    this.#open().write(chunk, callback);
  }

  _final(callback) {
    this.#open().end(callback);
  }

  fail(error) {
    const described = describe(error);
    this.#sent.addTrailers({
      "Lambda-Runtime-Function-Error-Type": described.errorType,
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(described)).toString("base64"),
    });
    this.#sent.end();
  }
}

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMED] = true;
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.setPrelude(Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8)]));
      return stream;
    },
  },
};

async function runStreaming(handler, event, context) {
  const stream = new ResponseStream(`invocation/${requestId}/response`);
  try {
    const value = await handler(event, stream, context);
    if (value !== undefined) console.warn("Streaming handlers ignore return values.");
    await stream.answered;
  } catch (error) {
    if (!stream.begun) throw error;
    console.error("Invoke Error", error);
    stream.fail(error);
    await stream.answered;
  }
}

// Handlers

function resolved(stem, root, module) {
  const file = ["", ".js", ".mjs", ".cjs"].map((each) => stem + each).find((each) => fs.existsSync(each) && fs.statSync(each).isFile());
  if (file) return file;
  try {
    return createRequire(path.join(root, "index.js")).resolve(module); // in a layer, by NODE_PATH
  } catch {
    throw Object.assign(new Error(`Error: Cannot find module '${module}'`), { name: "Runtime.ImportModuleError" });
  }
}

async function load() {
  const name = process.env._HANDLER;
  const found = /^([^.]*)\.(.+)$/.exec(path.basename(name));
  if (!found) throw Object.assign(new Error("Bad handler"), { name: "Runtime.MalformedHandlerName" });
  const root = process.env.LAMBDA_TASK_ROOT;
  const module = path.join(path.dirname(name), found[1]);
  const loaded = await import(pathToFileURL(resolved(path.resolve(root, module), root, module)).href);
  const within = (start) => found[2].split(".").reduce((value, key) => value?.[key], start);
  const handler = within(loaded) ?? within(loaded.default);
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

// What nobody caught ends the process, as on AWS; the caller is told what it was.
async function endWith(title, error) {
  agent = undefined; // its one connection may be in the middle of an answer
  console.error(title, error);
  if (requestId) await request("POST", `invocation/${requestId}/error`, JSON.stringify(describe(error)));
  process.exit(128);
}
process.on("uncaughtException", (error) => endWith("Uncaught Exception", error));
process.on("unhandledRejection", (reason) => {
  const error = new Error(reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
  endWith("Unhandled Promise Rejection", Object.assign(error, { name: "Runtime.UnhandledPromiseRejection" }));
});

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
  const event = JSON.parse(body);
  try {
    if (handler[STREAMED]) {
      await runStreaming(handler, event, contextOf(headers));
    } else {
      const result = await run(handler, event, contextOf(headers));
      await request("POST", `invocation/${requestId}/response`, JSON.stringify(result === undefined ? null : result));
    }
  } catch (error) {
    console.error("Invoke Error", error);
    await request("POST", `invocation/${requestId}/error`, JSON.stringify(describe(error)));
  }
}
