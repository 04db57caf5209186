#include "common/postgres/conninfo.h"

#include <arpa/inet.h>
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

std::string joined(const std::vector<std::string>& parts) {
  std::string list;
  for (std::size_t i = 0; i < parts.size(); ++i) list += (i == 0 ? "" : ",") + parts[i];
  return list;
}

/// One host of the list.
struct Host {
  std::string name, address, port;
};

/// Empty: lists of different lengths, which libpq refuses in its own words.
std::vector<Host> hosts_of(const Conninfo& info) {
  const auto names = split(value_of(info, "host"));
  const auto addresses = split(value_of(info, "hostaddr"));
  const auto ports = split(value_of(info, "port"));
  const bool addressed = info.contains("hostaddr");
  if (addressed && info.contains("host") && names.size() != addresses.size()) return {};
  const std::size_t count = addressed ? addresses.size() : names.size();
  if (ports.size() > 1 && ports.size() != count) return {};
  std::vector<Host> hosts;
  for (std::size_t i = 0; i < count; ++i)
    hosts.push_back({i < names.size() ? names[i] : "", addressed ? addresses[i] : "",
                     ports.size() > 1 ? ports[i] : ports.front()});
  return hosts;
}

bool must_be_asked_for(const Host& host) {
  if (!host.address.empty() || host.name.empty() || host.name[0] == '/' || host.name[0] == '@') return false;
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.name.c_str(), bytes) != 1 &&
         inet_pton(AF_INET6, host.name.c_str(), bytes) != 1;
}

std::map<std::string, std::string> set_in(const PQconninfoOption* options) {
  std::map<std::string, std::string> values;
  for (const auto* option = options; option && option->keyword; ++option)
    if (option->val && *option->val) values[option->keyword] = option->val;
  return values;
}

/// What the service file has for it, as libpq reads it: it is asked for a connection with one option that it
/// refuses once it has read the rest and before it looks for a host.
Conninfo with_service_file(Conninfo info) {
  constexpr const char* kRefused = "gssencmode";
  Conninfo asked = info;
  asked[kRefused] = "refused";
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : asked)
    keywords.push_back(keyword.c_str()), values.push_back(value.c_str());
  keywords.push_back(nullptr), values.push_back(nullptr);
  const std::unique_ptr<PGconn, decltype(&PQfinish)> refused(
      PQconnectStartParams(keywords.data(), values.data(), 0), &PQfinish);
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> read(PQconninfo(refused.get()),
                                                                          &PQconninfoFree);
  for (auto& [keyword, value] : set_in(read.get()))
    if (keyword != kRefused) info[keyword] = value;
  return info;
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
  Conninfo words = set_in(given.get());
  if (words.contains("service")) return with_service_file(std::move(words));
  words.merge(set_in(fallbacks.get()));
  return words;
}

Conninfo rotated(Conninfo info, std::size_t n) {
  const std::size_t hosts =
      std::max(split(value_of(info, "host")).size(), split(value_of(info, "hostaddr")).size());
  if (hosts < 2) return info;
  for (const char* keyword : {"host", "hostaddr", "port"}) {
    auto parts = split(value_of(info, keyword));
    if (parts.size() != hosts) continue;  // none, or one port for all
    std::rotate(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(n % hosts), parts.end());
    info[keyword] = joined(parts);
  }
  return info;
}

std::vector<std::string> names_of(const Conninfo& info) {
  std::vector<std::string> names;
  for (const Host& host : hosts_of(info))
    if (must_be_asked_for(host) && std::find(names.begin(), names.end(), host.name) == names.end())
      names.push_back(host.name);
  return names;
}

std::optional<Conninfo> with_addresses(Conninfo info, const Addresses& addresses) {
  if (names_of(info).empty()) return info;
  std::vector<std::string> names, numbers, ports;
  const auto add = [&](const Host& host, const std::string& address) {
    names.push_back(host.name), numbers.push_back(address), ports.push_back(host.port);
  };
  for (const Host& host : hosts_of(info)) {
    if (!must_be_asked_for(host)) {
      add(host, host.address);
      continue;
    }
    const auto found = addresses.find(host.name);
    if (found == addresses.end()) continue;
    for (const auto& address : found->second) add(host, address);
  }
  if (names.empty()) return std::nullopt;
  info["host"] = joined(names);
  info["hostaddr"] = joined(numbers);
  info["port"] = joined(ports);
  return info;
}

Conninfo with_watchfulness(Conninfo info) {
  info.try_emplace("target_session_attrs", "read-write");
  if (info["target_session_attrs"] == "any") info["target_session_attrs"] = "read-write";  // libpq's default
  info.try_emplace("keepalives_idle", "2");
  info.try_emplace("keepalives_interval", "1");
  info.try_emplace("keepalives_count", "3");
  info["options"] =
      "-c idle_in_transaction_session_timeout=" + std::to_string(kIdleInTransactionMax.count()) + " " +
      info["options"];
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

std::string schema_name_problem(std::string_view name) {
  return "'" + std::string(name) + "' cannot be a schema's name: use small letters, digits and _";
}

}  // namespace baton::postgres
