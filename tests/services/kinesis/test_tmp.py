import time
def test_x(aws, kinesis, stream, read, clock):
    arn = stream()
    print(kinesis.describe_stream(StreamName="s"))
    print(kinesis.put_record(StreamName="s", Data=b"hello", PartitionKey="k"))
    print(kinesis.put_records(StreamName="s", Records=[{"Data": b"hello%d" % i, "PartitionKey": str(i)} for i in range(5)]))
    print(read())
    kinesis.split_shard(StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1<<127))
    print(kinesis.list_shards(StreamName="s"))
    it = kinesis.get_shard_iterator(StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="LATEST")["ShardIterator"]
    print(kinesis.get_records(ShardIterator=it))
    c = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]
    es = kinesis.subscribe_to_shard(ConsumerARN=c["ConsumerARN"], ShardId="shardId-000000000000", StartingPosition={"Type":"TRIM_HORIZON"})["EventStream"]
    for e in es: print(e)
    n=0
    stream("od", None, StreamModeDetails={"StreamMode":"ON_DEMAND"})
    recs=[{"Data": b"x"*100, "PartitionKey": str(i)} for i in range(100)]
    t=time.time()
    while time.time()-t<2: kinesis.put_records(StreamName="od", Records=recs); n+=1
    print(n/2, "putrecords/s")
