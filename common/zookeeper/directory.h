#pragma once

#include <memory>

#include "common/ports/directory.h"

namespace baton::zookeeper {

class Session;

/// Who is there, as JSON nodes under the fleet's root:
///   <root>/workers/<incarnation>                       ephemeral: adverts
///   <root>/conductors/<incarnation>                    ephemeral: members
///   <root>/partitions/<requests|replies>/<n>/<incarnation>   ephemeral: leases
///   <root>/deaths/<incarnation>                        persistent: written by a supervisor; conductors
///   remove
///                                                      those older than an hour
/// and, where `entities` is given, a conductor's <entities>/conductor/<name>@<host>:<pid> as TaskFlow has it.
/// What is ours is written again in each new session, under the same incarnation.
/// The session must outlive it; callbacks of an object that is gone are dropped.
class ZooKeeperDirectory final : public ports::Directory {
 public:
  struct Settings {
    std::string root = "/taskflow/.baton";
    std::string entities;  // BoardPath::entities(); empty: TaskFlow's record is not written
  };
  ZooKeeperDirectory(Session&, Settings);
  ~ZooKeeperDirectory() override;

  void open(Listener&) override;
  void lease_partition(ports::InboxKind, std::int32_t partitions, Incarnation, Done<std::int32_t>) override;
  void advertise(const ports::Advert&, Done<void>) override;
  void withdraw(Done<void>) override;
  void join(const ports::Member&, Done<void>) override;
  Millis silent_for() const override;
  Millis timeout() const override;
  /// Closes the session, also for the board that shares it.
  void close() override;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

/// Where a supervisor notes the death of a process that it saw end (ports::death_note).
std::string death_note_path(const std::string& root, Incarnation);

}  // namespace baton::zookeeper
