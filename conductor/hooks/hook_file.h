#pragma once

#include <string>
#include <vector>

#include "common/model/result.h"
#include "conductor/hook_book.h"
#include "flowfile/flow_file.h"

namespace baton::conductor {

inline constexpr std::size_t kHooksMax = 100;  // of one file

/// Reads the hooks of a file, YAML or (by its name) JSON. All that is wrong is told, with line and column;
/// files that it names are looked at too, but no secret is told.
Result<std::vector<Hook>, std::string> read_hooks(const std::string& path, const flowfile::ReadText&);

/// A secret as its file has it, without the line's end. The error names the file only.
Result<std::string, std::string> read_secret(const std::string& path, const flowfile::ReadText&);

/// What is wrong with an address of a webhook; empty: nothing.
std::string problem_of_url(const std::string& url);

}  // namespace baton::conductor
