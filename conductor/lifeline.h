#pragma once

#include <functional>
#include <string>

#include "common/ports/clock.h"
#include "common/ports/flow_store.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"

namespace baton::conductor {

/// Whether this conductor can work at all (PROTOCOL.md H16): it needs the store to remember and the bus to
/// send. Away for store_grace: `on_cut_off` (free every claim), then nothing is claimed until the store has
/// answered probes_wanted probes in a row and the bus is back: `on_restored`. Owner's thread only.
class Lifeline {
 public:
  Lifeline(ports::FlowStore&, ports::Clock&, const Bounds&);

  void on_change(std::function<void(const std::string& why)> cut_off, std::function<void()> restored);

  void store_answered();
  void store_failed(const std::string& why);
  void bus_away(const std::string& why);  // empty: it is there

  /// Not cut off, and nothing fails right now: a good time to claim.
  bool good() const { return !cut_off_ && !store_away_ && bus_there(); }
  bool store_there() const { return !store_away_; }
  bool bus_there() const { return bus_trouble_.empty(); }
  std::string trouble() const { return trouble_; }  // empty: none

 private:
  void away(const std::string& why);
  void grace_over();
  void probe();
  void recovered();
  void arm_grace();

  ports::FlowStore& store_;
  ports::Clock& clock_;
  const Bounds& bounds_;
  std::function<void(const std::string&)> on_cut_off_;
  std::function<void()> on_restored_;
  bool store_away_ = false, cut_off_ = false, probing_ = false;
  std::uint32_t good_probes_ = 0;
  std::string bus_trouble_, trouble_;
  ports::TimerId grace_ = 0;
  Alive alive_;
};

}  // namespace baton::conductor
