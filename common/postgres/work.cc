#include "common/postgres/work.h"

namespace baton::postgres {
namespace {

std::string bytes_key(char kind, const Uuid& uuid) {
  std::string key(1, kind);
  for (const std::uint8_t byte : uuid.bytes) key.push_back(static_cast<char>(byte));
  return key;
}

struct Key {
  std::string operator()(const StepWork& work) const { return bytes_key('f', work.write.flow.value); }
  std::string operator()(const LoadWork& work) const { return bytes_key('f', work.flow.value); }
  std::string operator()(const ClaimWork& work) const { return "j" + work.request.posting.uuid.value; }
  std::string operator()(const OrderWork& work) const { return "j" + work.request.job.value; }
  std::string operator()(const RefusedWork& work) const { return "j" + work.request.posting.uuid.value; }
  std::string operator()(const UnreadableWork& work) const { return "p" + work.board_path; }
  std::string operator()(const RemovedWork& work) const { return "r" + work.job.value; }
  std::string operator()(const ProofWork&) const { return "w"; }
  std::string operator()(const MeetWork& work) const { return "b" + work.board_id; }
  std::string operator()(const MarkWork& work) const { return "m" + work.board_id; }
  std::string operator()(const SweepWork& work) const { return "s" + work.sweep.folder; }
  std::string operator()(const FlowFileWork& work) const { return "n" + work.put.name; }
};

std::size_t bytes_of_failure(const Rare<Failure>& failure) {
  return failure ? failure->message.size() + failure->details.json().size() : 0;
}

std::size_t bytes_of_calls(const std::vector<ports::NewHookCall>& calls) {
  std::size_t bytes = 0;
  for (const auto& call : calls) bytes += kRowBytes + call.hook.size() + call.about.json().size();
  return bytes;
}

struct Bytes {
  std::size_t operator()(const StepWork& work) const {
    std::size_t bytes = kRowBytes * (1 + work.write.facts.size());
    if (work.write.plan) bytes += work.write.plan->size();
    for (const auto& name : work.write.atom_names) bytes += name.size() + 24;
    for (const AtomFact& atom : work.folded.atoms) {
      if (atom.changed & kResultChanged) bytes += atom.after.result.json().size();
      if (atom.changed & kRevertResultChanged) bytes += atom.after.revert_result.json().size();
      if (atom.changed & kFailureChanged) bytes += bytes_of_failure(atom.after.failure);
      if (atom.changed & kRevertFailureChanged) bytes += bytes_of_failure(atom.after.revert_failure);
      if (atom.changed & kHistoryChanged && atom.after.history)
        bytes += kRowBytes * atom.after.history->size();
    }
    for (const auto& taken : work.write.orders)
      bytes += kRowBytes + 2 * (taken.record.order.who.size() + taken.record.order.why.size());
    return bytes + bytes_of_calls(work.write.hook_calls);
  }
  std::size_t operator()(const OrderWork& work) const {
    return kRowBytes + work.request.order.who.size() + work.request.order.why.size() +
           work.request.order.atom.size() + work.request.order.result.json().size();
  }
  std::size_t operator()(const ClaimWork& work) const {
    return kRowBytes + work.request.posting.raw.json().size();
  }
  std::size_t operator()(const RefusedWork& work) const {
    return kRowBytes + work.request.posting.raw.json().size() + bytes_of_failure(work.refusal.why) +
           bytes_of_calls(work.refusal.hook_calls);
  }
  std::size_t operator()(const LoadWork& work) const { return work.bytes.value_or(kRowBytes); }
  std::size_t operator()(const UnreadableWork& work) const { return kRowBytes + work.why.size(); }
  std::size_t operator()(const RemovedWork& work) const { return kRowBytes + work.job.value.size(); }
  std::size_t operator()(const ProofWork&) const { return kRowBytes; }
  std::size_t operator()(const MeetWork& work) const { return kRowBytes + work.board_id.size(); }
  std::size_t operator()(const MarkWork& work) const { return kRowBytes + work.board_id.size(); }
  std::size_t operator()(const SweepWork& work) const { return kRowBytes + work.sweep.folder.size(); }
  std::size_t operator()(const FlowFileWork& work) const {
    return kRowBytes + work.put.content.size() + work.put.why.size();
  }
};

}  // namespace

std::string key_of(const Work& work) {
  return std::visit(Key{}, work);
}

std::size_t bytes_of(const Work& work) {
  return std::visit(Bytes{}, work);
}

std::size_t bytes_held_by(const Work& work) {
  return std::holds_alternative<LoadWork>(work) ? kRowBytes : bytes_of(work);
}

bool may_be_lost(const Work& work) {
  return std::holds_alternative<RemovedWork>(work) || std::holds_alternative<LoadWork>(work);
}

void finish(Work& work, const ports::StoreError& error) {
  std::visit([&](auto& one) { std::exchange(one.done, nullptr)(Fail(error)); }, work);
}

}  // namespace baton::postgres
