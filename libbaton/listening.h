#pragma once

#include <baton/listener.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/model/failure.h"
#include "common/model/states.h"
#include "local/notifier.h"

/// From what the engine's host tells to what embedders hear.
namespace baton::embed {

AtomState public_state(baton::AtomState);
FlowState public_state(baton::FlowState);
Failure public_failure(const baton::Failure&);

using OneListener = std::unique_ptr<local::Listener>;
OneListener atom_listener(std::optional<AtomState>, std::function<void(const AtomChange&)>);
OneListener flow_listener(std::optional<FlowState>, std::function<void(const FlowChange&)>);
OneListener progress_listener(std::function<void(const Progress&)>);

/// An embedder's listeners, beyond one run.
class Listeners {
 public:
  std::uint64_t add(OneListener);
  /// Also while it is called: it is not called again.
  void forget(std::uint64_t number);
  /// To this run; null: to none.
  void listen(local::Notifier*);

 private:
  std::map<std::uint64_t, OneListener> all_;  // in the order of adding
  std::vector<OneListener> forgotten_;        // one of them may be under way
  std::uint64_t last_ = 0;
  local::Notifier* notifier_ = nullptr;
};

}  // namespace baton::embed
