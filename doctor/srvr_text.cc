#include "doctor/srvr_text.h"

#include <algorithm>
#include <cstdio>

#include "common/model/name_list.h"

namespace baton::doctor {
namespace {

/// What stands behind a word up to one of these letters.
std::string behind(std::string_view text, std::string_view word, std::string_view until) {
  const auto at = text.find(word);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + word.size());
  text = text.substr(0, text.find_first_of(until));
  return shown_name(text, text.size());
}

}  // namespace

SrvrWord read_srvr(std::string_view said) {
  SrvrWord word;
  word.version = behind(said, "Zookeeper version: ", "-, \n");
  word.mode = behind(said, "Mode: ", "\r\n");
  if (word.version.empty() && said.find("read-only") != std::string_view::npos) word.mode = "read-only";
  if (word.version.empty() && said.find("not currently serving") != std::string_view::npos)
    word.mode = kNotServing;
  if (word.version.empty()) {
    word.refusal = shown_name(said.substr(0, said.find('\n')));
    if (word.refusal.empty()) word.refusal = "it closes the connection";
  }
  return word;
}

bool SrvrWord::is_older_than(int major, int minor) const {
  int has_major = 0, has_minor = 0;
  if (std::sscanf(version.c_str(), "%d.%d", &has_major, &has_minor) != 2) return false;
  return has_major < major || (has_major == major && has_minor < minor);
}

}  // namespace baton::doctor
