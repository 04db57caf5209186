#include "flowfile/yaml_reader.h"

#include <yaml.h>

#include <algorithm>
#include <array>
#include <map>

#include "common/model/assert.h"
#include "flowfile/budget.h"
#include "flowfile/cursor.h"
#include "flowfile/limits.h"
#include "flowfile/wording.h"
#include "flowfile/yaml_scalar.h"

namespace baton::flowfile {
namespace {

constexpr std::string_view kTextTag = "tag:yaml.org,2002:str";
constexpr std::string_view kNoTag = "!";

/// What libyaml says, and how we say it. The first that fits; `begun`: the place where the part began that is
/// not ended, instead of the place where that was noticed.
struct Wording {
  std::string_view problem, context;  // beginnings
  std::string_view what, hint;
  bool begun = false;
};
constexpr std::array kWordings{
    Wording{"mapping values are not allowed", "", "a ':' cannot stand here",
            "quote a text that holds ': '; else look at the indentation, here and in the line before, and "
            "for a ':' "
            "without a space behind it"},
    Wording{"found unexpected end of stream", "while scanning a quoted",
            "the text that begins here has no closing quote", "close it, or double a quote inside it", true},
    Wording{"could not find expected ':'", "", "a key without its ':'",
            "members are written 'key: value', with a space behind the colon", true},
    Wording{"did not find expected ',' or ']'", "", "the list that begins here is not closed",
            "items are parted by ',', and a ']' ends the list", true},
    Wording{"did not find expected ',' or '}'", "", "the mapping that begins here is not closed",
            "members are parted by ',', and a '}' ends the mapping", true},
    Wording{"did not find expected '-' indicator", "", "an item of a list begins with '- '",
            "indent it as the items before it, or further if it belongs to one of them"},
    Wording{
        "did not find expected key", "while parsing a block mapping",
        "neither a member of the mapping before it nor its end",
        "indent it as the members before it; a text that goes on behind its closing quote is quoted whole"},
    Wording{"did not find expected node content", "", "a value is missing here",
            "write one, or \"\" for an empty text"},
    Wording{"found unknown escape character", "", "no such escape in a text in double quotes",
            "write \\\\ for a backslash, or put the text in single quotes"},
    Wording{"found invalid Unicode character escape code", "", "an escape that is no character",
            "YAML has no surrogate pairs: write the character itself, or \\U0001F600"},
    Wording{"found undefined tag handle", "", "a tag that is not declared", "flow files need no tags"},
    Wording{"block sequence entries are not allowed", "", "a list cannot begin on this line",
            "begin it on a line of its own, under its key"},
    Wording{"found a tab character", "", "a tab in the indentation", "indent with spaces"},
};

class Event {
 public:
  ~Event() { clear(); }
  yaml_event_t* fill() { return clear(), have_ = true, &event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  void clear() {
    if (have_) yaml_event_delete(&event_);
    have_ = false;
  }
  yaml_event_t event_{};
  bool have_ = false;
};

std::string text_of(const yaml_char_t* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

class YamlReader {
 public:
  YamlReader(SourcePtr source, Problems& problems, const Bounds& bounds)
      : source_(std::move(source)),
        problems_(problems),
        budget_(std::min(kNodesMax, bounds.values), std::min(kCopiedBytesMax, bounds.bytes)) {
    BATON_ASSERT(yaml_parser_initialize(&parser_) == 1);  // else there is no memory
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(source_->text.data()),
                                 source_->text.size());
  }
  ~YamlReader() { yaml_parser_delete(&parser_); }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  std::optional<Node> read() {
    if (!next() || !next()) return std::nullopt;  // the stream's start, the document's
    if (event_->type == YAML_STREAM_END_EVENT) {
      refuse({source_, 0, 0}, "the file is empty", "a flow needs name, pattern and nodes");
      return std::nullopt;
    }
    if (!next()) return std::nullopt;
    auto root = node(1);
    if (stopped_ || !next() || !next()) return std::nullopt;  // the document's end, the stream's
    if (event_->type == YAML_STREAM_END_EVENT) return root;
    refuse(place(event_->start_mark), "a second document begins here", "one flow a file: remove the '---'");
    return std::nullopt;
  }

 private:
  /// By the character's number: YAML ends lines where we do not (at a lone CR, NEL, U+2028, U+2029, and
  /// behind the last one, even if that has no end).
  Place place(const yaml_mark_t& mark) {
    cursor_.to_character(mark.index);
    return {source_, cursor_.line(), cursor_.column()};
  }

  void refuse(const Place& at, std::string what, std::string hint) {
    problems_.push_back({at, std::move(what), std::move(hint)});
  }

  /// Nothing more can be read.
  void stop(const Place& at, std::string what, std::string hint) {
    refuse(at, std::move(what), std::move(hint));
    stopped_ = true;
  }

  bool next() {
    if (yaml_parser_parse(&parser_, event_.fill()) == 1) return true;
    explain();
    return false;
  }

  char byte_at(const yaml_mark_t& mark) {
    cursor_.to_character(mark.index);
    return cursor_.byte();
  }

  void explain() {
    stopped_ = true;
    if (parser_.error != YAML_READER_ERROR && byte_at(parser_.problem_mark) == '-' && parser_.problem &&
        std::string_view(parser_.problem).starts_with("did not find expected key"))
      return refuse(place(parser_.problem_mark), "an item out of line with those before it",
                    "indent it as they are, or further if it belongs to the last of them");
    const std::string_view problem = parser_.problem ? parser_.problem : "";
    const std::string_view context = parser_.context ? parser_.context : "";
    if (parser_.error == YAML_READER_ERROR) return explain_bytes(problem);
    if (problem.starts_with("found character that cannot start any token"))
      return explain_character(parser_.problem_mark);
    for (const Wording& wording : kWordings) {
      if (!problem.starts_with(wording.problem) || !context.starts_with(wording.context)) continue;
      return refuse(place(wording.begun && parser_.context ? parser_.context_mark : parser_.problem_mark),
                    std::string(wording.what), std::string(wording.hint));
    }
    const std::string where(context.empty() ? "" : std::string(context) + " ");
    refuse(place(parser_.problem_mark), "the file is no YAML: " + where + std::string(problem), "");
  }

  void explain_character(const yaml_mark_t& mark) {
    const char byte = byte_at(mark);
    if (byte == '\t') return refuse(place(mark), "a tab in the indentation", "indent with spaces");
    refuse(place(mark), "a text without quotes cannot begin with " + in_quotes({&byte, 1}), "quote it");
  }

  void explain_bytes(std::string_view problem) {
    cursor_.to_byte(parser_.problem_offset);
    refuse({source_, cursor_.line(), cursor_.column()},
           "a character that no text has: " + std::string(problem),
           "save the file as UTF-8, without control characters");
  }

  bool too_many(const Place& at, std::size_t depth) {
    if (stopped_) return true;
    if (depth > kDepthMax)
      stop(at, "lists and mappings are nested deeper than " + std::to_string(kDepthMax) + " levels",
           "make it flatter, or include a part as a file of its own");
    else
      take({1, 0}, at);
    return stopped_;
  }

  bool take(const Amount& amount, const Place& at) {
    if (!stopped_ && !budget_.take(amount, at))
      stop(at, "the file has " + budget_.excess() + ", aliases written out",
           "give the data as a parameter, or as a result of a task");
    return !stopped_;
  }

  /// The event at hand begins it; behind it, its last one is at hand.
  Node node(std::size_t depth) {
    const Place at = place(event_->start_mark);
    if (too_many(at, depth)) return {};
    switch (event_->type) {
      case YAML_ALIAS_EVENT:
        return alias(at);
      case YAML_SCALAR_EVENT:
        return anchored(text_of(event_->data.scalar.anchor), scalar(at));
      case YAML_SEQUENCE_START_EVENT: {
        refuse_tag(at, text_of(event_->data.sequence_start.tag));
        const auto anchor = text_of(event_->data.sequence_start.anchor);
        return anchored(anchor, list(at, depth));
      }
      case YAML_MAPPING_START_EVENT: {
        refuse_tag(at, text_of(event_->data.mapping_start.tag));
        const auto anchor = text_of(event_->data.mapping_start.anchor);
        return anchored(anchor, map(at, depth));
      }
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_START_EVENT:
      case YAML_DOCUMENT_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        break;
    }
    BATON_ASSERT(false);  // libyaml gives them in order
    return {};
  }

  void refuse_tag(const Place& at, const std::string& tag) {
    if (!tag.empty()) refuse(at, "the tag '" + tag + "' is not known", "flow files need no tags");
  }

  Node anchored(const std::string& anchor, Node node) {
    if (anchor.empty() || stopped_) return node;
    const Amount amount = amount_of(node);
    if (take(amount, node.at)) anchors_[anchor] = {node, amount};
    return node;
  }

  Node alias(const Place& at) {
    const auto name = text_of(event_->data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      refuse(at, "the alias '*" + name + "' has no anchor before it",
             "write '&" + name + "' where the value stands first; it cannot be used inside itself");
      return {};
    }
    if (!take(found->second.amount, at)) return {};
    return found->second.node;
  }

  Node scalar(const Place& at) {
    const auto& data = event_->data.scalar;
    const std::string text(reinterpret_cast<const char*>(data.value), data.length);
    const auto tag = text_of(data.tag);
    if (!tag.empty() && tag != kTextTag && tag != kNoTag) refuse_tag(at, tag);
    if (text.find('\0') != std::string::npos)
      stop(at, "the text holds the character U+0000, which cannot be stored", "leave it out");
    if (data.style != YAML_PLAIN_SCALAR_STYLE || !tag.empty()) return text_node(text, at);
    Scalar plain = plain_scalar(text);
    Node node = text_node(std::move(plain.text), at);
    node.kind = plain.kind;
    node.told = !plain.refused.empty();
    if (node.told) refuse(at, std::move(plain.refused), std::move(plain.hint));
    return node;
  }

  Node list(const Place& at, std::size_t depth) {
    Node list = list_node(at);
    while (!stopped_ && next() && event_->type != YAML_SEQUENCE_END_EVENT)
      list.items.push_back(node(depth + 1));
    return list;
  }

  Node map(const Place& at, std::size_t depth) {
    Node map = map_node(at);
    std::map<std::string, std::size_t> lines;  // of the keys so far
    while (!stopped_ && next() && event_->type != YAML_MAPPING_END_EVENT) {
      const Place key_at = place(event_->start_mark);
      const auto key = read_key(depth);
      if (stopped_ || !next()) break;
      Node value = node(depth + 1);
      if (!key) continue;
      const auto [first, added] = lines.emplace(*key, key_at.line);
      if (*key == "<<") map.told = true;
      if (!added)
        refuse(key_at, in_quotes(*key) + " is here twice, first in line " + std::to_string(first->second),
               "remove one of them");
      else
        map.members.push_back({*key, key_at, std::move(value)});
    }
    return map;
  }

  std::optional<std::string> read_key(std::size_t depth) {
    const Place at = place(event_->start_mark);
    if (event_->type != YAML_SCALAR_EVENT) {
      node(depth + 1);
      if (!stopped_) refuse(at, "a key must be a text", "quote a key that begins with one of [ { * &");
      return std::nullopt;
    }
    const auto& data = event_->data.scalar;
    std::string key(reinterpret_cast<const char*>(data.value), data.length);
    if (key.find('\0') != std::string::npos)
      refuse(at, "the key holds the character U+0000, which cannot be stored", "leave it out");
    if (data.style != YAML_PLAIN_SCALAR_STYLE) return key;
    if (key == "<<")
      refuse(at, "merge keys ('<<') are not part of YAML 1.2", "write the members out, or use a parameter");
    else if (const Scalar plain = plain_scalar(key); !plain.refused.empty())
      refuse(at, "the key " + plain.refused, "quote it");
    else if (plain.kind != Node::Kind::Text)
      refuse(at, "a key must be a text, '" + key + "' is " + std::string(kind_name(kind_node(plain.kind))),
             "quote it");
    return key;
  }

  static Node kind_node(Node::Kind kind) {
    Node node;
    node.kind = kind;
    return node;
  }

  struct Anchored {
    Node node;
    Amount amount;
  };

  yaml_parser_t parser_{};
  Event event_;
  const SourcePtr source_;
  Cursor cursor_{source_->text};
  Problems& problems_;
  std::map<std::string, Anchored> anchors_;
  Budget budget_;
  bool stopped_ = false;
};

}  // namespace

std::optional<Node> read_yaml(const SourcePtr& source, Problems& problems, const Bounds& bounds) {
  return YamlReader(source, problems, bounds).read();
}

}  // namespace baton::flowfile
