"""Jobs: later, again, in order, once."""

from __future__ import annotations

import asyncio
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from undercast.kit.call import Call
from undercast.kit.credentials import root_identity
from undercast.kit.service import Job, Service, waits
from undercast.pytest_plugin import InProcessPlatform
from undercast.store.contract import StoreError


class Recorder:
    """A service whose jobs write down that they ran."""

    def __init__(self):
        self.ran = []
        self.fail = 0
        self.error = RuntimeError("not this time")
        self.running = self.most = 0
        jobs = {
            "note": Job(self.note),
            "slow": Job(self.slow),
            "two": Job(self.two, at_once=2),
            "flaky": Job(self.flaky, attempts=3, backoff_s=lambda n: 10.0, exhausted=self.gave_up),
        }
        self.service = Service("test", operations=(), jobs=jobs)

    async def note(self, call, payload):
        self.ran.append(payload)

    @waits
    async def slow(self, call, payload):
        await asyncio.sleep(0)
        self.ran.append(payload)

    @waits
    async def two(self, call, payload):
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        self.ran.append(payload)

    async def flaky(self, call, payload):
        self.ran.append(call.attempt)
        if self.fail:
            self.fail -= 1
            raise self.error

    async def gave_up(self, call, payload, error):
        self.ran.append(f"gave up: {error}")


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture(params=["memory", "disk", "postgres"])
def platform(request, tmp_path, recorder):
    config = {"data": tmp_path} if request.param == "disk" else {}
    if request.param == "postgres":
        config = {"postgres": request.getfixturevalue("postgres_url")}
    with closing(InProcessPlatform(**config)) as platform:
        platform.platform._services["test"] = recorder.service
        yield platform
        platform.run(platform.platform.jobs.forget("1" * 12))  # the database is everyone's


@pytest.fixture(params=["sqlite", "postgres"])
def kept_platforms(request, tmp_path, recorder):
    """Makes platforms with the recorder's service, each the restart of the one before."""
    postgres = request.param == "postgres"
    config = {"postgres": request.getfixturevalue("postgres_url")} if postgres else {"data": tmp_path}

    @contextmanager
    def start():
        with closing(InProcessPlatform(**config)) as platform:
            platform.platform._services["test"] = recorder.service
            yield platform

    return start


def call(platform):
    p = platform.platform
    return Call(p, account="1" * 12, region="r", identity=root_identity("1" * 12), request_id="x", service="test")


def later(platform, name, payload=None, in_ms=0, key=""):
    async def add(call):
        return await call.later(call.now + in_ms, name, payload, key=key)

    async def go():
        return await call(platform).transact(add)

    return platform.run(go())


def settle(platform):
    platform.run(platform.platform.jobs.idle())


def test_due_job_runs_at_once(platform, recorder):
    later(platform, "note", {"n": 1})
    settle(platform)
    assert recorder.ran == [{"n": 1}]


def test_job_waits_for_its_time(platform, recorder):

    later(platform, "note", "tomorrow", in_ms=86_400_000)
    settle(platform)
    assert recorder.ran == []
    platform.advance(timedelta(days=1, seconds=1))
    settle(platform)
    assert recorder.ran == ["tomorrow"]


def test_jobs_of_one_key_keep_their_order(platform, recorder):
    for n in range(20):
        later(platform, "slow", n, key="group")
    settle(platform)
    assert recorder.ran == list(range(20))


def test_what_is_not_due_holds_nobody_up(platform, recorder):
    later(platform, "note", "tomorrow", in_ms=86_400_000, key="group")
    later(platform, "note", "now", key="group")
    settle(platform)
    assert recorder.ran == ["now"]


def test_what_failed_holds_up_its_followers_after_a_restart_too(kept_platforms, recorder):
    recorder.fail = 1
    with kept_platforms() as first:
        later(first, "flaky", key="group")
        settle(first)
        later(first, "note", "its follower", in_ms=3000, key="group")
    with kept_platforms() as second:
        second.advance(timedelta(seconds=4))
        settle(second)
        assert recorder.ran == [1]
        second.advance(timedelta(seconds=7))
        settle(second)
        assert recorder.ran == [1, 2, "its follower"]


