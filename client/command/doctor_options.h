#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/command/context.h"

namespace baton::client {

struct DoctorOptions {
  std::vector<std::string> settings;  // settings files; their servers are asked too
  Millis deadline{5'000};             // for each question
};

/// `baton doctor` (doctor/), which asks the conductors of the context, too. Given by main.cc: it connects to
/// servers itself, like `baton admin`.
using Doctor = std::function<Ended(const Context&, const DoctorOptions&)>;

}  // namespace baton::client
