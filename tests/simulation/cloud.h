#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/model/ids.h"
#include "common/model/time.h"

namespace baton::simulation {

/// One call to the vendor, as its ledger keeps it.
struct CloudCall {
  Micros at{0};
  FlowId flow;
  std::string atom;
  bool creates = false;
  Attempt attempt = 0;    // of the execution that creates, or whose work is taken away
  Dispatch dispatch = 0;  // the token that was shown
  bool stale = false;     // refused: a higher one was seen
  bool changed = false;   // something was made or taken away
};

/// The vendor: makes a thing once a key and takes it away again. It remembers the highest token that it has
/// seen of each atom, also of calls that found nothing to do, and refuses lower ones.
class Cloud {
 public:
  struct Key {
    FlowId flow;
    std::string atom;
    Attempt attempt = 0;
    auto operator<=>(const Key&) const = default;
  };

  /// False: the token is stale.
  bool create(const Key&, Dispatch token, Micros now);
  bool remove(const Key&, Dispatch token, Micros now);

  const std::vector<CloudCall>& ledger() const { return ledger_; }
  /// What is there now: key -> the token of the call that made it.
  const std::map<Key, Dispatch>& things() const { return things_; }

 private:
  bool admit(const Key&, Dispatch token);

  std::map<std::pair<FlowId, std::string>, Dispatch> highest_;
  std::map<Key, Dispatch> things_;
  std::vector<CloudCall> ledger_;
};

}  // namespace baton::simulation
