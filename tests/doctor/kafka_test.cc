#include "doctor/kafka_apis.h"
#include "tests/doctor/found.h"

using namespace baton;
using namespace baton::doctor;
using namespace baton::test;

namespace {

kafka::TopicLook topic(const std::string& name) {
  kafka::TopicLook look;
  look.name = name;
  look.there = true;
  look.partitions = 64;
  look.replicas = 3;
  look.config = {
      {"max.message.bytes", "12582912"}, {"min.insync.replicas", "2"}, {"retention.ms", "86400000"}};
  return look;
}

KafkaSeen healthy() {
  KafkaSeen seen;
  seen.brokers = "k1:9092";
  seen.topic_prefix = "baton";
  seen.partitions = 64;
  BrokerSeen broker;
  broker.look.broker = "k1:9092";
  broker.look.brokers = 3;
  broker.look.topics = {topic("baton.requests"), topic("baton.replies")};
  broker.apis = KafkaApisSeen{"", {{0, 9}, {22, 4}}};
  seen.each = {broker};
  return seen;
}

template <class Change>
Lines trouble_with(Change change) {
  KafkaSeen seen = healthy();
  change(seen);
  Findings findings;
  judge_kafka(seen, findings);
  return trouble_in(findings.list());
}

kafka::TopicLook& requests(KafkaSeen& seen) {
  return seen.each[0].look.topics[0];
}

}  // namespace

TEST_CASE("a healthy Kafka has no trouble", "[doctor]") {
  CHECK(trouble_with([](KafkaSeen&) {}).empty());
}

TEST_CASE("a broker that is away is told, and the topics from another one", "[doctor]") {
  const std::string away =
      "wrong kafka.reachable k1:9092: Connection refused -> see whether Kafka runs there, and whether "
      "kafka.brokers is right";
  CHECK(trouble_with([](KafkaSeen& seen) { seen.each[0].look.trouble = "Connection refused"; }) ==
        Lines{away});
  CHECK(trouble_with([](KafkaSeen& seen) {
          seen.each.push_back(seen.each[0]);
          seen.each[0].look.trouble = "Connection refused";
          seen.each[1].look.broker = "k2:9092";
          seen.each[1].look.topics[0].there = false;
        }) ==
        Lines{away,
              "wrong kafka.topics baton.requests: there is no such topic at k1:9092 -> run `baton admin "
              "topics --settings FILE`"});
}

TEST_CASE("topics: missing, fewer partitions, without leaders", "[doctor]") {
  CHECK(
      trouble_with([](KafkaSeen& seen) { requests(seen).there = false; }) ==
      Lines{"wrong kafka.topics baton.requests: there is no such topic at k1:9092 -> run `baton admin topics "
            "--settings FILE`"});
  CHECK(trouble_with([](KafkaSeen& seen) { requests(seen).partitions = 8; }) ==
        Lines{"warning kafka.partitions baton.requests: 8 partitions, kafka.partitions says 64 -> raise it "
              "(kafka-topics --alter --partitions 64), or lower the setting if fewer processes share it"});
  CHECK(
      trouble_with([](KafkaSeen& seen) { requests(seen).without_leader = 2; }) ==
      Lines{"wrong kafka.partitions baton.requests: 2 of 64 partitions without a leader -> see which brokers "
            "are away: what is in these inboxes stands"});
  CHECK(trouble_with([](KafkaSeen& seen) { seen.partitions = 0; }).empty());  // a worker's file does not say
}

TEST_CASE("replication that cannot be written to, is behind, or is none", "[doctor]") {
  CHECK(trouble_with([](KafkaSeen& seen) { requests(seen).replicas = 1; }) ==
        Lines{"wrong kafka.replication baton.requests: 1 replica, min.insync.replicas 2 -> lower "
              "min.insync.replicas, or give the topic more replicas: nothing can be written"});
  CHECK(
      trouble_with([](KafkaSeen& seen) { requests(seen).behind = 4; }) ==
      Lines{"warning kafka.replication baton.requests: 3 replicas, min.insync.replicas 2; 4 partitions with "
            "replicas out of sync -> see whether a broker is away"});
  CHECK(
      trouble_with([](KafkaSeen& seen) { seen.replication = 5, seen.each[0].look.topics.pop_back(); }) ==
      Lines{"warning kafka.replication baton.requests: 3 replicas, min.insync.replicas 2; kafka.replication "
            "says 5 -> give it more replicas (kafka-reassign-partitions), or lower the setting"});
  const auto alone = trouble_with([](KafkaSeen& seen) {
    requests(seen).replicas = 1, requests(seen).config["min.insync.replicas"] = "1";
    seen.each[0].look.brokers = 1;
  });
  CHECK(alone ==
        Lines{"warning kafka.replication baton.requests: 1 replica, min.insync.replicas 1 -> for more "
              "than a trial: three brokers, and kafka.replication = 3"});
}

TEST_CASE("a topic's limits: messages too small, kept too short, not told", "[doctor]") {
  CHECK(
      trouble_with([](KafkaSeen& seen) { requests(seen).config["max.message.bytes"] = "1048588"; }) ==
      Lines{"wrong kafka.limits baton.requests: messages up to 1048588 bytes, Baton sends up to 12582912 -> "
            "raise its max.message.bytes (and the broker's replica.fetch.max.bytes)"});
  CHECK(
      trouble_with([](KafkaSeen& seen) { requests(seen).config["retention.ms"] = "60000"; }) ==
      Lines{"warning kafka.retention baton.requests: messages are kept for 60 s -> set its retention.ms to a "
            "day (86400000)"});
  CHECK(trouble_with([](KafkaSeen& seen) { requests(seen).config["retention.ms"] = "-1"; }).empty());
  CHECK(
      trouble_with([](KafkaSeen& seen) { requests(seen).config_trouble = "not authorized"; }) ==
      Lines{
          "not looked at kafka.limits baton.requests: not authorized -> let this client describe the topic's "
          "settings, or look yourself"});
}

TEST_CASE("what a broker can speak is judged, and read from its bytes", "[doctor]") {
  CHECK(trouble_with([](KafkaSeen& seen) { seen.each[0].apis->max_version.erase(22); }) ==
        Lines{"wrong kafka.version k1:9092: it knows no idempotent producers -> bring it to 0.11 or later"});
  CHECK(
      trouble_with([](KafkaSeen& seen) { seen.each[0].apis->trouble = "closed"; }) ==
      Lines{"not looked at kafka.version k1:9092: closed -> nothing, if it wants TLS or a login: the clients "
            "have got through"});
  using namespace std::string_literals;
  const std::string answer = "\0\0\0\x16\0\0\0\1\0\0\0\0\0\2\0\0\0\3\0\x9\0\x16\0\0\0\4"s;
  CHECK_FALSE(api_versions_answered(answer.substr(0, answer.size() - 1)));
  CHECK(api_versions_answered(answer));
  CHECK(read_api_versions(answer).max_version == std::map<std::int64_t, std::int64_t>{{0, 9}, {22, 4}});
  CHECK_FALSE(read_api_versions("HTTP/1.1 400 Bad Request").trouble.empty());
  CHECK(read_api_versions(answer.substr(0, 3)).trouble == "it does not answer as Kafka does without TLS");
}
