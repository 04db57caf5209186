#include "client/command/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>

#include "client/api_address.h"
#include "client/command/commands.h"
#include "client/command/completion.h"

namespace baton::client {
namespace {

constexpr const char* kExamples =
    "examples:\n"
    "  baton post create-cluster --param nodes=a,b,c --wait\n"
    "  baton list --state RUNNING\n"
    "  baton show 3ab6c56f-6194-49d4-8aa3-bcd4c519ba02\n"
    "  baton workers --output json\n"
    "exit codes: 0 done, or the flow ended in SUCCESS; 1 the flow ended otherwise; 2 wrong arguments; 3 no "
    "conductor or\n"
    "server answers; 4 refused (no such job, other content under a key, parameters that do not fit)";

using Action = std::function<Ended(const Context&)>;

/// Builds the words of `baton`; the one that was given leaves its action.
class Words {
 public:
  Words(const Admin& admin, std::ostream& out, std::ostream& err) : admin_(admin), out_(out), err_(err) {
    app_.footer(kExamples);
    app_.set_version_flag("--version", "baton 0.1.0");
    app_.add_option("--api", api_, "conductors to ask, host:port,host:port (or BATON_API)");
    app_.add_option("--output,-o", output_, "table or json")->check(CLI::IsMember({"table", "json"}));
    app_.require_subcommand(1);
    app_.fallthrough();
    add_job_words(app_, "short for job …: ");
    auto& job = *word(app_, "job", "jobs: post, list, show, watch, history", nullptr);
    job.require_subcommand(1);
    add_job_words(job, "");
    word(app_, "workers", "who runs tasks, and how busy", [](const Context& c) { return list_workers(c); });
    word(app_, "conductors", "who walks flows", [](const Context& c) { return list_conductors(c); });
    word(app_, "left-alone", "jobs that nobody here can run, and why",
         [](const Context& c) { return list_left_alone(c); });
    add_flow_words();
    add_admin_words();
    auto* completion =
        word(app_, "completion", "prints a completion script for bash, zsh or fish", [this](const Context&) {
          const auto script = completion_script(name_);
          if (!script) return err_ << "baton: bash, zsh or fish, not '" << name_ << "'\n", Ended::Usage;
          return out_ << *script, Ended::Success;
        });
    completion->add_option("shell", name_)->required();
  }

  CLI::App& app() { return app_; }
  const Action& action() const { return action_; }
  const std::string& api() const { return api_; }
  bool json() const { return output_ == "json"; }

 private:
  CLI::App* word(CLI::App& under, const std::string& name, const std::string& about, Action action) {
    auto* made = under.add_subcommand(name, about);
    made->fallthrough();
    if (action) made->callback([this, action] { action_ = action; });
    return made;
  }

  void add_job_words(CLI::App& under, const std::string& prefix) {
    auto* post =
        word(under, "post", prefix + "post a job", [this](const Context& c) { return post_job(c, post_); });
    post->add_option("flow", post_.flow, "a registered flow (see: baton flow list)");
    post->add_option("--file,-f", post_.file, "a file with the flow as JSON, instead of a registered one");
    post->add_option("--param,-p", post_.parameters, "NAME=VALUE; lists as a,b,c or JSON")
        ->allow_extra_args(false)
        ->take_all();
    post->add_option("--store", post_.store, "NAME=VALUE: an initial symbol")
        ->allow_extra_args(false)
        ->take_all();
    post->add_option("--name", post_.name, "the job's name, for people");
    post->add_option("--priority", post_.priority, "VERY_HIGH HIGH NORMAL LOW VERY_LOW");
    post->add_option("--key", post_.key, "idempotency key: posting again with it is harmless");
    post->add_option("--uuid", post_.uuid, "the job's uuid, instead of a new one");
    post->add_flag("--wait,-w", post_.wait, "follow the job to its end");
    auto* list = word(under, "list", prefix + "jobs, newest first",
                      [this](const Context& c) { return list_jobs(c, list_); });
    list->add_option("--state", list_.state, "only in this state");
    list->add_option("--name", list_.name, "only with a name that begins so");
    list->add_option("--flow", list_.flow, "only of this flow");
    list->add_option("--limit", list_.limit, "at most so many")->check(CLI::Range(1, 500));
    list->add_option("--cursor", list_.cursor, "where the page before ended");
    const auto of_job = [&](const char* name, const std::string& about,
                            Ended (*of_uuid)(const Context&, const std::string&)) {
      auto* made =
          word(under, name, prefix + about, [this, of_uuid](const Context& c) { return of_uuid(c, name_); });
      made->add_option("uuid", name_, "the job's uuid")->required();
    };
    of_job("show", "a job, its atoms as a tree", show_job);
    of_job("watch", "follow a job to its end; the exit code is the flow's", watch_job);
    of_job("history", "what happened to a job", show_history);
  }

  void add_flow_words() {
    auto* flow = word(app_, "flow", "registered flows: list, show", nullptr);
    flow->require_subcommand(1);
    word(*flow, "list", "the flows that can be posted by name",
         [](const Context& c) { return list_flows(c); });
    auto* show =
        word(*flow, "show", "a flow's parameters", [this](const Context& c) { return show_flow(c, name_); });
    show->add_option("name", name_)->required();
  }

  void add_admin_words() {
    auto* admin = word(app_, "admin", "for operators: connects to the servers itself", nullptr);
    admin->require_subcommand(1);
    const auto by_settings = [&](const char* name, const char* about, const auto& run) {
      auto* made =
          word(*admin, name, about, [this, &run](const Context&) { return run(settings_, out_, err_); });
      made->add_option("--settings", settings_, "a conductor's settings file")->required();
    };
    by_settings("migrate", "make or upgrade the schema in Postgres", admin_.migrate);
    by_settings("topics", "make the topics in Kafka", admin_.make_topics);
  }

  const Admin& admin_;
  std::ostream& out_;
  std::ostream& err_;
  CLI::App app_{"Baton: runs workflows that must not be lost.", "baton"};
  Action action_;
  std::string api_, output_ = "table", name_, settings_;
  PostOptions post_;
  ListOptions list_;
};

}  // namespace

Ended run_command(const Invocation& invocation, const Admin& admin, std::ostream& out, std::ostream& err) {
  Words words(admin, out, err);
  try {
    auto reversed = invocation.arguments;
    std::reverse(reversed.begin(), reversed.end());  // as CLI11 wants them
    words.app().parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return words.app().exit(error, out, err) == 0 ? Ended::Success : Ended::Usage;
  }
  const auto& api = words.api().empty() ? invocation.api : words.api();
  const Context context{HttpClient(api_addresses(api)), out, err, words.json(), invocation.terminal};
  return words.action()(context);
}

}  // namespace baton::client
