"""Integrations with Kinesis."""

from __future__ import annotations

import json

import pytest

from tests.services.apigateway.cases import api_case

_TEMPLATES = {
    "PutRecord": """{"StreamName": "s", "Data": "$util.base64Encode($input.json('$'))", "PartitionKey": "test"}""",
    "PutRecords": """#set($records = $input.path('$.records'))
{"StreamName": "s", "Records": [#foreach($one in $records)
{"Data": "$util.base64Encode($one.data)", "PartitionKey": "$one.partition_key"}#if($foreach.hasNext),#end#end]}""",
}
_BODIES = {
    "PutRecord": {"kinesis": "snapshot"},
    "PutRecords": {
        "records": [{"data": json.dumps({"foo": f"bar{number}"}), "partition_key": "20"} for number in (1, 2, 3)]
    },
}


@pytest.mark.parametrize("action", ["PutRecord", "PutRecords"])
def test_records_are_put(aws, api, account, action):
    case = api_case(f"apigateway_kinesis::test_apigateway_to_kinesis[{action}]")
    kinesis = aws("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    where = api.method("POST", "/records")
    api.client.put_integration(
        **where, type="AWS", integrationHttpMethod="POST", uri=f"arn:aws:apigateway:us-east-1:kinesis:action/{action}",
        credentials=f"arn:aws:iam::{account}:role/r", requestTemplates={"application/json": _TEMPLATES[action]},
    )  # fmt: skip
    api.respond(where)
    api.deploy()
    answer = api.ask("POST", "/records", json.dumps(_BODIES[action]), {"Content-Type": "application/json"})
    case.check("apigateway_response", answer.json())
    place = {"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    found = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**place)["ShardIterator"])
    for record in found["Records"]:
        if action == "PutRecord":
            assert json.loads(record["Data"]) == {"kinesis": "snapshot"}
            record["Data"] = b'{"kinesis": "snapshot"}'
        record["Data"] = str(record["Data"])
    case.check("kinesis_records", found)
