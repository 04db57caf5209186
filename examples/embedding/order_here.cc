#include <baton/local.h>

#include <chrono>
#include <filesystem>
#include <iostream>

/// An order as a flow in this very process: the item is reserved, the card is charged, somebody approves, it
/// is shipped. What was done is undone if a later step fails; after kill -9 the next start goes on.
///
///     order_here STATE_FILE APPROVAL_FILE [serial|thread|process] [anew]
namespace {

using namespace baton::embed;
namespace json = boost::json;
using namespace std::chrono_literals;

/// Whole lines: tasks and listeners are on different threads.
void say(const std::string& line) {
  std::cout << line + "\n" << std::flush;
}

std::string text(const json::value& value) {
  return json::serialize(value);
}

/// A task as a class, as a module would have it.
struct ReserveItem : sdk::Task {
  json::value execute(sdk::Context& context, const json::object& arguments) override {
    const auto key = context.idempotency_key();  // "<flow's id>/reserve/EXECUTE/1"
    say("  reserve " + text(arguments.at("item")) + " under " + std::string(key.substr(key.find('/') + 1)));
    return {{"shelf", 7}};
  }
  void revert(sdk::Context&, const sdk::Undo& undo) override {
    say("  put it back to shelf " + text(undo.result.at("shelf")));
  }
};

json::value charge(sdk::Context&, const json::object& arguments) {
  const auto amount = arguments.at("amount").as_int64();
  if (amount > 1000) throw sdk::TaskFailure("CardRefused", "that is over the card's limit", amount);
  say("  charge " + std::to_string(amount));
  return json::value("receipt-" + std::to_string(amount));
}

TaskTypes task_types(const std::string& approval) {
  TaskTypes types;
  types.add<ReserveItem>("item.reserve");
  types.add("card.charge", charge, [](sdk::Context&, const sdk::Undo&) { say("  pay back"); });
  types.add("order.approve", [approval](sdk::Context& context, const json::object&) -> json::value {
    for (int asked = 1; !std::filesystem::exists(approval); ++asked) {
      context.progress(0.5, "waits for " + approval);
      if (!context.wait(20ms)) throw sdk::Cancelled();
    }
    return true;
  });
  types.add("item.ship", [](sdk::Context&, const json::object& arguments) -> json::value {
    say("  ship from shelf " + text(arguments.at("place").at("shelf")) + " with " +
        text(arguments.at("receipt")));
    return nullptr;
  });
  return types;
}

sdk::Flow order() {
  using sdk::task;
  return sdk::Flow::linear("order")
      .add(task("item.reserve", "reserve").needs("item").provides("place"))
      .add(task("card.charge", "charge").needs("amount").provides("receipt"))
      .add(task("order.approve", "approve"))
      .add(task("item.ship", "ship").needs({"place", "receipt"}));
}

void tell(const AtomChange& change) {
  std::string line = change.atom + " " + std::string(to_string(change.state));
  if (change.failure) line += ": " + change.failure->type + ": " + change.failure->message;
  say(line);
}

int run(Local& local, bool anew) {
  local.on_atom(any, tell);
  local.on_progress([](const Progress& progress) { say(progress.atom + " " + progress.note); });
  const json::object store{{"item", "lamp"}, {"amount", 40}};
  const auto end = anew ? local.rerun_anew("the shop", "once more") : local.run_or_resume(order(), store);
  say("order " + std::string(to_string(end.state)) + ", run " + std::to_string(end.run));
  return end.succeeded() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: order_here STATE_FILE APPROVAL_FILE [serial|thread|process] [anew]\n";
    return 2;
  }
  // A slot is this program again, with its own arguments; the environment says which file it is.
  const char* in_slot = std::getenv("ORDER_APPROVAL");
  const auto types = task_types(in_slot ? in_slot : argv[2]);
  serve_task_slot(argc, argv, types);
  ::setenv("ORDER_APPROVAL", argv[2], 1);
  LocalOptions options;
  options.state_file = argv[1];
  const std::string executor = argc > 3 ? argv[3] : "thread";
  if (executor == "serial") options.executor = Executor::serial;
  if (executor == "process") options.executor = Executor::process;
  try {
    Local local(types, options);
    return run(local, argc > 4);
  } catch (const LocalError& error) {
    std::cerr << "order_here: " << error.what() << std::endl;
    return 3;
  }
}