def test_the_order_is_that_of_making_whatever_becomes_known_first(kept_platforms, recorder):
    """After a restart jobs become known in the order of their times; on two nodes in that of their commits."""
    with kept_platforms() as first:
        later(first, "note", "first", in_ms=3_600_000, key="group")
        later(first, "note", "second", in_ms=3_599_990, key="group")
    with kept_platforms() as second:
        second.advance(timedelta(hours=2))
        settle(second)
    assert recorder.ran == ["first", "second"]


def test_only_so_many_of_a_kind_run_at_once(platform, recorder):
    for n in range(7):
        later(platform, "two", n)
    later(platform, "note", "other")
    settle(platform)
    assert recorder.most == 2
    assert sorted(map(str, recorder.ran)) == [*map(str, range(7)), "other"]


def test_rolled_back_job_never_runs(platform, recorder):
    async def add(call):
        await call.later(call.now, "note", "lost")
        raise ValueError

    async def go():
        await call(platform).transact(add)

    with pytest.raises(ValueError):
        platform.run(go())
    settle(platform)
    assert recorder.ran == []


def test_failed_job_is_tried_again_and_then_given_up(platform, recorder):

    recorder.fail = 3
    later(platform, "flaky")
    for _ in range(3):
        settle(platform)
        platform.advance(timedelta(seconds=11))
    settle(platform)
    assert recorder.ran == [1, 2, 3, "gave up: not this time"]


def test_what_the_database_could_not_do_is_no_attempt(platform, recorder):
    recorder.fail, recorder.error = 5, StoreError("no room")
    later(platform, "flaky", key="k")
    later(platform, "note", "behind", key="k")
    for _ in range(5):
        settle(platform)
        platform.advance(timedelta(seconds=6))
    settle(platform)
    assert recorder.ran == [1, 1, 1, 1, 1, 1, "behind"]


def test_a_job_that_nobody_knows_stays_and_is_waited_for_by_nobody(kept_platforms, recorder):
    with kept_platforms() as first:
        recorder.service.jobs["of the next version"] = Job(recorder.note)
        later(first, "of the next version", in_ms=3_600_000)
        del recorder.service.jobs["of the next version"]
        del first.platform._services["test"]
        first.advance(timedelta(hours=2))
        settle(first)
    recorder.service.jobs["of the next version"] = Job(recorder.note)
    with kept_platforms() as second:
        second.advance(timedelta(seconds=1))
        settle(second)
    assert recorder.ran == [None]


def test_cancelled_job_does_not_run(platform, recorder):
    job = later(platform, "note", "x", in_ms=1000)

    async def go():
        return await call(platform).transact(lambda c: c.cancel_job(job))

    assert platform.run(go()) is True

    platform.advance(timedelta(seconds=2))
    settle(platform)
    assert recorder.ran == []


def test_job_goes_on_after_a_restart(tmp_path):
    recorder = Recorder()
    with closing(InProcessPlatform(data=tmp_path)) as first:
        later(first, "note", "kept", in_ms=3_600_000)
    with closing(InProcessPlatform(data=tmp_path)) as second:
        second.platform._services["test"] = recorder.service

        second.advance(timedelta(hours=1, seconds=1))
        settle(second)
    assert recorder.ran == ["kept"]


def test_a_clock_that_walks_lets_each_thing_happen_at_its_time(platform, recorder):
    """What a job causes an hour later happens before what is due in two; a jump would begin both at once."""
    times = []

    async def note(call, payload):
        times.append((payload, call.now))
        if payload == "first":
            await call.later(call.now + 3_600_000, "note", "its follower")

    recorder.service.jobs["note"] = Job(note)
    began = platform.platform.clock.now()
    later(platform, "note", "first", in_ms=3_600_000)
    later(platform, "note", "second", in_ms=3 * 3_600_000)
    platform.advance(timedelta(days=30), stepwise=True)
    assert [payload for payload, _ in times] == ["first", "its follower", "second"]
    assert [round((at - began) / 3_600_000, 2) for _, at in times] == [1, 2, 3]
