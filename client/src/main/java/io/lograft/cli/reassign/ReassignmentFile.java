package io.lograft.cli.reassign;

import io.lograft.cli.Json;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files of Kafka's {@code kafka-reassign-partitions}: which replicas partitions are to have, and for which topics a
 * plan is wanted. Fields that they do not have are passed over.
 */
final class ReassignmentFile {
    private static final int VERSION = 1;

    private ReassignmentFile() {}

    /** {@code {"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2,3]}]}}, in the order of the file. */
    static Map<TopicPartition, List<Integer>> assignment(String file) {
        Map<TopicPartition, List<Integer>> assignment = new LinkedHashMap<>();
        JsonFile.read(file, json -> {
            json.object("the document", field -> switch (field) {
                case "version" -> version(json);
                case "partitions" -> {
                    json.list("partitions", i -> new Entry(json, i).readInto(assignment));
                    json.at("");
                    yield true;
                }
                default -> false;
            });
            if (assignment.isEmpty()) {
                throw json.wrong("it names no partitions");
            }
        });
        return assignment;
    }

    /** {@code {"version":1,"topics":[{"topic":"t"}]}}. */
    static Set<String> topics(String file) {
        Set<String> topics = new LinkedHashSet<>();
        JsonFile.read(file, json -> {
            json.object("the document", field -> switch (field) {
                case "version" -> version(json);
                case "topics" -> {
                    json.list("topics", i -> topic(json, i, topics));
                    json.at("");
                    yield true;
                }
                default -> false;
            });
            if (topics.isEmpty()) {
                throw json.wrong("it names no topics");
            }
        });
        return topics;
    }

    private static void topic(JsonFile json, int index, Set<String> topics) throws IOException {
        json.at("topics[" + index + "]");
        int before = topics.size();
        json.object("the entry", field -> {
            boolean isTopic = field.equals("topic");
            if (isTopic && !topics.add(json.string("topic"))) {
                throw json.wrong("its topic is named before");
            }
            return isTopic;
        });
        if (topics.size() == before) {
            throw json.wrong("topic is missing");
        }
    }

    private static boolean version(JsonFile json) throws IOException {
        int version = json.number("version");
        if (version != VERSION) {
            throw json.wrong("version is " + version + ", only " + VERSION + " is known");
        }
        return true;
    }

    /** The document of an assignment. */
    static Map<String, Object> json(Map<TopicPartition, List<Integer>> assignment) {
        List<Object> partitions = new ArrayList<>();
        assignment.forEach((partition, replicas) -> partitions.add(
                Json.object("topic", partition.topic(), "partition", partition.partition(), "replicas", replicas)));
        return Json.object("version", VERSION, "partitions", partitions);
    }

    /** A partition in the file. */
    private static final class Entry {
        private final JsonFile json;
        private String topic;
        private int partition = -1;
        private final List<Integer> replicas = new ArrayList<>();

        Entry(JsonFile json, int index) {
            this.json = json;
            json.at("partitions[" + index + "]");
        }

        void readInto(Map<TopicPartition, List<Integer>> assignment) throws IOException {
            json.object("the entry", field -> {
                switch (field) {
                    case "topic" -> topic = json.string("topic");
                    case "partition" -> partition = json.number("partition");
                    case "replicas" -> json.list("replicas", i -> addReplica(json.number("replicas[" + i + "]")));
                    case "log_dirs" -> json.list("log_dirs", i -> checkDirectory(json.string("log_dirs[" + i + "]")));
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            if (topic == null || partition < 0) {
                throw json.wrong((topic == null ? "topic" : "partition") + " is missing");
            }
            TopicPartition name = new TopicPartition(topic, partition);
            if (replicas.isEmpty()) {
                throw json.wrong(name + " has no replicas");
            }
            if (assignment.put(name, List.copyOf(replicas)) != null) {
                throw json.wrong(name + " is named before");
            }
        }

        private void addReplica(int broker) {
            if (replicas.contains(broker)) {
                throw json.wrong("replicas names broker " + broker + " twice");
            }
            replicas.add(broker);
        }

        /** Brokers choose the directories of new replicas; partition move-dir changes that. */
        private void checkDirectory(String directory) {
            if (!directory.equals("any")) {
                throw json.wrong("log_dirs names '" + directory
                        + "'; only \"any\" is allowed here, partition move-dir moves between directories");
            }
        }
    }
}
