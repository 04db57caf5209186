#pragma once

#include <string>

#include "client/command/context.h"
#include "client/local/session.h"

namespace baton::client {

/// What happens while a local run is under way: a line for each atom's change of state and, on a terminal, a
/// bar below them with what runs.
class LiveProgress final : private local::Listener {
 public:
  /// Listens where there is something to show.
  LiveProgress(const Context&, LocalSession&, bool quiet);

  static constexpr Millis kBarEvery{50};  // more often nobody can read it

  void clear_bar();

 private:
  // local::Listener
  void on_atom(const local::AtomChange&) override;
  void on_step(const engine::Engine&) override;

  void show_bar(const engine::Engine&);

  const Context& context_;
  LocalSession& session_;
  const bool bar_;
  bool bar_there_ = false, bar_due_ = false;
};

}  // namespace baton::client
