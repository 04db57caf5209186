#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/model/result.h"
#include "flowfile/node.h"

namespace baton::client {

/// One cluster by its name.
struct Profile {
  std::string name;
  std::vector<std::string> api;  // host:port, in the order in which they are asked
  bool operator==(const Profile&) const = default;
};

/// The file of profiles, docs/command.md: `default: NAME` and `profiles:`, each with its `api`. No secret is
/// in it: what is not known is refused.
class Profiles {
 public:
  /// A file that is not there has none. The error says where in it what is wrong, for people.
  static Result<Profiles, std::string> read(const std::string& file);

  const std::string& file() const { return file_; }
  const std::vector<Profile>& all() const { return all_; }
  const std::string& fallback() const { return fallback_; }  // empty: none
  const Profile* find(const std::string& name) const;
  /// "no profile 'x'; /…/profiles.yaml has: a, b"
  std::string unknown(const std::string& name) const;
  /// The file's text with another default; all else, comments too, stays. Nullopt: no line of it can be
  /// changed so that it would say that and nothing else otherwise.
  std::optional<std::string> text_with_default(const std::string& name) const;

 private:
  static Result<Profiles, std::string> of(const std::string& file, std::string text);
  void take(const flowfile::Node& root, flowfile::Problems&);
  void take_profile(const flowfile::Member&, flowfile::Problems&);

  std::string file_, text_;
  std::vector<Profile> all_;
  std::string fallback_;
  std::size_t fallback_line_ = 0;  // 0: it has none
};

/// What says whom to ask: options before the environment, an address before a profile.
struct Whom {
  std::string api, profile;                          // --api, --profile
  std::string api_environment, profile_environment;  // BATON_API, BATON_PROFILE
  std::string file;                                  // of profiles; empty: there is no place for one
};

/// The addresses to ask; or what is wrong. Without anything: the default profile's, or this machine's.
Result<std::vector<std::string>, std::string> whom_to_ask(const Whom&);

/// $XDG_CONFIG_HOME/baton/profiles.yaml, or in ~/.config; empty where both are unset.
std::string profiles_file(const char* config_home, const char* home);

}  // namespace baton::client
