#include "common/postgres/conninfo.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace baton::postgres {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t comma; (comma = list.find(',', begin)) != std::string::npos; begin = comma + 1)
    parts.push_back(list.substr(begin, comma - begin));
  parts.push_back(list.substr(begin));
  return parts;
}

std::string value_of(const Conninfo& info, const std::string& keyword) {
  const auto found = info.find(keyword);
  return found == info.end() ? std::string() : found->second;
}

}  // namespace

Result<Conninfo, std::string> parse_conninfo(const std::string& text) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> given(
      PQconninfoParse(text.c_str(), &problem), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> problem_owner(problem, &PQfreemem);
  if (!given)
    // Without libpq's own words: they quote the text, which may hold a password.
    return Fail(
        std::string("the Postgres connection string cannot be read: expected name=value pairs (quote values "
                    "that hold spaces) or a postgresql:// URI (percent-encode what is special)"));
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> fallbacks(PQconndefaults(),
                                                                               &PQconninfoFree);
  Conninfo info;
  for (const auto* options : {fallbacks.get(), given.get()})
    for (const auto* option = options; option && option->keyword; ++option)
      if (option->val && *option->val) info[option->keyword] = option->val;
  return info;
}

Conninfo rotated(Conninfo info, std::size_t n) {
  const std::size_t hosts =
      std::max(split(value_of(info, "host")).size(), split(value_of(info, "hostaddr")).size());
  if (hosts < 2) return info;
  for (const char* keyword : {"host", "hostaddr", "port"}) {
    auto parts = split(value_of(info, keyword));
    if (parts.size() != hosts) continue;  // none, or one port for all
    std::rotate(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(n % hosts), parts.end());
    std::string list;
    for (const auto& part : parts) list += (list.empty() ? "" : ",") + part;
    info[keyword] = list;
  }
  return info;
}

Conninfo with_watchfulness(Conninfo info) {
  info.try_emplace("target_session_attrs", "read-write");
  if (info["target_session_attrs"] == "any") info["target_session_attrs"] = "read-write";  // libpq's default
  info.try_emplace("keepalives_idle", "2");
  info.try_emplace("keepalives_interval", "1");
  info.try_emplace("keepalives_count", "3");
  if (info["tcp_user_timeout"].empty() || info["tcp_user_timeout"] == "0") info["tcp_user_timeout"] = "5000";
  return info;
}

std::string place_of(const Conninfo& info) {
  const std::string host =
      value_of(info, "host").empty() ? value_of(info, "hostaddr") : value_of(info, "host");
  const std::string port = value_of(info, "port");
  return (host.empty() ? "local socket" : host) + ":" + (port.empty() ? "5432" : port) + "/" +
         value_of(info, "dbname");
}

bool is_schema_name(std::string_view name) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && name.size() <= 63 && first(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return first(c) || (c >= '0' && c <= '9'); });
}

}  // namespace baton::postgres
