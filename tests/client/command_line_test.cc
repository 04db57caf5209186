#include "client/command/command_line.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>

#include "tests/support/scratch_folder.h"

using namespace baton::client;

namespace {

/// A file of profiles that the examples can use.
std::string profiles() {
  static const baton::test::ScratchFolder folder;
  const std::string file = folder.path() + "/profiles.yaml";
  std::ofstream(file) << "default: production\nprofiles: {production: {api: '127.0.0.1:1'}}\n";
  return file;
}

/// Port 1 of loopback: nobody listens there.
struct Command {
  std::ostringstream out, err;
  std::string migrated, locally, pruned, spread;
  RunOptions run;
  DoctorOptions doctored;
  Ended ended = Ended::Success;

  Ended called(const std::string& word, const RunOptions& options) {
    locally = word + " " + options.flow + options.state;
    run = options;
    return Ended::FlowFailed;
  }

  explicit Command(std::vector<std::string> arguments) {
    Admin admin;
    admin.migrate = [this](const std::string& file, bool dry_run, const Admin::Say& say) {
      migrated = file + (dry_run ? " dry" : "");
      say("schema baton: version 1");
      return AdminEnd{Ended::Success, "", {{"version", 1}}};
    };
    admin.prune = [this](const std::string& file, std::chrono::seconds older_than, bool dry_run,
                         const Admin::Say&) {
      pruned = file + " " + std::to_string(older_than.count()) + (dry_run ? " dry" : "");
      return AdminEnd{Ended::Success, "", {{"jobs", 3}}};
    };
    admin.change_shards = [this](const std::string& file, bool dry_run, const Admin::Say&) {
      spread = file + (dry_run ? " dry" : "");
      return AdminEnd{Ended::Refused, "conductors are at work", {}};
    };
    admin.make_topics = [](const std::string&, bool, const Admin::Say&) {
      return AdminEnd{Ended::Unreachable, "no Kafka at k:9092", {}};
    };
    admin.doctor = [this](const Context&, const DoctorOptions& options) {
      doctored = options;
      return Ended::Success;
    };
    Local local;
    local.run = [this](const Context&, const RunOptions& options) { return called("run", options); };
    local.resume = [this](const Context&, const RunOptions& options) { return called("resume", options); };
    local.rerun = [this](const Context&, const RunOptions& options) { return called("rerun", options); };
    local.dev = [this](const Context&, const DevOptions& options) {
      locally = "dev on " + options.state;
      return Ended::Success;
    };
    ended = run_command({std::move(arguments), "127.0.0.1:1", false, "", profiles()}, admin, local, out, err);
  }
};

std::vector<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> std::quoted(word, '\'');) words.push_back(word);
  return words;
}

/// Every word behind `under`, with those behind it, as the help lists them.
void add_commands(const std::vector<std::string>& under, std::vector<std::vector<std::string>>& all) {
  auto asked = under;
  asked.push_back("--help");
  std::istringstream help(Command(asked).out.str());
  std::string line;
  for (bool words_follow = false; std::getline(help, line); words_follow = words_follow && !line.empty()) {
    if (line == "words:" || line == "short words:") {
      words_follow = true;
    } else if (words_follow && line.starts_with("  ") && line[2] != ' ') {  // not the rest of a long line
      auto words = under;
      words.push_back(split(line).at(0));
      all.push_back(words);
      add_commands(words, all);
    }
  }
}

/// The command lines of a help's examples, each as its words: without what is for people, or for another
/// program.
std::vector<std::vector<std::string>> examples_of(const std::string& help) {
  std::vector<std::vector<std::string>> examples;
  std::istringstream lines(help.substr(std::min(help.find("\nexamples:\n"), help.size())));
  std::string line;
  std::getline(lines, line) && std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("  baton "))
    examples.push_back(
        split(line.substr(8, std::min({line.find("  # "), line.find(" | "), line.find(" > ")}) - 8)));
  return examples;
}

std::vector<std::vector<std::string>> all_commands() {
  std::vector<std::vector<std::string>> all;
  add_commands({}, all);
  return all;
}

}  // namespace

TEST_CASE("help has examples and exit codes, and is no error") {
  const Command help({"--help"});
  CHECK(help.ended == Ended::Success);
  CHECK(help.out.str().find("baton post create-cluster --param nodes=a,b,c --wait") != std::string::npos);
  CHECK(help.out.str().find("exit codes:\n  0  done") != std::string::npos);
  CHECK(Command({"job", "post", "--help"}).out.str().find("usage: baton job post [FLOW] [OPTION]…") !=
        std::string::npos);
}

TEST_CASE("the help of every command has examples, which are understood") {
  std::filesystem::current_path(BATON_EXAMPLE_FLOWS);  // examples name files there
  const auto commands = all_commands();
  REQUIRE(commands.size() > 20);
  for (auto words : commands) {
    CAPTURE(words);
    words.push_back("--help");
    const Command help(words);
    CHECK(help.ended == Ended::Success);
    const auto examples = examples_of(help.out.str());
    CHECK_FALSE(examples.empty());
    for (const auto& example : examples) {
      CAPTURE(example);
      const Command tried(example);
      CAPTURE(tried.err.str());
      CHECK(tried.ended != Ended::Usage);
    }
  }
}

