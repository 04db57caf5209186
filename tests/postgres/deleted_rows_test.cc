#include "tests/postgres/crowd_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using ports::ClaimVerdict;
using ports::StoreErrorCode;

namespace {

/// Flows that share a commit; somebody has deleted a row of one of them by hand.
struct Deleted : CrowdStory {
  Deleted() : CrowdStory(20) {
    psql("delete from flows where id = '" + claims[guilty].flow.value.to_string() + "'");
  }
  ports::ClaimRequest later_claim(std::size_t flow) const {
    return request(posting("job-" + std::to_string(flow)), 200, "c2");
  }
  void check_told(const ports::StoreError& error) const {
    CHECK(error.code == StoreErrorCode::NotFound);
    CHECK_THAT(error.message,
               Contains("job job-" + std::to_string(guilty) + ": ") && Contains("deleted by hand"));
  }
};

}  // namespace

TEST_CASE_METHOD(Deleted,
                 "a job whose flow was deleted by hand is claimed with a clear refusal, others are claimed",
                 "[postgres]") {
  std::vector<Answer<ports::ClaimOutcome>> answers(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) store->claim(later_claim(i), answers[i].done());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto outcome = wait(answers[i]);
    if (i == guilty) {
      REQUIRE_FALSE(outcome.ok());
      check_told(outcome.error());
    } else {
      REQUIRE(outcome.ok());
      CHECK(outcome->verdict == ClaimVerdict::Owned);
    }
  }
  psql("delete from jobs where uuid = 'job-" + std::to_string(guilty) + "'");  // as the message says
  CHECK(owned(later_claim(guilty)).state == FlowState::Pending);
}

TEST_CASE_METHOD(Deleted, "a job whose flow was deleted by hand cannot be recorded as rejected, others are",
                 "[postgres]") {
  Answer<void> gone, other;
  const auto no = Failure::make("Rejected", "no such parameter");
  store->record_refused(later_claim(guilty), {FlowState::Rejected, no}, gone.done());
  store->record_refused(later_claim(guilty + 1), {FlowState::Rejected, no}, other.done());
  const auto outcome = wait(gone);
  REQUIRE_FALSE(outcome.ok());
  check_told(outcome.error());
  CHECK(wait(other).ok());
}
