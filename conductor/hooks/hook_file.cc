#include "conductor/hooks/hook_file.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <charconv>
#include <memory>

#include "common/model/name_list.h"
#include "common/model/storable_text.h"
#include "flowfile/duration.h"
#include "flowfile/json_reader.h"
#include "flowfile/yaml_reader.h"

namespace baton::conductor {
namespace {

using flowfile::Member;
using flowfile::Node;
using flowfile::Place;
using flowfile::Problems;
using Kind = flowfile::Node::Kind;

// Of an address and of a header's value, wherever it stands.
constexpr std::size_t kSecretBytesMax = 8 * kKiB;

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// One file's tree, turned into hooks; tells what is wrong on the way.
class HookReader {
 public:
  HookReader(const flowfile::ReadText& read, Problems& problems) : read_(read), problems_(problems) {}

  std::vector<Hook> file(const Node& root) {
    std::vector<Hook> hooks;
    if (!is(root, Kind::Map, "a mapping with 'hooks'")) return hooks;
    known(root, {"hooks"});
    const Node* list = wanted(root, "hooks");
    if (!list || !is(*list, Kind::List, "a list of hooks")) return hooks;
    if (list->items.empty()) refuse(list->at, "there is no hook in it", "leave conductor.hooks_file empty");
    if (list->items.size() > kHooksMax)
      refuse(list->at,
             std::to_string(list->items.size()) + " hooks; the most is " + std::to_string(kHooksMax));
    for (const Node& item : list->items) {
      if (!is(item, Kind::Map, "a hook")) continue;
      Hook hook = one(item);
      if (std::any_of(hooks.begin(), hooks.end(), [&](const Hook& other) { return other.name == hook.name; }))
        refuse(item.at, "there are two hooks '" + shown_name(hook.name) + "'",
               "a call is remembered by its hook's name: give each its own");
      hooks.push_back(std::move(hook));
    }
    return hooks;
  }

 private:
  void refuse(const Place& at, std::string what, std::string hint = {}) {
    problems_.push_back({at, std::move(what), std::move(hint)});
  }

  bool is(const Node& node, Kind kind, const char* what) {
    if (node.is(kind)) return true;
    refuse(node.at, "this is " + std::string(kind_name(node)) + ", and " + what + " belongs here");
    return false;
  }

  void known(const Node& map, const std::vector<std::string>& names) {
    for (const Member& member : map.members)
      if (std::find(names.begin(), names.end(), member.key) == names.end())
        refuse(member.at, "'" + shown_name(member.key) + "' is not known here", "known: " + name_list(names));
  }

  const Node* wanted(const Node& map, const char* name) {
    const Node* node = map.find(name);
    if (!node) refuse(map.at, "'" + std::string(name) + "' is missing");
    return node;
  }

  /// Empty: it is not there, or told.
  std::string text(const Node& map, const char* name) {
    const Node* node = map.find(name);
    if (!node || !is(*node, Kind::Text, "a text")) return {};
    if (node->text.empty()) refuse(node->at, "'" + std::string(name) + "' is empty");
    return node->text;
  }

  std::vector<const Node*> texts(const Node& list) {
    std::vector<const Node*> all;
    if (!is(list, Kind::List, "a list of texts")) return all;
    for (const Node& item : list.items)
      if (is(item, Kind::Text, "a text")) all.push_back(&item);
    return all;
  }

  Hook one(const Node& map) {
    known(map, {"name", "events", "flows", "priorities", "stalled_after", "command", "webhook", "timeout",
                "attempts"});
    Hook hook;
    if (const Node* name = wanted(map, "name"); name && is(*name, Kind::Text, "a text")) {
      hook.name = name->text;
      if (!is_plain(hook.name))
        refuse(name->at, "'" + shown_name(hook.name) + "' cannot be a hook's name",
               "letters, digits, '-', '_' and '.', at most 64");
    }
    events(map, hook);
    if (const Node* flows = map.find("flows"))
      for (const Node* flow : texts(*flows)) hook.flows.push_back(flow->text);
    if (const Node* list = map.find("priorities")) priorities(*list, hook);
    duration(map, "timeout", Millis{100}, kHookTimeoutMax, hook.timeout);
    attempts(map, hook);
    how(map, hook);
    return hook;
  }

