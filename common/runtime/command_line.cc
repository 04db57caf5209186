#include "common/runtime/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "common/runtime/setting_text.h"

namespace baton::runtime {
namespace {

struct Words {
  std::string file;
  std::vector<std::string> set;
  bool check = false;
  bool print = false;
};

std::string help_of(const SettingSpec& spec) {
  return spec.doc + " [" + (spec.secret ? "secret; file or environment only" : to_toml(spec.fallback)) +
         "; " + spec.expected() + "; " + spec.environment_name() + "]";
}

void add_setting(CLI::App& app, const SettingSpec& spec) {
  // No target: read_flags takes the text, so that its errors are worded like those of the other sources.
  const auto no_target = [](const std::string&) {};
  app.add_option_function<std::string>("--" + spec.name, no_target, help_of(spec))
      ->type_name("")
      ->group("Settings")
      ->take_last();
}

void declare(CLI::App& app, const Program& program, Words& words) {
  app.set_version_flag("--version", program.version);
  app.add_option("--settings", words.file, "Settings file (TOML) [" + program.default_file + "]")
      ->type_name("FILE");
  app.add_option("--set", words.set, "One setting; --NAME VALUE is the same")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->take_all();
  app.add_flag("--check-config", words.check,
               "Read everything, what the settings name too, say whether it is fine, and end");
  app.add_flag("--print-config", words.print,
               "Show every value, where it comes from, its bounds and default, and end");
  for (const auto& spec : program.settings) add_setting(app, spec);
  app.allow_extras();  // refused below, with the nearest known name
}

SettingsError unknown_word(const Program& program, const std::string& word) {
  std::vector<std::string> known{"--settings",     "--set",  "--check-config",
                                 "--print-config", "--help", "--version"};
  for (const auto& spec : program.settings) known.push_back("--" + spec.name);
  const auto meant = nearest(word.substr(0, word.find('=')), known);
  return {program.name + ": unknown argument '" + word + "'" +
          (meant ? "\n  did you mean '" + *meant + "'?" : "") + "\n  --help lists all arguments"};
}

Result<void, SettingsError> read_file(const Program& program, const Words& words, Settings& settings) {
  if (!words.file.empty()) return settings.read_file(words.file);
  std::error_code ignored;  // a folder that may not be read holds no file for us
  if (program.default_file.empty() || !std::filesystem::exists(program.default_file, ignored)) return {};
  return settings.read_file(program.default_file);
}

Result<void, SettingsError> read_flags(const CLI::App& app, const Words& words, Settings& settings) {
  for (const auto& pair : words.set) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos) return Fail(SettingsError{"--set " + pair + ": expected NAME=VALUE"});
    if (auto done = settings.read_flag(pair.substr(0, equals), pair.substr(equals + 1), "--set"); !done)
      return done;
  }
  for (const auto& spec : settings.schema()) {
    const auto* option = app.get_option("--" + spec.name);
    if (option->count() == 0) continue;
    if (auto done = settings.read_flag(spec.name, option->results().back(), "--" + spec.name); !done)
      return done;
  }
  return {};
}

Result<void, SettingsError> read_all(const Program& program, const Invocation& invocation,
                                     const CLI::App& app, const Words& words, Settings& settings) {
  if (const auto extras = app.remaining(); !extras.empty())
    return Fail(unknown_word(program, extras.front()));
  if (auto done = read_file(program, words, settings); !done) return done;
  if (auto done = settings.read_environment(invocation.getenv); !done) return done;
  return read_flags(app, words, settings);
}

ExitCode check(const Program& program, const Settings& settings, std::ostream& out, std::ostream& err) {
  const auto problem = program.problem_of ? program.problem_of(settings) : std::string{};
  if (!problem.empty()) {
    err << program.name << ": " << problem << '\n';
    return ExitCode::Usage;
  }
  out << program.name << ": the settings are fine\n";
  return ExitCode::Success;
}

}  // namespace

Invocation Invocation::of_process(int argc, char** argv) {
  return {{argv + std::min(argc, 1), argv + argc}, [](const char* name) { return std::getenv(name); }};
}

std::variant<Settings, ExitCode> read_command_line(const Program& program, const Invocation& invocation,
                                                   std::ostream& out, std::ostream& err) {
  CLI::App app(program.about, program.name);
  Words words;
  declare(app, program, words);
  try {
    app.parse(
        std::vector<std::string>(invocation.arguments.rbegin(), invocation.arguments.rend()));  // last first
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? ExitCode::Success : ExitCode::Usage;
  }
  Settings settings(program.settings);
  if (const auto done = read_all(program, invocation, app, words, settings); !done) {
    err << done.error().message << '\n';
    return ExitCode::Usage;
  }
  if (words.print) settings.print(out);
  if (words.check) return check(program, settings, out, err);
  if (words.print) return ExitCode::Success;
  return settings;
}

}  // namespace baton::runtime
