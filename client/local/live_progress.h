#pragma once

#include <span>
#include <string>

#include "client/command/context.h"
#include "common/ports/clock.h"
#include "engine/engine.h"

namespace baton::client {

/// What happens while a local run is under way: a line for each atom's change of state and, on a terminal, a
/// bar below them with what runs.
class LiveProgress {
 public:
  LiveProgress(const Context& context, const ports::Clock& clock, bool quiet)
      : context_(context), clock_(clock), lines_(!quiet && !context.json), bar_(lines_ && context.terminal) {}

  static constexpr Millis kBarEvery{50};  // more often nobody can read it

  bool wanted() const { return lines_; }
  bool has_bar() const { return bar_; }
  void show(const engine::Engine&, std::span<const Fact>);
  void show_bar(const engine::Engine&, const std::vector<AtomIndex>& running);
  void clear_bar();

 private:
  void line(const std::string& name, const AtomFact&);

  const Context& context_;
  const ports::Clock& clock_;
  const bool lines_, bar_;
  bool bar_there_ = false;
};

}  // namespace baton::client