  void events(const Node& map, Hook& hook) {
    const Node* list = wanted(map, "events");
    std::vector<std::string> names;
    for (std::size_t event = 0; event < ports::kHookEvents; ++event)
      names.emplace_back(to_string(static_cast<ports::HookEvent>(event)));
    if (list) {
      for (const Node* item : texts(*list)) {
        const auto event = ports::hook_event_from(item->text);
        event
            ? void(hook.on.insert(*event))
            : refuse(item->at, "'" + shown_name(item->text) + "' is no event", "known: " + name_list(names));
      }
      if (list->is(Kind::List) && list->items.empty())
        refuse(list->at, "'events' is empty: it would never be called", "known: " + name_list(names));
    }
    const Node* after = map.find("stalled_after");
    const bool stalls = hook.on.contains(ports::HookEvent::Stalled);
    if (stalls && !after) refuse(list->at, "'stalled' needs 'stalled_after'", "such as stalled_after: 15m");
    if (after && !stalls && list)
      refuse(after->at, "'stalled_after' means nothing here: 'events' does not have stalled");
    duration(map, "stalled_after", kStalledAfterMin, Millis{365LL * 24 * 3'600 * 1'000}, hook.stalled_after);
  }

  void priorities(const Node& list, Hook& hook) {
    for (const Node* item : texts(list)) {
      const auto priority = priority_from(item->text);
      priority ? void(hook.priorities.insert(*priority))
               : refuse(item->at, "'" + shown_name(item->text) + "' is no priority",
                        "known: VERY_LOW, LOW, NORMAL, HIGH, VERY_HIGH");
    }
  }

  void duration(const Node& map, const char* name, Millis min, Millis max, Millis& value) {
    const Node* node = map.find(name);
    if (!node || !is(*node, Kind::Text, "a duration such as 30s")) return;
    const auto read = flowfile::read_duration(node->text);
    if (!read || *read < min || *read > max)
      return refuse(node->at, "'" + shown_name(node->text) + "' cannot be '" + name + "'",
                    "a duration such as 500ms, 30s, 15m or 2h, from " + std::to_string(min.count()) + " to " +
                        std::to_string(max.count()) + " ms");
    value = *read;
  }

  void attempts(const Node& map, Hook& hook) {
    const Node* node = map.find("attempts");
    if (!node) return;
    std::uint32_t count = 0;
    const char* const end = node->text.data() + node->text.size();
    const auto read = std::from_chars(node->text.data(), end, count);
    if (!node->is(Kind::Number) || read.ptr != end || count < 1 || count > kHookAttemptsMax)
      return refuse(node->at, "this cannot be 'attempts'",
                    "a whole number from 1 to " + std::to_string(kHookAttemptsMax));
    hook.attempts = count;
  }

  void how(const Node& map, Hook& hook) {
    const Node *command = map.find("command"), *webhook = map.find("webhook");
    if ((command != nullptr) == (webhook != nullptr))
      return refuse(map.at, "a hook has either 'command' or 'webhook'");
    if (webhook) {
      if (is(*webhook, Kind::Map, "a mapping")) hook.how = webhook_of(*webhook);
      return;
    }
    HookCommand told;
    for (const Node* part : texts(*command)) told.argv.push_back(part->text);
    if (told.argv.empty() || told.argv[0].empty())
      refuse(command->at, "'command' names no program",
             "such as command: [/usr/local/bin/page, --severity, high]");
    hook.how = std::move(told);
  }

