"""The clock moves when told to, and what waits for it is called in order."""

from __future__ import annotations

import asyncio

import pytest

from undercast.kit.clock import Clock


def run(coroutine):
    return asyncio.run(coroutine)


def test_timers_fire_in_order_of_time():
    async def story():
        clock, fired = Clock(), []
        for hours in (3, 1, 2):
            clock.call_at(clock.now() + hours * 3_600_000, lambda hours=hours: fired.append(hours))
        clock.advance(2 * 3_600_000 + 1000)
        assert fired == [1, 2]
        clock.advance(3_600_000)
        return fired

    assert run(story()) == [1, 2, 3]


def test_cancelled_timer_is_silent():
    async def story():
        clock, fired = Clock(), []
        clock.call_at(clock.now() + 1000, lambda: fired.append(1)).cancel()
        clock.advance(2000)
        return fired

    assert run(story()) == []


def test_sleep_ends_when_the_clock_gets_there():
    async def story():
        clock = Clock()
        sleeper = asyncio.ensure_future(clock.sleep_until(clock.now() + 10_000_000))
        await asyncio.sleep(0)
        clock.advance(10_000_001)
        await asyncio.wait_for(sleeper, 5)

    run(story())


def test_time_does_not_go_back():
    with pytest.raises(ValueError):
        run(_back())


async def _back():
    Clock().advance(-1)


def test_stopped_clock_moves_only_when_told():
    async def story():
        clock, fired = Clock(), []
        clock.stop()
        began = clock.now()
        clock.call_at(began + 5, lambda: fired.append(1))
        await asyncio.sleep(0)
        assert (clock.now(), fired) == (began, [])
        clock.advance(5)
        assert (clock.now(), fired) == (began + 5, [1])
        clock.go()
        assert clock.now() >= began + 5

    run(story())
