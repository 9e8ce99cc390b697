"""The Lambda runtime for Python: imports the handler and serves it over the Runtime API.

Runs in a process that the nursery forked (`run` is its entry). Standard library only; Python 3.8 and later.
Texts and shapes are those that AWS's runtime answers and logs.
"""

from __future__ import annotations

import atexit
import decimal
import importlib
import io
import json
import logging
import os
import socket
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

API = "/2018-06-01/runtime"
# What AWS's own runtime has imported before it looks at the function: a function's module of that name is not seen.
CORE = {"atexit", "decimal", "importlib", "io", "json", "logging", "os", "socket", "sys", "time", "traceback"}
SDK = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"}
LEVELS = {"TRACE": "NOTSET", "FATAL": "CRITICAL"}  # Lambda's names of levels that Python names otherwise
current_request_id = ""


def run(env: dict[str, str], python: dict[str, Any]) -> int:
    """Become the function's process: serve invocations until the platform ends it. Returns the exit status."""
    prepare(env, python)
    try:
        api = Api(env["AWS_LAMBDA_RUNTIME_API"])
        try:
            handler = find_handler(env["_HANDLER"])
        except BaseException as error:
            if isinstance(error, SystemExit):
                raise
            fault = describe(error, "")
            log_error(fault)
            api.post("/init/error", to_json(fault), fault["errorType"])
            return 1
        serve(api, handler)
    except SystemExit as error:
        return exit_status(error.code)
    except BaseException:  # noqa: BLE001 - nothing above this frame may run on: it is the nursery's
        traceback.print_exc()
        return 1
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def serve(api: Api, handler: Callable[[Any, Any], Any]) -> None:
    global current_request_id
    headers, event = api.next()
    while True:
        current_request_id = headers["lambda-runtime-aws-request-id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        error_type = ""
        try:
            answer = marshal(handler(unmarshal(event), LambdaContext(headers)))
        except Exception as error:  # noqa: BLE001 - whatever the function raises is its answer
            fault = describe(error, current_request_id)
            log_error(fault)
            answer, error_type = to_json(fault), fault["errorType"]
        sys.stdout.flush()
        sys.stderr.flush()
        headers, event = api.answer(current_request_id, answer, error_type)


class Api:
    """The Runtime API over one raw keep-alive connection; an answer and the wait for the next event are one write."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.poll = f"GET {API}/invocation/next HTTP/1.1\r\nHost: {address}\r\n\r\n".encode()

    def next(self) -> tuple[dict[str, str], bytes]:
        self.socket.sendall(self.poll)
        return self.receive()

    def answer(self, request_id: str, body: bytes, error_type: str) -> tuple[dict[str, str], bytes]:
        kind = "error" if error_type else "response"
        self.socket.sendall(request(f"/invocation/{request_id}/{kind}", body, error_type) + self.poll)
        self.receive()
        return self.receive()

    def post(self, path: str, body: bytes, error_type: str) -> None:
        self.socket.sendall(request(path, body, error_type))
        self.receive()

    def receive(self) -> tuple[dict[str, str], bytes]:
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        headers = {}
        for line in head.decode("utf-8").split("\r\n")[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        parts, size, length = [self.buffer], len(self.buffer), int(headers["content-length"])
        while size < length:
            parts.append(self.socket.recv(min(length - size, 1 << 20)))
            size += len(parts[-1])
            if not parts[-1]:
                raise SystemExit(0)
        body = b"".join(parts)
        self.buffer = body[length:]
        return headers, body[:length]

    def more(self) -> None:
        data = self.socket.recv(1 << 16)
        if not data:  # the platform ended
            raise SystemExit(0)
        self.buffer += data


def request(path: str, body: bytes, error_type: str) -> bytes:
    error = f"Lambda-Runtime-Function-Error-Type: {error_type}\r\n" if error_type else ""
    head = f"POST {API}{path} HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n{error}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Fault(Exception):
    """An error of the runtime, not of the function's code."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


def find_handler(name: str) -> Callable[[Any, Any], Any]:
    module_name, dot, function = name.rpartition(".")
    if not dot:
        text = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", text)
    if module_name.split(".")[0] in sys.builtin_module_names:
        text = f"Cannot use built-in module {module_name} as a handler module"
        raise Fault("Runtime.BuiltInModuleConflict", text)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        text = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", text, [where]) from None
    try:
        found: Callable[[Any, Any], Any] = getattr(module, function)
    except AttributeError:
        text = f"Handler '{function}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", text) from None
    return found


def unmarshal(event: bytes) -> Any:
    try:
        return json.loads(event)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def marshal(answer: Any) -> bytes:
    try:
        return to_json(answer)
    except Exception as error:  # noqa: BLE001 - a __str__ or a default of the user's may raise anything
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def to_json(value: Any) -> bytes:
    # AWS escapes non-ASCII characters up to Python 3.11 and sends them as they are from 3.12 on
    text = json.dumps(value, default=plain, ensure_ascii=sys.version_info < (3, 12))
    return text.encode("utf-8", "surrogatepass")


def plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() and value.is_finite() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def describe(error: BaseException, request_id: str) -> dict[str, Any]:
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = next((index for index, frame in enumerate(frames) if not ours(frame.filename)), len(frames))
        kind, trace = type(error).__name__, traceback.format_list(frames[own:])
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}


def ours(filename: str) -> bool:
    return filename == __file__ or "importlib" in filename


def log_error(fault: dict[str, Any]) -> None:
    """Log one event: \\r stands for a line break within it, and \\r\\n ends one that has no line break at its end."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = to_json({"timestamp": stamp, "level": "ERROR", **fault}).decode()
    else:
        lines = ["[ERROR] {errorType}: {errorMessage}".format(**fault), "Traceback (most recent call last):"]
        for element in fault["stackTrace"]:
            lines += [indented(text) for text in element.splitlines()]
        line = "\r".join(lines).replace("\n", "\r")
    sys.stdout.write(line + "\r\n")


def indented(line: str) -> str:
    text = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(text)) + text


class LambdaContext:
    """The second argument of a handler. https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, headers: dict[str, str]) -> None:
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = ClientContext.of(headers.get("lambda-runtime-client-context"))
        self.identity = CognitoIdentity(headers.get("lambda-runtime-cognito-identity"))
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self) -> int:
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        shown = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return "LambdaContext([{}])".format(",".join(f"{name}={value}" for name, value in shown.items()))


class CognitoIdentity:
    def __init__(self, header: str | None) -> None:
        value = parse_header(header, "Cognito Identity")
        self.cognito_identity_id = value.get("cognitoIdentityId")
        self.cognito_identity_pool_id = value.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, value: dict[str, Any]) -> None:
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, value.get(name))


class ClientContext:
    def __init__(self, value: dict[str, Any]) -> None:
        self.custom = value.get("custom")
        self.env = value.get("env")
        self.client = Client(value["client"]) if value.get("client") else None

    @classmethod
    def of(cls, header: str | None) -> ClientContext | None:
        return cls(parse_header(header, "Client Context")) if header else None


def parse_header(header: str | None, name: str) -> dict[str, Any]:
    if not header:
        return {}
    try:
        value = json.loads(header)
    except ValueError as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {error}") from None
    return value if isinstance(value, dict) else {}


class Log(logging.Handler):
    """The root handler that AWS sets up: one event per record, however many lines it has."""

    def emit(self, record: logging.LogRecord) -> None:
        record.aws_request_id = current_request_id
        try:
            sys.stdout.write(self.format(record).replace("\n", "\r") + "\n")
        except Exception:  # noqa: BLE001 - logging's own rule: an error of logging is shown, never raised
            self.handleError(record)


class JsonLines(logging.Formatter):
    """JSON log format. https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html"""

    usual = frozenset(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["stackTrace"] = traceback.format_list(traceback.extract_tb(trace))
            line["errorType"], line["errorMessage"] = kind.__name__, str(error)
            line["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        if current_request_id:
            line["requestId"] = current_request_id
        line.update((name, value) for name, value in vars(record).items() if name not in self.usual)
        return json.dumps(line, default=str, ensure_ascii=False)


def prepare(env: dict[str, str], python: dict[str, Any]) -> None:
    """Make this fork look as if it had been started afresh: variables, paths, output, logging, modules."""
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["bootstrap.py", env["_HANDLER"]]
    sys.path[:] = [*python["first"], *sys.path]
    sys.pycache_prefix = python["pycache"]
    sys.stdin = open(0)  # noqa: SIM115 - for the life of the process
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb"), "utf-8", errors="backslashreplace", line_buffering=True)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb"), "utf-8", errors="backslashreplace", line_buffering=True)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]
    forget_shadowed(python["first"])
    set_up_logging(env)


def forget_shadowed(folders: list[str]) -> None:
    """What the function brings along wins over what the nursery has imported (its own boto3, a module `calendar`)."""
    brought = {name.split(".")[0] for folder in folders if os.path.isdir(folder) for name in os.listdir(folder)}
    gone = (brought - CORE) & {name.split(".")[0] for name in sys.modules}
    if gone & SDK:
        gone |= SDK  # one family: parts of two versions do not fit
    for name in [name for name in sys.modules if name.split(".")[0] in gone]:
        del sys.modules[name]


def set_up_logging(env: dict[str, str]) -> None:
    logging.Formatter.converter = time.gmtime
    handler = Log()
    if env.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler.setFormatter(JsonLines())
        level = env.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.getLogger().setLevel(LEVELS.get(level, level))
    else:
        line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
        handler.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(handler)


def exit_status(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
