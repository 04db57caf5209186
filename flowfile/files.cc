#include "flowfile/files.h"

#include <algorithm>
#include <filesystem>

#include "common/model/storable_text.h"
#include "flowfile/form_check.h"
#include "flowfile/json_reader.h"
#include "flowfile/limits.h"
#include "flowfile/wording.h"
#include "flowfile/yaml_reader.h"

namespace baton::flowfile {
namespace {

std::string beside(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

/// The place of the first byte that is no UTF-8.
Place first_bad_byte(const SourcePtr& source) {
  Place at{source, 1, 1};
  const std::string_view text = source->text;
  const auto continues = [&](std::size_t byte) {
    return byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80;
  };
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
    const bool line_ends = text[begin] == '\n';
    end = begin + 1;
    while (!line_ends && continues(end)) ++end;
    if (!is_storable_text(text.substr(begin, end - begin))) return at;
    at = line_ends ? Place{source, at.line + 1, 1} : Place{source, at.line, at.column + 1};
  }
  return at;
}

/// A file without parameters and for_each has no names: what a plain flow of commands has in its texts are
/// the shell's dollars.
bool has_any_name(const Node& flow) {
  if (flow.member("parameters")) return true;
  const Node* nodes = flow.find("nodes");
  if (!nodes) return false;
  return std::any_of(nodes->items.begin(), nodes->items.end(), [](const Node& node) {
    const Node* inside = node.find("flow");
    return node.member("for_each") || (inside && has_any_name(*inside));
  });
}

std::string with_dollars_doubled(const std::string& text) {
  std::string doubled;
  for (const char c : text) doubled.append(c == '$' ? 2 : 1, c);
  return doubled;
}

void take_literally(Node& node) {
  if (node.is(Node::Kind::Text)) node.text = with_dollars_doubled(node.text);
  for (Node& item : node.items) take_literally(item);
  for (Member& member : node.members) {
    member.key = with_dollars_doubled(member.key);
    take_literally(member.value);
  }
}

/// False: what it gives is not known before parameters are put in.
bool give_known(const Node& values, Binding& binding) {
  for (const Member& member : values.members) {
    if (has_names(member.key)) return false;
    if (member.value.is(Node::Kind::Text) && has_names(member.value.text))
      binding.give_later(member.key, member.value, member.at);
    else
      binding.give(member.key, member.value, member.at);
  }
  return true;
}

void check_include_values(const File& file, const Node& include, Problems& problems) {
  const Node* given = include.find("parameters");
  if (given && !given->is(Node::Kind::Map)) return;  // a whole "$name": told when it is put in
  Scope scope;
  Binding binding(file.parameters, include.at, scope, problems);
  if (given && !give_known(*given, binding)) return;
  binding.fill_in();
}

}  // namespace

bool Files::whole() const {
  return std::all_of(files_.begin(), files_.end(),
                     [](const auto& entry) { return entry.second && entry.second->whole; });
}

bool Files::named() const {
  return std::all_of(files_.begin(), files_.end(),
                     [](const auto& entry) { return entry.second && entry.second->named; });
}

const File* Files::load(const std::string& path) {
  return load(std::filesystem::path(path).lexically_normal().string(), {});
}

const File* Files::included(const File& from, const std::string& path) const {
  const auto found = files_.find(beside(from.path, path));
  return found == files_.end() ? nullptr : found->second.get();
}

const File* Files::load(const std::string& path, const Place& from) {
  const auto known = files_.find(path);
  if (known != files_.end()) return known->second.get();
  if (files_.size() >= kFilesMax) {
    problems_.push_back({from, "the flow is made of more than " + std::to_string(kFilesMax) + " files", ""});
    return nullptr;
  }
  File* file = (files_[path] = read(path, from)).get();
  if (!file) return nullptr;
  open_.push_back(path);
  check(*file);
  open_.pop_back();
  return file;
}

std::unique_ptr<File> Files::read(const std::string& path, const Place& from) {
  auto text = read_(path);
  if (!text.ok()) {
    const Place at = from.source ? from : Place{std::make_shared<const Source>(Source{path, {}}), 0, 0};
    problems_.push_back(
        {at, text.error(), from.source ? "it is looked for beside the file that includes it" : ""});
    return nullptr;
  }
  if (text->starts_with("\xEF\xBB\xBF")) text->erase(0, 3);  // a byte order mark
  const auto source = std::make_shared<const Source>(Source{path, std::move(text).value()});
  if (source->text.size() > kFileBytesMax) {
    problems_.push_back({{source, 0, 0},
                         "the file has " + std::to_string(source->text.size()) + " bytes, the limit is " +
                             std::to_string(kFileBytesMax),
                         "give the data as a parameter, or include parts as files of their own"});
    return nullptr;
  }
  if (!take({0, source->text.size()}, source)) return nullptr;
  if (source->text.find('\0') == std::string::npos && !is_storable_text(source->text)) {
    problems_.push_back({first_bad_byte(source), "the file is not UTF-8 here", "save it as UTF-8"});
    return nullptr;
  }
  auto root = path.ends_with(".json") ? read_json(source, problems_) : read_yaml(source, problems_, bounds_);
  if (!root || !take({amount_of(*root).values, 0}, source)) return nullptr;
  if (!has_any_name(*root)) take_literally(*root);
  auto file = std::make_unique<File>();
  file->path = path;
  file->root = *std::move(root);
  return file;
}

bool Files::take(const Amount& amount, const SourcePtr& source) {
  if (budget_.spent()) return false;  // told
  if (budget_.take(amount, {source, 0, 0})) return true;
  problems_.push_back({budget_.at(), "with this file those of the flow have " + budget_.excess(),
                       "give the data as a parameter, or as a result of a task"});
  return false;
}

void Files::check(File& file) {
  file.whole = check_form(file.root, Stage::Written, problems_);
  if (!file.root.is(Node::Kind::Map)) return;
  file.parameters = declared_parameters(file.root, problems_);
  Names names;
  for (const Declared& declared : file.parameters) names.add(declared.about.name);
  const auto before = problems_.size();
  check_flow(file, file.root, names);
  file.named = problems_.size() == before;
}

void Files::check_flow(const File& file, const Node& flow, const Names& names) {
  for (const Member& member : flow.members) {
    if (member.key == "parameters") continue;  // defaults are taken as they are
    if (member.key != "nodes") {
      check_names(member.value, names, problems_);
    } else {
      for (const Node& node : member.value.items) check_node(file, node, names);
    }
  }
}

void Files::check_node(const File& file, const Node& node, const Names& around) {
  Names names(&around);
  if (const Node* each = node.find("for_each"); each && each->is(Node::Kind::Map)) {
    for (const auto& [name, at, list] : each->members) {
      check_names(list, names, problems_);
      if (names.contains(name))
        problems_.push_back({at, in_quotes(name) + " is a name already here", "give the item another one"});
      names.add(name);
    }
  }
  for (const Member& member : node.members) {
    if (member.key == "for_each") continue;
    if (member.key == "flow" && member.value.is(Node::Kind::Map))
      check_flow(file, member.value, names);
    else
      check_names(member.value, names, problems_);
  }
  check_include(file, node);
}

void Files::check_include(const File& file, const Node& node) {
  const Node* include = node.find("include");
  if (!include || !include->is(Node::Kind::Text) || has_names(include->text)) return;
  const std::string path = beside(file.path, include->text);
  if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
    files_.at(file.path)->whole = false;
    problems_.push_back({include->at, "the include closes a circle: " + circle(path),
                         "what both need goes into a third file"});
    return;
  }
  if (open_.size() >= kIncludeDepthMax) {
    files_.at(file.path)->whole = false;
    problems_.push_back({include->at,
                         "files are included deeper than " + std::to_string(kIncludeDepthMax) + " levels",
                         "make it flatter"});
    return;
  }
  if (const File* included = load(path, include->at)) check_include_values(*included, node, problems_);
}

std::string Files::circle(const std::string& path) const {
  std::string text;
  for (auto at = std::find(open_.begin(), open_.end(), path); at != open_.end(); ++at) text += *at + " > ";
  return text + path;
}

}  // namespace baton::flowfile
