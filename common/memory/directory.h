#pragma once

#include <memory>

#include "common/memory/session.h"
#include "common/ports/directory.h"

namespace baton::memory {

/// The directory in memory: the same promises as the one in ZooKeeper (one contract test for both), on the
/// session that the process's board uses too. The session must outlive it.
class MemoryDirectory final : public ports::Directory {
 public:
  static constexpr const char* kDefaultRoot = "/taskflow/.baton";

  explicit MemoryDirectory(MemorySession&, std::string root = kDefaultRoot);
  ~MemoryDirectory() override;

  void open(Listener&) override;
  void lease_partition(ports::InboxKind, std::int32_t partitions, Incarnation, Done<std::int32_t>) override;
  void advertise(const ports::Advert&, Done<void>) override;
  void withdraw(Done<void>) override;
  void join(const ports::Member&, Done<void>) override;
  Millis silent_for() const override;
  Millis timeout() const override;
  /// Closes the session, also for the board that shares it.
  void close() override;

  /// What a supervisor writes of a process that it saw die.
  static void note_death(MemoryEnsemble&, Incarnation, const std::string& root = kDefaultRoot,
                         const ports::DeathNote& = {});

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace baton::memory
