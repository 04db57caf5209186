#include <baton/registry.h>

#include <chrono>
#include <future>
#include <string>

/// A real module for the tests: every way in which a task or a flow can end.
namespace {

using namespace baton::sdk;
using namespace std::chrono_literals;

struct Echo : Task {
  json::value execute(Context& context, const json::object& arguments) override {
    return {{"arguments", arguments},
            {"key", json::string_view(context.idempotency_key().data(), context.idempotency_key().size())},
            {"flow", json::string_view(context.flow().data(), context.flow().size())},
            {"atom", json::string_view(context.atom().data(), context.atom().size())},
            {"job", json::string_view(context.job().data(), context.job().size())},
            {"dispatch", context.dispatch()},
            {"attempt", context.attempt()}};
  }
  /// Tells by its failure what it was given: a revert has no result.
  void revert(Context&, const Undo& undo) override {
    json::object told{{"arguments", undo.arguments}, {"result", undo.result}};
    if (undo.failure) told["failure"] = undo.failure->type + ": " + undo.failure->message;
    for (const auto& [atom, failure] : undo.flow_failures) told[atom] = failure.type;
    throw TaskFailure("Told", "what the revert was given", told);
  }
};

struct Refuse : Task {
  json::value execute(Context&, const json::object&) override {
    throw TaskFailure("QuotaExceeded", "no more servers", {{"limit", 5}});
  }
};

struct Throw : Task {
  json::value execute(Context&, const json::object& arguments) override {
    if (arguments.contains("odd")) throw 42;
    throw std::runtime_error("the disk is full");
  }
};

struct Huge : Task {
  json::value execute(Context&, const json::object&) override { return json::string(2 << 20, 'x'); }
};

struct Unstorable : Task {
  json::value execute(Context&, const json::object&) override {
    return json::string(json::string_view("a\0b", 3));
  }
};

/// Waits in something that knows nothing of Baton.
struct Hear : Task {
  json::value execute(Context& context, const json::object&) override {
    std::promise<void> asked;
    const auto hook = context.on_cancel([&asked] { asked.set_value(); });
    context.progress(0.5, "listens");
    if (asked.get_future().wait_for(1h) == std::future_status::ready) throw Cancelled();
    return "heard nothing for an hour";
  }
};

struct Sleep : Task {
  json::value execute(Context& context, const json::object&) override {
    context.progress(0.25, "asleep");
    if (!context.wait(1h)) throw Cancelled();
    return "slept for an hour";
  }
};

/// Tries as often as its parameters say, with what it was told before; any other failure is nobody's
/// business.
struct Patient : RetryPolicy {
  json::value execute(const RetryCall& call) override {
    json::array told;
    for (const auto& attempt : call.history)
      for (const auto& [atom, failure] : attempt.failures)
        told.push_back(json::string(atom + ": " + failure.message));
    if (call.arguments.contains("refuse")) throw TaskFailure("Unwilling", "not today");
    return {{"retry", call.retry}, {"arguments", call.arguments}, {"told", told}};
  }
  Answer on_failure(const RetryCall& call, const Failed& failed) override {
    if (failed.failure.type == "Odd") throw std::runtime_error("odd " + failed.atom);
    const auto limit = static_cast<std::size_t>(call.parameters.at("attempts").as_int64());
    return call.history.size() < limit ? Answer::retry : Answer::revert_all;
  }
};

Flow add_node(const std::string& host) {
  return Flow::linear("add-" + host)
      .retry(Retry::times(3).revert_all().backoff(100ms, 2.0, 1s).retry_on({"QuotaExceeded"}))
      .add(task("echo", "create-" + host)
               .inject("hostname", host)
               .needs("image")
               .provides("server_" + host)
               .label("zone", "eu")
               .start_to_close(5s)
               .priority(3))
      .add(task("echo", "wait-" + host).rebind("server", "server_" + host).fail_on_worker_loss());
}

Flow cluster(const json::object& parameters) {
  Flow nodes = Flow::unordered("nodes");
  for (const auto& node : parameters.at("nodes").as_array())
    nodes.add(add_node(std::string(node.as_string())));
  Flow flow = Flow::graph("cluster");
  flow.add(nodes).add(task("echo", "configure"));
  return flow.link("nodes", "configure", When::always(true), Depth::flow);
}

Flow refuse(const json::object&) {
  throw TaskFailure("TooFew", "a cluster has at least one node");
}

}  // namespace

BATON_MODULE("tests.story", "1.2") {
  tasks.add<Echo>("echo", "gives back what it was given");
  tasks.add<Refuse>("refuse");
  tasks.add<Throw>("throw");
  tasks.add<Huge>("huge");
  tasks.add<Unstorable>("unstorable");
  tasks.add<Sleep>("sleep");
  tasks.add<Hear>("hear");
  flows.add("cluster",
            Parameters{}
                .list("nodes", Items::string)
                .describe("host names")
                .string("image", "debian-12")
                .integer("size", nullptr),
            cluster, "nodes, then their configuration");
  flows.add("refuse", Parameters{}, refuse);
  retries.add<Patient>("patient", "as often as it is told");
}
