// Carries out calls of LogService that come as lines, for the conformance test (see ../conformance).
//
// Commands: open ID METHOD ADDRESS, send ID JSON, end ID, cancel ID, call ID METHOD ADDRESS JSON.
// Answers: message ID JSON, status ID CODE DETAILS TEXT.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	pb "lograft/v1"

	oldproto "github.com/golang/protobuf/proto" // What the status of this version of gRPC is made of.
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	timeout  = 120 * time.Second
	maxBytes = 64 << 20
	service  = "/lograft.v1.LogService/"
)

var types = map[string][2]proto.Message{
	"Publish":    {&pb.PublishRequest{}, &pb.PublishResponse{}},
	"Subscribe":  {&pb.SubscribeRequest{}, &pb.SubscribeResponse{}},
	"PublishOne": {&pb.PublishOneRequest{}, &pb.PublishOneResponse{}},
	"FetchOne":   {&pb.FetchOneRequest{}, &pb.FetchOneResponse{}},
}

type call struct {
	method string
	stream grpc.ClientStream
	cancel context.CancelFunc
}

var out sync.Mutex

func say(words ...interface{}) {
	out.Lock()
	defer out.Unlock()
	fmt.Println(words...)
}

func sayMessage(id string, message proto.Message) {
	text, err := protojson.MarshalOptions{Multiline: false}.Marshal(message)
	check(err)
	say("message", id, string(text))
}

func sayStatus(id string, err error) {
	if err == io.EOF {
		err = nil
	}
	details := "-"
	ended := status.Convert(err)
	if err != nil {
		bytes, failure := oldproto.Marshal(ended.Proto())
		check(failure)
		details = base64.StdEncoding.EncodeToString(bytes)
	}
	say("status", id, int(ended.Code()), details, strings.ReplaceAll(ended.Message(), "\n", " "))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func dial(address string) *grpc.ClientConn {
	limits := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxBytes), grpc.MaxCallSendMsgSize(maxBytes))
	connection, err := grpc.Dial(address, grpc.WithInsecure(), limits)
	check(err)
	return connection
}

func parse(method, text string) proto.Message {
	request := types[method][0].ProtoReflect().New().Interface()
	check(protojson.Unmarshal([]byte(text), request))
	return request
}

func open(id, method, address string) *call {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := dial(address).NewStream(ctx, description, service+method)
	if err != nil {
		sayStatus(id, err)
		return &call{method, nil, cancel}
	}
	go func() {
		for {
			answer := types[method][1].ProtoReflect().New().Interface()
			if err := stream.RecvMsg(answer); err != nil {
				sayStatus(id, err)
				return
			}
			sayMessage(id, answer)
		}
	}()
	return &call{method, stream, cancel}
}

func callOnce(id, method, address, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	answer := types[method][1].ProtoReflect().New().Interface()
	err := dial(address).Invoke(ctx, service+method, parse(method, text), answer)
	if err == nil {
		sayMessage(id, answer)
	}
	sayStatus(id, err)
}

func main() {
	calls := map[string]*call{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxBytes)
	for lines.Scan() {
		words := strings.SplitN(lines.Text(), " ", 3)
		command, id := words[0], words[1]
		switch command {
		case "open":
			rest := strings.Split(words[2], " ")
			calls[id] = open(id, rest[0], rest[1])
		case "send":
			// Where the stream has ended, its status was said.
			if one := calls[id]; one.stream != nil {
				_ = one.stream.SendMsg(parse(one.method, words[2]))
			}
		case "end":
			if one := calls[id]; one.stream != nil {
				check(one.stream.CloseSend())
			}
		case "cancel":
			calls[id].cancel()
		case "call":
			rest := strings.SplitN(words[2], " ", 3)
			callOnce(id, rest[0], rest[1], rest[2])
		default:
			log.Fatal("unknown command ", command)
		}
	}
	check(lines.Err())
}
