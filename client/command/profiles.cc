#include "client/command/profiles.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "client/api_address.h"
#include "common/model/name_list.h"
#include "common/model/storable_text.h"
#include "flowfile/yaml_reader.h"
#include "flowfile/yaml_writer.h"

namespace baton::client {
namespace {

using flowfile::Node;
using flowfile::Problems;

constexpr std::size_t kFileBytesMax = 64 * 1024;
constexpr const char* kForm = "a profile is NAME: {api: [HOST:PORT, …]} under 'profiles'";
constexpr std::array kSecrets{"password", "passwd", "token", "secret", "credential"};

void refuse_member(const flowfile::Member& member, const char* known, Problems& problems) {
  const bool secret = std::any_of(kSecrets.begin(), kSecrets.end(), [&](const char* word) {
    return member.key.find(word) != std::string::npos;
  });
  problems.push_back({member.at, "'" + shown_name(member.key) + "' is not known here; known: " + known,
                      secret ? "no secret belongs into this file: take it out" : ""});
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0;
}

/// It is shown as it is, in a row of a table: nothing in it is what a terminal obeys.
bool is_plain(std::string_view text) {
  return shown_name(text, text.size()) == text;
}

bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool one_word = is_plain(text) && text.find(' ') == std::string::npos;
  return one_word && colon != std::string::npos && colon > 0 && is_port(text.substr(colon + 1));
}

/// "a:1, b:2" or a list of texts.
std::vector<std::string> addresses_of(const Node& api, Problems& problems) {
  std::vector<std::string> addresses;
  const auto take = [&](const Node& node) {
    for (const auto& address : api_addresses(node.text)) {
      if (!is_address(address))
        problems.push_back(
            {node.at, "'" + shown_name(address) + "' is no HOST:PORT", "a conductor's API listens on 27080"});
      addresses.push_back(address);
    }
  };
  if (api.is(Node::Kind::Text)) take(api);
  for (const auto& item : api.items)
    if (item.is(Node::Kind::Text)) take(item);
  if (addresses.empty()) problems.push_back({api.at, "'api' names no conductor", kForm});
  return addresses;
}

Result<std::string, std::string> read_text(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    if (errno == ENOENT || errno == ENOTDIR) return std::string();
    return Fail("cannot read '" + file + "': " + std::strerror(errno));
  }
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return Fail("cannot read '" + file + "'");
  if (text.size() > kFileBytesMax) return Fail("'" + file + "' is no file of profiles: it is too large");
  return text;
}

/// As YAML has it: quoted where it would be something else than a text.
std::string default_line(const std::string& name) {
  const auto document = flowfile::yaml_text(boost::json::object{{"default", name}});
  const auto begin = document.find('\n') + 1;  // behind "---"
  return document.substr(begin, document.size() - begin - 1);
}

std::string comment_of(const std::string& line) {
  const auto begin = line.find(" #");
  return begin == std::string::npos ? std::string() : line.substr(begin);
}

}  // namespace

Result<Profiles, std::string> Profiles::read(const std::string& file) {
  auto text = read_text(file);
  if (!text.ok()) return Fail(text.error());
  return of(file, std::move(text).value());
}

Result<Profiles, std::string> Profiles::of(const std::string& file, std::string text) {
  Profiles profiles;
  profiles.file_ = file;
  profiles.text_ = std::move(text);
  if (!is_storable_text(profiles.text_))
    return Fail("'" + file + "' is no file of profiles: it is not UTF-8");
  if (profiles.text_.find_first_not_of(" \t\r\n") == std::string::npos) return profiles;
  Problems problems;
  const auto source = std::make_shared<const flowfile::Source>(flowfile::Source{file, profiles.text_});
  const auto root = flowfile::read_yaml(source, problems);
  if (root && problems.empty()) profiles.take(*root, problems);
  if (!problems.empty()) return Fail(shown(problems));
  return profiles;
}