TEST_CASE("doctor is told its settings files and its deadline") {
  const Command command({"doctor", "--settings", "a.toml", "--settings", "b.toml", "--deadline-ms", "700"});
  CHECK(command.ended == Ended::Success);
  CHECK(command.doctored.settings == std::vector<std::string>{"a.toml", "b.toml"});
  CHECK(command.doctored.deadline == baton::Millis{700});
  CHECK(Command({"doctor"}).doctored.deadline == baton::Millis{5'000});
  CHECK(Command({"doctor", "--deadline-ms", "1"}).ended == Ended::Usage);
}

TEST_CASE("with --output json every error is one JSON object on stderr, and nothing else") {
  const auto error = [](const Command& command) {
    CHECK(command.out.str().empty());
    return boost::json::parse(command.err.str()).as_object();
  };
  for (auto words : all_commands()) {
    CAPTURE(words);
    words.insert(words.begin(), {"--output", "json", "--no-such-option"});
    const Command command(words);
    CHECK(command.ended == Ended::Usage);
    CHECK(error(command).at("type") == "urn:baton:problem:usage");
  }
  const auto pair = error(Command({"post", "f", "--file", "g", "-o", "json"}));
  CHECK(pair.at("detail") == "name a flow, or a file with --file: one of them");
  const auto file = error(Command({"post", "--file", "/nowhere.json", "--output=json"}));
  CHECK(file.at("detail") == "cannot read '/nowhere.json': No such file or directory");
  const auto nobody = error(Command({"-o", "json", "list"}));
  CHECK(nobody.at("type") == "urn:baton:problem:unreachable");
  CHECK_THAT(std::string(nobody.at("detail").as_string()), Catch::StartsWith("no conductor answers:"));
  const auto topics = error(Command({"admin", "topics", "--settings", "x", "-o", "json"}));
  CHECK(topics.at("type") == "urn:baton:problem:unreachable");
  CHECK(topics.at("detail") == "no Kafka at k:9092");
}

TEST_CASE("with --output json what was done is JSON, also where no API is asked") {
  const auto done = [](const std::vector<std::string>& words) {
    const Command command(words);
    CHECK(command.ended == Ended::Success);
    CHECK(command.err.str().empty());
    return boost::json::parse(command.out.str()).as_object();
  };
  CHECK(done({"admin", "migrate", "--settings", "x", "-o", "json"}).at("version") == 1);
  CHECK(done({"completion", "bash", "-o", "json"}).at("shell") == "bash");
}

TEST_CASE("wrong arguments end with 2 and say what is wrong") {
  CHECK(Command({}).ended == Ended::Usage);
  CHECK(Command({"lst"}).ended == Ended::Usage);
  CHECK(Command({"show"}).ended == Ended::Usage);
  CHECK(Command({"--output", "xml", "list"}).ended == Ended::Usage);
  const Command both({"post"});
  CHECK(both.ended == Ended::Usage);
  CHECK(both.err.str() == "baton: name a flow, or a file with --file: one of them\n");
  const Command flow_last({"post", "--param", "nodes=a", "--store", "x=1", "create-cluster"});
  CHECK(flow_last.ended == Ended::Unreachable);  // understood: --param takes one word, the flow is the last
  const Command pair({"post", "create-cluster", "--param", "nodes"});
  CHECK(pair.ended == Ended::Usage);
  CHECK(pair.err.str() == "baton: 'nodes' is no NAME=VALUE\n");
  const Command file({"post", "--file", "/nowhere.json"});
  CHECK(file.ended == Ended::Usage);
  CHECK(file.err.str() == "/nowhere.json: cannot read '/nowhere.json': No such file or directory\n");
}

TEST_CASE("what is mistyped is answered with what was probably meant") {
  const auto said = [](const std::vector<std::string>& words) {
    const Command command(words);
    CHECK(command.ended == Ended::Usage);
    return command.err.str();
  };
  CHECK(said({"job", "pots"}) ==
        "baton: baton job has no word 'pots'\n  hint: did you mean baton job post?\n");
  CHECK(said({"xyzzy"}) == "baton: baton has no word 'xyzzy'\n  hint: see baton --help\n");
  CHECK(said({"list", "--stat", "RUNNING"}) ==
        "baton: baton list has no option '--stat'\n  hint: did you mean --state?\n");
  CHECK(said({"list", "--ouptut=json"}) ==
        "baton: baton list has no option '--ouptut'\n  hint: did you mean --output?\n");
  CHECK(said({"list", "-x"}) == "baton: baton list has no option '-x'\n  hint: see baton list --help\n");
  CHECK_THAT(said({"profile"}),
             Catch::StartsWith("baton: baton profile wants a word more, one of: list show use\n"));
}

TEST_CASE("when no conductor answers it says who was asked, and what to do") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"list"},
                                                                 {"job", "list"},
                                                                 {"show", "u"},
                                                                 {"workers"},
                                                                 {"flow", "list"},
                                                                 {"post", "create-cluster"},
                                                                 {"left-alone"}}) {
    const Command command(words);
    CAPTURE(words[0]);
    CHECK(command.ended == Ended::Unreachable);
    CHECK(command.err.str() ==
          "baton: no conductor answers:\n  127.0.0.1:1: Connection refused\n  hint: is one running? `make "
          "demo` starts a "
          "cluster; --api, --profile or BATON_API says where it is\n");
  }
}

