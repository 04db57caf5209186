#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/model/result.h"
#include "flowfile/flow_file.h"

namespace baton::fuzz {

/// Files in one input: a line "%%% name" begins another one, which the first may name.
class Folder {
 public:
  explicit Folder(std::string_view bytes) : rest_(bytes) {}

  std::string_view first() const;
  /// The first answers to any name that begins with "0.".
  flowfile::ReadText reader() const;

 private:
  std::optional<std::string_view> part_of(const std::string& name) const;

  std::string_view rest_;
};

}  // namespace baton::fuzz
