#include "flowfile/bundle.h"

#include <boost/json/object.hpp>
#include <filesystem>
#include <memory>

#include "common/model/name_list.h"
#include "flowfile/files.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

namespace json = boost::json;

std::string text(const json::string& from) {
  return {from.data(), from.size()};
}

/// A file's name, without a folder.
bool is_plain(const std::string& path) {
  return !path.empty() && path != "." && path != ".." && path.find('/') == std::string::npos;
}

}  // namespace

Result<Bundle, Problems> gather(const std::string& path, const ReadText& read, const Bounds& bounds) {
  const auto folder = std::filesystem::path(path).parent_path();
  Bundle bundle;
  bundle.main = std::filesystem::path(path).filename().string();
  const ReadText beside = [&](const std::string& name) {
    auto text = read((folder / name).string());
    if (text.ok()) bundle.files[name] = *text;
    return text;
  };
  Problems problems;
  Files files(beside, problems, bounds);
  files.load(bundle.main);
  if (!problems.empty()) return Fail(std::move(problems));
  return bundle;
}

std::string to_json(const Bundle& bundle) {
  std::string out = "{\"main\": " + baton::quoted(bundle.main) + ", \"files\": {";
  for (const auto& [path, text] : bundle.files)
    out += (out.ends_with('{') ? "" : ", ") + baton::quoted(path) + ": " + baton::quoted(text);
  return out + "}}";
}

Result<Bundle, BundleError> bundle_from(const json::value& value) {
  const auto refuse = [](std::string pointer, std::string what) {
    return Fail(BundleError{std::move(pointer), std::move(what)});
  };
  const auto* object = value.if_object();
  const auto* main = object ? object->if_contains("main") : nullptr;
  const auto* files = object ? object->if_contains("files") : nullptr;
  if (!files || !files->is_object())
    return refuse("/files", "'files' is missing or no object; wanted: {\"create.yaml\": its text, …}");
  Bundle bundle;
  for (const auto& [path, content] : files->get_object()) {
    const std::string name(path);
    if (!content.is_string())
      return refuse("/files", "the text of file " + in_quotes(name) + " is no string");
    bundle.files[name] = text(content.get_string());
  }
  if (!main || !main->is_string() || !is_plain(text(main->get_string())))
    return refuse("/main", "'main' is missing, or no name of a file without a folder");
  bundle.main = text(main->get_string());
  if (!bundle.files.contains(bundle.main)) return refuse("/main", "'files' has no " + in_quotes(bundle.main));
  return bundle;
}

ReadText from_bundle(Bundle bundle) {
  return [bundle = std::make_shared<const Bundle>(std::move(bundle))](
             const std::string& path) -> Result<std::string, std::string> {
    const auto found = bundle->files.find(path);
    if (found != bundle->files.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [name, content] : bundle->files) known.push_back(name);
    return Fail("cannot read " + in_quotes(path) +
                ": it is not among the files that were sent: " + name_list(known));
  };
}

}  // namespace baton::flowfile
