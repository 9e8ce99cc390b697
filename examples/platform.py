"""The platform as the demos use it: started, killed and restarted as a process, and spoken to by boto3 and HTTP."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

ACCOUNT = "000000000000"
REGION = "us-east-1"


class Platform:
    """One `undercast up` process."""

    def __init__(self, port: int, data: Path, console: Console) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._data = data
        self._console = console
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start, or start again on the same data; seconds until the first answer. Exits when it cannot."""
        began = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "undercast.cli.main",
            "up",
            "--port",
            str(self.port),
            "--data",
            str(self._data),
        ]
        # In a group of its own, so that Ctrl-C reaches the demo alone, which then stops the platform in order.
        self._process = subprocess.Popen([*command, "--quiet"], process_group=0)
        while True:
            if self._process.poll() is not None:  # it has said why
                self._console.print(f"Choose another port with: make demo PORT={self.port + 1}")
                raise SystemExit(1)
            if self._answers():
                return time.monotonic() - began
            time.sleep(0.005)

    def kill(self) -> None:
        """`kill -9`: no goodbye."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def deploy(self, template: Path) -> dict[str, str]:
        """Deploy a template as the stack `{folder}-{name}`, or `{folder}` for a template.yaml; the stack's outputs."""
        folder, name = template.parent.name, template.stem
        stack = folder if name == "template" else f"{folder}-{name}"
        command = [sys.executable, "-m", "undercast.cli.main", "deploy", str(template), "--stack", stack]
        done = subprocess.run([*command, "--port", str(self.port), "--json"], capture_output=True, text=True)
        if done.returncode:
            self._console.print(done.stdout + done.stderr)
            raise SystemExit(1)
        outputs: dict[str, str] = json.loads(done.stdout)["outputs"]
        return outputs

    def outputs(self, stack: str) -> dict[str, str]:
        """A stack's outputs."""
        (description,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, aws_access_key_id=ACCOUNT, aws_secret_access_key="demo"
        )

    def advance(self, seconds: int) -> None:
        """Move the platform's clock forward."""
        body = json.dumps({"advance_ms": 1000 * seconds}).encode()
        request = urllib.request.Request(f"{self.url}/_undercast/clock", body, method="POST")
        urllib.request.urlopen(request).close()

    def api(self, api: str, method: str, path: str, body: object = None) -> tuple[int, Any, float]:
        """Call a deployed API: status, body, milliseconds."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self.api_url(api, path), data, {"Content-Type": "application/json"}, method=method
        )
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text or b"null"), 1000 * (time.perf_counter() - began)

    def api_url(self, api: str, path: str) -> str:
        """Where a deployed API answers."""
        return f"{self.url}/restapis/{api}/prod/_user_request_{path}"

    def _answers(self) -> bool:
        """Whether our own platform answers: what another one on that port says does not count."""
        try:
            with urllib.request.urlopen(f"{self.url}/_undercast/status", timeout=5) as response:
                data = json.load(response)["data"]
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return False
        return bool(data) and Path(data).resolve() == self._data.resolve()
