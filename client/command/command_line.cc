#include "client/command/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <memory>
#include <ostream>

#include "client/api_address.h"
#include "client/command/commands.h"
#include "client/command/completion.h"
#include "client/command/flow_files.h"
#include "client/command/refusal.h"

namespace baton::client {
namespace {

constexpr const char* kFooter =
    "examples:\n"
    "  baton run flow.json --state flow.state\n"
    "  baton dev\n"
    "  baton post create-cluster --param nodes=a,b,c --wait\n"
    "  baton list --state RUNNING\n"
    "  baton show 3ab6c56f-6194-49d4-8aa3-bcd4c519ba02\n"
    "  baton suspend 3ab6c56f-6194-49d4-8aa3-bcd4c519ba02 --why maintenance --wait\n"
    "  baton workers --output json\n"
    "  baton flow validate create-cluster.yaml && baton post --file create-cluster.yaml --param nodes=a,b "
    "--wait\n"
    "exit codes: 0 done, or the flow ended in SUCCESS; 1 the flow ended otherwise; 2 wrong arguments, or a "
    "flow file "
    "with mistakes; 3 no "
    "conductor or\n"
    "server answers; 4 refused (no such job, other content under a key, parameters that do not fit, a state "
    "file that is\n"
    "another flow's, damaged or in use); 5 stopped by a signal\n"
    "--output json: answers as the API gives them, what goes wrong as its problem details on stderr";
constexpr const char* kAnyJob = "3ab6c56f-6194-49d4-8aa3-bcd4c519ba02";

using Action = std::function<Ended(const Context&)>;

Ended run_admin(const Context& context, const Admin::Do& run, const std::string& settings_file) {
  const auto end = run(settings_file, [&](std::string_view line) {
    if (!context.json) context.out << line << std::endl;
  });
  if (end.ended != Ended::Success) return refuse_as(context, end.ended, end.wrong);
  if (context.json) context.out << boost::json::serialize(end.done) << '\n';
  return Ended::Success;
}

Ended print_completion(const Context& context, const std::string& shell) {
  const auto script = completion_script(shell);
  if (!script) return refuse_usage(context, "bash, zsh or fish, not '" + shell + "'");
  if (context.json)
    context.out << boost::json::serialize(boost::json::object{{"shell", shell}, {"script", *script}}) << '\n';
  else
    context.out << *script;
  return Ended::Success;
}

/// Builds the words of `baton`; the one that was given leaves its action.
class Words {
 public:
  Words(const Admin& admin, const Local& local) : admin_(admin), local_(local) {
    app_.footer(kFooter);
    app_.set_version_flag("--version", "baton 0.1.0");
    app_.add_option("--api", api_, "conductors to ask, host:port,host:port (or BATON_API)");
    app_.add_option("--output,-o", output_, "table or json")->check(CLI::IsMember({"table", "json"}));
    app_.require_subcommand(1);
    app_.fallthrough();
    add_job_words(app_, "short for job …: ");
    add_job_words(
        *group(app_, "job",
               "jobs: post, list, show, watch, history, suspend, resume, cancel, rerun, retry, skip, done",
               "baton job list"),
        "");
    word(app_, "workers", "who runs tasks, and how busy", "baton workers",
         [](const Context& c) { return list_workers(c); });
    word(app_, "conductors", "who walks flows", "baton conductors",
         [](const Context& c) { return list_conductors(c); });
    word(app_, "left-alone", "jobs that nobody here can run, or that are parked, and why", "baton left-alone",
         [](const Context& c) { return list_left_alone(c); });
    add_flow_words();
    add_admin_words();
    add_run();
    add_dev();
    word(app_, "completion", "prints a completion script for bash, zsh or fish", "baton completion bash",
         [this](const Context& c) { return print_completion(c, name_); })
        ->add_option("shell", name_)
        ->required();
  }

  CLI::App& app() { return app_; }
  const Action& action() const { return action_; }
  const std::string& api() const { return api_; }
  bool json() const { return output_ == "json"; }

 private:
  /// A word that others follow.
  CLI::App* group(CLI::App& under, const std::string& name, const std::string& about,
                  const std::string& example) {
    auto* made = under.add_subcommand(name, about);
    made->fallthrough();
    made->footer("example:\n  " + example);
    made->require_subcommand(1);
    return made;
  }

