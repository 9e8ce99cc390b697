"""Environments as a whole: concurrency, the cap, reclaim, retirement, provisioning, and that nothing is left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from undercast.runtime import RuntimeMissing, ShuttingDown, resolve_runtime

SLEEP = "import os, time\ndef handler(event, context):\n    time.sleep(event)\n    return os.getpid()"


def pids_of(outcomes):
    return {json.loads(outcome.payload) for outcome in outcomes}


async def environments(lab, spec, count):
    while lab.runtimes.environments(spec.key) < count:  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.001)


def test_concurrent_invocations_have_environments_of_their_own(lab):
    spec = lab.function(SLEEP)

    async def scenario():
        running = [asyncio.ensure_future(lab.start(spec, b"0.3")) for _ in range(5)]
        await asyncio.sleep(0)
        assert lab.runtimes.active(spec.key) == 5
        return await asyncio.gather(*running)

    assert len(pids_of(lab.run(scenario()))) == 5
    assert lab.runtimes.active(spec.key) == 0 and lab.runtimes.environments(spec.key) == 5
    assert pids_of([lab.invoke(spec, b"0")]) == pids_of([lab.invoke(spec, b"0")])


def test_the_cap_makes_wait_and_evicts_what_is_idle(make_lab):
    lab = make_lab(max_processes=2)
    spec, other = lab.function(SLEEP), lab.function(SLEEP)

    async def scenario():
        return await asyncio.gather(*[lab.start(spec, b"0.05") for _ in range(6)])

    assert len(pids_of(lab.run(scenario()))) == 2
    assert lab.invoke(other, b"0").error is None
    assert lab.runtimes.environments(spec.key) + lab.runtimes.environments(other.key) <= 2


def test_idle_environments_are_reclaimed(make_lab, processes):
    lab = make_lab(idle_s=0.05)
    spec = lab.function(SLEEP)
    (pid,) = pids_of([lab.invoke(spec, b"0")])
    processes.until(lambda: not processes.alive(pid), "the idle environment ends")
    processes.until(lambda: lab.runtimes.environments(spec.key) == 0, "it is forgotten")
    assert lab.invoke(spec, b"0").error is None


def test_retire_lets_running_invocations_finish(lab, processes):
    spec = lab.function(SLEEP)
    (idle,) = pids_of([lab.invoke(spec, b"0")])

    async def scenario():
        running = [asyncio.ensure_future(lab.start(spec, b"0.3")) for _ in range(2)]
        await environments(lab, spec, 2)
        retiring = asyncio.ensure_future(lab.runtimes.retire(spec.key))
        outcomes = await asyncio.gather(*running)
        await asyncio.wait_for(retiring, 5)
        return outcomes

    outcomes = lab.run(scenario())
    assert all(outcome.error is None for outcome in outcomes)
    assert not any(map(processes.alive, pids_of(outcomes) | {idle}))
    lab.run(lab.runtimes.retire("unknown"))


def test_provisioned_environments_are_kept(make_lab, processes):
    lab = make_lab(idle_s=0.05)
    code = "import os\nkind = os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\ndef handler(e, c):\n    return [kind, os.getpid()]"
    spec = lab.function(code)
    assert lab.run(lab.runtimes.provision(spec, 2)) == 2
    outcome = lab.invoke(spec)
    kind, pid = json.loads(outcome.payload)
    assert kind == "provisioned-concurrency" and outcome.init_ms is None
    os.kill(pid, signal.SIGKILL)
    processes.until(lambda: not processes.alive(pid), "the killed one is gone")
    processes.until(lambda: lab.runtimes.environments(spec.key) == 2, "another one takes its place")
    lab.run(asyncio.sleep(0.2))  # real time: longer than idle_s
    assert lab.runtimes.environments(spec.key) == 2
    lab.run(lab.runtimes.provision(spec, 0))
    processes.until(lambda: lab.runtimes.environments(spec.key) == 0, "without provisioning they are reclaimed")


def test_a_cancelled_invocation_frees_its_place(make_lab, processes):
    lab = make_lab(max_processes=1)
    spec = lab.function(SLEEP)

    async def scenario():
        running = asyncio.ensure_future(lab.start(spec, b"20"))
        await environments(lab, spec, 1)
        running.cancel()
        return await lab.start(spec, b"0")

    assert lab.run(scenario(), timeout=10).error is None


def test_a_killed_nursery_is_replaced(make_lab, processes):
    lab = make_lab()
    spec = lab.function("import os\ndef handler(e, c):\n    return [os.getpid(), os.getppid()]")
    pid, nursery = json.loads(lab.invoke(spec).payload)
    os.kill(nursery, signal.SIGKILL)
    processes.until(lambda: not processes.alive(pid), "the nursery's functions die with it")
    again, other = json.loads(lab.invoke(spec).payload)
    assert other != nursery and again != pid


CHILDREN = """
import os, subprocess, sys
def handler(event, context):
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    group = subprocess.Popen(sleep)
    session = subprocess.Popen(sleep, start_new_session=True)
    return [os.getpid(), os.getppid(), group.pid, session.pid]
