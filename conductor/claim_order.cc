#include "conductor/claim_order.h"

#include <algorithm>
#include <chrono>

namespace baton::conductor {
namespace {

/// Rendezvous hashing: FNV-1a over job and conductor, then splitmix's finisher so that near uuids differ.
std::uint64_t weight(const JobId& job, const Incarnation& conductor) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const char c : job.value) mix(static_cast<std::uint8_t>(c));
  for (const std::uint8_t byte : conductor.value.bytes) mix(byte);
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}

}  // namespace

void ClaimOrder::conductors(const std::vector<ports::Member>& members) {
  conductors_.clear();
  for (const auto& member : members) conductors_.push_back(member.incarnation);
}

bool ClaimOrder::mine(const JobId& job) const {
  if (conductors_.empty()) return false;
  const auto best =
      std::max_element(conductors_.begin(), conductors_.end(), [&](const auto& a, const auto& b) {
        return std::pair(weight(job, a), a) < std::pair(weight(job, b), b);
      });
  return *best == self_;
}

ClaimOrder::Place ClaimOrder::place(const ports::BoardJob& job, bool mine) const {
  Millis stands_at = std::chrono::duration_cast<Millis>(job.posted_at.time_since_epoch());
  if (!mine) {
    const auto lag = static_cast<std::uint64_t>(lag_.count());
    const auto by_chance = lag == 0 ? 0 : weight(job.posting.uuid, self_) % lag;
    stands_at += lag_ + Millis(static_cast<Millis::rep>(by_chance));
  }
  return {-static_cast<int>(job.posting.priority), stands_at.count(), job.czxid};
}

}  // namespace baton::conductor
