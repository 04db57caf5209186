#include "client/command/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "client/api_address.h"
#include "client/command/refusal.h"
#include "client/command/words/help_text.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

constexpr const char* kVersion = "baton 0.1.0";
const Word::Text kBaton{
    .name = "baton",
    .about = "runs workflows that must not be lost",
    .examples = {"baton run flow.json --state flow.state", "baton dev",
                 "baton post create-cluster --param nodes=a,b,c --wait", "baton list --state RUNNING",
                 "baton show 3ab6c56f-6194-49d4-8aa3-bcd4c519ba02",
                 "baton suspend 3ab6c56f-6194-49d4-8aa3-bcd4c519ba02 --reason maintenance --wait",
                 "baton workers --output json", "baton flow validate create-cluster.yaml",
                 "baton post --file create-cluster.yaml --param nodes=a,b --wait"},
    .details =
        "--output json: answers as the API gives them, what goes wrong as its problem details on stderr."};

/// `baton` as it was called: its words, and what every word is given.
class CommandLine {
 public:
  CommandLine(const Admin& admin, const Local& local) {
    app_.set_version_flag("--version", kVersion);
    app_.require_subcommand(1);
    baton_.option("--api", api_, "conductors to ask, one after the other (or BATON_API)")
        .are(Values::Addresses);
    baton_.option("--output,-o", output_, "how answers are printed").one_of({"table", "json"});
    add_all_words(baton_, admin, local);
  }

  void parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app_.parse(std::move(arguments));
  }

  const Action& action() const { return chosen_; }
  const std::string& api() const { return api_; }
  bool json() const { return output_ == "json"; }

  /// The word that was reached, also where what follows it is not understood.
  const Word& reached() const {
    const Word* word = &baton_;
    for (auto* app = &app_; !app->get_subcommands().empty();) {
      app = app->get_subcommands().back();
      word = word->find(app->get_name());
    }
    return *word;
  }

 private:
  CLI::App app_{"", "baton"};
  Action chosen_;
  std::string api_, output_ = "table";
  Word baton_{app_, kBaton, nullptr, chosen_};
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
Ended end_early(const CommandLine& line, const CLI::ParseError& error, const Context& context) {
  if (error.get_name() == "CallForHelp") return context.out << help_text(line.reached()), Ended::Success;
  if (error.get_exit_code() == 0) return context.out << kVersion << '\n', Ended::Success;
  return refuse_usage(context,
                      error.what() + std::string("\n  hint: see ") + line.reached().path() + " --help");
}

}  // namespace

Ended run_command(const Invocation& invocation, const Admin& admin, const Local& local, std::ostream& out,
                  std::ostream& err) {
  CommandLine line(admin, local);
  const auto context = [&](const std::string& api, bool json) {
    return Context{HttpClient(api_addresses(api)), out, err, json, invocation.terminal};
  };
  try {
    line.parse(invocation.arguments);
  } catch (const CLI::ParseError& error) {
    return end_early(line, error, context("", asks_json(invocation.arguments)));
  }
  return line.action()(context(line.api().empty() ? invocation.api : line.api(), line.json()));
}

}  // namespace baton::client
