// Knows nothing of Lograft but an address: asks the server by reflection what it serves, builds clients from the
// descriptors that it sends, makes a topic, writes records and reads them back.
//
//   node conformance.mjs HOST:PORT [TOPIC]
//
// Prints a line "ok N name" for each step and exits with 0, or with 1 after the first step that fails.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const address = process.argv[2] ?? "localhost:7400";
const topic = process.argv[3] ?? `conformance-${Date.now()}`;
const options = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true };
const credentials = grpc.credentials.createInsecure();
const deadlineMs = 30_000;

/** One question to the reflection service. */
function reflect(client, request) {
  return new Promise((resolve, reject) => {
    const call = client.ServerReflectionInfo({ deadline: Date.now() + deadlineMs });
    call.on("data", (reply) => {
      call.end();
      if (reply.message_response === "error_response") {
        reject(new Error(`${JSON.stringify(request)}: ${reply.error_response.error_message}`));
      } else {
        resolve(reply);
      }
    });
    call.on("error", reject);
    call.write(request);
  });
}

/** File names that a serialized FileDescriptorProto has: its own (field 1) and those it imports (field 3). */
function namesOf(bytes) {
  const names = { own: "", imports: [] };
  let position = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 2) {
      const length = varint();
      const content = bytes.subarray(position, position + length);
      if (tag >> 3 === 1) names.own = content.toString();
      if (tag >> 3 === 3) names.imports.push(content.toString());
      position += length;
    } else if (wire === 0) {
      varint();
    } else {
      throw new Error(`unexpected wire type ${wire} in a descriptor`);
    }
  }
  return names;
}

/** Every file that describes these services, as a serialized FileDescriptorSet. */
async function descriptors(client, services) {
  const files = new Map();
  const wanted = [];
  const take = (reply) => {
    for (const bytes of reply.file_descriptor_response.file_descriptor_proto) {
      const names = namesOf(bytes);
      files.set(names.own, bytes);
      wanted.push(...names.imports);
    }
  };
  for (const service of services) {
    take(await reflect(client, { file_containing_symbol: service }));
  }
  while (wanted.length > 0) {
    const name = wanted.pop();
    if (!files.has(name)) take(await reflect(client, { file_by_filename: name }));
  }
  const parts = [];
  for (const bytes of files.values()) {
    const header = [0x0a]; // Field 1 of FileDescriptorSet, then the length as a varint.
    for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
      header.push(rest < 128 ? rest : (rest % 128) | 0x80);
      if (rest < 128) break;
    }
    parts.push(Buffer.from(header), bytes);
  }
  return Buffer.concat(parts);
}

function call(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, { deadline: Date.now() + deadlineMs }, (error, reply) =>
      error ? reject(error) : resolve(reply));
  });
}

let steps = 0;
async function step(name, body) {
  const result = await body();
  console.log(`ok ${++steps} ${name}`);
  return result;
}

const reflectionFile = fileURLToPath(new URL("reflection.proto", import.meta.url));
const { ServerReflection } = grpc.loadPackageDefinition(protoLoader.loadSync(reflectionFile, options)).grpc.reflection.v1;
const reflection = new ServerReflection(address, credentials);

const services = await step("reflection lists the services", async () => {
  const reply = await reflect(reflection, { list_services: "" });
  const names = reply.list_services_response.service.map((service) => service.name);
  for (const name of ["LogService", "AdminService", "MetadataService", "ProduceService", "FetchService"]) {
    assert.ok(names.includes(`lograft.v1.${name}`), `lograft.v1.${name} is missing in ${names}`);
  }
  assert.ok(names.includes("grpc.health.v1.Health"), `the health service is missing in ${names}`);
  return names.filter((name) => !name.startsWith("grpc.reflection."));
});

const api = await step("reflection describes them", async () =>
  grpc.loadPackageDefinition(
    protoLoader.loadFileDescriptorSetFromBuffer(await descriptors(reflection, services), options)));

const { LogService, AdminService } = api.lograft.v1;
const log = new LogService(address, credentials);
const admin = new AdminService(address, credentials);
const health = new api.grpc.health.v1.Health(address, credentials);

await step("the server is healthy", async () => {
  assert.equal((await call(health, "Check", {})).status, "SERVING");
});

await step("a topic is made", async () => {
  const reply = await call(admin, "CreateTopics", { topics: [{ name: topic, partition_count: 2 }] });
  assert.equal(reply.results.length, 1);
  assert.equal(reply.results[0].failure, null, JSON.stringify(reply.results[0].failure));
  assert.equal(reply.results[0].partition_count, 2);
});

const written = [];
await step("records are written", async () => {
  for (let i = 0; i < 20; i++) {
    const record = {
      key: Buffer.from(`key-${i % 5}`),
      value: Buffer.from(`value ${i} äöü`),
      headers: [{ key: "n", value: Buffer.from([i]) }],
    };
    const reply = await call(log, "PublishOne", { topic, record });
    written.push({ ...record, partition: reply.partition, offset: reply.offset });
  }
});

await step("the key decides on the partition", async () => {
  for (const { key, partition } of written) {
    const same = written.filter((other) => other.key.equals(key));
    assert.ok(same.every((other) => other.partition === partition), `${key} is in several partitions`);
  }
});

await step("the same records are read back, in order", async () => {
  for (const partition of [0, 1]) {
    const expected = written.filter((record) => record.partition === partition);
    const reply = await call(log, "FetchOne", { topic, partition, offset: 0, max_wait_ms: 10_000 });
    assert.equal(reply.records.length, expected.length);
    assert.equal(reply.high_watermark, expected.length);
    reply.records.forEach((record, i) => {
      assert.equal(record.offset, expected[i].offset);
      assert.deepEqual(record.key, expected[i].key);
      assert.deepEqual(record.value, expected[i].value);
      assert.deepEqual(record.headers[0].value, expected[i].headers[0].value);
    });
  }
});

await step("an unknown topic is a typed error", async () => {
  const error = await call(log, "FetchOne", { topic: `${topic}-none`, partition: 0, offset: 0 }).then(
    () => assert.fail("no error"),
    (failure) => failure);
  assert.equal(error.code, grpc.status.NOT_FOUND, error.message);
  const details = error.metadata.get("grpc-status-details-bin");
  assert.equal(details.length, 1, "no details");
  assert.ok(details[0].includes("ERROR_CODE_UNKNOWN_TOPIC"), details[0].toString());
});

await step("a topic that exists is refused", async () => {
  const reply = await call(admin, "CreateTopics", { topics: [{ name: topic }] });
  assert.equal(reply.results[0].failure.code, "ERROR_CODE_TOPIC_ALREADY_EXISTS");
});

for (const client of [reflection, log, admin, health]) client.close();
console.log(`# all ${steps} steps passed`);
