// Carries out calls of LogService that come as lines, for the conformance test (see ../conformance).
//
// Commands: open ID METHOD ADDRESS, send ID JSON, end ID, cancel ID, call ID METHOD ADDRESS JSON.
// Answers: message ID JSON, status ID CODE DETAILS TEXT.
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "lograft/v1/log_service.grpc.pb.h"

using namespace lograft::v1;

namespace {

constexpr int kBytesMax = 64 << 20;
constexpr auto kTimeout = std::chrono::seconds(120);

void Say(const std::string& line) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  std::cout << line << std::endl;
}

void SayMessage(const std::string& id, const google::protobuf::Message& message) {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) std::abort();
  Say("message " + id + " " + json);
}

std::string Base64(const std::string& bytes) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    unsigned value = 0;
    for (size_t j = 0; j < 3; j++) value = value << 8 | (i + j < bytes.size() ? uint8_t(bytes[i + j]) : 0);
    for (size_t j = 0; j < 4; j++) text += i + j <= bytes.size() ? kDigits[value >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

void SayStatus(const std::string& id, const grpc::Status& status) {
  std::string text = status.error_message();
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::string details = status.error_details().empty() ? "-" : Base64(status.error_details());
  Say("status " + id + " " + std::to_string(status.error_code()) + " " + details + " " + text);
}

std::unique_ptr<LogService::Stub> StubAt(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kBytesMax);
  arguments.SetMaxSendMessageSize(kBytesMax);
  return LogService::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
}

template <typename Message>
Message Parse(const std::string& json) {
  Message message;
  auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  if (!status.ok()) {
    std::cerr << json.substr(0, 200) << ": " << status.ToString() << std::endl;
    std::exit(1);
  }
  return message;
}

// A stream: one thread writes what is queued, so that flow control does not hold up other calls; one reads.
struct Stream {
  grpc::ClientContext context;
  std::function<void(const std::string& json)> send;
  std::function<void()> end;
};

template <typename Request, typename Response, typename Open>
std::shared_ptr<Stream> OpenStream(const std::string& id, const std::string& address, Open open) {
  auto stream = std::make_shared<Stream>();
  stream->context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  std::shared_ptr<LogService::Stub> stub = StubAt(address);
  std::shared_ptr<grpc::ClientReaderWriter<Request, Response>> call = open(*stub, &stream->context);
  struct Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Request> requests;
    bool ended = false;
  };
  auto queue = std::make_shared<Queue>();
  std::thread([stream, stub, call, queue] {
    std::unique_lock<std::mutex> lock(queue->mutex);
    while (true) {
      queue->changed.wait(lock, [&] { return queue->ended || !queue->requests.empty(); });
      if (queue->requests.empty()) break;
      Request next = std::move(queue->requests.front());
      queue->requests.pop_front();
      lock.unlock();
      bool is_written = call->Write(next);
      lock.lock();
      if (!is_written) return;
    }
    call->WritesDone();
  }).detach();
  std::thread([stream, stub, call, id] {
    for (Response answer; call->Read(&answer);) SayMessage(id, answer);
    SayStatus(id, call->Finish());
  }).detach();
  stream->send = [queue](const std::string& json) {
    std::lock_guard<std::mutex> lock(queue->mutex);
    queue->requests.push_back(Parse<Request>(json));
    queue->changed.notify_one();
  };
  stream->end = [queue] {
    std::lock_guard<std::mutex> lock(queue->mutex);
    queue->ended = true;
    queue->changed.notify_one();
  };
  return stream;
}

template <typename Request, typename Response, typename Call>
void CallOnce(const std::string& id, const std::string& address, const std::string& json, Call call) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  Response answer;
  grpc::Status status = call(*StubAt(address), &context, Parse<Request>(json), &answer);
  if (status.ok()) SayMessage(id, answer);
  SayStatus(id, status);
}

std::string NextWord(std::string& rest) {
  size_t space = std::min(rest.find(' '), rest.size());
  std::string word = rest.substr(0, space);
  rest.erase(0, std::min(space + 1, rest.size()));
  return word;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  // Else each read here would flush the output, past the lock that its writers hold.
  std::cin.tie(nullptr);
  std::map<std::string, std::shared_ptr<Stream>> streams;
  for (std::string rest; std::getline(std::cin, rest);) {
    std::string command = NextWord(rest), id = NextWord(rest);
    if (command == "send") {
      streams.at(id)->send(rest);
    } else if (command == "end") {
      streams.at(id)->end();
    } else if (command == "cancel") {
      streams.at(id)->context.TryCancel();
    } else {
      std::string method = NextWord(rest), address = NextWord(rest);
      if (command == "open" && method == "Publish") {
        streams[id] = OpenStream<PublishRequest, PublishResponse>(
            id, address, [](LogService::Stub& stub, grpc::ClientContext* context) { return stub.Publish(context); });
      } else if (command == "open" && method == "Subscribe") {
        streams[id] = OpenStream<SubscribeRequest, SubscribeResponse>(
            id, address, [](LogService::Stub& stub, grpc::ClientContext* context) { return stub.Subscribe(context); });
      } else if (command == "call" && method == "PublishOne") {
        CallOnce<PublishOneRequest, PublishOneResponse>(
            id, address, rest, [](LogService::Stub& stub, auto* context, const auto& request, auto* answer) {
              return stub.PublishOne(context, request, answer);
            });
      } else if (command == "call" && method == "FetchOne") {
        CallOnce<FetchOneRequest, FetchOneResponse>(
            id, address, rest, [](LogService::Stub& stub, auto* context, const auto& request, auto* answer) {
              return stub.FetchOne(context, request, answer);
            });
      } else {
        std::cerr << "unknown command " << command << " " << method << std::endl;
        return 1;
      }
    }
  }
  // What still runs ends with the process.
  std::_Exit(0);
}
