// Runs a Node.js handler: asks the Runtime API for events and posts what the handler makes of them.
//
// Needs nothing but Node.js itself. Handlers may be CommonJS or ES modules, async or with a callback.

import { existsSync, statSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const API = "/2018-06-01/runtime";
const { _HANDLER, AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT } = process.env;
// One connection; between events it does not keep the process alive, so that an empty event loop can be seen.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1, noDelay: true });

// What marks a handler that answers piece by piece; the same name as in Lambda, so that wrappers find it.
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

let requestId = "";
let beforeExit = () => {};

class Failure extends Error {
  constructor(kind, message) {
    super(message);
    this.name = kind;
  }
}

/** A request that is yet to be written, and a promise of its answer. */
function open(method, url, headers) {
  const [host, port] = AWS_LAMBDA_RUNTIME_API.split(":");
  const request = http.request({ method, host, port, path: API + url, agent, headers });
  const answer = new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString("utf8") }));
    });
  });
  return { request, answer };
}

function call(method, url, body, headers = {}) {
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  const { request, answer } = open(method, url, { ...headers, ...length });
  request.end(body);
  return answer;
}

/** Where a streaming handler writes. Its request begins with the first write: until then, an error is like any other. */
class ResponseStream extends Writable {
  #url;
  #contentType = "application/octet-stream";
  #opened;
  #error;
  /** Writes what comes before everything else. */
  _onBeforeFirstWrite;

  constructor(url) {
    super();
    this.#url = url;
  }

  setContentType(contentType) {
    this.#contentType = contentType;
  }

  #open() {
    if (!this.#opened) {
      this.#opened = open("POST", this.#url, {
        "Content-Type": this.#contentType,
        "Lambda-Runtime-Function-Response-Mode": "streaming",
        "Transfer-Encoding": "chunked",
        Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
      });
      this.#opened.answer.catch((error) => this.destroy(error));
      this._onBeforeFirstWrite?.((piece) => this.#opened.request.write(piece));
    }
    return this.#opened;
  }

  _write(piece, _encoding, callback) {
    // It calls back when the piece is on its way, which holds up a handler that is quicker than its caller.
    this.#open().request.write(piece, callback);
  }

  _final(callback) {
    const { request, answer } = this.#open();
    if (this.#error) {
      const document = describe(this.#error);
      request.addTrailers({
        "Lambda-Runtime-Function-Error-Type": headerSafe(document.errorType),
        "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(document)).toString("base64"),
      });
    }
    request.end();
    answer.then(() => callback(), callback);
  }

  /** Ends with an error, if anything was written: behind all that was. */
  async fail(error) {
    if (!this.#opened || this.writableEnded) return false;
    this.#error = error;
    await this.finished();
    return true;
  }

  /** Returns when all of it was taken. */
  finished() {
    return new Promise((resolve, reject) => {
      if (this.writableFinished) resolve();
      this.on("finish", resolve);
      this.on("error", reject);
      this.end();
    });
  }
}

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMING] = "response";
    return handler;
  },
  HttpResponseStream: {
    /** The same stream, with status, headers and cookies before its body. */
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(Buffer.alloc(8));
      };
      return stream;
    },
  },
};

function describe(error) {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack ?? "").split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function headerSafe(text) {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function log(error, label) {
  console.error(label, JSON.stringify(describe(error)));
}

function postError(url, error, label) {
  const document = describe(error);
  log(error, label);
  const kind = headerSafe(document.errorType);
  return call("POST", url, JSON.stringify(document), { "Lambda-Runtime-Function-Error-Type": kind });
}

/** Lambda's lines: time, request id, level and message between tabs. */
function patchConsole() {
  const levels = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" };
  const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => {
      const timestamp = new Date().toISOString();
      const message = format(...values);
      const line = asJson
        ? JSON.stringify({ timestamp, level, requestId, message })
        : `${timestamp}\t${requestId || "undefined"}\t${level}\t${message}`;
      process.stdout.write(`${line}\n`);
    };
  }
}

function findFile(stem) {
  const candidates = [stem, `${stem}.js`, `${stem}.mjs`, `${stem}.cjs`];
  return candidates.find((file) => existsSync(file) && statSync(file).isFile());
}

