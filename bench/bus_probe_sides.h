#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/kafka/kafka_message_bus.h"
#include "common/runtime/asio_loop.h"

namespace baton::bench {

/// What the probe is asked to do.
struct ProbeOrder {
  std::size_t bytes = 300;
  std::size_t warm_up = 5000;  // round trips before any is measured: the broker's JVM compiles meanwhile
  std::size_t round_trips = 5000;
  std::size_t messages = 100'000;  // of the rate
  std::size_t outstanding = 1000;  // of the rate
};

struct ProbeFigures {
  std::vector<Micros> round_trips;  // one in flight, sorted
  double messages_per_second = 0;   // there and back
};

/// The worker's side, in a process of its own: sends each message back. Says that it is there by an empty
/// message, and runs until it is killed.
int run_echo(const kafka::KafkaSettings&);

/// The conductor's side. Starts `start_echo` once its own inbox is open.
class Pinger final : ports::MessageBus::Listener {
 public:
  Pinger(const kafka::KafkaSettings&, const ProbeOrder&, std::function<void()> start_echo);
  /// Throws std::runtime_error where Kafka is not there, refuses, or falls silent for kSilenceMax.
  ProbeFigures run();

 private:
  static constexpr Millis kSilenceMax{20'000};

  void on_message(std::string_view bytes) override;
  void on_drained() override {}
  void on_room() override {}
  void on_undeliverable(std::uint64_t tag, const ports::BusError&) override;
  void on_reachable(bool) override {}

  void answered();
  void begin_rate();
  void send();
  void fail(const std::string& why);
  void watch();

  const ProbeOrder order_;
  const std::function<void()> start_echo_;
  runtime::AsioLoop loop_;
  kafka::KafkaMessageBus bus_;
  ProbeFigures figures_;
  std::string failure_;
  std::size_t sent_ = 0, heard_ = 0, heard_at_watch_ = 0;
  std::size_t rate_from_ = 0;  // heard_ when the rate began; 0: not yet
  Micros sent_at_{0}, rate_since_{0};
};

}  // namespace baton::bench