"""


def test_children_end_with_their_environment(make_lab, processes):
    lab = make_lab()
    spec = lab.function(CHILDREN)
    own, nursery, *children = json.loads(lab.invoke(spec).payload)
    lab.run(lab.runtimes.retire(spec.key))
    processes.until(lambda: not any(map(processes.alive, [own, *children])), "they end")
    assert processes.alive(nursery)


def test_nothing_is_left_after_close(make_lab, processes):
    lab = make_lab()
    pids = json.loads(lab.invoke(lab.function(CHILDREN)).payload)
    busy = asyncio.run_coroutine_threadsafe(lab.start(lab.function(SLEEP), b"60"), lab.loop)
    lab.run(lab.runtimes.close(), timeout=10)
    assert not any(map(processes.alive, pids))
    assert isinstance(busy.exception(5), ShuttingDown)
    assert not list((lab.folder / "work").glob("environments/*"))


def test_close_tells_those_that_wait(make_lab, processes):
    lab = make_lab(max_processes=1)
    spec = lab.function(SLEEP)
    busy = [asyncio.run_coroutine_threadsafe(lab.start(spec, b"60"), lab.loop) for _ in range(3)]
    processes.until(lambda: lab.runtimes.active(spec.key) == 3, "one runs, two wait")
    lab.run(lab.runtimes.close(), timeout=10)
    assert [type(one.exception(5)) for one in busy] == [ShuttingDown] * 3


PARENT = """
import asyncio, json, sys, time, uuid
from pathlib import Path
from undercast.runtime import FunctionSpec, Runtimes

async def main(folder, code):
    runtimes = Runtimes(endpoint_url="", work_dir=folder / "work", on_log=lambda *_: None,
                        visible=[Path(sys.prefix), Path(sys.base_prefix)],
                        now=lambda: int(time.time() * 1000), ids=lambda: uuid.uuid4().hex)
    spec = lambda key, runtime, handler: FunctionSpec(key=key, arn="", name="f", version="1", runtime=runtime,
                                                      handler=handler, code_dir=code, timeout_s=600)
    start = lambda spec: runtimes.invoke(spec, b"{}", request_id=str(uuid.uuid4()), invoked_arn="")
    first = await start(spec("a", "python3.11", "app.handler"))
    second = await start(spec("b", "provided", "-"))
    busy = asyncio.ensure_future(start(spec("c", "python3.11", "app.forever")))
    await asyncio.sleep(0.1)
    print(json.dumps(json.loads(first.payload) + json.loads(second.payload)), flush=True)
    await busy

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""

BOOTSTRAP = f"""#!{sys.executable}
import http.client, json, os, subprocess
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    answer.read()
    where = "/2018-06-01/runtime/invocation/" + answer.headers["Lambda-Runtime-Aws-Request-Id"] + "/response"
    api.request("POST", where, json.dumps([os.getpid(), os.getppid(), child.pid]))
    api.getresponse().read()
"""


def test_nothing_is_left_after_kill_9_of_the_platform(tmp_path, processes):
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text(CHILDREN + "\ndef forever(event, context):\n    import time\n    time.sleep(600)\n")
    (code / "bootstrap").write_text(BOOTSTRAP)
    (code / "bootstrap").chmod(0o755)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, tmp_path, code], stdout=subprocess.PIPE)
    pids = json.loads(parent.stdout.readline())
    below = descendants(parent.pid)
    assert len(pids) == 7 and set(pids) <= below and all(map(processes.alive, pids))
    parent.kill()
    parent.wait()
    processes.until(lambda: not any(map(processes.alive, below | set(pids))), "all descendants are gone")


def descendants(pid: int) -> set[int]:
    children = {
        int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()
    }
    return children.union(*map(descendants, children))


def test_which_interpreter():
    assert resolve_runtime("python3.11").version == (3, 11)
    future = resolve_runtime("python3.99")
    assert future.warning.startswith("python3.99 is not installed: the function runs on Python 3.")
    assert "Install Python 3.99" in future.warning
    for name in ("java21", "ruby3.3", "dotnet8", "go1.x"):
        try:
            resolve_runtime(name)
        except RuntimeMissing as error:
            assert name in str(error)
        else:
            raise AssertionError(f"{name} resolved")


def test_oldest_and_other_pythons(lab):
    code = textwrap.dedent("""
        import sys
        def handler(event, context):
            try:
                import boto3
            except ImportError:
                boto3 = None
            return [sys.version_info[0], sys.version_info[1], boto3 is not None]
    """)
    for minor in (8, 9, 10, 12, 13):
        name = f"python3.{minor}"
        major, got, sdk = json.loads(lab.invoke(lab.function(code, name)).payload)
        assert (major, got) == resolve_runtime(name).version
        assert sdk or got < 10
