#include "client/command/command_line.h"

#include <catch2/catch.hpp>
#include <sstream>

using namespace baton::client;

namespace {

/// Port 1 of loopback: nobody listens there.
struct Command {
  std::ostringstream out, err;
  std::string migrated;
  Ended ended = Ended::Success;

  explicit Command(std::vector<std::string> arguments) {
    Admin admin;
    admin.migrate = [this](const std::string& file, std::ostream&, std::ostream&) {
      return migrated = file, Ended::Success;
    };
    admin.make_topics = [](const std::string&, std::ostream&, std::ostream&) { return Ended::Unreachable; };
    ended = run_command({std::move(arguments), "127.0.0.1:1", false}, admin, out, err);
  }
};

}  // namespace

TEST_CASE("help has examples and exit codes, and is no error") {
  const Command help({"--help"});
  CHECK(help.ended == Ended::Success);
  CHECK(help.out.str().find("baton post create-cluster --param nodes=a,b,c --wait") != std::string::npos);
  CHECK(help.out.str().find("exit codes: 0 done") != std::string::npos);
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
  CHECK(file.err.str() == "baton: cannot read /nowhere.json\n");
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
          "cluster; --api or BATON_API says where it is\n");
  }
}

TEST_CASE("admin words go to the servers themselves, by a settings file") {
  const Command migrate({"admin", "migrate", "--settings", "/etc/baton/conductor.toml"});
  CHECK(migrate.ended == Ended::Success);
  CHECK(migrate.migrated == "/etc/baton/conductor.toml");
  CHECK(Command({"admin", "topics", "--settings", "x"}).ended == Ended::Unreachable);
  CHECK(Command({"admin", "migrate"}).ended == Ended::Usage);
}

TEST_CASE("completion scripts for three shells, and no other") {
  CHECK(Command({"completion", "bash"}).out.str().find("complete -F _baton baton") != std::string::npos);
  CHECK(Command({"completion", "zsh"}).out.str().find("bashcompinit") != std::string::npos);
  CHECK(Command({"completion", "fish"}).out.str().find("complete -c baton") != std::string::npos);
  CHECK(Command({"completion", "tcsh"}).ended == Ended::Usage);
}
