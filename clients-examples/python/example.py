"""Publishes keyed records to a topic, and consumes them in a group.

    python3 example.py HOST:PORT TOPIC GROUP
"""
import queue
import sys

import grpc
from lograft.v1 import log_service_pb2 as log
from lograft.v1 import log_service_pb2_grpc

COUNT = 20
CREDIT_BYTES = 1 << 20


def publish(stub, topic):
    def requests():
        for i in range(COUNT):
            record = log.NewRecord(key=b"customer-%d" % (i % 3), value=b"order %d" % i)
            yield log.PublishRequest(correlation_id=i, topic=topic, record=record)

    for answer in stub.Publish(requests()):
        if answer.HasField("failure"):
            raise RuntimeError(answer.failure.message)
        print(f"published {answer.correlation_id}: {answer.partition}@{answer.offset}")


def consume(stub, topic, group):
    requests = queue.SimpleQueue()
    send = lambda **message: requests.put(log.SubscribeRequest(**message))
    send(start=log.SubscribeRequest.Start(topics=[topic], group=group, credit_bytes=CREDIT_BYTES))
    read = 0
    for answer in stub.Subscribe(iter(requests.get, None)):
        for record in answer.records:
            print(f"consumed {record.partition}@{record.offset} {record.key.decode()}: {record.value.decode()}")
        if answer.records:
            ends = {record.partition: record.offset + 1 for record in answer.records}
            positions = [
                log.SubscribeRequest.Position(topic=topic, partition=partition, offset=end)
                for partition, end in ends.items()
            ]
            send(commit=log.SubscribeRequest.Commit(positions=positions))
            send(credit_bytes=answer.ByteSize())
            read += len(answer.records)
        if answer.revoked:
            send(release=log.SubscribeRequest.Release(partitions=answer.revoked))
        if read >= COUNT:
            requests.put(None)  # Ends the stream, and so leaves the group, once the commits are answered.


if __name__ == "__main__":
    address, topic, group = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        stub = log_service_pb2_grpc.LogServiceStub(channel)
        publish(stub, topic)
        consume(stub, topic, group)
