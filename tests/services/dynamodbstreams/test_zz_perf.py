import time
from concurrent.futures import ThreadPoolExecutor
def test_perf(dynamodb, make, streams, put):
    make(); make("plain") if False else None
    dynamodb.create_table(TableName="plain",KeySchema=[{"AttributeName":"id","KeyType":"HASH"}],AttributeDefinitions=[{"AttributeName":"id","AttributeType":"S"}],BillingMode="PAY_PER_REQUEST")
    out=[]
    for table in ("plain","table"):
        def w(i):
            for n in range(20): dynamodb.put_item(TableName=table, Item={"id":{"S":f"{i}-{n}"}})
        s=time.perf_counter()
        with ThreadPoolExecutor(16) as p: list(p.map(w, range(16)))
        out.append((table, round(320/(time.perf_counter()-s))))
    print("PERF", out)
