#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace baton::flowfile {

/// A value as one YAML document, "---" in front. What reads YAML 1.1 or 1.2 gets the same values as from its
/// JSON: texts that could be taken for something else stand in quotes.
std::string yaml_text(const boost::json::value&);

}  // namespace baton::flowfile
