#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "flowfile/flow_file.h"

namespace baton::flowfile {

/// A flow file with all that it includes: what the store keeps and the API carries. By the path by which the
/// main file, or an include of it, finds each; the main file's has no folder.
struct Bundle {
  std::string main;
  std::map<std::string, std::string> files;
  bool operator==(const Bundle&) const = default;
};

/// Reads them all; the file and what it includes are well formed (check_file). Problems name files as the
/// bundle does.
Result<Bundle, Problems> gather(const std::string& path, const ReadText&, const Bounds& = {});

/// {"main": …, "files": {…}}: the same for the same texts.
std::string to_json(const Bundle&);
/// Other members are not looked at; the error says what is wrong, and where (a JSON pointer).
struct BundleError {
  std::string pointer, what;
};
Result<Bundle, BundleError> bundle_from(const boost::json::value&);

/// Reads from a bundle and from nowhere else.
ReadText from_bundle(Bundle);

}  // namespace baton::flowfile
