#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/ports/clock.h"
#include "common/ports/directory.h"
#include "common/ports/executor.h"
#include "common/ports/message_bus.h"
#include "common/runtime/log.h"
#include "common/runtime/rate_limit.h"
#include "common/runtime/unreadables.h"
#include "worker/task_runner.h"

namespace baton::worker {

/// Worker is the life of a worker process on its ports: it leases a partition, opens it as its inbox, and
/// only then, when the inbox's end offset is known (PROTOCOL.md H36), advertises itself; from then on its
/// TaskRunner answers requests. While Kafka is away for kUnreachableAfter its advert says UNREACHABLE:
/// nothing new is placed here, what it holds is not given to others (H16). Life: start() once; ends by
/// drain(), or by itself when the fleet's set-up does not fit. Threads: owner's only. The ports must outlive
/// it. Not here: what to do with a request (task_runner.h); settings and adapters (main.cc).
class Worker final : private ports::Directory::Listener, private ports::MessageBus::Listener {
 public:
  static constexpr Millis kRetryPause{500};          // between two tries of a step of the start
  static constexpr Millis kStartShownEvery{5'000};   // while it does not serve: what it waits for
  static constexpr Millis kUnreachableAfter{5'000};  // store_grace
  static constexpr Millis kFlushMax{2'000};          // for what the bus still holds at the end

  enum class End { Drained, DrainedLate, Refused };
  struct Events {
    std::function<void()> ready;                             // advertised for the first time
    std::function<void(End, const std::string& why)> ended;  // once
  };

  /// `about`: name, incarnation, labels, version, host and pid; the rest is filled in here.
  Worker(TaskRunner::Ports, const RunnerLimits&, ports::Advert about, std::vector<std::string> task_types,
         Events);
  ~Worker() override;

  void start();
  /// Draining in the advert, then TaskRunner::drain, then everything is withdrawn. A second call is ignored.
  void drain(Millis deadline);

  TaskRunner::Figures figures() const { return runner_.figures(); }
  const runtime::UnreadableCounts& unreadable() const { return unreadables_.counts(); }
  const ports::Advert& advert() const { return advert_; }

 private:
  void on_workers(const std::vector<ports::Advert>&, const std::vector<Incarnation>&) override {}
  void on_conductors(const std::vector<ports::Member>& members) override { runner_.conductors(members); }
  void on_session_lost() override;
  void on_unreadable(const std::string& path, const std::string& why) override {
    unreadables_.saw(runtime::UnreadableKind::Advert, why, path);
  }

  void on_message(std::string_view bytes) override;
  void unreadable(const wire::Unreadable&);
  void on_drained() override {}
  void on_room() override { runner_.on_room(); }
  void on_undeliverable(std::uint64_t tag, const ports::BusError&) override;
  void on_reachable(bool reachable) override;

  // The steps of the start, each repeated until it works.
  void check_bus();
  void count_partitions();
  void lease_inbox(std::int32_t partitions);
  void open_inbox(std::int32_t partition);
  void serve(const ports::InboxAddress&);
  void show_start();
  void again(const char* what, const std::string& why, std::function<void()> step);

  void refresh_advert();
  void leave(bool clean);
  void end(End, const std::string& why);
  template <class F>
  auto guarded(F then);

  TaskRunner::Ports ports_;
  const runtime::Log log_;
  runtime::RateLimit retries_{Millis{10'000}};  // messages about what is tried again
  runtime::Unreadables unreadables_;
  ports::Advert advert_;
  Events events_;
  TaskRunner runner_;
  const char* waiting_for_ = "";
  bool serving_ = false;  // the inbox is open: the advert may be shown
  bool ready_ = false;    // it was shown
  bool draining_ = false, unreachable_ = false;
  bool advertising_ = false;  // a call is under way
  std::optional<ports::AdvertState> shown_;
  ports::TimerId unreachable_timer_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::worker
