#include "worker/command_spec.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "common/model/name_list.h"
#include "common/model/value.h"

namespace baton::worker {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> kMembers{"argv", "revert_argv", "env",
                                                   "cwd",  "timeout_ms",  "stdout"};

std::string known() {
  return "\n  known: " + joined({kMembers.begin(), kMembers.end()});
}
constexpr std::int64_t kTimeoutMax = std::int64_t{30} * 24 * 3'600'000;
constexpr std::size_t kFileBytesMax = 1 * kMiB;

/// A NUL would cut the text short on its way to the program.
bool is_text(const json::value& value) {
  return value.is_string() && value.get_string().find('\0') == json::string_view::npos;
}

/// Arguments may be long, and another task's result.
std::string shown(const json::value& value) {
  return shown_name(json::serialize(value));
}

Result<std::vector<std::string>, std::string> texts(const json::value& value, const std::string& member) {
  std::vector<std::string> texts;
  const bool list =
      value.is_array() && std::all_of(value.get_array().begin(), value.get_array().end(), is_text);
  if (!list || value.get_array().empty())
    return Fail("'" + member + "' is " + shown(value) + ", expected: a list of strings, not empty");
  for (const auto& item : value.get_array()) texts.emplace_back(item.get_string());
  return texts;
}

std::string failed_read(CommandSpec& spec, const std::string& member, const json::value& value) {
  if (member == "argv" || member == "revert_argv") {
    auto list = texts(value, member);
    if (!list.ok()) return list.error();
    (member == "argv" ? spec.argv : spec.revert_argv) = std::move(list).value();
  } else if (member == "cwd") {
    if (!is_text(value)) return "'cwd' is " + shown(value) + ", expected: a folder";
    spec.cwd = std::string(value.get_string());
  } else if (member == "timeout_ms") {
    if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > kTimeoutMax)
      return "'timeout_ms' is " + shown(value) + ", expected: milliseconds from 1 to " +
             std::to_string(kTimeoutMax);
    spec.timeout = Millis(value.get_int64());
  } else if (member == "stdout") {
    spec.text_result = value == "text";
    if (!spec.text_result && value != "json")
      return "'stdout' is " + shown(value) + ", expected: json or text";
  } else {
    if (!value.is_object()) return "'env' is no object, expected: an object of strings";
    for (const auto& [name, text] : value.get_object()) {
      if (name.empty() || name.find('=') != json::string_view::npos || !is_text(text))
        return "'env' has " + shown_name(name) +
               ", expected: names without '=' and strings (what they are is not told)";
      spec.env[std::string(name)] = std::string(text.get_string());
    }
  }
  return {};
}

Result<std::string, std::string> contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return Fail(path + ": cannot be read: " + std::strerror(errno) +
                "\n  hint: worker.commands names JSON files of command tasks");
  return text.str();
}

}  // namespace

Result<CommandSpec, std::string> CommandSpec::read(const json::object& object, bool only_ours) {
  CommandSpec spec;
  for (const auto& [key, value] : object) {
    const std::string member(key);
    if (std::find(kMembers.begin(), kMembers.end(), member) == kMembers.end()) {
      if (only_ours) return Fail("'" + shown_name(member) + "' is no member of a command" + known());
      continue;
    }
    if (auto problem = failed_read(spec, member, value); !problem.empty()) return Fail(problem + known());
  }
  if (spec.argv.empty()) {
    std::string why = "'argv' is missing, the program and its arguments";
    return Fail(why.append(known()));
  }
  return spec;
}

Result<std::map<std::string, CommandSpec>, std::string> read_commands_file(const std::string& path) {
  auto text = contents(path);
  if (!text.ok()) return Fail(text.error());
  const auto value = Value::parse(text.value(), kFileBytesMax);
  if (!value.ok())
    return Fail(path + ": " + value.error().message + " (at byte " + std::to_string(value.error().offset) +
                ")");
  const auto tree = value->tree();
  const auto* object = tree.if_object();
  if (!object) return Fail(path + ": expected an object {\"task type\": {\"argv\": [\"program\", …]}, …}");
  std::map<std::string, CommandSpec> commands;
  for (const auto& [type, command] : *object) {
    const std::string where = path + ": command '" + shown_name(type) + "': ";
    if (type.empty() || type.size() > kNameBytesMax)
      return Fail(where + "a task type's name has 1 to " + std::to_string(kNameBytesMax) + " bytes");
    if (!command.is_object()) return Fail(where + "expected an object" + known());
    auto spec = CommandSpec::read(command.get_object(), true);
    if (!spec.ok()) return Fail(where + spec.error());
    commands[std::string(type)] = std::move(spec).value();
  }
  return commands;
}

}  // namespace baton::worker
