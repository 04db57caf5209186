#pragma once

#include <map>
#include <optional>
#include <span>

#include "common/model/time.h"
#include "engine/engine.h"
#include "engine/flow_book.h"
#include "engine/graph_reach.h"
#include "engine/retry_policy.h"

namespace baton::engine {

/// Turns failures into intentions: asks the retries around a failed atom, from the inside out, and marks what
/// is to be reverted (semantics.md section 5).
class Resolver {
 public:
  Resolver(FlowBook& book, const Options& options) : book_(book), options_(options) {}

  /// Fresh: it has just failed. Again: after a restore; what is on record is not asked or recorded twice.
  /// Granted: the flow was resumed, so a retry that had answered SUSPEND tries once more.
  enum class Asking : std::uint8_t { Fresh, Again, Granted };
  /// True: a retry's attempts are used up and it wants a person to look first (SUSPEND); nothing is reverted.
  [[nodiscard]] bool resolve(AtomIndex failed, TimePoint now, Asking);
  /// Every atom is to be reverted.
  void revert_all();
  /// A retry starts anew: all behind it becomes (PENDING, EXECUTE), ignored atoms too.
  void reset_behind(AtomIndex retry);

 private:
  struct Decision {
    RetryAnswer answer = RetryAnswer::RevertAll;
    AtomIndex retry = kNoAtom;  // whose answer it is; kNoAtom: nobody was there to be asked
  };

  /// What is the same for all retries that one failure reaches.
  struct Cause {
    Failure failure;
    TimePoint now;
    Asking asking = Asking::Fresh;
  };

  Decision decide(AtomIndex failed, const Cause&);
  RetryAnswer ask(AtomIndex retry, AtomIndex failed, const Cause&);
  Answered answer(AtomIndex retry, const std::string& failed, const RetryHistory&, const Cause&) const;
  Value arguments_of_retry(AtomIndex retry) const;
  AtomIndex nearest_asked(AtomIndex failed) const;
  void apply(const Decision&);
  const RetrySpec& spec(AtomIndex retry) const;

  FlowBook& book_;
  const Options& options_;
  std::map<AtomIndex, std::uint64_t> reverted_behind_;  // retry -> intention epoch in which that was done
  std::uint64_t reverted_all_ = 0;                      // the same for the whole flow
};

}  // namespace baton::engine
