#include "tests/flowfiles/flow_page.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton::test {

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BATON_FLOW_FILES) + "/" + folder)) {
    const auto end = entry.path().extension();
    if (end == ".yaml" || end == ".json") names.push_back(folder + "/" + entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string kept_text(const std::string& file) {
  std::ifstream in(std::string(BATON_FLOW_FILES) + "/" + file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool is_kept(const std::string& file, const std::string& text) {
  if (std::getenv("BATON_REWRITE")) {
    std::ofstream(std::string(BATON_FLOW_FILES) + "/" + file) << text;
    return true;
  }
  return kept_text(file) == text;
}

}  // namespace baton::test
