#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "common/model/result.h"
#include "engine/plan.h"

namespace baton::client {

/// Whether it is NAME=VALUE.
bool is_pair(const std::string& text);

/// "a=1" -> {"a": 1}. Values as people write them: by the declared type where `types` has it ("list" also as
/// a,b,c), else JSON if it is JSON, else a text.
boost::json::object read_pairs(const std::vector<std::string>& pairs, const boost::json::object& types);

/// A flow's initial symbols; or which of them cannot be one, and why: "'x': …".
Result<engine::Symbols, std::string> symbols_of(const boost::json::object& store);

}  // namespace baton::client
