"""Runs a Python handler: asks the Runtime API for events and posts what the handler makes of them.

Needs nothing but the standard library. The handler's output goes to standard output as it comes; the connection to the
Runtime API is kept open between events.
"""

import decimal
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

API = "/2018-06-01/runtime"


class Failure(Exception):
    """A failure of ours to run the handler, under the name that Lambda has for it."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Identity:
    """Who invoked the function, for callers that come through Cognito."""

    def __init__(self, document):
        self.cognito_identity_id = document.get("cognitoIdentityId")
        self.cognito_identity_pool_id = document.get("cognitoIdentityPoolId")


class Client:
    """The device that a mobile client context describes."""

    def __init__(self, document):
        self.installation_id = document.get("installation_id")
        self.app_title = document.get("app_title")
        self.app_version_name = document.get("app_version_name")
        self.app_version_code = document.get("app_version_code")
        self.app_package_name = document.get("app_package_name")


class ClientContext:
    """What the caller sent along."""

    def __init__(self, document):
        self.client = Client(document["client"]) if isinstance(document.get("client"), dict) else None
        self.custom = document.get("custom")
        self.env = document.get("env")


class Context:
    """What the handler may know about its invocation."""

    def __init__(self, headers):
        client_context = headers.get("Lambda-Runtime-Client-Context")
        identity = headers.get("Lambda-Runtime-Cognito-Identity")
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = ClientContext(json.loads(client_context)) if client_context else None
        self.identity = Identity(json.loads(identity) if identity else {})

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class RuntimeApi:
    """One connection to the emulator."""

    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def next(self):
        return self._call("GET", API + "/invocation/next", None, {})

    def post(self, path, body, headers=None):
        self._call("POST", API + path, body, headers or {})

    def _call(self, method, path, body, headers):
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response.headers, response.read()


class TextFormatter(logging.Formatter):
    """Lambda's line: level, time, request id and message between tabs."""

    converter = time.gmtime

    def __init__(self):
        super().__init__(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )


class JsonFormatter(logging.Formatter):
    """Lambda's object for functions that log JSON."""

    converter = time.gmtime

    def format(self, record):
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + "Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": record.aws_request_id,
        }
        if record.exc_info:
            kind, value, trace = record.exc_info
            line.update(
                errorType=kind.__name__, errorMessage=str(value), stackTrace=traceback.format_list(traceback.extract_tb(trace))
            )
        return json.dumps(line, default=str)


class RequestId(logging.Filter):
    """Adds the id of the present invocation to every record."""

    current = ""

    def filter(self, record):
        record.aws_request_id = RequestId.current
        return True


def set_up_logging():
    as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    handler.addFilter(RequestId())
    logging.root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "WARNING").replace("TRACE", "DEBUG").replace("FATAL", "CRITICAL")
    logging.root.setLevel(level if isinstance(logging.getLevelName(level), int) else "WARNING")


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Failure("Runtime.MalformedHandlerName", "Bad handler '%s': it is not of the form module.function" % name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error)) from error
    except SyntaxError as error:
        raise Failure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error)) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Failure(
            "Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)
        ) from None


def describe(error, request_id):
    """The error document, with the owner's frames only."""
    if isinstance(error, Failure):
        kind, frames = error.kind, []
    else:
        kind = type(error).__name__
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
        frames = [frame for frame in own if not frame.filename.startswith("<frozen importlib")]
    return {
        "errorMessage": str(error),
        "errorType": kind,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def report(document):
    """Shows an error in the log, with where it came from."""
    lines = ["[ERROR] %s: %s" % (document["errorType"], document["errorMessage"])]
    if document["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines.extend(entry.rstrip("\n") for entry in document["stackTrace"])
    print("\n".join(lines), flush=True)


def encode(document):
    try:
        return json.dumps(document, ensure_ascii=False, default=encode_number).encode("utf-8")
    except UnicodeEncodeError:
        # Half a surrogate pair has no UTF-8, but JSON has an escape for it.
        return json.dumps(document, default=encode_number).encode("ascii")


def encode_number(value):
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def post_error(api, path, document):
    report(document)
    api.post(path, encode(document), {"Lambda-Runtime-Function-Error-Type": document["errorType"]})


def run(handler, event, context):
    """The handler's result as JSON."""
    try:
        event = json.loads(event) if event else {}
    except ValueError as error:
        raise Failure("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error) from error
    result = handler(event, context)
    try:
        return encode(result)
    except (TypeError, ValueError) as error:
        raise Failure("Runtime.MarshalError", "Unable to marshal response: %s" % error) from error


def serve(api):
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        post_error(api, "/init/error", describe(error, ""))
        sys.exit(1)
    while True:
        headers, event = api.next()
        context = Context(headers)
        RequestId.current = context.aws_request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        path = "/invocation/" + context.aws_request_id
        try:
            result = run(handler, event, context)
        except Exception as error:
            post_error(api, path + "/error", describe(error, context.aws_request_id))
        else:
            sys.stdout.flush()
            api.post(path + "/response", result, {"Content-Type": "application/json"})


def main():
    # The directory of this file is no place for the owner's imports; the code's is.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    set_up_logging()
    try:
        serve(RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"]))
    except (OSError, http.client.HTTPException):
        # The emulator is gone: nobody is left to work for.
        os._exit(1)


if __name__ == "__main__":
    main()