  CLI::App* word(CLI::App& under, const std::string& name, const std::string& about,
                 const std::string& example, Action action) {
    auto* made = under.add_subcommand(name, about);
    made->fallthrough();
    made->footer("example:\n  " + example);
    made->callback([this, action] { action_ = action; });
    return made;
  }

  void add_job_words(CLI::App& under, const std::string& prefix) {
    add_post(under, prefix);
    add_list(under, prefix);
    const auto of_job = [&](const std::string& name, const std::string& about,
                            Ended (*of_uuid)(const Context&, const std::string&)) {
      auto* made = word(under, name, prefix + about, "baton " + name + " " + kAnyJob,
                        [this, of_uuid](const Context& c) { return of_uuid(c, name_); });
      made->add_option("uuid", name_, "the job's uuid")->required();
    };
    of_job("show", "a job, its atoms as a tree", show_job);
    of_job("watch", "follow a job to its end; the exit code is the flow's", watch_job);
    of_job("history", "what happened to a job", show_history);
    add_order(under, "suspend", prefix + "start nothing more of a job; what runs ends and is recorded",
              "--why maintenance --wait");
    add_order(under, "resume", prefix + "let a suspended job, or the run of a state file, go on",
              "--why repaired", &local_.resume);
    add_order(under, "cancel", prefix + "end a job: what runs is ended, what was done is reverted",
              "--why mistake --wait")
        ->add_flag("--keep", order_.keep, "revert nothing: what was done is kept");
    add_run_order(under, "rerun",
                  prefix + "run a job that has ended, or a state file, again: what succeeded is kept",
                  "--why cleaned-up --wait", &local_.rerun)
        ->add_flag("--anew", order_.anew, "keep nothing: all runs again");
    add_atom_order(under, "retry",
                   prefix + "run a job that has ended again, for an atom that failed, or whose revert did",
                   "create-a --why repaired --wait");
    add_atom_order(
        under, "skip",
        prefix + "run a job that has ended again, without an atom; or without its revert, if that failed",
        "create-a --why not-needed --wait");
    add_atom_order(under, "done",
                   prefix + "run a job that has ended again, but for an atom whose work a person has done",
                   "create-a --result '{\"id\": \"srv-7\"}' --why by-hand --wait")
        ->add_option("--result", order_.result, "what it would have returned, as JSON; null if missing");
  }

  CLI::App* add_run_order(CLI::App& under, const std::string& name, const std::string& about,
                          const std::string& example, const Local::Run* of_file = nullptr) {
    auto* made = add_order(under, name, about, example, of_file);
    made->add_option("--run", order_.run, "only if that is the job's last run")->check(CLI::PositiveNumber);
    return made;
  }

  CLI::App* add_atom_order(CLI::App& under, const std::string& name, const std::string& about,
                           const std::string& example) {
    auto* made = add_run_order(under, name, about, example);
    made->add_option("atom", order_.atom, "its name (see: baton show)")->required();
    return made;
  }

  /// `of_file`: what it does with a state file; null: it is of jobs only.
  CLI::App* add_order(CLI::App& under, const std::string& name, const std::string& about,
                      const std::string& example, const Local::Run* of_file = nullptr) {
    std::string examples = "baton " + name + " " + kAnyJob + " " + example;
    if (of_file) examples += "\n  baton " + name + " --state create.state";
    auto* made = word(under, name, about, examples, [this, name, of_file](const Context& c) {
      if (of_file && run_.state.empty() == order_.uuid.empty())
        return refuse_usage(c, "name a job by its uuid, or a state file with --state: one of them");
      if (!run_.state.empty() && (order_.anew || order_.run > 0))
        return refuse_usage(c, "--anew and --run are for a job, not for a state file");
      if (!run_.state.empty()) return (*of_file)(c, run_);
      order_.order = name;
      return order_job(c, order_);
    });
    made->add_option("uuid", order_.uuid, "the job's uuid")->required(of_file == nullptr);
    if (of_file) add_state(*made);
    made->add_option("--why", order_.why, "for the job's history");
    made->add_option("--who", order_.who, "who asks; user@host if missing");
    made->add_flag("--wait,-w", order_.wait, "follow the job until it is done");
    return made;
  }

