#pragma once

#include <boost/json/value.hpp>
#include <iosfwd>
#include <string>
#include <vector>

#include "client/http_client.h"

namespace baton::client {

/// What `baton` ends with; the same numbers as runtime::ExitCode (main.cc checks it).
enum class Ended : int { Success = 0, FlowFailed = 1, Usage = 2, Unreachable = 3, Refused = 4, Stopped = 5 };

/// What every command needs: whom to ask, where to print, for whom.
struct Context {
  HttpClient http;
  std::ostream& out;
  std::ostream& err;
  bool json = false;      // --output json or yaml: for programs, the API's answers as they are (printing.h)
  bool terminal = false;  // bars and lines that are written over
  bool yaml = false;
  bool colours = false;  // on a terminal, unless NO_COLOR is set
};

/// "/v1/jobs/<uuid, encoded>"
std::string job_target(const std::string& uuid);
/// "/v1/flows/<name, encoded>"
std::string flow_target(const std::string& name);
/// "/v1/hooks/<name, encoded>"
std::string hook_target(const std::string& name);
std::string hook_call_target(const std::string& id);
/// Text of a member, "" where it is missing or no string.
std::string text_of(const boost::json::value&, const char* member);
/// A member's number, 0 where it is missing or none. Throws where it is no whole one, which print() tells of.
std::int64_t number_of(const boost::json::value&, const char* member);
/// The same, and 0 there too.
std::int64_t whole_number_of(const boost::json::value&, const char* member);
/// The texts of an array; throws as its as_array() does where it is none of texts.
std::vector<std::string> texts_of(const boost::json::value& array);
/// One more query parameter, encoded: "?a=b" or "&a=b".
void add_query(std::string& target, const std::string& name, const std::string& value);

}  // namespace baton::client
