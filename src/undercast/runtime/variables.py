"""The environment variables of a function's process, as AWS documents and recordings of it show them.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from undercast.runtime.interpreters import Interpreter
from undercast.runtime.places import Places
from undercast.runtime.spec import FunctionSpec

RUNTIME_DIR = "/var/runtime"  # where AWS has its runtimes; nothing of ours is there


def function_variables(
    spec: FunctionSpec,
    interpreter: Interpreter,
    *,
    api: str,
    endpoint_url: str,
    seen: Places,
    log_stream: str,
    initialization_type: str,
    credentials: Mapping[str, str],
) -> dict[str, str]:
    """All of them: what a user may override, then the user's, then what is reserved. Nothing of the platform's own."""
    return {
        **_defaults(interpreter, seen),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # `sync-localhost` (Step Functions) leads nowhere
        # without these two, ~/.aws and the temporary folder of whoever runs the platform would show
        "HOME": seen.home,
        "TMPDIR": seen.tmp,
        **spec.environment,
        **_reserved(spec, seen),
        **credentials,
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization_type,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": api,
    }


def _defaults(interpreter: Interpreter, seen: Places) -> dict[str, str]:
    layers, task = seen.layers, seen.task
    programs = [str(Path(interpreter.path).parent)] if interpreter.path else []
    variables = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": ":".join([*programs, "/usr/local/bin", "/usr/bin", "/bin", *[f"{layer}/bin" for layer in layers]]),
        "LD_LIBRARY_PATH": ":".join([task, f"{task}/lib", *[f"{layer}/lib" for layer in layers]]),
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    }
    if interpreter.language == "python":
        variables |= {"PYTHONPATH": RUNTIME_DIR, "LC_CTYPE": "C.UTF-8"}
    if interpreter.language == "nodejs":
        major = interpreter.version[0]
        subs = (f"nodejs/node{major}/node_modules", "nodejs/node_modules")
        paths = [f"{layer}/{sub}" for layer in layers for sub in subs]
        variables["NODE_PATH"] = ":".join([*paths, f"{RUNTIME_DIR}/node_modules", RUNTIME_DIR, task])
    return variables


def _reserved(spec: FunctionSpec, seen: Places) -> dict[str, str]:
    variables = {
        "_HANDLER": spec.handler,
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
        "LAMBDA_TASK_ROOT": seen.task,
        "LAMBDA_RUNTIME_DIR": RUNTIME_DIR,
    }
    if not spec.runtime.startswith("provided"):  # absent there, as recorded
        variables["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{spec.runtime}"
    if spec.log_format == "JSON":
        variables |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": spec.application_log_level or "INFO"}
    return variables
