#include "worker/delivery_memory.h"

#include <algorithm>
#include <utility>

namespace baton::worker {
namespace {

/// FNV-1a: short, and the same in every build.
struct Fnv {
  std::uint64_t hash = 14695981039346656037ULL;
  void add(std::string_view text) {
    for (const char c : text) byte(static_cast<unsigned char>(c));
    byte(0);  // "a" + "b" is not "ab"
  }
  void byte(unsigned char c) { hash = (hash ^ c) * 1099511628211ULL; }
};

constexpr std::size_t kAnswerOverheadBytes = 256;  // what an answer costs beside its texts

std::size_t bytes_of(const wire::Answer& answer) {
  std::size_t bytes = kAnswerOverheadBytes + answer.delivery.atom.size();
  if (const auto* value = std::get_if<Value>(&answer.what)) bytes += value->json().size();
  if (const auto* failure = std::get_if<Failure>(&answer.what))
    bytes += failure->type.size() + failure->message.size() + failure->details.json().size();
  return bytes;
}

}  // namespace

std::uint64_t content_hash(const wire::Request& request) {
  Fnv fnv;
  fnv.add(request.task_type);
  fnv.add(request.arguments.json());
  fnv.add(request.result.json());
  return fnv.hash;
}

KnownAtom* DeliveryMemory::find(const AtomKey& key) {
  const auto found = atoms_.find(key);
  return found == atoms_.end() ? nullptr : &found->second;
}

KnownAtom& DeliveryMemory::of(const AtomKey& key) {
  return atoms_[key];
}

bool DeliveryMemory::has_room(Micros now) {
  while (answers_ >= answers_max_ || answer_bytes_ >= answer_bytes_max_) {
    const auto oldest = std::min_element(
        repeats_.begin(), repeats_.end(), [&](const Repeats::value_type& a, const Repeats::value_type& b) {
          return find(a.second)->now.get<Answered>().since < find(b.second)->now.get<Answered>().since;
        });
    if (oldest == repeats_.end()) return false;
    const AtomKey key = oldest->second;
    const auto& answered = find(key)->now.get<Answered>();
    if (now - answered.since < kAnswerKeptAtLeast) return false;
    told_.unrecorded_answer(answered.answer.delivery);
    settle(key);
  }
  return true;
}

void DeliveryMemory::keep_answer(const AtomKey& key, Asked asked, wire::Answer answer, Micros now) {
  KnownAtom& known = of(key);
  forget_answer(known);
  asked.request.arguments = {};  // the hash is enough
  asked.request.result = {};
  asked.request.flow_failures = {};
  const std::size_t bytes = bytes_of(answer);
  known.now = Answered{std::move(asked), std::move(answer), bytes, now, now + kRepeatFirst, 2 * kRepeatFirst};
  ++answers_;
  answer_bytes_ += bytes;
  repeats_.emplace(Due{now + kRepeatFirst, ++last_repeat_}, key);
}

void DeliveryMemory::forget_answer(KnownAtom& known) {
  const auto* answered = known.now.get_if<Answered>();
  if (!answered) return;
  const AtomKey key = atom_of(answered->asked.request.delivery);
  for (auto at = repeats_.lower_bound({answered->repeat_at, 0}); at != repeats_.end(); ++at)
    if (at->second == key) {
      repeats_.erase(at);
      break;
    }
  --answers_;
  answer_bytes_ -= answered->bytes;
  known.now.clear();
}

void DeliveryMemory::settle(const AtomKey& key) {
  KnownAtom& known = of(key);
  forget_answer(known);
  known.now.clear();
  idle_.emplace_back(key, known.highest);
  while (idle_.size() > kIdleAtomsMax) {
    const auto [oldest, dispatch] = std::move(idle_.front());
    idle_.pop_front();
    const auto found = atoms_.find(oldest);
    if (found == atoms_.end() || found->second.highest != dispatch || !found->second.now.nothing()) continue;
    atoms_.erase(found);
    told_.idle_atom();
  }
}

std::vector<Answered*> DeliveryMemory::due(Micros now) {
  std::vector<Answered*> repeated;
  while (!repeats_.empty() && repeats_.begin()->first.first <= now) {
    const AtomKey key = repeats_.begin()->second;
    repeats_.erase(repeats_.begin());
    auto& answered = find(key)->now.get<Answered>();
    answered.repeat_at = now + answered.pause;
    answered.pause = std::min(answered.pause * 2, kRepeatLongest);
    repeats_.emplace(Due{answered.repeat_at, ++last_repeat_}, key);
    repeated.push_back(&answered);
  }
  return repeated;
}

std::optional<Micros> DeliveryMemory::next_due() const {
  if (repeats_.empty()) return std::nullopt;
  return repeats_.begin()->first.first;
}

}  // namespace baton::worker
