// Publishes keyed records to a topic, and consumes them in a group.
//
//   node example.mjs HOST:PORT TOPIC GROUP

import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const COUNT = 20;
const CREDIT_BYTES = 1 << 20;
const protos = fileURLToPath(new URL("../../proto/src/main/proto", import.meta.url));
const definition = protoLoader.loadSync("lograft/v1/log_service.proto", {
  includeDirs: [protos], longs: Number, enums: String,
});
const { LogService } = grpc.loadPackageDefinition(definition).lograft.v1;

function publish(client, topic) {
  return new Promise((resolve, reject) => {
    const call = client.Publish();
    call.on("data", ({ failure, correlationId, partition, offset }) => {
      if (failure) call.emit("error", new Error(failure.message));
      else console.log(`published ${correlationId}: ${partition}@${offset}`);
    });
    call.on("error", reject).on("end", resolve);
    for (let i = 0; i < COUNT; i++) {
      const record = { key: Buffer.from(`customer-${i % 3}`), value: Buffer.from(`order ${i}`) };
      call.write({ correlationId: i, topic, record });
    }
    call.end();
  });
}

function consume(client, topic, group) {
  return new Promise((resolve, reject) => {
    const call = client.Subscribe();
    let read = 0;
    call.on("data", ({ records = [], revoked = [] }) => {
      if (read >= COUNT) return;
      for (const { partition, offset, key, value } of records) {
        console.log(`consumed ${partition}@${offset} ${key}: ${value}`);
        call.write({ commit: { positions: [{ topic, partition, offset: offset + 1 }] } });
        call.write({ creditBytes: key.length + value.length + 50 });
      }
      if (revoked.length > 0) call.write({ release: { partitions: revoked } });
      read += records.length;
      // Ends the stream, and so leaves the group, once the commits are answered.
      if (read >= COUNT) call.end();
    });
    call.on("error", reject).on("end", resolve);
    call.write({ start: { topics: [topic], group, creditBytes: CREDIT_BYTES } });
  });
}

const [address, topic, group] = process.argv.slice(2);
const client = new LogService(address, grpc.credentials.createInsecure());
await publish(client, topic);
await consume(client, topic, group);
client.close();