  void add_post(CLI::App& under, const std::string& prefix) {
    auto* post =
        word(under, "post", prefix + "post a job", "baton post create-cluster --param nodes=a,b,c --wait",
             [this](const Context& c) { return post_job(c, post_); });
    post->add_option("flow", post_.flow, "a registered flow (see: baton flow list)");
    post->add_option("--file,-f", post_.file,
                     "a flow file (YAML, or JSON if it ends in .json), instead of a registered flow");
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
  }

  void add_list(CLI::App& under, const std::string& prefix) {
    auto* list =
        word(under, "list", prefix + "jobs, newest first", "baton list --state RUNNING --flow create-cluster",
             [this](const Context& c) { return list_jobs(c, list_); });
    list->add_option("--state", list_.state, "only in this state");
    list->add_option("--name", list_.name, "only with a name that begins so");
    list->add_option("--flow", list_.flow, "only of this flow");
    list->add_option("--limit", list_.limit, "at most so many")->check(CLI::Range(1, 500));
    list->add_option("--cursor", list_.cursor, "where the page before ended");
  }

  void add_flow_words() {
    auto& flow =
        *group(app_, "flow", "flows: validate, graph, plan, schema of files; list, show of registered ones",
               "baton flow validate create-cluster.yaml");
    add_flow_file_words(flow);
    word(flow, "list", "the flows that can be posted by name", "baton flow list",
         [](const Context& c) { return list_flows(c); });
    word(flow, "show", "a flow's parameters", "baton flow show create-cluster",
         [this](const Context& c) { return show_flow(c, name_); })
        ->add_option("name", name_)
        ->required();
  }

  /// A word about one flow file, or several.
  CLI::App* file_word(CLI::App& under, const std::string& name, const std::string& about,
                      const std::string& example, Ended (*run)(const Context&, const FlowFileOptions&),
                      bool several) {
    auto* made = word(under, name, about, "baton flow " + name + " " + example,
                      [this, run](const Context& c) { return run(c, files_); });
    auto* files =
        made->add_option("file", files_.files, "a flow file (YAML, or JSON if it ends in .json)")->required();
    if (!several) files->expected(1);
    made->add_option("--param,-p", files_.parameters, "NAME=VALUE; lists as a,b,c or JSON")
        ->allow_extra_args(false)
        ->take_all();
    made->add_option("--store", files_.store, "NAME=VALUE: an initial symbol")
        ->allow_extra_args(false)
        ->take_all();
    return made;
  }

  void add_flow_file_words(CLI::App& flow) {
    file_word(flow, "validate", "tells all that is wrong with flow files, each with its line; exit code 2",
              "create-cluster.yaml", validate_flow_files, true)
        ->add_flag("--workers", files_.workers, "also ask whether somebody runs each type of task");
    file_word(flow, "graph", "draws what a flow file says", "create-cluster.yaml --format mermaid",
              draw_flow_file, false)
        ->add_option("--format", files_.format, "ascii, dot, mermaid, or svg (needs graphviz)")
        ->check(CLI::IsMember({"ascii", "dot", "mermaid", "svg"}));
    file_word(flow, "plan", "what a flow file will do: in which order, at once, what reverts what",
              "create-cluster.yaml --workers", plan_flow_file, false)
        ->add_flag("--workers", files_.workers, "also ask which workers can run each task now");
    word(flow, "schema", "the JSON Schema of flow files, for editors", "baton flow schema",
         print_flow_schema);
  }

  void add_admin_words() {
    auto& admin = *group(app_, "admin", "for operators: connects to the servers itself",
                         "baton admin migrate --settings /etc/baton/conductor.toml");
    const auto by_settings = [&](const std::string& name, const char* about, const Admin::Do& run) {
      word(admin, name, about, "baton admin " + name + " --settings /etc/baton/conductor.toml",
           [this, &run](const Context& c) { return run_admin(c, run, settings_); })
          ->add_option("--settings", settings_, "a conductor's settings file")
          ->required();
    };
    by_settings("migrate", "make or upgrade the schema in Postgres", admin_.migrate);
    by_settings("topics", "make the topics in Kafka", admin_.make_topics);
  }

