#include "doctor/words.h"

#include <cstdio>

namespace baton::doctor {

std::string listed(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

std::string lasting(Millis time) {
  const auto ms = time.count();
  if (ms < 1'000) return std::to_string(ms) + " ms";
  if (ms >= 2 * 3'600'000) return std::to_string(ms / 3'600'000) + " h";
  if (ms >= 2 * 60'000) return std::to_string(ms / 60'000) + " min";
  if (ms % 1'000 == 0) return std::to_string(ms / 1'000) + " s";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1'000);
  return text;
}

}  // namespace baton::doctor
