// Carries out calls of LogService that come as lines, for the conformance test (see ../conformance).
//
// Commands: open ID METHOD ADDRESS, send ID JSON, end ID, cancel ID, call ID METHOD ADDRESS JSON.
// Answers: message ID JSON, status ID CODE DETAILS TEXT.

import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const TIMEOUT_MS = 120_000;
const protos = fileURLToPath(new URL("../../proto/src/main/proto", import.meta.url));
// The mapping of protobuf to JSON: camel case, 64-bit numbers and bytes as text.
const definition = protoLoader.loadSync("lograft/v1/log_service.proto", {
  includeDirs: [protos], longs: String, enums: String, bytes: String,
});
const { LogService } = grpc.loadPackageDefinition(definition).lograft.v1;
const options = { "grpc.max_receive_message_length": 64 << 20, "grpc.max_send_message_length": 64 << 20 };
const calls = new Map();

const say = (...words) => process.stdout.write(words.join(" ") + "\n");
const sayMessage = (id, message) => say("message", id, JSON.stringify(message));

function sayStatus(id, { code = 0, details = "", metadata } = {}) {
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  say("status", id, code, bytes ? bytes.toString("base64") : "-", details.replaceAll("\n", " "));
}

const clientAt = (address) => new LogService(address, grpc.credentials.createInsecure(), options);
const deadline = () => ({ deadline: Date.now() + TIMEOUT_MS });

function open(id, method, address) {
  const call = clientAt(address)[method](deadline());
  calls.set(id, call);
  call.on("data", (message) => sayMessage(id, message));
  call.on("status", (status) => sayStatus(id, status));
  call.on("error", () => {}); // The status says the same.
}

function callOnce(id, method, address, text) {
  clientAt(address)[method](JSON.parse(text), deadline(), (error, message) => {
    if (message) sayMessage(id, message);
    sayStatus(id, error ?? undefined);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, id] = line.split(" ", 2);
  const rest = line.slice(command.length + id.length + 2);
  if (command === "open") open(id, ...rest.split(" "));
  else if (command === "send") calls.get(id).write(JSON.parse(rest));
  else if (command === "end") calls.get(id).end();
  else if (command === "cancel") calls.get(id).cancel();
  else if (command === "call") {
    const [method, address] = rest.split(" ", 2);
    callOnce(id, method, address, rest.slice(method.length + address.length + 2));
  } else throw new Error(`unknown command ${command}`);
}
process.exit(0);
