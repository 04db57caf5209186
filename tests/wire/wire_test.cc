#include <catch2/catch.hpp>
#include <cmath>

#include "baton.pb.h"
#include "common/memory/seeded_entropy.h"
#include "common/wire/messages.h"

using namespace baton;
using namespace baton::wire;

namespace {

Uuid uuid(std::uint8_t last) {
  Uuid id;
  id.bytes[15] = last;
  return id;
}

DeliveryId delivery() {
  return {FlowId(uuid(7)), "create-a", Intention::Revert, 3, first_dispatch_of(2) + 9};
}

Message message(Body body) {
  return {Incarnation(uuid(1)), Incarnation(uuid(2)), 5, std::move(body)};
}

template <class Kind>
Kind round_trip(Kind body) {
  const auto read = decode(encode(message(std::move(body))));
  REQUIRE(read.ok());
  CHECK(read->to == Incarnation(uuid(1)));
  CHECK(read->from == Incarnation(uuid(2)));
  CHECK(read->reply_partition == 5);
  REQUIRE(std::holds_alternative<Kind>(read->body));
  return std::get<Kind>(read->body);
}

Answer answered(std::variant<Value, Failure, NotRun> what) {
  return round_trip(Answers{{Answer{delivery(), std::move(what), Micros(1234)}}}).answers.at(0);
}

}  // namespace

TEST_CASE("a request arrives as it was sent") {
  Request request;
  request.delivery = delivery();
  request.task_type = "server.create";
  request.arguments = Value::parse("{\"hostname\": \"a\",  \"size\": 1.0}").value();
  request.result = Value::of_string("id-1");
  request.failure = Failure::make("Quota", "no room", Value::of_number(3));
  request.flow_failures = {{"create-b", Failure::make("Boom", "b")}};
  request.start_to_close = Millis(1500);
  request.job = "job-1";
  const auto read = round_trip(Requests{{request, request}});
  REQUIRE(read.requests.size() == 2);
  const auto& again = read.requests[1];
  CHECK(again.delivery == request.delivery);
  CHECK(again.task_type == request.task_type);
  CHECK(again.arguments.json() == request.arguments.json());
  CHECK(again.result == request.result);
  CHECK(again.failure == request.failure);
  CHECK(again.flow_failures == request.flow_failures);
  CHECK(again.start_to_close == request.start_to_close);
  CHECK(again.job == "job-1");
}

TEST_CASE("each answer arrives as it was meant") {
  CHECK(std::get<Value>(answered(Value::of_number(5)).what) == Value::of_number(5));
  CHECK(std::get<Value>(answered(Value()).what).is_null());
  CHECK(std::get<Failure>(answered(Failure::make("T", "m")).what).type == "T");
  for (const auto kind : {NoOutcome::Busy, NoOutcome::Refused, NoOutcome::Unsupported, NoOutcome::NotStarted,
                          NoOutcome::Closed}) {
    const auto read = answered(NotRun{kind, "why"});
    CHECK(std::get<NotRun>(read.what).kind == kind);
    CHECK(std::get<NotRun>(read.what).why == "why");
    CHECK(read.ran_for == Micros(1234));
  }
}

TEST_CASE("reports, probes, cancels, echoes and recorded arrive as they were sent") {
  const auto report = round_trip(Report{{Holding{delivery(), true, Millis(90), 0.5, "half"}}, 8, true, 3});
  CHECK(report.holdings.at(0).delivery == delivery());
  CHECK(report.holdings.at(0).progress_note == "half");
  CHECK(report.sequence == 8);
  CHECK(report.draining);
  CHECK(report.free_slots == 3);
  round_trip(Echo{});
  CHECK(round_trip(Probe{delivery()}).delivery == delivery());
  CHECK(round_trip(Cancel{delivery(), "timed out"}).why == "timed out");
  CHECK(round_trip(Recorded{{delivery(), delivery()}}).deliveries.size() == 2);
}

TEST_CASE("a result that cannot be kept fails its atom instead of leaving its flow stuck") {
  proto::Answers answers;
  auto& answer = *answers.add_answers();
  answer.mutable_delivery()->set_flow(std::string(16, 'f'));
  answer.mutable_delivery()->set_atom("a");
  answer.set_result("\"\\u0000\"");
  proto::Envelope envelope;
  envelope.set_version(kVersion);
  envelope.set_kind(proto::KIND_ANSWERS);
  envelope.set_to(std::string(16, 't'));
  envelope.set_from(std::string(16, 'f'));
  envelope.set_body(answers.SerializeAsString());
  const auto read = decode(envelope.SerializeAsString());
  REQUIRE(read.ok());
  const auto& failure = std::get<Failure>(std::get<Answers>(read->body).answers.at(0).what);
  CHECK(failure.type == "BadResult");
  CHECK_THAT(failure.message,
             Catch::StartsWith("the result cannot be kept: a string holds the character U+0000, "
                               "which Postgres cannot store (at byte "));
}

TEST_CASE("an unknown version or kind can be answered: the envelope says by whom and where") {
  proto::Envelope envelope;
  envelope.set_version(99);
  envelope.set_kind(proto::KIND_REQUESTS);
  envelope.set_to(std::string(16, 't'));
  envelope.set_from(std::string(15, '\0') + "\x02");
  envelope.set_reply_partition(4);
  auto read = decode(envelope.SerializeAsString());
  REQUIRE(!read.ok());
  CHECK(read.error().unsupported);
  CHECK(read.error().from == Incarnation(uuid(2)));
  CHECK(read.error().reply_partition == 4);
  CHECK(read.error().message == "version 99, kind 1 is not known here (version 1): is the sender newer?");
  envelope.set_version(kVersion);
  envelope.set_kind(77);
  CHECK(decode(envelope.SerializeAsString()).error().unsupported);
}

