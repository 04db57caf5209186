#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/memory/link.h"
#include "common/model/limits.h"
#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "common/ports/message_bus.h"

namespace baton::memory {

/// What several buses share: the two topics. Deterministic; delivers on the reader's executor after `delay`.
/// For local mode, the simulator and tests. Life: outlives its buses. Threads: one.
class MemoryBroker {
 public:
  /// What happens to one message, in the hands of a simulator or test: how many copies arrive (0: lost), and
  /// how late.
  struct Fate {
    std::uint32_t copies = 1;
    Millis delay{0};
  };
  using Fates = std::function<Fate(const ports::InboxAddress& to, std::string_view bytes)>;

  explicit MemoryBroker(std::int32_t partitions) : partitions_(partitions) {}

  void set_fates(Fates fates) { fates_ = std::move(fates); }
  /// Away: sends are kept by their bus and arrive when it is back; every bus is told.
  void set_reachable(bool);
  /// The topics are made anew: offsets begin again, what was unread is gone.
  void recreate_topics();

  /// As a topic whose limit was lowered since the start: senders of larger messages are told later.
  void set_message_bytes_max(std::size_t bytes) { message_bytes_max_ = bytes; }

  std::uint64_t sent() const { return sent_; }

 private:
  friend class MemoryMessageBus;
  struct Reader;
  struct Log {
    std::int64_t end = 0;
    std::vector<std::shared_ptr<Reader>> readers;
  };
  using Place = std::pair<int, std::int32_t>;

  void append(const ports::InboxAddress& to, const std::string& bytes);

  const std::int32_t partitions_;
  Fates fates_;
  bool reachable_ = true;
  std::size_t message_bytes_max_ = kMessageBytesMax;
  std::vector<std::pair<ports::InboxAddress, std::string>> stopped_;  // arrived while it was away
  std::uint64_t sent_ = 0;
  std::map<Place, Log> logs_;
  std::vector<class MemoryMessageBus*> buses_;
};

/// One process' view of a MemoryBroker. Bound: queued_messages_max while the broker is away; then Full.
/// Its link holds back what it is told while it is cut, as Kafka's clients do; they lose nothing.
class MemoryMessageBus final : public ports::MessageBus {
 public:
  static constexpr std::size_t kQueuedMessagesMax = 100'000;

  MemoryMessageBus(MemoryBroker&, ports::Executor&, ports::Clock&,
                   std::size_t queued_messages_max = kQueuedMessagesMax);
  MemoryMessageBus(MemoryBroker&, ports::Executor&, ports::Clock&, std::shared_ptr<Link>,
                   std::size_t queued_messages_max);
  ~MemoryMessageBus() override;

  void open(Listener&) override;
  void check(Done<void>) override;
  void partitions(ports::InboxKind, Done<std::int32_t>) override;
  void open_inbox(ports::InboxKind, std::int32_t partition, Done<ports::InboxAddress>) override;
  Result<void, ports::BusError> send(const ports::InboxAddress& to, std::string bytes,
                                     std::uint64_t tag) override;
  void catch_up(Done<void>) override;
  void close(Millis deadline) override;

  // ---- hooks ----
  /// This process notices that the way to the broker is cut, or whole again.
  void set_cut(bool);
  std::size_t queued() const { return queued_.size(); }

 private:
  friend class MemoryBroker;
  bool reaches() const { return !cut_ && broker_.reachable_; }
  void reachable_changed();
  template <class T>
  void say_unavailable(Done<T>);
  template <class T>
  void ask(std::function<T()> at_broker, Done<T>);
  void transmit(const ports::InboxAddress& to, std::string bytes);

  MemoryBroker& broker_;
  ports::Executor& executor_;
  ports::Clock& clock_;
  const std::shared_ptr<Link> link_;
  const std::size_t queued_messages_max_;
  std::shared_ptr<MemoryBroker::Reader> reader_;
  std::vector<std::pair<ports::InboxAddress, std::string>> queued_;  // while the broker is away
  bool full_ = false, closed_ = false, cut_ = false, reached_ = true;
  std::shared_ptr<Listener*> listener_ =
      std::make_shared<Listener*>(nullptr);  // null after close: late posts see it
};

}  // namespace baton::memory
