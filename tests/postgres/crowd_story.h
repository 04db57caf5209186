#pragma once

#include "common/postgres/writer.h"
#include "tests/postgres/proxied_story.h"

namespace baton::test {

inline constexpr std::size_t kCrowd = postgres::kWorksPerCommitMax;

/// As many flows as share a commit, each with a delivery out; one of them meets trouble in the database.
class CrowdStory : public ProxiedStory {
 public:
  explicit CrowdStory(std::size_t flows = kCrowd) : psql(stores.schema().psql()), guilty(flows / 3) {
    std::vector<Answer<ports::ClaimOutcome>> owned_now(flows);
    for (std::size_t i = 0; i < flows; ++i)
      store->claim(request(posting("job-" + std::to_string(i)), 100, "c1"), owned_now[i].done());
    for (auto& answer : owned_now) claims.push_back(wait(answer).value());
    std::vector<Answer<void>> begun;
    for (const auto& claim : claims)
      begun.push_back(
          begin_append(first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                          atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)})));
    for (auto& answer : begun) REQUIRE(wait(answer).ok());
  }

  /// What happens before a row is written: of the guilty flow's atoms, or of everybody's.
  void trouble(const std::string& plpgsql) { trigger("atoms", "update", guilty_only(), plpgsql); }
  void trouble_for_all(const std::string& plpgsql) { trigger("atoms", "update", "true", plpgsql); }
  void trouble_for_proofs(const std::string& plpgsql) {
    trigger("proofs", "insert or update", "true", plpgsql);
  }
  void no_trouble() { psql("drop function trouble_of_atoms cascade"); }

  Answer<void> begin_success(std::size_t flow) {
    return begin_append(step(claims[flow], {success(3, 0, 1, 1, Value::of_number(7))}));
  }
  std::vector<Answer<void>> begin_all() {
    std::vector<Answer<void>> answers;
    for (std::size_t i = 0; i < claims.size(); ++i) answers.push_back(begin_success(i));
    return answers;
  }
  /// Everybody's next step: all but the guilty one's are remembered.
  ports::StoreError only_the_guilty_fails() {
    const auto answers = begin_all();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto outcome = wait(answers[i]);
      INFO("flow " << i << (outcome.ok() ? "" : ": " + outcome.error().message));
      CHECK(outcome.ok() == (i != guilty));
    }
    CHECK(psql("select count(*) from atoms where state = 2") == std::to_string(claims.size() - 1));
    CHECK(load(claims[guilty]).atoms[0].state == AtomState::Running);
    CHECK(noted.words.empty());
    return wait(answers[guilty]).error();
  }
  void then_the_guilty_goes_on() {
    no_trouble();
    CHECK(wait(begin_success(guilty)).ok());
  }

  Psql psql;
  std::size_t guilty;
  std::vector<ports::ClaimOutcome> claims;

 private:
  std::string guilty_only() const { return "new.flow = '" + claims[guilty].flow.value.to_string() + "'"; }
  void trigger(const std::string& table, const std::string& when, const std::string& condition,
               const std::string& plpgsql) {
    psql("create function trouble_of_" + table + "() returns trigger language plpgsql as $$ begin " +
         plpgsql + " return new; end $$");
    psql("create trigger trouble before " + when + " on " + table + " for each row when (" + condition +
         ") execute function trouble_of_" + table + "()");
  }
};

}  // namespace baton::test
