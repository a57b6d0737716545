// Publishes keyed records to a topic, and consumes them in a group: example HOST:PORT TOPIC GROUP
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	pb "lograft/v1"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

const count, creditBytes = 20, 1 << 20

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	topic := os.Args[2]
	connection, err := grpc.Dial(os.Args[1], grpc.WithInsecure())
	check(err)
	client := pb.NewLogServiceClient(connection)
	out, err := client.Publish(context.Background())
	check(err)
	for i := 0; i < count; i++ {
		record := &pb.NewRecord{Key: []byte(fmt.Sprint("customer-", i%3)), Value: []byte(fmt.Sprint("order ", i))}
		check(out.Send(&pb.PublishRequest{CorrelationId: int64(i), Topic: topic, Record: record}))
	}
	for i := 0; i < count; i++ {
		answer, err := out.Recv()
		check(err)
		fmt.Printf("published %d: %d@%d %v\n", answer.CorrelationId, answer.Partition, answer.Offset, answer.Failure)
	}
	in, err := client.Subscribe(context.Background())
	check(err)
	start := &pb.SubscribeRequest_Start{Topics: []string{topic}, Group: os.Args[3], CreditBytes: creditBytes}
	check(in.Send(&pb.SubscribeRequest{Message: &pb.SubscribeRequest_Start_{Start: start}}))
	for committed := 0; committed < count; {
		answer, err := in.Recv()
		check(err)
		for _, r := range answer.Records {
			fmt.Printf("consumed %d@%d %s: %s\n", r.Partition, r.Offset, r.Key, r.Value)
			end := &pb.SubscribeRequest_Position{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset + 1}
			commit := &pb.SubscribeRequest_Commit{Positions: []*pb.SubscribeRequest_Position{end}}
			check(in.Send(&pb.SubscribeRequest{Message: &pb.SubscribeRequest_Commit_{Commit: commit}}))
		}
		credit := int64(proto.Size(answer))
		check(in.Send(&pb.SubscribeRequest{Message: &pb.SubscribeRequest_CreditBytes{CreditBytes: credit}}))
		release := &pb.SubscribeRequest_Release{Partitions: answer.Revoked}
		check(in.Send(&pb.SubscribeRequest{Message: &pb.SubscribeRequest_Release_{Release: release}}))
		committed += len(answer.Committed)
	}
}
