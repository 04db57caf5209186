#include "bench/bus_probe_sides.h"

#include <algorithm>
#include <stdexcept>

namespace baton::bench {
namespace {

using ports::BusError;
using ports::InboxAddress;
using ports::InboxKind;

constexpr InboxAddress kEcho{InboxKind::Requests, 0, 0};
constexpr InboxAddress kPinger{InboxKind::Replies, 0, 0};

class Echo final : public ports::MessageBus::Listener {
 public:
  explicit Echo(const kafka::KafkaSettings& settings) : bus_(loop_.io_context(), loop_, loop_, settings) {}

  int run() {
    bus_.open(*this);
    bus_.open_inbox(kEcho.kind, kEcho.partition, [this](const auto& opened) {
      if (!opened.ok()) return loop_.stop();
      send({});
    });
    loop_.run();
    return 1;  // it is killed when all went well
  }

 private:
  void on_message(std::string_view bytes) override { send(std::string(bytes)); }
  void on_drained() override {}
  void on_room() override {}
  void on_undeliverable(std::uint64_t, const BusError&) override { loop_.stop(); }
  void on_reachable(bool) override {}

  void send(std::string bytes) {
    if (!bus_.send(kPinger, std::move(bytes), 1).ok()) loop_.stop();
  }

  runtime::AsioLoop loop_;
  kafka::KafkaMessageBus bus_;
};

}  // namespace

int run_echo(const kafka::KafkaSettings& settings) {
  return Echo(settings).run();
}

Pinger::Pinger(const kafka::KafkaSettings& settings, const ProbeOrder& order,
               std::function<void()> start_echo)
    : order_(order), start_echo_(std::move(start_echo)), bus_(loop_.io_context(), loop_, loop_, settings) {
  figures_.round_trips.reserve(order_.round_trips);
}

ProbeFigures Pinger::run() {
  bus_.open(*this);
  bus_.open_inbox(kPinger.kind, kPinger.partition, [this](const auto& opened) {
    if (!opened.ok()) return fail(opened.error().message);
    start_echo_();
  });
  watch();
  loop_.run();
  if (!failure_.empty()) throw std::runtime_error(failure_);
  std::sort(figures_.round_trips.begin(), figures_.round_trips.end());
  return figures_;
}

void Pinger::on_message(std::string_view bytes) {
  if (bytes.empty()) return send();  // the echo is there
  ++heard_;
  if (rate_from_ == 0)
    answered();
  else if (heard_ - rate_from_ == order_.messages) {
    const auto seconds = std::chrono::duration<double>(loop_.steady() - rate_since_).count();
    figures_.messages_per_second = static_cast<double>(order_.messages) / seconds;
    loop_.stop();
  } else if (sent_ - rate_from_ < order_.messages)
    send();
}

void Pinger::answered() {
  if (heard_ > order_.warm_up) figures_.round_trips.push_back(loop_.steady() - sent_at_);
  if (figures_.round_trips.size() == order_.round_trips)
    begin_rate();
  else
    send();
}

void Pinger::begin_rate() {
  rate_from_ = heard_;
  rate_since_ = loop_.steady();
  for (std::size_t i = 0; i < std::min(order_.outstanding, order_.messages); ++i) send();
}

void Pinger::send() {
  ++sent_;
  sent_at_ = loop_.steady();
  if (const auto sent = bus_.send(kEcho, std::string(order_.bytes, 'x'), 1); !sent.ok())
    fail(sent.error().message);
}

void Pinger::on_undeliverable(std::uint64_t, const BusError& error) {
  fail(error.message);
}

void Pinger::fail(const std::string& why) {
  failure_ = why;
  loop_.stop();
}

void Pinger::watch() {
  loop_.after(kSilenceMax, [this] {
    if (heard_ == heard_at_watch_)
      return fail("no message came back for 20 s; did the echo end, is Kafka there?");
    heard_at_watch_ = heard_;
    watch();
  });
}

}  // namespace baton::bench