void Profiles::take(const Node& root, Problems& problems) {
  if (!root.is(Node::Kind::Map)) return problems.push_back({root.at, "this is no file of profiles", kForm});
  for (const auto& member : root.members) {
    if (member.key == "default" && member.value.is(Node::Kind::Text)) {
      fallback_ = member.value.text;
      fallback_line_ = member.at.line;
    } else if (member.key == "default") {
      problems.push_back({member.value.at, "'default' is no name of a profile", ""});
    } else if (member.key != "profiles") {
      refuse_member(member, "default, profiles", problems);
    } else if (!member.value.is(Node::Kind::Map)) {
      problems.push_back({member.value.at, "'profiles' has no names", kForm});
    } else {
      for (const auto& profile : member.value.members) take_profile(profile, problems);
    }
  }
  if (const auto* named = root.find("default"); named && problems.empty() && !find(fallback_))
    problems.push_back({named->at, unknown(fallback_), ""});
}

void Profiles::take_profile(const flowfile::Member& profile, Problems& problems) {
  if (!is_plain(profile.key))
    return problems.push_back(
        {profile.at, "'" + shown_name(profile.key) + "' is no name of a profile: it has control characters",
         "name it without control characters; a tab and the end of a line are such, too"});
  const auto* api = profile.value.find("api");
  if (!api)
    return problems.push_back({profile.at, "profile '" + shown_name(profile.key) + "' has no 'api'", kForm});
  for (const auto& member : profile.value.members)
    if (member.key != "api") refuse_member(member, "api", problems);
  all_.push_back({profile.key, addresses_of(*api, problems)});
}

const Profile* Profiles::find(const std::string& name) const {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const auto& profile) { return profile.name == name; });
  return found == all_.end() ? nullptr : &*found;
}

std::string Profiles::unknown(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& profile : all_) names.push_back(profile.name);
  const std::string none = "no profile '" + shown_name(name) + "'";
  if (names.empty()) return none + ": there are none in " + file_ + "\n  hint: " + kForm;
  return none + "; " + file_ + " has: " + name_list(names);
}

std::optional<std::string> Profiles::text_with_default(const std::string& name) const {
  const std::string line_of_default = default_line(name);
  std::string changed;
  std::istringstream lines(text_);
  std::size_t number = 0;
  bool begun = fallback_line_ > 0;
  for (std::string line; std::getline(lines, line);) {
    const bool document = line.starts_with("---");
    if (!begun && !document) changed += line_of_default + "\n", begun = true;
    changed += (++number == fallback_line_ ? line_of_default + comment_of(line) : line) + "\n";
  }
  const auto read = of(file_, changed);
  const bool as_meant = read.ok() && read->fallback_ == name && read->all_ == all_;
  return as_meant ? std::optional(changed) : std::nullopt;
}

Result<std::vector<std::string>, std::string> whom_to_ask(const Whom& whom) {
  if (!whom.api.empty() && !whom.profile.empty())
    return Fail(std::string("--api and --profile both say whom to ask: give one of them"));
  if (!whom.api.empty()) return api_addresses(whom.api);
  if (whom.profile.empty() && !whom.api_environment.empty()) return api_addresses(whom.api_environment);
  std::string name = whom.profile.empty() ? whom.profile_environment : whom.profile;
  if (whom.file.empty() && name.empty()) return api_addresses(kDefaultApi);
  if (whom.file.empty())
    return Fail("no profile '" + name + "': neither XDG_CONFIG_HOME nor HOME says where profiles are");
  const auto profiles = Profiles::read(whom.file);
  if (!profiles.ok()) return Fail(profiles.error());
  if (name.empty()) name = profiles->fallback();
  if (name.empty()) return api_addresses(kDefaultApi);
  const auto* profile = profiles->find(name);
  if (!profile) return Fail(profiles->unknown(name));
  return profile->api;
}

std::string profiles_file(const char* config_home, const char* home) {
  if (config_home && *config_home) return std::string(config_home) + "/baton/profiles.yaml";
  return home && *home ? std::string(home) + "/.config/baton/profiles.yaml" : std::string();
}

}  // namespace baton::client