async function loadHandler() {
  const { dir, base } = path.parse(_HANDLER ?? "");
  const [file, ...names] = base.split(".");
  if (!file || names.length === 0 || _HANDLER.includes("..")) {
    throw new Failure("Runtime.MalformedHandlerName", "Bad handler");
  }
  const found = findFile(path.resolve(LAMBDA_TASK_ROOT, dir, file));
  if (!found) {
    throw new Failure("Runtime.ImportModuleError", `Error: Cannot find module '${path.join(dir, file)}'`);
  }
  let module;
  try {
    module = await import(pathToFileURL(found).href);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Failure("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`);
    }
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      throw new Failure("Runtime.ImportModuleError", `Error: ${error.message}`);
    }
    throw error;
  }
  const lookUp = (from) => names.reduce((value, name) => value?.[name], from);
  const handler = lookUp(module) ?? lookUp(module.default);
  if (handler === undefined) {
    throw new Failure("Runtime.HandlerNotFound", `${_HANDLER} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new Failure("Runtime.HandlerNotFound", `${_HANDLER} is not a function`);
  }
  return handler;
}

function contextOf(headers) {
  const clientContext = headers["lambda-runtime-client-context"];
  const identity = headers["lambda-runtime-cognito-identity"];
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext ? JSON.parse(clientContext) : undefined,
    identity: identity ? JSON.parse(identity) : undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** What the handler returns, resolves to, or gives its callback; nothing if it lets the event loop run dry. */
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    // Without a callback, an event loop that runs dry means that nothing more will come.
    let whenEmpty = () => resolve(undefined);
    beforeExit = () => whenEmpty();
    const callback = (error, result) => {
      const settle = () => (error ? reject(error) : resolve(result));
      if (context.callbackWaitsForEmptyEventLoop) whenEmpty = settle;
      else settle();
    };
    context.succeed = resolve;
    context.fail = reject;
    context.done = callback;
    const returned = handler(event, context, callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
  });
}

/** Lets the handler write its answer. What it throws after its first write is told at the end of that. */
async function runStreaming(handler, event, context, url) {
  const stream = new ResponseStream(url);
  // Who waits for the end hears of an error there; it must not end the process besides.
  stream.on("error", () => {});
  try {
    await handler(event, stream, context);
    await stream.finished();
  } catch (error) {
    if (isGone(error) || !(await stream.fail(error))) throw error;
    log(error, "Invoke Error \t");
  }
}

async function serve() {
  let handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    await postError("/init/error", error, "Uncaught Exception \t");
    process.exit(1);
  }
  for (;;) {
    const { headers, body } = await call("GET", "/invocation/next");
    const context = contextOf(headers);
    requestId = context.awsRequestId;
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
    const url = `/invocation/${requestId}`;
    try {
      const event = body === "" ? {} : JSON.parse(body);
      if (handler[STREAMING]) {
        await runStreaming(handler, event, context, `${url}/response`);
        continue;
      }
      const result = await run(handler, event, context);
      await call("POST", `${url}/response`, JSON.stringify(result ?? null) ?? "null", {
        "Content-Type": "application/json",
      });
    } catch (error) {
      if (isGone(error)) throw error;
      await postError(`${url}/error`, error, "Invoke Error \t");
    }
  }
}

/** Whether the emulator is, and not somebody whom the handler talks to. */
function isGone(error) {
  return error?.syscall === "connect" && `${error.address}:${error.port}` === AWS_LAMBDA_RUNTIME_API;
}

patchConsole();
process.on("beforeExit", () => beforeExit());
for (const name of ["uncaughtException", "unhandledRejection"]) {
  process.on(name, async (error) => {
    const kind = name === "unhandledRejection" ? new Failure("Runtime.UnhandledPromiseRejection", String(error)) : error;
    // An error outside of the handler's own course ends its invocation, and the process with it.
    await postError(requestId ? `/invocation/${requestId}/error` : "/init/error", kind, "Uncaught Exception \t").catch(
      () => {},
    );
    process.exit(128);
  });
}
// The emulator is gone: nobody is left to work for.
serve().catch(() => process.exit(1));
