#pragma once

#include <string>
#include <utility>

#include "common/model/failure.h"
#include "common/model/ids.h"
#include "common/model/rare.h"

namespace baton::engine {

class FlowBook;

/// What reverts are told of: the failures in force, the first by atom, cut to kRevertFailuresMax and
/// …BytesMax. Reverts come in great numbers and are mostly told the same, so it is made once and shared until
/// a failure changes that it names, or that it would have room for.
class FailuresTold {
 public:
  using List = RareList<std::pair<std::string, Failure>>;

  /// This atom's failure has come into force, is another one, or is in force no more.
  void changed(AtomIndex atom) { made_ = made_ && atom >= end_; }
  const List& of(const FlowBook&);

 private:
  List list_;
  bool made_ = false;
  AtomIndex end_ = 0;  // what happens from here on does not change it
};

}  // namespace baton::engine
