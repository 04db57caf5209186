#include "client/command/printing.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ostream>

#include "flowfile/yaml_writer.h"

namespace baton::client {
namespace {

std::string shown(const Context& context, const boost::json::value& value) {
  return context.yaml ? flowfile::yaml_text(value) : boost::json::serialize(value) + "\n";
}

}  // namespace

void print_value(const Context& context, const boost::json::value& value) {
  context.out << shown(context, value) << std::flush;
}

void print_json(const Context& context, std::string_view json) {
  if (!context.yaml) return void(context.out << json << std::endl);
  print_value(context, boost::json::parse(json, {}, kParseOptions));
}

void print_problem(const Context& context, const boost::json::value& problem) {
  context.err << shown(context, problem) << std::flush;
}

}  // namespace baton::client
