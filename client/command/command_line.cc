#include "client/command/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "client/command/profiles.h"
#include "client/command/refusal.h"
#include "client/command/words/completion.h"
#include "client/command/words/completion_script.h"
#include "client/command/words/everywhere.h"
#include "client/command/words/help_text.h"
#include "client/command/words/known_names.h"
#include "client/command/words/parameter_names.h"
#include "client/command/words/rooms.h"
#include "common/model/version.h"

namespace baton::client {
namespace {

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
        "With --output json or yaml answers are printed as the API gives them, and what goes wrong as its "
        "problem details on stderr. The words are those of the API."};

struct GlobalOptions {
  std::string api, profile, output = "table";
};

/// `baton` as it was called: its words, and what every word is given.
class CommandLine {
 public:
  CommandLine(const Invocation& invocation, const Admin& admin, const Local& local)
      : invocation_(invocation) {
    app_.set_version_flag("--version", kBatonVersion);
    app_.require_subcommand(1);
    baton_.option("--api", given_.api, "conductors to ask, one after the other").are(Values::Addresses);
    baton_.option("--profile", given_.profile, "the cluster to ask, by its name (see: baton profile list)")
        .are(Values::Profile);
    baton_.option("--output,-o", given_.output, "how answers are printed").one_of({"table", "json", "yaml"});
    add_all_words(baton_, admin, local, invocation.profiles_file);
  }

  void parse() {
    auto arguments = invocation_.arguments;
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app_.parse(std::move(arguments));
  }

  const Action& action() const { return chosen_; }
  const GlobalOptions& given() const { return given_; }
  const Word& baton() const { return baton_; }

  /// The word that was reached, also where what follows it is not understood.
  const Word& reached() const {
    const Word* word = &baton_;
    for (auto* app = &app_; !app->get_subcommands().empty();) {
      app = app->get_subcommands().back();
      word = word->find(app->get_name());
    }
    return *word;
  }

  /// The first word that is none of those that could stand there; empty: none is left.
  std::string unknown_word() const {
    for (const auto& text : app_.remaining(true))
      if (!text.starts_with('-')) return text;
    return {};
  }
  std::string unknown_option() const {
    for (const auto& text : app_.remaining(true))
      if (text.starts_with('-')) return text;
    return {};
  }

  Result<std::vector<std::string>, std::string> whom() const { return whom(given_.api, given_.profile); }
  Result<std::vector<std::string>, std::string> whom(const std::string& api,
                                                     const std::string& profile) const {
    return whom_to_ask({api, profile, invocation_.api, invocation_.profile, invocation_.profiles_file});
  }

 private:
  const Invocation& invocation_;
  CLI::App app_{"", "baton"};
  Action chosen_;
  GlobalOptions given_;
  Word baton_{app_, kBaton, nullptr, chosen_};
};

/// Also where the arguments cannot be read as a whole.
std::string output_asked(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    for (const std::string output : {"json", "yaml"}) {
      const auto& word = arguments[i];
      const bool split = (word == "-o" || word == "--output") && i + 1 < arguments.size();
      if (word == "--output=" + output || word == "-o" + output || (split && arguments[i + 1] == output))
        return output;
    }
  }
  return "table";
}

/// What cannot be read, in our words where they say more than the library's.
std::string mistake(const CommandLine& line, const CLI::ParseError& error) {
  const Word& reached = line.reached();
  const std::string see = "\n  hint: see " + reached.path() + " --help";
  if (const auto text = line.unknown_option(); !text.empty()) return unknown_option(reached, text);
  if (reached.words().empty()) return error.what() + see;
  if (const auto text = line.unknown_word(); !text.empty()) return unknown_word(reached, text);
  if (error.get_name() != "RequiredError") return error.what() + see;
  std::string words;
  for (const auto& next : reached.words()) words += " " + next->text().name;
  return reached.path() + " wants a word more, one of:" + words + see;
}

/// Help and version are no errors.
Ended end_early(const CommandLine& line, const CLI::ParseError& error, const Context& context) {
  if (error.get_name() == "CallForHelp") return context.out << help_text(line.reached()), Ended::Success;
  if (error.get_exit_code() == 0) return context.out << "baton " << kBatonVersion << '\n', Ended::Success;
  return refuse_usage(context, mistake(line, error));
}

/// For the shells: baton __complete WORD…
Ended answer_tab(const CommandLine& line, const Invocation& invocation, std::ostream& out) {
  const auto known = [&](Values values, const Before& before) {
    std::vector<Candidate> names;
    if (values == Values::Profile) {
      const auto profiles = Profiles::read(invocation.profiles_file);
      if (profiles.ok())
        for (const auto& [name, api] : profiles->all()) names.push_back({name, api.front()});
      return names;
    }
    const auto asked = line.whom(before.of("--api"), before.of("--profile"));
    const auto whom = asked.ok() && !before.asks_nobody ? asked.value() : std::vector<std::string>();
    return values == Values::Parameter ? parameter_names(before, whom) : names_of_conductor(values, whom);
  };
  const std::vector<std::string> words(invocation.arguments.begin() + 1, invocation.arguments.end());
  out << completion_lines(complete(line.baton(), words, known));
  return Ended::Success;
}

}  // namespace

Ended run_command(const Invocation& invocation, const Admin& admin, const Local& local, std::ostream& out,
                  std::ostream& err) {
  CommandLine line(invocation, admin, local);
  if (!invocation.arguments.empty() && invocation.arguments.front() == kCompleteWord)
    return answer_tab(line, invocation, out);
  const auto context = [&](std::vector<std::string> api, const std::string& output) {
    Context made{HttpClient(std::move(api)), out, err, output != "table", invocation.terminal};
    made.yaml = output == "yaml";
    made.colours = invocation.terminal && !invocation.no_color;
    return made;
  };
  try {
    line.parse();
  } catch (const CLI::ParseError& error) {
    return end_early(line, error, context({}, output_asked(invocation.arguments)));
  }
  auto whom = line.whom();
  if (!whom.ok() && !line.reached().needs_nobody())
    return refuse_usage(context({}, line.given().output), whom.error());
  return line.action()(
      context(whom.ok() ? std::move(whom).value() : std::vector<std::string>(), line.given().output));
}

}  // namespace baton::client