TEST_CASE("a prune is told an age, in hours, days or weeks") {
  CHECK(Command({"admin", "prune", "--settings", "f", "--older-than", "36h"}).pruned == "f 129600");
  CHECK(Command({"admin", "prune", "--settings", "f", "--older-than", "30d", "--dry-run"}).pruned ==
        "f 2592000 dry");
  CHECK(Command({"admin", "prune", "--settings", "f", "--older-than", "2w"}).pruned == "f 1209600");
  for (const std::string age : {"30", "d", "-1d", "0d", "1.5d", "30 d", "30m", "99999999w", "99999999999d"}) {
    CAPTURE(age);
    const Command wrong({"admin", "prune", "--settings", "f", "--older-than", age});
    CHECK(wrong.ended == Ended::Usage);
    CHECK(wrong.pruned.empty());
    CHECK(wrong.err.str().find("such as 36h, 30d or 12w") != std::string::npos);
  }
  CHECK(Command({"admin", "prune", "--settings", "f"}).ended == Ended::Usage);
}

TEST_CASE("admin words go to the servers themselves, by a settings file") {
  const Command migrate({"admin", "migrate", "--settings", "/etc/baton/conductor.toml"});
  CHECK(migrate.ended == Ended::Success);
  CHECK(migrate.migrated == "/etc/baton/conductor.toml");
  CHECK(migrate.out.str() == "schema baton: version 1\n");
  CHECK(Command({"admin", "migrate", "--settings", "c", "--dry-run"}).migrated == "c dry");
  const Command topics({"admin", "topics", "--settings", "x"});
  CHECK(topics.ended == Ended::Unreachable);
  CHECK(topics.err.str() == "baton: no Kafka at k:9092\n");
  CHECK(Command({"admin", "migrate"}).ended == Ended::Usage);
  const Command shards({"admin", "shards", "--settings", "c", "--dry-run"});
  CHECK(shards.spread == "c dry");
  CHECK(shards.ended == Ended::Refused);
}

TEST_CASE("completion scripts for three shells, and no other") {
  CHECK(Command({"completion", "bash"}).out.str().find("complete -F _baton baton") != std::string::npos);
  CHECK(Command({"completion", "zsh"}).out.str().find("#compdef baton") == 0);
  CHECK(Command({"completion", "fish"}).out.str().find("complete -c baton") != std::string::npos);
  CHECK(Command({"completion", "tcsh"}).ended == Ended::Usage);
}

TEST_CASE("run, resume and dev need no cluster, resume of a job does") {
  const Command run({"run", "create.json", "--param", "a=1", "-p", "b=2", "--executor", "process", "--slots",
                     "3", "--module", "m.so", "--quiet"});
  CHECK(run.ended == Ended::FlowFailed);
  CHECK(run.locally == "run create.json");
  CHECK(run.run.parameters == std::vector<std::string>{"a=1", "b=2"});
  CHECK(run.run.executor == "process");
  CHECK(run.run.slots == 3);
  CHECK(run.run.modules == std::vector<std::string>{"m.so"});
  CHECK(run.run.quiet);
  CHECK(Command({"resume", "--state", "x.state"}).locally == "resume x.state");
  CHECK(Command({"rerun", "--state", "x.state"}).locally == "rerun x.state");
  const Command anew({"rerun", "--state", "x.state", "--anew", "--who", "ann", "--reason", "cleaned up"});
  CHECK(anew.locally == "rerun x.state");
  CHECK(anew.run.anew);
  CHECK(anew.run.who == "ann");
  CHECK(anew.run.why == "cleaned up");
  CHECK_FALSE(Command({"rerun", "--state", "x.state"}).run.anew);
  CHECK(Command({"rerun", "--state", "x.state", "--run", "2"}).ended == Ended::Usage);
  CHECK(Command({"rerun"}).ended == Ended::Usage);
  CHECK(Command({"dev"}).locally == "dev on baton-dev.state");
  const Command of_job({"resume", "3ab6c56f-6194-49d4-8aa3-bcd4c519ba02"});
  CHECK(of_job.locally.empty());
  CHECK(of_job.ended == Ended::Unreachable);
  for (const Command& both : {Command({"resume"}), Command({"resume", "uuid", "--state", "x.state"})}) {
    CHECK(both.ended == Ended::Usage);
    CHECK(both.locally.empty());
  }
}