  HookWebhook webhook_of(const Node& map) {
    known(map, {"url", "url_file", "headers", "headers_from_file", "ca_file"});
    HookWebhook webhook;
    webhook.url = text(map, "url");
    webhook.url_file = text(map, "url_file");
    webhook.ca_file = text(map, "ca_file");
    if ((map.find("url") != nullptr) == (map.find("url_file") != nullptr))
      refuse(map.at, "a webhook has either 'url' or 'url_file'", "url_file where the address is a secret");
    if (const Node* url = map.find("url"); url && !webhook.url.empty())
      if (auto problem = problem_of_url(webhook.url); !problem.empty()) refuse(url->at, std::move(problem));
    if (const Node* file = map.find("url_file"); file && !webhook.url_file.empty())
      if (const auto secret = secret_at(*file); secret)
        if (auto problem = problem_of_url(*secret); !problem.empty())
          refuse(file->at, webhook.url_file + " holds no address: " + problem);
    if (const Node* file = map.find("ca_file"); file && !webhook.ca_file.empty()) (void)readable(*file);
    headers(map, "headers", webhook.headers);
    headers(map, "headers_from_file", webhook.header_files);
    return webhook;
  }

  void headers(const Node& map, const char* name, std::map<std::string, std::string>& all) {
    const Node* headers = map.find(name);
    if (!headers || !is(*headers, Kind::Map, "a mapping of headers")) return;
    for (const Member& header : headers->members) {
      if (!is(header.value, Kind::Text, "a text")) continue;
      if (!is_plain(header.key))
        refuse(header.at, "'" + shown_name(header.key) + "' cannot be a header's name");
      if (!is_one_line(header.value.text)) refuse(header.value.at, "a header's value is one line");
      if (header.value.text.size() > kSecretBytesMax)
        refuse(header.value.at, "a header's value of " + std::to_string(header.value.text.size()) +
                                    " bytes; the most is " + std::to_string(kSecretBytesMax));
      if (std::string_view(name) == "headers_from_file") (void)secret_at(header.value);
      all[header.key] = header.value.text;
    }
  }

  std::optional<std::string> readable(const Node& file) {
    auto read = read_(file.text);
    if (read.ok()) return std::move(read).value();
    refuse(file.at, read.error());
    return std::nullopt;
  }

  std::optional<std::string> secret_at(const Node& file) {
    auto secret = read_secret(file.text, read_);
    if (secret.ok()) return std::move(secret).value();
    refuse(file.at, secret.error());
    return std::nullopt;
  }

  const flowfile::ReadText& read_;
  Problems& problems_;
};

}  // namespace

Result<std::string, std::string> read_secret(const std::string& path, const flowfile::ReadText& read) {
  auto text = read(path);
  if (!text.ok()) return Fail(text.error());
  std::string secret = std::move(text).value();
  secret.erase(secret.find_last_not_of(" \r\n\t") + 1);
  if (secret.empty()) return Fail(path + " is empty; one line belongs there");
  if (secret.size() > kSecretBytesMax || !is_one_line(secret))
    return Fail(path + " holds more than one line of at most " + std::to_string(kSecretBytesMax) + " bytes");
  return secret;
}

std::string problem_of_url(const std::string& url) {
  if (url.size() > kSecretBytesMax)
    return "an address of " + std::to_string(url.size()) + " bytes; the most is " +
           std::to_string(kSecretBytesMax);
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return "this is no address: " + parsed.error().message();
  if (parsed->scheme() != "http" && parsed->scheme() != "https")
    return "only http:// and https:// can be called";
  if (parsed->host().empty()) return "it names no host";
  if (parsed->has_userinfo()) return "a name or a password in the address is a secret: use headers_from_file";
  if (parsed->has_port() && parsed->port_number() == 0) return "its port cannot be";
  return {};
}

Result<std::vector<Hook>, std::string> read_hooks(const std::string& path, const flowfile::ReadText& read) {
  auto text = read(path);
  if (!text.ok()) return Fail("conductor.hooks_file: " + text.error());
  if (!is_storable_text(*text)) return Fail("conductor.hooks_file: " + path + " is not UTF-8");
  const auto source =
      std::make_shared<const flowfile::Source>(flowfile::Source{path, std::move(text).value()});
  Problems problems;
  const auto root =
      path.ends_with(".json") ? flowfile::read_json(source, problems) : flowfile::read_yaml(source, problems);
  std::vector<Hook> hooks;
  if (root) hooks = HookReader(read, problems).file(*root);
  if (problems.empty()) return hooks;
  return Fail("conductor.hooks_file:\n" + flowfile::shown(problems));
}

}  // namespace baton::conductor
