"""AWS Step Functions on one screen."""

from __future__ import annotations

from undercast.kit.service import Job, Service
from undercast.services.stepfunctions import (
    activities,
    aliases,
    callbacks,
    errors,
    executions,
    express,
    histories,
    machines,
    map_running,
    map_runs,
    receiving,
    standard,
    sync_executions,
    tags,
    trials,
    versions,
)

service = Service(
    "stepfunctions",
    operations=(
        activities,
        aliases,
        callbacks,
        executions,
        histories,
        machines,
        map_runs,
        sync_executions,
        tags,
        trials,
        versions,
    ),
    errors=errors,
    jobs={
        "begin": Job(standard.begin),
        "advance": Job(standard.advance),
        "wake": Job(standard.wake),
        "time out": Job(standard.time_out),
        "time out task": Job(standard.time_out_task),
        "miss heartbeat": Job(standard.miss_heartbeat),
        "call task": Job(standard.call_task, at_once=256),
        "do task": Job(standard.do_task, at_once=256),
        "watched ended": Job(standard.watched_ended),
        "abort all": Job(standard.abort_all),
        "sweep": Job(standard.sweep),
        "run express": Job(express.run_express, at_once=256),
        "read items": Job(map_running.read_items, at_once=8),
        "fill map run": Job(map_running.fill),
        "count child": Job(map_running.count_child),
        "fail map run": Job(map_running.fail),
        "abort children": Job(map_running.abort_children),
        "redrive children": Job(map_running.redrive_children),
        "write results": Job(map_running.write_results, at_once=8),
    },
    receive=receiving.receive,
)
