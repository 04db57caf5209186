#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/store/store_under_test.h"

namespace baton::test {

inline Uuid test_uuid(std::uint64_t number, std::uint8_t kind) {
  Uuid uuid;
  uuid.bytes[0] = kind;
  for (std::size_t i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return uuid;
}

inline Posting posting(const std::string& uuid, std::uint32_t run = 1,
                       const std::string& flow = "create-cluster", const std::string& name = "cluster") {
  const auto details = Value::parse(R"({"factory": {"name": ")" + flow + R"(", "args": [], "kwargs": {}}})");
  return Posting::make(JobId(uuid), name, Priority::Normal, details.value(), std::nullopt, run).value();
}

inline Fact atom_fact(std::uint64_t seq, AtomIndex atom, AtomState from, AtomState state, Attempt attempt,
                      Dispatch dispatch, const std::string& worker = "w1") {
  AtomFact fact;
  fact.atom = atom;
  fact.from = from;
  const bool starts = state == AtomState::Running && from != AtomState::Running;
  fact.from_attempt = starts ? attempt - 1 : attempt;
  fact.from_dispatch = starts ? dispatch - 1 : dispatch;
  fact.after.state = state;
  fact.after.attempt = attempt;
  fact.after.dispatch = dispatch;
  if (state == AtomState::Running)
    fact.after.delivery =
        Delivery{Incarnation(test_uuid(7, 'w')), worker, 1, TimePoint(Micros(1'800'000'000'000'001)), {}};
  return {seq, fact};
}

inline Fact success(std::uint64_t seq, AtomIndex atom, Attempt attempt, Dispatch dispatch, Value result) {
  Fact fact = atom_fact(seq, atom, AtomState::Running, AtomState::Success, attempt, dispatch);
  std::get<AtomFact>(fact.body).after.result = std::move(result);
  std::get<AtomFact>(fact.body).changed = kResultChanged;
  return fact;
}

inline Fact flow_fact(std::uint64_t seq, FlowState from, FlowState state) {
  return {seq, FlowFact{from, state, {}, {}, ""}};
}

/// The store's contract as stories: conductors claim jobs, remember steps and look.
template <class Stores>
class StoreStory {
 public:
  StoreStory() : store(stores.open()) {}

  template <class T>
  Result<T, ports::StoreError> wait(const Answer<T>& answer) {
    REQUIRE(stores.run_until([&] { return answer.there(); }));
    return **answer.outcome;
  }

  static ports::ClaimRequest request(const Posting& job, std::int64_t zxid, const std::string& conductor,
                                     const std::string& path = {}) {
    ports::ClaimRequest request;
    request.new_flow = FlowId(test_uuid(std::hash<std::string>{}(job.uuid.value + path), 'f'));
    request.posting = job;
    request.board_path = path.empty() ? "/taskflow/board/jobs/" + job.uuid.value : path;
    request.board_id = "board-1";
    request.lock_czxid = zxid;
    request.conductor = Incarnation(test_uuid(std::hash<std::string>{}(conductor), 'c'));
    request.conductor_name = conductor;
    return request;
  }
  Result<ports::ClaimOutcome, ports::StoreError> claim(const ports::ClaimRequest& request) {
    Answer<ports::ClaimOutcome> answer;
    store->claim(request, answer.done());
    return wait(answer);
  }
  ports::ClaimOutcome owned(const ports::ClaimRequest& claim_request) {
    const auto outcome = claim(claim_request);
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
    REQUIRE(outcome.value().verdict == ports::ClaimVerdict::Owned);
    return outcome.value();
  }

  ports::StepWrite step(const ports::ClaimOutcome& claim, std::vector<Fact> facts) const {
    ports::StepWrite write;
    write.flow = claim.flow;
    write.epoch = claim.epoch;
    write.facts = std::move(facts);
    return write;
  }
  ports::StepWrite first_step(const ports::ClaimOutcome& claim, std::vector<Fact> facts,
                              std::size_t atoms = 3) const {
    auto write = step(claim, std::move(facts));
    write.plan = "the plan";
    for (std::size_t i = 0; i < atoms; ++i) write.atom_names.push_back("atom-" + std::to_string(i));
    return write;
  }
  Answer<void> begin_append(ports::StepWrite write) {
    Answer<void> answer;
    store->append(std::move(write), answer.done());
    return answer;
  }
  Result<void, ports::StoreError> append(ports::StepWrite write) {
    return wait(begin_append(std::move(write)));
  }
  void must_append(ports::StepWrite write) {
    const auto outcome = append(std::move(write));
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
  }
  ports::StoreErrorCode refused(ports::StepWrite write) {
    const auto outcome = append(std::move(write));
    REQUIRE_FALSE(outcome.ok());
    CHECK_FALSE(outcome.error().message.empty());
    return outcome.error().code;
  }

  Result<ports::FlowSnapshot, ports::StoreError> try_load(const FlowId& flow, const Epoch& epoch) {
    Answer<ports::FlowSnapshot> answer;
    store->load(flow, epoch, answer.done());
    return wait(answer);
  }
  ports::FlowSnapshot load(const ports::ClaimOutcome& claim) {
    const auto snapshot = try_load(claim.flow, claim.epoch);
    INFO((snapshot.ok() ? "" : snapshot.error().message));
    REQUIRE(snapshot.ok());
    return snapshot.value();
  }

  /// "atom-0 RUNNING", "RUNNING" (the flow), …; what claims wrote is left out.
  std::vector<std::string> history(const std::string& job) {
    std::vector<std::string> lines;
    for (const auto& row : history_page(job, 0, 1000).rows) {
      if (row.state.empty() && row.intention.empty()) continue;
      lines.push_back((row.atom.empty() ? "" : row.atom + " ") +
                      (row.state.empty() ? row.intention : row.state));
    }
    return lines;
  }
  ports::HistoryPage history_page(const std::string& job, std::uint64_t after, std::uint32_t limit) {
    Answer<ports::HistoryPage> answer;
    store->history(JobId(job), after, limit, answer.done());
    const auto page = wait(answer);
    REQUIRE(page.ok());
    return page.value();
  }
  ports::JobPage list(const ports::JobFilter& filter) {
    Answer<ports::JobPage> answer;
    store->list(filter, answer.done());
    const auto page = wait(answer);
    REQUIRE(page.ok());
    return page.value();
  }
  ports::JobDetail show(const std::string& job, const ports::AtomPage& page = {}) {
    Answer<ports::JobDetail> answer;
    store->show(JobId(job), page, answer.done());
    const auto detail = wait(answer);
    INFO((detail.ok() ? "" : detail.error().message));
    REQUIRE(detail.ok());
    return detail.value();
  }

  Stores stores;
  std::unique_ptr<ports::FlowStore> store;
};

using Lines = std::vector<std::string>;

}  // namespace baton::test
