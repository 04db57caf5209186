#pragma once

#include "tests/contract/store/store_story.h"

namespace baton::test {

inline const Order kCancel{OrderKind::Cancel, "ann@ops", "too \"large\"\n", true};

/// People ask something of the story's jobs.
template <class Stores>
struct OrderStory : StoreStory<Stores> {
  Result<ports::OrderOutcome, ports::StoreError> try_order(const std::string& job, const Order& order,
                                                           std::uint32_t run_on_board = 0,
                                                           std::uint32_t last_run = 0) {
    Answer<ports::OrderOutcome> answer;
    this->store->order({JobId(job), order, run_on_board, last_run}, answer.done());
    return this->wait(answer);
  }
  ports::OrderOutcome order(const std::string& job, const Order& order, std::uint32_t run_on_board = 0,
                            std::uint32_t last_run = 0) {
    const auto outcome = try_order(job, order, run_on_board, last_run);
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
    return *outcome;
  }
  ports::OrderRecord recorded(const std::string& job, const Order& asked, std::uint32_t run_on_board = 0) {
    const auto outcome = order(job, asked, run_on_board);
    REQUIRE(outcome.verdict == ports::OrderVerdict::Recorded);
    return outcome.record;
  }
  std::vector<ports::FlowOrder> open(const std::vector<FlowId>& flows) {
    Answer<std::vector<ports::FlowOrder>> answer;
    this->store->open_orders(flows, answer.done());
    const auto found = this->wait(answer);
    REQUIRE(found.ok());
    return *found;
  }
  ports::OrderPage all(const std::string& job, std::uint32_t limit = 100) {
    Answer<ports::OrderPage> answer;
    this->store->orders(JobId(job), limit, answer.done());
    const auto page = this->wait(answer);
    INFO((page.ok() ? "" : page.error().message));
    REQUIRE(page.ok());
    return *page;
  }
  /// job-1, claimed and RUNNING.
  ports::ClaimOutcome running() {
    const auto claim = this->owned(this->request(posting("job-1"), 100, "c1"));
    this->must_append(this->first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
    return claim;
  }
  ports::StepWrite taking(const ports::ClaimOutcome& claim, const ports::OrderRecord& record,
                          std::vector<Fact> facts = {}, const std::string& no_effect = {}) {
    auto step = this->step(claim, std::move(facts));
    step.orders.push_back({record, no_effect});
    return step;
  }
};

}  // namespace baton::test
