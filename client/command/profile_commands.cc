#include "client/command/profile_commands.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <variant>

#include "client/command/printing.h"
#include "client/command/profiles.h"
#include "client/command/refusal.h"
#include "client/command/table.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::variant<Profiles, Ended> read(const Context& context, const std::string& file) {
  if (file.empty())
    return refuse_usage(context, "neither XDG_CONFIG_HOME nor HOME says where profiles are: set one of them");
  auto profiles = Profiles::read(file);
  if (!profiles.ok()) return refuse_usage(context, profiles.error());
  return std::move(profiles).value();
}

json::object to_json(const Profile& profile, const Profiles& profiles) {
  json::object object{{"name", profile.name}, {"api", json::array(profile.api.begin(), profile.api.end())}};
  if (profile.name == profiles.fallback()) object["default"] = true;
  return object;
}

std::string cannot_write(const std::string& file) {
  return "cannot write '" + file + "': " + std::strerror(errno);
}

/// All of it, and on the disk; false: errno says why.
bool write_down(int descriptor, const std::string& text, fs::perms allowed) {
  const auto written = ::write(descriptor, text.data(), text.size());
  if (written >= 0 && static_cast<std::size_t>(written) < text.size()) errno = ENOSPC;
  return written == static_cast<ssize_t>(text.size()) &&
         ::fchmod(descriptor, static_cast<mode_t>(allowed)) == 0 && ::fsync(descriptor) == 0;
}

/// Whoever reads the file meanwhile sees it as it was, or as it will be; of two who write it one is the last.
/// Where it is a link to another place, it is written there. What is wrong; empty: nothing.
std::string write(const std::string& file, const std::string& text) {
  std::error_code failed;
  const auto place = fs::canonical(file, failed);
  const auto allowed = failed ? fs::perms() : fs::status(place, failed).permissions();
  if (failed) return "cannot write '" + file + "': " + failed.message();
  std::string beside = place.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(beside.data());
  if (descriptor < 0) return cannot_write(beside);
  bool done = write_down(descriptor, text, allowed);
  done = ::close(descriptor) == 0 && done && ::rename(beside.c_str(), place.c_str()) == 0;
  if (done) return {};
  const auto wrong = cannot_write(place.string());
  ::unlink(beside.c_str());
  return wrong;
}

std::string not_one_line(const std::string& file, const std::string& name) {
  return file +
         " was left as it is: its default is no line of its own that could be changed\n  hint: write "
         "'default: " +
         name + "' yourself, at the begin of a line";
}

}  // namespace

Ended list_profiles(const Context& context, const std::string& file) {
  const auto found = read(context, file);
  if (const auto* ended = std::get_if<Ended>(&found)) return *ended;
  const auto& profiles = std::get<Profiles>(found);
  json::array list;
  std::vector<std::vector<std::string>> rows;
  for (const auto& profile : profiles.all()) {
    list.push_back(to_json(profile, profiles));
    rows.push_back({profile.name, profile.name == profiles.fallback() ? "yes" : "", joined(profile.api)});
  }
  if (context.json)
    return print_value(context, json::object{{"file", file}, {"profiles", list}}), Ended::Success;
  print_table(context.out, {"NAME", "DEFAULT", "API"}, rows);
  if (rows.empty()) context.err << "no profiles in " << file << "\n";
  return Ended::Success;
}

Ended show_profile(const Context& context, const std::string& file, const std::string& name) {
  const auto found = read(context, file);
  if (const auto* ended = std::get_if<Ended>(&found)) return *ended;
  const auto& profiles = std::get<Profiles>(found);
  if (name.empty() && profiles.fallback().empty())
    return refuse_usage(context,
                        "no default profile in " + file + "\n  hint: baton profile use NAME makes one");
  const auto* profile = profiles.find(name.empty() ? profiles.fallback() : name);
  if (!profile) return refuse_usage(context, profiles.unknown(name));
  if (context.json) return print_value(context, to_json(*profile, profiles)), Ended::Success;
  context.out << profile->name << (profile->name == profiles.fallback() ? "  (the default)" : "")
              << "\n  api   " << joined(profile->api) << "\n  file  " << file << "\n";
  return Ended::Success;
}

Ended use_profile(const Context& context, const std::string& file, const std::string& name, bool dry_run) {
  const auto found = read(context, file);
  if (const auto* ended = std::get_if<Ended>(&found)) return *ended;
  const auto& profiles = std::get<Profiles>(found);
  if (!profiles.find(name)) return refuse_usage(context, profiles.unknown(name));
  const auto text = profiles.text_with_default(name);
  if (!text) return refuse_usage(context, not_one_line(file, name));
  if (!dry_run)
    if (const auto wrong = write(file, *text); !wrong.empty()) return refuse_usage(context, wrong);
  if (context.json)
    print_value(context, json::object{{"default", name}, {"file", file}, {"dry_run", dry_run}});
  else
    context.out << (dry_run ? "would make " : "") << name
                << (dry_run ? " the default in " : " is now the default in ") << file << "\n";
  return Ended::Success;
}

}  // namespace baton::client
