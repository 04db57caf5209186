#pragma once

#include <string>
#include <vector>

namespace baton::test {

/// Texts kept beside flow files. BATON_REWRITE=1 writes the new ones instead of comparing; a reviewer reads
/// the diff.
std::vector<std::string> files_in(
    const std::string& folder);                  // *.yaml and *.json, without their texts; sorted
std::string kept_text(const std::string& file);  // "" if there is none
/// True if it is the kept one, or has been written.
bool is_kept(const std::string& file, const std::string& text);

}  // namespace baton::test
