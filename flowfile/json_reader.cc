#include "flowfile/json_reader.h"

#include <boost/json/parser.hpp>
#include <cmath>
#include <cstdlib>
#include <map>

#include "common/model/json_view.h"
#include "flowfile/limits.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

/// Lines and columns of bytes that are asked for in the order of the text.
class PlaceFinder {
 public:
  explicit PlaceFinder(SourcePtr source) : source_(std::move(source)) {}

  Place at(std::size_t offset) {
    if (offset < offset_) offset_ = 0, line_ = 1, column_ = 1;
    for (; offset_ < std::min(offset, source_->text.size()); ++offset_) {
      const auto byte = static_cast<unsigned char>(source_->text[offset_]);
      if (byte == '\n')
        ++line_, column_ = 1;
      else if ((byte & 0xC0) != 0x80)
        ++column_;
    }
    // Inside a character of several bytes: the character.
    return {source_, line_, column_};
  }

 private:
  const SourcePtr source_;
  std::size_t offset_ = 0, line_ = 1, column_ = 1;
};

class JsonReader {
 public:
  JsonReader(const SourcePtr& source, Problems& problems)
      : text_(source->text), problems_(problems), places_(source) {}

  std::optional<Node> read() {
    if (!is_json()) return std::nullopt;
    const auto begin = text_.find_first_not_of(kSpace);
    const auto end = text_.find_last_not_of(kSpace);
    return node(JsonView(text_.substr(begin, end - begin + 1)));
  }

 private:
  void refuse(std::size_t offset, std::string what, std::string hint = {}) {
    problems_.push_back({places_.at(offset), std::move(what), std::move(hint)});
  }

  bool is_json() {
    boost::json::parse_options options;
    options.max_depth = kDepthMax;
    boost::json::parser parser({}, options);
    boost::json::error_code code;
    const auto used = parser.write_some(boost::json::string_view(text_.data(), text_.size()), code);
    if (!code) {
      const auto rest = text_.find_first_not_of(kSpace, used);
      if (rest == std::string_view::npos) return true;
      refuse(rest, "something follows the flow", "one flow a file: remove what stands behind its '}'");
      return false;
    }
    explain(used, code);
    return false;
  }

  void explain(std::size_t at, const boost::json::error_code& code) {
    if (text_.find_first_not_of(kSpace) == std::string_view::npos) {
      problems_.push_back(
          {{places_.at(0).source, 0, 0}, "the file is empty", "a flow needs name, pattern and nodes"});
      return;
    }
    if (code == boost::json::error::too_deep)
      return refuse(at, "lists and mappings are nested deeper than " + std::to_string(kDepthMax) + " levels",
                    "make it flatter, or include a part as a file of its own");
    if (code == boost::json::error::incomplete || at >= text_.size())
      return refuse(text_.find_last_not_of(kSpace) + 1, "the file ends in the middle of a value",
                    "a '}', a ']' or a closing quote is missing");
    const auto [what, hint] = wording(at, code);
    refuse(at, what, hint);
  }

  /// The text ends with an escape like \\ud83d.
  static bool is_half_a_pair(std::string_view before) {
    if (before.size() < 6) return false;
    const auto escape = before.substr(before.size() - 6);
    return escape.starts_with("\\u") && (escape[2] == 'd' || escape[2] == 'D') && escape[3] >= '8';
  }

  /// What people do in JSON that JavaScript, Python or YAML would let them.
  std::pair<std::string, std::string> wording(std::size_t at, const boost::json::error_code& code) const {
    const char byte = text_[at];
    const auto before = at == 0 ? std::string_view::npos : text_.find_last_not_of(kSpace, at - 1);
    const char last = before == std::string_view::npos ? '\0' : text_[before];
    if ((byte == '}' || byte == ']') && last == ',')
      return {"a ',' before the end", "JSON has no comma behind the last item"};
    if (byte == '\'') return {"a text in single quotes", "JSON has double quotes only"};
    if (byte == '/' || byte == '#')
      return {"JSON has no comments", "use \"description\", or write the file as YAML (.yaml)"};
    if (byte == '"' && (last == '"' || last == '}' || last == ']'))
      return {"a ',' is missing before this", "items and members are parted by ','"};
    if (code == boost::json::error::illegal_leading_surrogate ||
        code == boost::json::error::illegal_trailing_surrogate ||
        code == boost::json::error::expected_utf16_escape || is_half_a_pair(text_.substr(0, at)))
      return {"half of a surrogate pair", "write both halves, or the character itself"};
    if (static_cast<unsigned char>(byte) < 0x20)
      return {"a tab, a line's end or a control character inside a text", "write it as \\t, \\n or \\u0001"};
    for (const char* literal : {"True", "False", "None"})
      if (text_.substr(at).starts_with(literal))
        return {std::string(literal) + " is Python's", "JSON writes true, false, null"};
    return {"the file is no JSON here (" + code.message() + ")",
            "the name ends in .json; a YAML file's ends in .yaml"};
  }

  std::size_t offset_of(JsonView json) const {
    return static_cast<std::size_t>(json.raw().data() - text_.data());
  }

  Node node(JsonView json) {
    const auto offset = offset_of(json);
    Node node;
    node.at = places_.at(offset);
    switch (json.kind()) {
      case JsonView::Kind::Null:
        return node;
      case JsonView::Kind::Bool:
        node.kind = Node::Kind::Bool;
        node.text = json.raw();
        return node;
      case JsonView::Kind::Number:
        node.kind = Node::Kind::Number;
        node.text = json.raw();
        // Not json.number(), which leaves 0 where a number is too large.
        if (!std::isfinite(std::strtod(node.text.c_str(), nullptr)))
          refuse(offset, "'" + node.text + "' is too large for a number",
                 "for the text write \"" + node.text + "\"");
        return node;
      case JsonView::Kind::String:
        node.kind = Node::Kind::Text;
        node.text = json.text();
        refuse_nul(offset, node.text);
        return node;
      case JsonView::Kind::Array:
        node.kind = Node::Kind::List;
        for (const JsonView& item : json.items()) node.items.push_back(this->node(item));
        return node;
      case JsonView::Kind::Object:
        read_members(json, node);
        return node;
    }
    return node;
  }

  void refuse_nul(std::size_t offset, const std::string& text) {
    if (text.find('\0') != std::string::npos)
      refuse(offset, "the text holds the character U+0000, which cannot be stored", "leave it out");
  }

  void read_members(JsonView json, Node& map) {
    map.kind = Node::Kind::Map;
    std::size_t behind = offset_of(json) + 1;
    std::map<std::string, std::size_t> lines;  // of the keys so far
    for (const auto& [key, value] : json.members()) {
      const auto key_offset = text_.find('"', behind);  // only space and a comma stand before it
      const Place key_at = places_.at(key_offset);
      refuse_nul(key_offset, key);
      behind = offset_of(value) + value.raw().size();
      const auto [first, added] = lines.emplace(key, key_at.line);
      if (!added)
        refuse(key_offset, in_quotes(key) + " is here twice, first in line " + std::to_string(first->second),
               "remove one of them");
      Node read = node(value);
      if (added) map.members.push_back({key, key_at, std::move(read)});
    }
  }

  const std::string_view text_;
  Problems& problems_;
  PlaceFinder places_;
};

}  // namespace

std::optional<Node> read_json(const SourcePtr& source, Problems& problems) {
  return JsonReader(source, problems).read();
}

}  // namespace baton::flowfile