  void add_run() {
    auto* run = word(app_, "run", "run a flow in this process, without a cluster",
                     "baton run create.json --state create.state\n  baton run create-cluster --module "
                     "cloud.so --param nodes=a,b --executor process\n  baton resume --state create.state",
                     [this](const Context& c) { return local_.run(c, run_); });
    run->add_option("flow", run_.flow, "a file with a flow, or a flow of a module")->required();
    run->add_option("--param,-p", run_.parameters, "NAME=VALUE; lists as a,b,c or JSON")
        ->allow_extra_args(false)
        ->take_all();
    run->add_option("--store", run_.store, "NAME=VALUE: an initial symbol")
        ->allow_extra_args(false)
        ->take_all();
    run->add_option("--name", run_.name, "the run's name, for people");
    run->add_option("--state", run_.state, "keep it in this file: after a crash, resume --state goes on");
    add_run_options(*run);
  }

  void add_run_options(CLI::App& to) {
    to.add_option("--executor", run_.executor, "where tasks run: serial, thread (default) or process")
        ->check(CLI::IsMember({"serial", "thread", "process"}));
    to.add_option("--slots", run_.slots, "tasks at a time (thread and process)")->check(CLI::Range(1, 1024));
    add_task_files(to, run_.modules, run_.commands);
    to.add_flag("--quiet,-q", run_.quiet, "only the end");
  }

  static void add_task_files(CLI::App& to, std::vector<std::string>& modules,
                             std::vector<std::string>& commands) {
    to.add_option("--module,-m", modules, "a module (.so) with tasks and flows")
        ->allow_extra_args(false)
        ->take_all();
    to.add_option("--commands", commands, "a file of named commands that are task types")
        ->allow_extra_args(false)
        ->take_all();
  }

  /// To a word of jobs that is also one of state files.
  void add_state(CLI::App& to) {
    to.add_option("--state", run_.state, "the run of this state file, instead of a job of the cluster");
    add_run_options(to);
  }

  void add_dev() {
    auto* dev =
        word(app_, "dev", "conductor, worker and API in this process, without servers",
             "baton dev --module cloud.so\n  baton post --file flow.json --wait    # in another terminal",
             [this](const Context& c) { return local_.dev(c, dev_); });
    dev->add_option("--state", dev_.state, "where its jobs are kept; baton-dev.state if missing");
    dev->add_option("--port", dev_.port, "of its API on loopback; 0: any that is free");
    dev->add_option("--slots", dev_.slots, "tasks at a time")->check(CLI::Range(1, 1024));
    add_task_files(*dev, dev_.modules, dev_.commands);
  }

  const Admin& admin_;
  const Local& local_;
  CLI::App app_{"Baton: runs workflows that must not be lost.", "baton"};
  Action action_;
  std::string api_, output_ = "table", name_, settings_;
  RunOptions run_;
  DevOptions dev_;
  PostOptions post_;
  ListOptions list_;
  OrderOptions order_;
  FlowFileOptions files_;
};

/// Also where the arguments cannot be read as a whole.
bool asks_json(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& word = arguments[i];
    const bool split = (word == "-o" || word == "--output") && i + 1 < arguments.size();
    if (word == "--output=json" || word == "-ojson" || (split && arguments[i + 1] == "json")) return true;
  }
  return false;
}

/// Help and version are no errors.
Ended end_early(const CLI::App& app, const CLI::ParseError& error, const Context& context) {
  if (error.get_exit_code() != 0 && context.json) return refuse_usage(context, error.what());
  return app.exit(error, context.out, context.err) == 0 ? Ended::Success : Ended::Usage;
}

}  // namespace

Ended run_command(const Invocation& invocation, const Admin& admin, const Local& local, std::ostream& out,
                  std::ostream& err) {
  Words words(admin, local);
  const auto context = [&](const std::string& api, bool json) {
    return Context{HttpClient(api_addresses(api)), out, err, json, invocation.terminal};
  };
  try {
    auto reversed = invocation.arguments;
    std::reverse(reversed.begin(), reversed.end());  // as CLI11 wants them
    words.app().parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return end_early(words.app(), error, context("", asks_json(invocation.arguments)));
  }
  return words.action()(context(words.api().empty() ? invocation.api : words.api(), words.json()));
}

}  // namespace baton::client
