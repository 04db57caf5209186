#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/json_view.h"
#include "common/model/time.h"
#include "engine/flow.h"

namespace baton::engine {

/// The first thing that was wrong in a JSON text: reading goes on with defaults, and only this is told.
/// A member or a value that is not known comes before anything else: a later version may have written the
/// text, and then the rest cannot be judged here either.
struct FirstProblem {
  std::optional<std::string> wrong, unknown;
  void add(std::string_view where, std::string_view what);
  void add_unknown(std::string_view where, std::string_view what);
  bool any() const { return wrong || unknown; }
  std::optional<FlowError> error() const;  // nothing: all was well
};

/// A name in a JSON text and what it stands for.
template <class Enum>
using Choice = std::pair<std::string_view, Enum>;

/// Reads one JSON object member by member. Whatever is not as asked for becomes the problem, named by its
/// place ("flow.nodes[2].retry.policy: …"). Unknown members are refused at once.
class JsonFields {
 public:
  JsonFields(FirstProblem&, JsonView object, std::string place, std::span<const std::string_view> known);

  const std::string& place() const { return place_; }
  std::string place_of(std::string_view member) const { return place_ + "." + std::string(member); }
  std::optional<JsonView> find(std::string_view member) const;
  std::optional<JsonView> find(std::string_view member, JsonView::Kind kind) const;
  void refuse(std::string_view member, std::string_view what) const;

  std::string text(std::string_view member) const;  // missing: a problem
  std::string text_or_empty(std::string_view member) const;
  std::vector<std::string> texts(std::string_view member) const;
  std::map<std::string, std::string> text_map(std::string_view member) const;
  std::map<std::string, Value> values(std::string_view member) const;
  std::int64_t integer(std::string_view member, std::int64_t fallback, std::int64_t min,
                       std::int64_t max) const;
  double number(std::string_view member, double fallback, double min, double max) const;
  bool boolean(std::string_view member, bool fallback) const;
  std::optional<Millis> millis(std::string_view member) const;  // more than zero

  template <class Enum>
  std::optional<Enum> choice(std::string_view member, std::span<const Choice<Enum>> choices) const {
    const auto found = find(member, JsonView::Kind::String);
    if (!found) return std::nullopt;
    const std::string name = found->text();
    std::string known;
    for (const auto& [each, value] : choices) {
      if (each == name) return value;
      known += (known.empty() ? "" : ", ") + std::string(each);
    }
    problem_.add_unknown(place_of(member), "unknown value " + quoted(name) + "; known: " + known);
    return std::nullopt;
  }

 private:
  FirstProblem& problem_;
  std::string place_;
  std::vector<JsonView::Member> members_;
};

}  // namespace baton::engine
