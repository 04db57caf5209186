#include "common/postgres/guilt_search.h"

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "common/ports/history_data.h"
#include "common/postgres/error_kind.h"
#include "common/postgres/step_rows.h"
#include "common/postgres/transaction.h"
#include "common/postgres/writer.h"

namespace baton::postgres {
namespace {

struct Suspect {
  AtomIndex atom = kNoAtom;
  std::string text;
};

void suspect(std::vector<Suspect>& suspects, AtomIndex atom, std::optional<std::string> text) {
  if (text) suspects.push_back({atom, std::move(*text)});
}

std::vector<Suspect> suspects_of(const StepWork& work) {
  std::vector<Suspect> suspects;
  for (const Fact& fact : work.write.facts) {
    const auto* atom = std::get_if<AtomFact>(&fact.body);
    suspect(suspects, atom ? atom->atom : kNoAtom, json_or_null(ports::history_data(fact)));
    if (!atom) continue;
    if (atom->after.delivery) suspect(suspects, atom->atom, quoted(atom->after.delivery->worker_name));
    if (atom->changed & kResultChanged) suspect(suspects, atom->atom, json_or_null(atom->after.result));
    if (atom->changed & kRevertResultChanged)
      suspect(suspects, atom->atom, json_or_null(atom->after.revert_result));
    if (atom->changed & kHistoryChanged && atom->after.history)
      suspect(suspects, atom->atom, std::string(to_value(*atom->after.history).json()));
  }
  for (AtomIndex atom = 0; atom < work.write.atom_names.size(); ++atom)
    suspect(suspects, atom, quoted(work.write.atom_names[atom]));
  return suspects;
}

class GuiltSearch : public std::enable_shared_from_this<GuiltSearch> {
 public:
  GuiltSearch(std::shared_ptr<Session> session, std::vector<Suspect> suspects, GuiltyFound found)
      : session_(std::move(session)),
        suspects_(std::move(suspects)),
        end_(suspects_.size()),
        found_(std::move(found)) {}

  /// The guilty one is in [begin_, end_), if there is one at all.
  void go_on() {
    const std::size_t size = end_ - begin_;
    const std::size_t middle = size > 1 ? begin_ + size / 2 : end_;
    std::vector<std::string> half;
    for (std::size_t i = begin_; i < middle; ++i) half.push_back(suspects_[i].text);
    if (half.empty()) return found_(kNoAtom);
    if (!session_->open()) return found_(std::nullopt);
    Transaction probe;
    add_probe(probe, half);
    session_->run(
        probe.take_statements(), kWriteTimeout,
        [self = shared_from_this(), middle](const RunOutcome& outcome) { self->answered(middle, outcome); });
  }

 private:
  void answered(std::size_t middle, const RunOutcome& outcome) {
    const bool taken = outcome.end == RunOutcome::End::Committed;
    const bool refused =
        outcome.end == RunOutcome::End::RolledBack && kind_of(outcome.error) == ErrorKind::Value;
    if (!taken && !refused) return found_(std::nullopt);
    if (end_ - begin_ == 1) return found_(refused ? suspects_[begin_].atom : kNoAtom);
    (refused ? end_ : begin_) = middle;
    go_on();
  }

  std::shared_ptr<Session> session_;
  std::vector<Suspect> suspects_;
  std::size_t begin_ = 0;
  std::size_t end_;
  GuiltyFound found_;
};

}  // namespace

void find_guilty_atom(const std::shared_ptr<Session>& session, const StepWork& work, GuiltyFound found) {
  std::make_shared<GuiltSearch>(session, suspects_of(work), std::move(found))->go_on();
}

}  // namespace baton::postgres
