#include "common/model/job.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <cctype>

#include "common/model/json_view.h"
#include "common/model/name_list.h"

namespace baton {
namespace {

constexpr std::array<std::string_view, 5> kPriorities{"VERY_LOW", "LOW", "NORMAL", "HIGH", "VERY_HIGH"};

ValueError refused(std::string message) {
  return {std::move(message), 0};
}

/// Python's "falsy": TaskFlow turns such details into {}.
bool falsy(const boost::json::value& value) {
  if (value.is_null()) return true;
  if (value.is_bool()) return !value.get_bool();
  if (value.is_number()) return value.to_number<double>() == 0;
  if (value.is_string()) return value.get_string().empty();
  if (value.is_array()) return value.get_array().empty();
  return value.get_object().empty();
}

std::string_view text(const boost::json::value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

}  // namespace

std::string_view to_string(Priority priority) {
  return kPriorities[static_cast<std::size_t>(priority)];
}

std::optional<Priority> priority_from(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (std::size_t i = 0; i < kPriorities.size(); ++i)
    if (kPriorities[i] == upper) return static_cast<Priority>(i);
  return std::nullopt;
}

Result<Posting, ValueError> Posting::parse(std::string_view bytes) {
  auto raw = Value::parse(bytes, kMiB);  // ZooKeeper itself holds no more
  if (!raw.ok() && bytes.size() <= kMiB)
    return Fail(ValueError{raw.error().message + " (at byte " + std::to_string(raw.error().offset) + ")",
                           raw.error().offset});
  if (!raw.ok()) return Fail(raw.error());
  const auto tree = raw->tree();
  if (!tree.is_object()) return Fail(refused("it is no JSON object"));
  const auto& object = tree.get_object();
  Posting posting;
  posting.raw = raw.value();
  const auto* uuid = object.if_contains("uuid");
  if (!uuid || !uuid->is_string() || uuid->get_string().empty())
    return Fail(refused("it has no string 'uuid'"));
  posting.uuid = JobId(std::string(text(*uuid)));
  const auto* name = object.if_contains("name");
  if (!name || !name->is_string()) return Fail(refused("it has no string 'name'"));
  posting.name = text(*name);
  if (const auto* priority = object.if_contains("priority")) {
    const auto known = priority->is_string() ? priority_from(text(*priority)) : std::nullopt;
    if (!known)
      return Fail(refused("its priority " + shown_name(boost::json::serialize(*priority)) +
                          " is not known; known: VERY_LOW, LOW, NORMAL, HIGH, VERY_HIGH"));
    posting.priority = *known;
  }
  const JsonView members(posting.raw);  // parts keep the bytes that they have
  const auto* details = object.if_contains("details");
  posting.details = details && !falsy(*details) ? members.at("details")->value() : Value::from_stored("{}");
  if (const auto* book = object.if_contains("book"); book && !book->is_null())
    posting.book = members.at("book")->value();
  if (const auto* run = object.if_contains("run")) {
    if (!run->is_int64() || run->get_int64() < 1 || run->get_int64() > 1'000'000'000)
      return Fail(refused("its 'run' is no whole number from 1 on"));
    posting.run = static_cast<std::uint32_t>(run->get_int64());
  }
  return posting;
}

namespace {

Result<Posting, ValueError> parse_to_post(const std::string& json) {
  if (json.size() > kPostingBytesMax)
    return Fail(refused("the posting has " + std::to_string(json.size()) + " bytes, the limit is " +
                        std::to_string(kPostingBytesMax)));
  return Posting::parse(json);
}

}  // namespace

Result<Posting, ValueError> Posting::make(JobId uuid, std::string name, Priority priority, Value details,
                                          std::optional<Value> book, std::uint32_t run) {
  std::string json = "{\"uuid\": " + quoted(uuid.value) + ", \"name\": " + quoted(name) +
                     ", \"priority\": \"" + std::string(to_string(priority)) +
                     "\", \"details\": " + std::string(details.json());
  if (book) json += ", \"book\": " + std::string(book->json());
  if (run != 1) json += ", \"run\": " + std::to_string(run);
  return parse_to_post(json + "}");
}

Result<Posting, ValueError> Posting::for_run(std::uint32_t its_run) const {
  std::string json = "{";
  for (const auto& [key, value] : JsonView(raw).members())
    if (key != "run") json += quoted(key) + ": " + std::string(value.raw()) + ", ";
  return parse_to_post(json + "\"run\": " + std::to_string(its_run) + "}");
}

}  // namespace baton