TEST_CASE("the addressee is found without reading the body") {
  CHECK(addressee(encode(message(Probe{delivery()}))) == Incarnation(uuid(1)));
  CHECK(addressee("").value.is_nil());
  CHECK(addressee("garbage that is no envelope").value.is_nil());
  const auto whole = encode(message(Probe{delivery()}));
  CHECK(addressee("\x3d"
                  "1234" +
                  whole) == Incarnation(uuid(1)));  // a member that a later version has
  const auto twice = whole + std::string("\x1a\x10") + std::string(15, '\0') + '\x09';
  CHECK(addressee(twice) == Incarnation(uuid(9)));
  CHECK(decode(twice)->to == Incarnation(uuid(9)));
  CHECK(addressee(std::string("\x1a\0", 2) + whole) == Incarnation(uuid(1)));
  CHECK(addressee(whole + std::string("\x1a\0", 2)).value.is_nil());
}

TEST_CASE("an envelope that is for nobody is garbage") {
  auto to_nobody = message(Probe{delivery()});
  to_nobody.to = {};
  const auto read = decode(encode(to_nobody));
  REQUIRE(!read.ok());
  CHECK_FALSE(read.error().unsupported);
  CHECK(read.error().message == "the envelope does not say for whom it is and from whom");
}

TEST_CASE("an envelope that says no place for an answer is garbage") {
  auto nowhere = message(Probe{delivery()});
  nowhere.reply_partition = -1;
  const auto read = decode(encode(nowhere));
  REQUIRE_FALSE(read.ok());
  CHECK_FALSE(read.error().unsupported);
  CHECK(read.error().message == "the envelope does not say where to answer");
}

TEST_CASE("texts that are no UTF-8 or hold NULs do not cost the message that carries them") {
  const std::string dirty("caf\xC3\xA9 \xFF\0 end", 12);
  const std::string clean("caf\xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD end");
  const auto failure = std::get<Failure>(answered(Failure{dirty, dirty, {}}).what);
  CHECK(failure.type == clean);
  CHECK(failure.message == clean);
  CHECK(std::get<NotRun>(answered(NotRun{NoOutcome::Closed, dirty}).what).why == clean);
  CHECK(round_trip(Cancel{delivery(), dirty}).why == clean);
  const auto report = round_trip(Report{{Holding{delivery(), true, Millis(1), 0, dirty}}, 1, false, 0});
  CHECK(report.holdings.at(0).progress_note == clean);
}

TEST_CASE("progress is a share, durations stay durations, whatever was sent") {
  for (const double wrong : {-1.0, std::nan("")})
    CHECK(round_trip(Report{{Holding{delivery(), true, Millis(1), wrong, ""}}, 1, false, 0})
              .holdings.at(0)
              .progress == 0);
  const auto report = round_trip(Report{{Holding{delivery(), true, Millis(-1), 7.0, ""}}, 1, false, 0});
  CHECK(report.holdings.at(0).progress == 1.0);
  CHECK(report.holdings.at(0).running_for > Millis(0));
}

namespace {

/// One good message of every kind.
std::vector<std::string> one_of_each() {
  Request request{delivery(), "t", Value::of_number(1), Value::of_string("r"), {}, {}, Millis(5), "j"};
  request.failure = Failure::make("T", "m", Value::of_number(2));
  request.flow_failures = {{"b", Failure::make("U", "n")}};
  const std::vector<Body> bodies{Requests{{request, request}},
                                 Cancel{delivery(), "why"},
                                 Probe{delivery()},
                                 Recorded{{delivery(), delivery()}},
                                 Answers{{Answer{delivery(), Value::of_string("x"), Micros(1)},
                                          Answer{delivery(), Failure::make("T", "m"), Micros(2)},
                                          Answer{delivery(), NotRun{NoOutcome::Busy, "full"}, Micros(3)}}},
                                 Report{{Holding{delivery(), true, Millis(4), 0.5, "half"}}, 5, true, 6}};
  std::vector<std::string> encoded;
  for (const auto& body : bodies) encoded.push_back(encode(message(body)));
  return encoded;
}

/// Read, or refused with words; the addressee is looked for too, whatever it is.
bool read_or_refused(const std::string& bytes) {
  (void)addressee(bytes);
  const auto read = decode(bytes);
  return read.ok() || !read.error().message.empty();
}

}  // namespace

TEST_CASE("truncated and damaged messages of every kind are refused or read, never worse") {
  for (const auto& good : one_of_each()) {
    REQUIRE(decode(good).ok());
    std::size_t refused = 0;
    for (std::size_t size = 0; size < good.size(); ++size) {
      refused += !decode(good.substr(0, size)).ok();
      CHECK(read_or_refused(good.substr(0, size)));
    }
    CHECK(refused > good.size() / 2);
    for (std::size_t i = 0; i < good.size(); ++i)
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = good;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
        if (!read_or_refused(damaged)) FAIL("byte " << i << ", bit " << bit);
      }
  }
}

TEST_CASE("random bytes and random splices of good messages are refused or read, never worse") {
  memory::SeededEntropy entropy(20'26);
  const auto good = one_of_each();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good[entropy.below(good.size())];
    const auto at = entropy.below(bytes.size());
    const auto& other = good[entropy.below(good.size())];
    if (round % 2 == 0) {
      bytes = bytes.substr(0, at) + other.substr(entropy.below(other.size()));
    } else {
      bytes.resize(entropy.below(64));
      for (auto& byte : bytes) byte = static_cast<char>(entropy.next());
    }
    if (!read_or_refused(bytes)) FAIL("round " << round);
  }
}
