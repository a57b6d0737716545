// Publishes keyed records to a topic, and consumes them in a group: example HOST:PORT TOPIC GROUP
#include <grpcpp/grpcpp.h>

#include <iostream>

#include "lograft/v1/log_service.grpc.pb.h"

using namespace lograft::v1;

constexpr int kCount = 20, kCreditBytes = 1 << 20;

grpc::Status Publish(LogService::Stub& stub, const std::string& topic) {
  grpc::ClientContext context;
  auto stream = stub.Publish(&context);
  PublishRequest request;
  request.set_topic(topic);
  for (int i = 0; i < kCount; i++) {
    request.mutable_record()->set_key("customer-" + std::to_string(i % 3));
    request.mutable_record()->set_value("order " + std::to_string(i));
    stream->Write(request);
  }
  stream->WritesDone();
  for (PublishResponse answer; stream->Read(&answer);)
    std::cout << "published " << answer.partition() << "@" << answer.offset() << answer.failure().message() << "\n";
  return stream->Finish();
}

grpc::Status Consume(LogService::Stub& stub, const std::string& topic, const std::string& group) {
  grpc::ClientContext context;
  auto stream = stub.Subscribe(&context);
  SubscribeRequest request;
  request.mutable_start()->add_topics(topic);
  request.mutable_start()->set_group(group);
  request.mutable_start()->set_credit_bytes(kCreditBytes);
  stream->Write(request);
  int committed = 0;
  for (SubscribeResponse answer; stream->Read(&answer);) {
    if (committed >= kCount) continue;
    for (const LogRecord& record : answer.records()) {
      std::cout << "consumed " << record.partition() << "@" << record.offset() << " " << record.value() << "\n";
      auto* end = request.mutable_commit()->add_positions();
      end->set_topic(topic);
      end->set_partition(record.partition());
      end->set_offset(record.offset() + 1);
    }
    if (answer.records_size() > 0) stream->Write(request);
    request.set_credit_bytes(answer.ByteSizeLong());
    stream->Write(request);
    *request.mutable_release()->mutable_partitions() = answer.revoked();
    stream->Write(request);
    if ((committed += answer.committed_size()) >= kCount) stream->WritesDone();  // Leaves the group.
  }
  return stream->Finish();
}

int main(int, char** arguments) {
  auto stub = LogService::NewStub(grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials()));
  return Publish(*stub, arguments[2]).ok() && Consume(*stub, arguments[2], arguments[3]).ok() ? 0 : 1;
}
