#pragma once

#include <baton/task.h>

namespace examples {

/// server.create {hostname} -> the server. Reverting deletes by the execution's idempotency key, and shows
/// its token also when nothing was created: a late create of an older delivery is refused then.
struct CreateServer : baton::sdk::Task {
  baton::sdk::json::value execute(baton::sdk::Context&, const baton::sdk::json::object& arguments) override;
  void revert(baton::sdk::Context&, const baton::sdk::Undo&) override;
};

/// server.wait {server} -> the server, once it is ACTIVE. Nothing to undo.
struct WaitForServer : baton::sdk::Task {
  baton::sdk::json::value execute(baton::sdk::Context&, const baton::sdk::json::object& arguments) override;
};

/// noop {…} -> null: for benches.
struct Nothing : baton::sdk::Task {
  baton::sdk::json::value execute(baton::sdk::Context&, const baton::sdk::json::object&) override {
    return nullptr;
  }
};

/// nap {ms} -> null, so much later; a cancel wakes it: for loads.
struct Nap : baton::sdk::Task {
  baton::sdk::json::value execute(baton::sdk::Context&, const baton::sdk::json::object& arguments) override;
};

}  // namespace examples
